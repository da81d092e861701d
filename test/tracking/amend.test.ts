import { describe, expect, it } from "vitest";
import { iou } from "../../src/domain/geometry.ts";
import { createTracker } from "../../src/tracking/create-tracker.ts";
import { ASPECT, body, idsOf, SETTINGS, seen, standing, times, watch } from "./bodies.ts";

/** Somebody who stood there for a second and was then not seen for `missed` frames at 10 frames/s. */
function lostSomebody(missed: number) {
  const tracker = createTracker(SETTINGS);
  watch(tracker, [...times(10, () => [standing(0.9)]), ...times(missed, () => [])]);
  return { tracker, nowS: 0.9 + missed / 10 };
}

describe("a detection from a second look", () => {
  it("brings a lost body back in the frame of the last update, however weak it is", () => {
    const { tracker } = lostSomebody(3);
    const found = tracker.amend(1, standing(0.92, 0.6, 0.03), ASPECT);
    expect(found).toMatchObject({ id: 1, state: "confirmed", detected: true, confidence: 0.03 });
    expect(found?.lastSeenS).toBeCloseTo(1.2);
    expect(seen(tracker.update([standing(0.93)], 1.3, ASPECT))).toMatchObject([
      { id: 1, state: "confirmed" },
    ]);
  });

  it("may be of a body that has turned by 90 degrees, and the next frame goes on from there", () => {
    const { tracker, nowS } = lostSomebody(8);
    const lying = body(1.05, 0.78, 0.5, 0.2, 0.07);
    const found = tracker.amend(1, lying, ASPECT);
    expect(found === null ? 0 : iou(found.box, lying.box)).toBeGreaterThan(0.7);
    const next = tracker.update([body(1.05, 0.78, 0.5, 0.2, 0.12)], nowS + 0.1, ASPECT);
    expect(next).toMatchObject([{ id: 1, state: "confirmed", detected: true }]);
  });

  it("keeps a body in sight from look to look, as if it had never been lost", () => {
    const { tracker, nowS } = lostSomebody(3);
    for (let k = 0; k < 60; k += 1) {
      const [track] = k === 0 ? [] : tracker.update([], nowS + k / 10, ASPECT);
      if (track !== undefined) expect(track).toMatchObject({ id: 1, state: "lost" });
      expect(tracker.amend(1, standing(0.9, 0.62, 0.05), ASPECT)).toMatchObject({
        id: 1,
        state: "confirmed",
      });
    }
  });

  it("bears out somebody who was seen once only and given up in this frame", () => {
    const tracker = createTracker(SETTINGS);
    tracker.update([standing(0.9)], 0, ASPECT);
    expect(tracker.update([], 0.1, ASPECT)).toMatchObject([{ id: 1, state: "ended" }]);
    expect(tracker.amend(1, standing(0.9, 0.6, 0.1), ASPECT)).toMatchObject({ id: 1, state: "confirmed" });
    expect(tracker.update([standing(0.9)], 0.2, ASPECT)).toMatchObject([{ id: 1, state: "confirmed" }]);
  });

  it("comes too late for who was given up a frame before or looked for too long", () => {
    const tracker = createTracker(SETTINGS);
    watch(tracker, [[standing(0.9)], [], []]);
    expect(tracker.amend(1, standing(0.9), ASPECT)).toBeNull();
    const { tracker: other } = lostSomebody(22);
    expect(other.amend(1, standing(0.9), ASPECT)).toBeNull();
    for (const nextS of [3600, -5]) {
      const late = createTracker(SETTINGS);
      late.update([standing(0.9)], 0, ASPECT);
      expect(late.update([], nextS, ASPECT)).toMatchObject([{ id: 1, state: "ended" }]);
      expect(late.amend(1, standing(0.9), ASPECT)).toBeNull();
    }
  });

  it("is not for who was seen anyway, for nobody, or before anything was", () => {
    const tracker = createTracker(SETTINGS);
    expect(tracker.amend(1, standing(0.9), ASPECT)).toBeNull();
    const before = watch(
      tracker,
      times(3, () => [standing(0.9)]),
    ).at(-1);
    expect(tracker.amend(1, standing(0.5), ASPECT)).toBeNull();
    expect(tracker.amend(7, standing(0.5), ASPECT)).toBeNull();
    expect(tracker.update([standing(0.9)], 0.3, ASPECT)).toMatchObject([
      { id: before?.[0]?.id, detected: true },
    ]);
  });

  it("does not take the box of somebody who was seen there", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(10, () => [standing(0.9), standing(1.05)]),
    );
    tracker.update([standing(1.05)], 1, ASPECT);
    expect(tracker.amend(1, standing(1.04, 0.6, 0.3), ASPECT)).toBeNull();
    expect(tracker.amend(1, standing(0.92, 0.62, 0.3), ASPECT)).toMatchObject({ id: 1, state: "confirmed" });
    expect(idsOf(tracker.update([standing(0.92), standing(1.05)], 1.1, ASPECT))).toEqual([1, 2]);
  });

  it("that is no box changes nothing", () => {
    const { tracker, nowS } = lostSomebody(3);
    const broken = { ...standing(0.9), box: { x1: Number.NaN, y1: 0, x2: 0.5, y2: 1 } };
    expect(tracker.amend(1, broken, ASPECT)).toBeNull();
    expect(seen(tracker.update([standing(0.9)], nowS + 0.1, ASPECT))).toMatchObject([{ id: 1 }]);
  });

  it("tells the way gone meanwhile: a body that walked on unseen is expected where the way leads", () => {
    const tracker = createTracker(SETTINGS);
    const at = (k: number) => 0.3 + 0.04 * k;
    watch(tracker, [
      ...times(10, (k) => [standing(at(k))]),
      // A quicker way than before, out of sight for .8 s.
      ...times(8, () => []),
    ]);
    const quick = at(9) + 0.08 * 8;
    tracker.amend(1, standing(quick, 0.6, 0.1), ASPECT);
    const [next] = tracker.update([], 1.8, ASPECT);
    const centre = next === undefined ? 0 : ((next.box.x1 + next.box.x2) / 2) * ASPECT;
    expect(centre - quick).toBeGreaterThan(0.055);
    expect(centre - quick).toBeLessThan(0.09);
  });
});
