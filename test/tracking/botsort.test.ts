import { describe, expect, it } from "vitest";
import type { Detection } from "../../src/domain/pose.ts";
import { BOTSORT_APPEARANCE, blendLooks, lookLikeness, usableLook } from "../../src/tracking/appearance.ts";
import { createTracker } from "../../src/tracking/create-tracker.ts";
import type { TrackerSettings } from "../../src/tracking/tracker.ts";
import { idAt, SETTINGS, standing, times, watch } from "./bodies.ts";

const BOTSORT: TrackerSettings = { ...SETTINGS, kind: "botsort" };

/** A unit vector at an angle, degrees: looks at 0 and 90 have nothing in common. */
function look(degrees: number): Float32Array {
  const angle = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(angle), Math.sin(angle), 0);
}

const dressed = (detection: Detection, degrees: number): Detection => ({
  ...detection,
  appearance: look(degrees),
});

const FRAMES = 34;
/** They walk towards each other, meet in the middle, and each goes back the way it came. */
const left = (k: number) => standing(0.85 - 0.03 * Math.abs(k - 17));
const right = (k: number) => standing(0.93 + 0.03 * Math.abs(k - 17));

describe("two people who meet and turn back", () => {
  const meet = (settings: TrackerSettings, looks: boolean) => {
    const frames = watch(
      createTracker(settings),
      times(FRAMES, (k) =>
        // The same coat is never quite the same: some degrees off in each frame.
        looks
          ? [dressed(left(k), 8 * Math.sin(k)), dressed(right(k), 90 + 8 * Math.cos(k))]
          : [left(k), right(k)],
      ),
    );
    const ids = (at: number) => [idAt(frames[at], left(at).box), idAt(frames[at], right(at).box)];
    return { before: ids(3), after: ids(FRAMES - 1) };
  };

  it("keep their ids when their looks are told", () => {
    const { before, after } = meet(BOTSORT, true);
    expect(before).toEqual([1, 2]);
    expect(after).toEqual([1, 2]);
  });

  it("are taken to have passed each other when looks are not told, or do not count", () => {
    expect(meet(BOTSORT, false).after).toEqual([2, 1]);
    expect(meet(SETTINGS, true).after).toEqual([2, 1]);
  });
});

describe("looks", () => {
  it("are learned by and by: people may turn and the light may change before they meet", () => {
    const frames = watch(
      createTracker(BOTSORT),
      times(FRAMES, (k) => [dressed(left(k), 2.5 * k), dressed(right(k), 2.5 * k + 90)]),
    );
    expect(idAt(frames[FRAMES - 1], left(FRAMES - 1).box)).toBe(1);
    expect(idAt(frames[FRAMES - 1], right(FRAMES - 1).box)).toBe(2);
  });

  it("bring nobody from the other side of the room", () => {
    const tracker = createTracker(BOTSORT);
    watch(
      tracker,
      times(5, () => [dressed(standing(0.3), 0)]),
    );
    const far = watch(tracker, [[dressed(standing(1.4), 0)]], 0.5);
    expect(far[0]).toMatchObject([
      { id: 1, state: "lost" },
      { id: 2, state: "tentative" },
    ]);
  });

  it("of other models, of no length or not of numbers are not looked at", () => {
    const tracker = createTracker(BOTSORT);
    const strange = [Float32Array.of(1, 0), Float32Array.of(0, 0, 0), Float32Array.of(Number.NaN, 0, 1)];
    const frames = watch(
      tracker,
      times(9, (k) => [
        {
          ...standing(0.5),
          ...(k < 3 ? { appearance: look(0) } : { appearance: strange[k % 3] ?? look(0) }),
        },
      ]),
    );
    expect(frames.at(-1)).toMatchObject([{ id: 1, state: "confirmed", detected: true }]);
  });
});

describe("the likeness of looks", () => {
  const rule = BOTSORT_APPEARANCE;

  it("is one less half the cosine distance, within the gates of looks and of place", () => {
    const near = lookLikeness(look(0), look(40), 0.6, rule);
    expect(near).toBeCloseTo(1 - (1 - Math.cos((40 * Math.PI) / 180)) / 2, 6);
    // The cosine of 41.4 degrees is .75.
    expect(lookLikeness(look(0), look(41), 0.6, rule)).toBeGreaterThan(0);
    expect(lookLikeness(look(0), look(42), 0.6, rule)).toBe(0);
    expect(lookLikeness(look(0), look(0), 0.49, rule)).toBe(0);
    expect(lookLikeness(look(0), null, 0.6, rule)).toBe(0);
    expect(lookLikeness(look(0), Float32Array.of(1, 0), 0.6, rule)).toBe(0);
  });

  it("is of a running mean that stays of unit length", () => {
    let known: Float32Array | null = look(0);
    for (let k = 0; k < 200; k += 1) known = blendLooks(known, look(60), rule.kept);
    expect(Math.hypot(...(known ?? []))).toBeCloseTo(1, 5);
    expect(known?.[0]).toBeCloseTo(0.5, 3);
    const once = blendLooks(look(0), look(90), rule.kept);
    expect((once?.[1] ?? 0) / (once?.[0] ?? 0)).toBeCloseTo(1 / 9, 5);
    expect(blendLooks(look(10), null, rule.kept)).toEqual(look(10));
    expect(blendLooks(null, look(10), rule.kept)).toEqual(look(10));
  });

  it("needs vectors of unit length", () => {
    expect(usableLook(undefined)).toBeNull();
    expect(usableLook(Float32Array.of(0.6, 0.8))).not.toBeNull();
    expect(usableLook(Float32Array.of(3, 4))).toBeNull();
    expect(usableLook(Float32Array.of(Number.NaN, 1))).toBeNull();
    expect(usableLook(Float32Array.of())).toBeNull();
  });
});
