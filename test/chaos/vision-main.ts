// Entry of the process in vision's place in a trial. In this order.
import "./faked-clock.ts";
import "../../src/cli/bench/scripted-vision-main.ts";
