import { describe, expect, it } from "vitest";
import type { HeightMark } from "../../src/domain/camera.ts";
import { bodyHeight } from "../../src/reid/body-height.ts";
import { blockedPersons, type TrackSpan, type Whereabout, waysBetween } from "../../src/reid/whereabouts.ts";

const hall = { id: "hall", name: "Hall", area: "Ground floor", overlaps: [] };
const porch = { id: "porch", name: "Porch", area: "Ground floor", overlaps: [] };
const attic = { id: "attic", name: "Attic", area: null, overlaps: ["stairs"] };
const stairs = { id: "stairs", name: "Stairs", area: null, overlaps: [] };
const garden = { id: "garden", name: "Garden", area: null, overlaps: [] };
const CAMERAS = [hall, porch, attic, stairs, garden];
const TRAVEL = { travelSeconds: 1, travel: [{ between: ["garden", "hall"], seconds: 20 }] };
const ways = waysBetween(CAMERAS, TRAVEL);
const BOX = { x1: 0.1, y1: 0.1, x2: 0.3, y2: 0.9 };
const ELSE = { x1: 0.5, y1: 0.1, x2: 0.7, y2: 0.9 };

function span(cameraId: string, from: number, to: number, change: Partial<TrackSpan> = {}): TrackSpan {
  return { cameraId, trackId: 1, from, to, box: BOX, ...change };
}

function anna(cameraId: string, from: number, to: number, change: Partial<TrackSpan> = {}): Whereabout {
  return { personId: "anna", ...span(cameraId, from, to, { trackId: 2, box: ELSE, ...change }) };
}

const blocked = (track: TrackSpan, ...seen: Whereabout[]) =>
  blockedPersons(track, seen, ways).get("anna") ?? null;

describe("a person", () => {
  it("is not twice in one picture", () => {
    expect(blocked(span("hall", 0, 5000), anna("hall", 4000, 9000))).toBe("same_camera");
    expect(blocked(span("hall", 0, 5000), anna("hall", 5000, 9000))).toBe("same_camera");
    expect(blocked(span("hall", 0, 5000), anna("hall", 5100, 9000))).toBeNull();
  });

  it("is not kept from being who they are by their own track, nor by a second one on the same body", () => {
    expect(blocked(span("hall", 0, 5000), anna("hall", 0, 5000, { trackId: 1 }))).toBeNull();
    const twin = { x1: 0.11, y1: 0.1, x2: 0.31, y2: 0.88 };
    expect(blocked(span("hall", 0, 5000), anna("hall", 0, 5000, { box: twin }))).toBeNull();
    // Where both were some time ago says nothing about now.
    expect(blocked(span("hall", 0, 5000), anna("hall", 0, 2000, { box: twin }))).toBe("same_camera");
    expect(blocked(span("hall", 0, 5000), anna("hall", 0, 5000, { box: null }))).toBe("same_camera");
  });

  it("takes time from room to room, either way round", () => {
    expect(blocked(span("attic", 10_900, 12_000), anna("hall", 0, 10_000))).toBe("elsewhere");
    expect(blocked(span("attic", 11_000, 12_000), anna("hall", 0, 10_000))).toBeNull();
    expect(blocked(span("attic", 0, 10_000), anna("hall", 10_500, 12_000))).toBe("elsewhere");
    expect(blocked(span("attic", 0, 10_000), anna("hall", 5000, 6000))).toBe("elsewhere");
  });

  it("is seen by two cameras of one place at once: one area, or said to overlap by either", () => {
    expect(blocked(span("porch", 0, 10_000), anna("hall", 0, 10_000))).toBeNull();
    expect(blocked(span("stairs", 0, 10_000), anna("attic", 0, 10_000))).toBeNull();
    expect(blocked(span("attic", 0, 10_000), anna("stairs", 0, 10_000))).toBeNull();
  });

  it("takes as long as is configured for a way", () => {
    expect(blocked(span("hall", 29_000, 30_000), anna("garden", 0, 10_000))).toBe("elsewhere");
    expect(blocked(span("hall", 30_000, 31_000), anna("garden", 0, 10_000))).toBeNull();
    const door = waysBetween(CAMERAS, {
      travelSeconds: 1,
      travel: [{ between: ["hall", "porch"], seconds: 5 }],
    });
    expect(door("porch", "hall")).toBe(5);
  });

  it("is blocked by a time that is no number, and by a camera nobody knows as by any other", () => {
    expect(blocked(span("attic", Number.NaN, Number.NaN), anna("hall", 0, 1))).toBe("elsewhere");
    expect(blocked(span("hall", Number.NaN, Number.NaN), anna("hall", 0, 1))).toBe("same_camera");
    expect(ways("hall", "gone")).toBe(1);
  });

  it("is told to be in the same picture rather than elsewhere, whatever order it is known in", () => {
    const both = [anna("hall", 0, 9000), anna("attic", 0, 9000)];
    expect(blocked(span("hall", 0, 5000), ...both)).toBe("same_camera");
    expect(blocked(span("hall", 0, 5000), ...both.toReversed())).toBe("same_camera");
  });
});

describe("a body's height", () => {
  /** A camera 2.5 m up that looks level: horizon at `HORIZON`, things at distance d stand `FOCAL` * 2.5 / d below it. */
  const [HORIZON, FOCAL, CAMERA_M] = [0.3, 0.9, 2.5];
  const seen = (distanceM: number, metres: number) => ({
    footY: HORIZON + (FOCAL * CAMERA_M) / distanceM,
    height: (FOCAL * metres) / distanceM,
  });
  const mark = (distanceM: number, metres: number): HeightMark => {
    const { footY, height } = seen(distanceM, metres);
    return { foot: { x: 0.5, y: footY }, head: { x: 0.5, y: footY - height }, metres };
  };
  const marks = [mark(8, 2), mark(4, 0.9)] as const;

  it.each([3.4, 4, 6, 8, 12])(
    "is right %s m away, whatever the marks measure and in either order",
    (distance) => {
      expect(bodyHeight(marks, seen(distance, 1.72))).toBeCloseTo(1.72, 9);
      expect(bodyHeight([marks[1], marks[0]], seen(distance, 1.1))).toBeCloseTo(1.1, 9);
    },
  );

  it("is not told far from the marks, beyond the horizon, or where nobody is that tall", () => {
    expect(bodyHeight(marks, seen(2.5, 1.7))).toBeNull();
    expect(bodyHeight(marks, { footY: 0.29, height: 0.1 })).toBeNull();
    expect(bodyHeight(marks, seen(6, 3))).toBeNull();
    expect(bodyHeight(marks, seen(6, 0.3))).toBeNull();
    expect(bodyHeight(marks, { footY: Number.NaN, height: 0.4 })).toBeNull();
    expect(bodyHeight(marks, { footY: 0.6, height: Number.NaN })).toBeNull();
  });

  it("is not told by marks that stand on their heads; by two at one place only near it", () => {
    const upsideDown: HeightMark = { foot: marks[0].head, head: marks[0].foot, metres: 2 };
    expect(bodyHeight([upsideDown, marks[1]], seen(6, 1.7))).toBeNull();
    expect(bodyHeight([mark(6, 2), mark(6, 1)], seen(6, 1.7))).toBeCloseTo(1.7, 9);
  });
});
