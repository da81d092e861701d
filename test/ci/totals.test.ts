import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-totals-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function totals(report: unknown): { line: string; status: number | null } {
  const path = join(folder, "results.json");
  if (report !== null) writeFileSync(path, JSON.stringify(report));
  const { stdout, status } = spawnSync(process.execPath, [".ci/totals.mjs", path], { encoding: "utf8" });
  return { line: stdout, status };
}

function file(status: string, ...tests: string[]) {
  return { status, assertionResults: tests.map((outcome) => ({ status: outcome })) };
}

describe("the totals that continuous integration ends with", () => {
  it("say how many tests passed, failed and were skipped, on a line of their own", () => {
    const report = { success: true, testResults: [file("passed", "passed", "passed", "pending", "todo")] };
    expect(totals(report)).toEqual({ line: "2 passed, 0 failed, 2 skipped\n", status: 0 });
  });

  it("fail when a test failed", () => {
    const report = {
      success: false,
      testResults: [file("failed", "passed", "failed"), file("passed", "passed")],
    };
    expect(totals(report)).toEqual({ line: "2 passed, 1 failed, 0 skipped\n", status: 1 });
  });

  it("count a test file that could not be loaded as a failure", () => {
    const report = { success: false, testResults: [file("failed"), file("passed", "passed")] };
    expect(totals(report)).toEqual({ line: "1 passed, 1 failed, 0 skipped\n", status: 1 });
  });

  it("fail when vitest calls the run unsuccessful though every test passed", () => {
    expect(totals({ success: false, testResults: [file("passed", "passed")] }).status).toBe(1);
  });

  it("fail when no test ran", () => {
    expect(totals({ success: true, testResults: [] })).toEqual({
      line: "0 passed, 0 failed, 0 skipped\n",
      status: 1,
    });
  });

  it("fail, and are still printed, when there are no results at all", () => {
    expect(totals(null)).toEqual({ line: "0 passed, 0 failed, 0 skipped\n", status: 1 });
  });
});
