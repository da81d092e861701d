// What the benchmarks answer: one object each, with the figures and the ratio that sums them up. How fast anything is here is
// nobody's promise.
import { describe, expect, it } from "vitest";
import { haven } from "../support/haven-process.ts";

describe("haven bench", () => {
  it("says how many frames a second are tracked, as one object", async () => {
    const { code, stdout, stderr } = await haven(["bench", "tracking", "--seconds", "1", "--json"]);
    expect(stderr).not.toMatch(/haven:/);
    expect(code).toBe(0);
    const [line, ...more] = stdout.trimEnd().split("\n");
    expect(more).toEqual([]);
    const report: unknown = JSON.parse(line ?? "");
    expect(report).toMatchObject({
      name: "tracking",
      cases: [{ bodies: 6 }, { bodies: 20 }, { bodies: 6 }, { bodies: 20 }],
      ratio: expect.any(Number),
    });
    for (const { frames_per_s, ids, bodies } of (report as { cases: Record<string, number>[] }).cases) {
      expect(frames_per_s).toBeGreaterThan(10);
      expect(ids).toBeGreaterThanOrEqual(bodies ?? 0);
    }
  });

  it("says how long an alarm takes from the frame that confirms it to a client, stage by stage", async () => {
    const { code, stdout, stderr } = await haven([
      "bench",
      "alarm",
      "--cameras",
      "3",
      "--alarms",
      "3",
      "--json",
    ]);
    expect(stderr).not.toMatch(/haven:/);
    expect(code).toBe(0);
    const report: unknown = JSON.parse(stdout.trimEnd());
    const times = { median: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) };
    expect(report).toMatchObject({ name: "alarm", ratio: expect.any(Number) });
    for (const run of (report as { runs: unknown[] }).runs) {
      expect(run).toMatchObject({ cameras: 3, falls: 3, heard: 3, doubled: 0, late: 0 });
      expect(run).toMatchObject({ confirmed_ms: times, raised_ms: times, latched_ms: times });
      const { stages_ms } = run as { stages_ms: Record<string, { median: number }> };
      expect(Object.keys(stages_ms)).toEqual(["ipc", "adl", "commit", "outbox_wait", "outbox_note", "mqtt"]);
      // They are parts of one way: none of them runs backwards.
      for (const { median } of Object.values(stages_ms)) expect(median).toBeGreaterThan(0);
    }
  });

  it("refuses a benchmark that does not exist, and says which there are", async () => {
    const { code, stdout, stderr } = await haven(["bench", "speed"]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/no benchmark speed; there are vision, tracking, identity, recognition, alarm/);
  });

  it("refuses numbers that measure nothing", async () => {
    const { code, stderr } = await haven(["bench", "tracking", "--seconds", "0"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/whole number/);
  });
});
