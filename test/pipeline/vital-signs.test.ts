// What is taken for a sign that the vision process is of no use any more.
import { describe, expect, it } from "vitest";
import { automaticMemoryLimit } from "../../src/pipeline/memory-bound.ts";
import { type Heartbeat, VitalSigns } from "../../src/pipeline/vital-signs.ts";

const MB = 2 ** 20;
const limits = { memoryBytes: 500 * MB, provider: "cpu" };
const healthy: Heartbeat = {
  kind: "heartbeat",
  rssBytes: 200 * MB,
  inferenceStuckMs: 0,
  longestDecode: null,
};

describe("a heartbeat", () => {
  it("that tells of slow work is borne", () => {
    const beat = { ...healthy, inferenceStuckMs: 15_000, longestDecode: { cameraId: "hall", forMs: 8_000 } };
    expect(new VitalSigns().judge(beat, limits)).toBeNull();
  });

  it("that tells of a run without end means that the models hang", () => {
    const beat = { ...healthy, inferenceStuckMs: 21_000 };
    expect(new VitalSigns().judge(beat, limits)).toEqual({ kind: "inference-stuck", forMs: 21_000 });
  });

  it("leaves TensorRT the minutes it takes to build an engine", () => {
    const beat = { ...healthy, inferenceStuckMs: 5 * 60_000 };
    expect(new VitalSigns().judge(beat, { ...limits, provider: "tensorrt" })).toBeNull();
  });

  it("names the camera whose decoder does not come back", () => {
    const beat = { ...healthy, longestDecode: { cameraId: "hall", forMs: 11_000 } };
    expect(new VitalSigns().judge(beat, limits)).toEqual({
      kind: "decoder-stuck",
      cameraId: "hall",
      forMs: 11_000,
    });
  });

  it("tells of growth when memory stays above its bound, not when it peaks", () => {
    const vitals = new VitalSigns();
    const judge = (mb: number) => vitals.judge({ ...healthy, rssBytes: mb * MB }, limits);
    expect([510, 520, 400, 510, 520].map(judge)).toEqual([null, null, null, null, null]);
    expect(judge(530)).toEqual({ kind: "grown", rssBytes: 530 * MB, limitBytes: 500 * MB });
  });
});

describe("the automatic memory bound", () => {
  const machine = 16 * 1024 * MB;
  const bound = (load: Partial<Parameters<typeof automaticMemoryLimit>[0]>, bytes = machine) =>
    automaticMemoryLimit(
      { cameras: 0, streams: 0, workers: 1, megapixels: 0, provider: "cpu", ...load },
      bytes,
    ) / MB;

  it("lies well above what was measured of each load", () => {
    // Resident MB of file cameras at 25 frames/s, analysed at ten a second.
    expect(bound({ cameras: 16, streams: 16, megapixels: 16 * 0.23 })).toBeGreaterThan(2 * 357);
    expect(bound({ cameras: 16, streams: 16, megapixels: 16 * 0.92 })).toBeGreaterThan(2 * 442);
    expect(bound({ cameras: 2, streams: 2, megapixels: 2 * 8.3 })).toBeGreaterThan(2 * 417);
    expect(bound({ cameras: 1, streams: 1, megapixels: 0.23, workers: 4 })).toBeGreaterThan(2 * 474);
    // A file analysed offline with two workers, people told apart: 743 of them.
    expect(bound({ cameras: 1, streams: 1, megapixels: 0.4, workers: 2 })).toBeGreaterThan(1.5 * 743);
  });

  it("counts a camera that is not there yet, so that the bound does not shrink when one goes", () => {
    expect(bound({ cameras: 4 })).toBeGreaterThan(bound({ cameras: 4, streams: 4, megapixels: 4 * 0.92 }));
  });

  it("never lets vision take the machine", () => {
    expect(bound({ cameras: 8, workers: 2 }, 2048 * MB)).toBeCloseTo(0.7 * 2048, 5);
  });

  it("is never so low that the work itself would break it", () => {
    // Measured with the second look: 322 MB for one camera and one worker.
    expect(bound({ cameras: 1 }, 256 * MB)).toBeGreaterThan(1.1 * 322);
  });

  it("makes room for what graphics load", () => {
    expect(bound({ provider: "cuda" }) - bound({})).toBeGreaterThan(2000);
  });
});
