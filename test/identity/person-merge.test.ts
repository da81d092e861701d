import { describe, expect, it } from "vitest";
import {
  type Figures,
  figuresBack,
  mergedFigures,
  mergedSizes,
  sizeBack,
} from "../../src/identity/person-merge.ts";

const figures = (over: Partial<Figures> = {}): Figures => ({
  firstSeenAt: 100,
  lastSeenAt: 500,
  lastCameraId: "hall",
  visits: 2,
  heightM: 1.6,
  heightCount: 3,
  ...over,
});

describe("two entries for one person", () => {
  it("add up to what both were seen to be", () => {
    const both = mergedFigures(
      figures(),
      figures({
        firstSeenAt: 50,
        lastSeenAt: 700,
        lastCameraId: "garden",
        visits: 1,
        heightM: 1.8,
        heightCount: 1,
      }),
    );
    expect(both).toEqual({
      firstSeenAt: 50,
      lastSeenAt: 700,
      lastCameraId: "garden",
      visits: 3,
      heightM: expect.closeTo(1.65),
      heightCount: 4,
    });
    const nobody = figures({
      firstSeenAt: null,
      lastSeenAt: null,
      lastCameraId: null,
      visits: 0,
      heightM: null,
      heightCount: 0,
    });
    expect(mergedFigures(figures(), nobody)).toEqual(figures());
    expect(mergedFigures(nobody, figures())).toEqual(figures());
  });

  it("come apart exactly when nothing was added since, and keep what was", () => {
    const before = figures();
    const after = mergedFigures(
      before,
      figures({ lastSeenAt: 700, lastCameraId: "garden", heightM: 1.8, heightCount: 1 }),
    );
    expect(figuresBack(after, before, after)).toEqual(before);
    const since = {
      ...after,
      lastSeenAt: 900,
      lastCameraId: "door",
      visits: 6,
      heightM: ((after.heightM ?? 0) * 4 + 1.6) / 5,
      heightCount: 5,
    };
    expect(figuresBack(since, before, after)).toEqual({
      firstSeenAt: 100,
      lastSeenAt: 900,
      lastCameraId: "door",
      visits: 4,
      heightM: expect.closeTo(1.6),
      heightCount: 4,
    });
  });

  it("have one mean size in each camera, weighed by tracklets, that comes apart again", () => {
    const size = (personId: string, cameraId: string, heightPx: number, count: number) => ({
      personId,
      cameraId,
      widthPx: 100,
      heightPx,
      count,
    });
    const merged = mergedSizes(
      "w",
      [size("w", "hall", 250, 2)],
      [size("l", "hall", 280, 1), size("l", "door", 90, 4)],
    );
    expect(merged).toEqual([size("w", "door", 90, 4), size("w", "hall", 260, 3)]);
    expect(
      sizeBack(size("w", "hall", 260, 3), size("w", "hall", 250, 2), size("w", "hall", 260, 3)),
    ).toMatchObject({ heightPx: 250, count: 2 });
    expect(sizeBack(size("w", "door", 90, 4), null, size("w", "door", 90, 4))).toBeNull();
    // A tracklet of 280 pixels since.
    expect(sizeBack(size("w", "hall", 265, 4), size("w", "hall", 250, 2), size("w", "hall", 260, 3))).toEqual(
      {
        widthPx: expect.closeTo(100),
        heightPx: expect.closeTo(260),
        count: 3,
      },
    );
    expect(sizeBack(size("w", "door", 94, 5), null, size("w", "door", 90, 4))).toEqual({
      widthPx: expect.closeTo(100),
      heightPx: expect.closeTo(110),
      count: 1,
    });
  });
});
