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

  it("refuses a benchmark that does not exist, and says which there are", async () => {
    const { code, stdout, stderr } = await haven(["bench", "speed"]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/no benchmark speed; there are vision, tracking/);
  });

  it("refuses numbers that measure nothing", async () => {
    const { code, stderr } = await haven(["bench", "tracking", "--seconds", "0"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/whole number/);
  });
});
