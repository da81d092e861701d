// Loaded first by the daemon and its vision process in a trial: wall time as on a machine whose clock somebody sets. How far
// it is off stands in a file that both read, in milliseconds; monotonic time goes on undisturbed, as the kernel's does.
import { readFileSync } from "node:fs";
import { CLOCK_VARIABLE } from "./plan.ts";

const file = process.env[CLOCK_VARIABLE];
if (file !== undefined) {
  const real = Date.now;
  Date.now = () => real() + Number(readFileSync(file, "utf8"));
}
