// One round of each fault, as `npm run chaos` plays hundreds of them: what has to hold is told in verdict.ts.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { FAULTS } from "./plan.ts";
import { noSmallDisk } from "./small-disk.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const skipped = noSmallDisk === null ? "" : ` (disk full skipped: ${noSmallDisk})`;

describe("somebody falls while something fails", () => {
  it(`and the house hears of it exactly once as news, whatever it is${skipped}`, async () => {
    // Daemon, vision and broker are processes of their own, and run compiled. Types are checked elsewhere.
    await run("npx", ["tsc", "-p", "test/chaos/tsconfig.json"], { cwd: root }).catch(() => {});
    const faults = FAULTS.length - (noSmallDisk === null ? 0 : 1);
    const args = ["--rounds", String(faults), "--parallel", "10", "--longest-outage", "2", "--json"];
    const { stdout } = await run("node", [".cache/chaos/test/chaos/chaos.js", ...args], { cwd: root }).catch(
      (failed: { readonly stdout: string }) => failed,
    );
    const result: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null");
    expect(result).toMatchObject({ rounds: faults, failed: [] });
  });
});
