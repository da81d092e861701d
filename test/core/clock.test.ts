import { describe, expect, it } from "vitest";
import { ManualClock, wait } from "../../src/core/clock.ts";

describe("a manual clock", () => {
  it("runs due tasks in the order of their time, each at its own moment", () => {
    const clock = new ManualClock(1_000);
    const seen: [string, number][] = [];
    clock.schedule(20, () => seen.push(["late", clock.now()]));
    clock.schedule(10, () => {
      seen.push(["early", clock.now()]);
      clock.schedule(5, () => seen.push(["nested", clock.now()]));
    });
    clock.advance(30);
    expect(seen).toEqual([
      ["early", 1_010],
      ["nested", 1_015],
      ["late", 1_020],
    ]);
    expect(clock.monotonic()).toBe(30);
  });

  it("forgets a task that was disposed", () => {
    const clock = new ManualClock();
    let ran = false;
    clock
      .schedule(10, () => {
        ran = true;
      })
      [Symbol.dispose]();
    clock.advance(100);
    expect(ran).toBe(false);
  });

  it("keeps monotonic time when the wall clock is set back", () => {
    const clock = new ManualClock(5_000);
    clock.advance(10);
    clock.jumpTo(0);
    clock.advance(10);
    expect([clock.now(), clock.monotonic()]).toEqual([10, 20]);
  });
});

describe("wait", () => {
  it("ends early with the signal's reason", async () => {
    const abort = new AbortController();
    const waiting = wait(new ManualClock(), 1_000, abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  it("resolves when its time has come", async () => {
    const clock = new ManualClock();
    const waiting = wait(clock, 1_000, new AbortController().signal);
    clock.advance(1_000);
    await expect(waiting).resolves.toBeUndefined();
  });
});
