// Entry of the daemon in a trial: everything is the real one but vision, whose cameras are acted. In this order.
import "./faked-clock.ts";
import "./deadly-steps.ts";
import "../../src/cli/bench/scripted-daemon-main.ts";

// Where no disk can be made full, files are kept from growing: a write then fails, where it would end the process by default.
process.on("SIGXFSZ", () => {});
