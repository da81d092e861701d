import { describe, expect, it } from "vitest";
import { LookBudget } from "../../src/vision/look-budget.ts";

/** How many inferences a camera gets that wants as many as it can have. */
function spend(allowance: { take(): boolean }): number {
  let count = 0;
  while (allowance.take()) count += 1;
  return count;
}

const OPTIONS = { perFrame: 1 / 4, burst: 8 };

describe("the allowance for second looks", () => {
  it("begins with two bursts, the camera's own and the common one, and is earned by frames", () => {
    const camera = new LookBudget(OPTIONS).open();
    expect(spend(camera)).toBe(16);
    for (let frame = 0; frame < 3; frame += 1) camera.earn();
    expect(camera.take()).toBe(false);
    camera.earn();
    expect(spend(camera)).toBe(1);
  });

  it("never lets looks take more than their share of the machine in the long run", () => {
    const budget = new LookBudget(OPTIONS);
    const cameras = [budget.open(), budget.open(), budget.open()];
    let spent = 0;
    for (let frame = 0; frame < 1000; frame += 1) {
      for (const camera of cameras) {
        camera.earn();
        spent += spend(camera);
      }
    }
    expect(spent).toBeLessThanOrEqual(3 * 1000 * OPTIONS.perFrame + 4 * OPTIONS.burst);
    expect(spent).toBeGreaterThan(3 * 1000 * OPTIONS.perFrame - 1);
  });

  it("keeps each camera its own share, however greedy another is", () => {
    const budget = new LookBudget(OPTIONS);
    const [greedy, modest] = [budget.open(), budget.open()];
    for (let frame = 0; frame < 100; frame += 1) {
      greedy.earn();
      modest.earn();
      spend(greedy);
    }
    expect(spend(modest)).toBe(OPTIONS.burst);
  });

  it("gives to whoever needs more what the others leave", () => {
    const budget = new LookBudget(OPTIONS);
    const [busy, idle] = [budget.open(), budget.open()];
    spend(busy);
    let spent = 0;
    for (let frame = 0; frame < 400; frame += 1) {
      busy.earn();
      idle.earn();
      spent += spend(busy);
    }
    expect(spent).toBeCloseTo(2 * 400 * OPTIONS.perFrame, -1);
  });

  it("is not put by without end", () => {
    const camera = new LookBudget(OPTIONS).open();
    for (let frame = 0; frame < 10_000; frame += 1) camera.earn();
    expect(spend(camera)).toBe(2 * OPTIONS.burst);
  });
});
