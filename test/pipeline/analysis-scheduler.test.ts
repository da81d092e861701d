import { describe, expect, it } from "vitest";
import { AnalysisScheduler } from "../../src/pipeline/analysis-scheduler.ts";

/** Cameras that always have another picture; returns how many turns each had of `turns`. */
async function serve(
  scheduler: AnalysisScheduler,
  cameras: readonly string[],
  turns: number,
): Promise<Map<string, number>> {
  const counts = new Map(cameras.map((camera) => [camera, 0]));
  const pending = new Map<string, Promise<{ camera: string; turn: Disposable }>>();
  const ask = (camera: string) =>
    pending.set(
      camera,
      scheduler.turn(camera).then((turn) => ({ camera, turn })),
    );
  for (const camera of cameras) ask(camera);
  for (let done = 0; done < turns; done += 1) {
    const { camera, turn } = await Promise.race(pending.values());
    counts.set(camera, (counts.get(camera) ?? 0) + 1);
    ask(camera);
    turn[Symbol.dispose]();
  }
  return counts;
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `camera_${index}`);

describe("the scheduler", () => {
  it("gives cameras alike the same number of turns", async () => {
    const counts = await serve(new AnalysisScheduler(2), names(16), 1600);
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(99);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(101);
  });

  it("gives a room where somebody lies four times the turns of one where nobody is, and people twice", async () => {
    const scheduler = new AnalysisScheduler(1);
    scheduler.setUrgency("camera_3", "lying");
    scheduler.setUrgency("camera_7", "people");
    const counts = await serve(scheduler, names(16), 2000);
    const others = counts.get("camera_0") ?? 0;
    expect((counts.get("camera_3") ?? 0) / others).toBeCloseTo(4, 1);
    expect((counts.get("camera_7") ?? 0) / others).toBeCloseTo(2, 1);
  });

  it("hands out no more turns at a time than there are slots, and the next as soon as one ends", async () => {
    const scheduler = new AnalysisScheduler(2);
    const first = await scheduler.turn("a");
    await scheduler.turn("b");
    let granted = false;
    const third = scheduler.turn("c").then((turn) => {
      granted = true;
      return turn;
    });
    await Promise.resolve();
    expect([granted, scheduler.waiting]).toEqual([false, 1]);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await third;
    expect(granted).toBe(true);
    let fourth = false;
    void scheduler.turn("d").then(() => {
      fourth = true;
    });
    await Promise.resolve();
    expect(fourth).toBe(false);
  });

  it("lets a camera that had nothing to do for long claim no arrears", async () => {
    const scheduler = new AnalysisScheduler(1);
    for (let done = 0; done < 500; done += 1) (await scheduler.turn("busy"))[Symbol.dispose]();
    const counts = await serve(scheduler, ["busy", "idle"], 100);
    expect(Math.abs((counts.get("busy") ?? 0) - (counts.get("idle") ?? 0))).toBeLessThanOrEqual(2);
  });

  it("lets a room where somebody has just fallen overtake all who wait, also when it waits already", async () => {
    for (const early of [true, false]) {
      const scheduler = new AnalysisScheduler(1);
      const order: string[] = [];
      const running = await scheduler.turn("running");
      const ask = (camera: string) =>
        scheduler.turn(camera).then((turn) => {
          order.push(camera);
          turn[Symbol.dispose]();
        });
      const waiting = names(15).map(ask);
      if (early) scheduler.setUrgency("floor", "lying");
      waiting.push(ask("floor"));
      scheduler.setUrgency("floor", "lying");
      running[Symbol.dispose]();
      await Promise.all(waiting);
      expect(order[0]).toBe("floor");
    }
  });

  it("grants more turns at once when there are more workers, and fewer when there are fewer", async () => {
    const scheduler = new AnalysisScheduler(1);
    const granted: Disposable[] = [];
    for (const name of names(5)) void scheduler.turn(name).then((turn) => granted.push(turn));
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    await settled();
    expect(granted).toHaveLength(1);
    scheduler.resize(3);
    await settled();
    expect(granted).toHaveLength(3);
    scheduler.resize(2);
    granted[0]?.[Symbol.dispose]();
    await settled();
    expect(granted).toHaveLength(3);
    granted[1]?.[Symbol.dispose]();
    await settled();
    expect(granted).toHaveLength(4);
  });
});
