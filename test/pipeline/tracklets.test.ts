// From a film to tracklets, through the real vision process and the real models.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ensureDemoClip } from "../../src/demo/demo-clip.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { Tracklet } from "../../src/domain/tracklet.ts";
import { runOffline } from "../../src/pipeline/offline-run.ts";
import type { IdentifySettings, VisionSettings } from "../../src/pipeline/vision-contract.ts";
import { VisionSupervisor } from "../../src/pipeline/vision-supervisor.ts";

const never = new AbortController().signal;
const IDENTIFY: IdentifySettings = {
  faceDetector: "blazeface-back",
  faceModel: "sface",
  appearanceModel: "centernet-appearance",
  gait: true,
  keepPictures: true,
  samples: 5,
  minFrames: 5,
  minHeightPx: 80,
  minFacePx: 24,
  minReferenceFacePx: 40,
};

let clip: string;
let supervisor: VisionSupervisor;
let settings: VisionSettings;

beforeAll(async () => {
  const store = new ModelStore({ log: silentLogger });
  const models = ["movenet-multipose", "movenet-thunder", "blazeface-back", "sface", "centernet-appearance"];
  await store.ensure(models, { signal: never });
  clip = await ensureDemoClip({ cacheDir: modelsDirectory(process.env), signal: never });
  settings = {
    inference: {
      provider: "cpu",
      workers: 2,
      detector: "movenet-multipose",
      inputSize: 256,
      fps: 5,
      motionGate: false,
      secondLook: false,
      hardwareDecoding: "off",
      modelsDir: store.directory,
    },
    tracker: { kind: "bytetrack", high: 0.2, low: 0.1, newTrack: 0.2, lostS: 2 },
    identify: IDENTIFY,
  };
  supervisor = new VisionSupervisor({
    clock: systemClock,
    log: silentLogger,
    random: () => 0.5,
    logLevel: "silent",
    settings,
  });
  await supervisor.start();
}, 900_000);

afterAll(() => supervisor.stop());

/** All tracklets of the film of one man; and for each the time of the last observation before it. */
async function play(
  changes: Partial<VisionSettings> = {},
): Promise<{ tracklets: Tracklet[]; seenAt: number[]; ids: Set<number> }> {
  const camera: Camera = {
    id: "hall",
    name: "Hall",
    area: null,
    source: clip,
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps: [],
  };
  supervisor.configure([], { ...settings, ...changes });
  const tracklets: Tracklet[] = [];
  const seenAt: number[] = [];
  const ids = new Set<number>();
  let lastAt = 0;
  const [outcome] = await runOffline({
    supervisor,
    cameras: [camera],
    holdLastS: 0,
    concurrency: 1,
    signal: never,
    log: silentLogger,
    onProgress: () => {},
    begin: () => ({
      observe: ({ stamp, tracks }) => {
        lastAt = stamp.capturedAt;
        for (const { id } of tracks) ids.add(id);
      },
      identify: (tracklet) => {
        tracklets.push(tracklet);
        seenAt.push(lastAt);
      },
      end: () => {},
    }),
  });
  expect(outcome?.failure).toBeNull();
  return { tracklets, seenAt, ids };
}

describe("a man before a camera", () => {
  it("gives tracklets with what his clothes, his face and his walk look like, the same each time", async () => {
    const first = await play();
    const { tracklets, seenAt, ids } = first;
    expect(tracklets.length).toBeGreaterThan(3);
    for (const [index, { trackId, lastSeenAt }] of tracklets.entries()) {
      expect(ids.has(trackId)).toBe(true);
      // After the observation of the frame it was made at, before the next one.
      expect(seenAt[index]).toBeGreaterThanOrEqual(lastSeenAt);
    }
    expect(tracklets.at(-1)?.ended).toBe(true);

    const samples = tracklets.flatMap((tracklet) => tracklet.samples);
    const appearances = samples.flatMap(({ appearance }) => (appearance === null ? [] : [appearance]));
    expect(appearances.length).toBeGreaterThan(5);
    for (const { modelId, descriptor } of appearances) {
      expect(modelId).toBe("centernet-appearance");
      expect(descriptor).toHaveLength(384);
    }
    // He is seen whole: no stripe of him is missing in most.
    const whole = appearances.filter(({ descriptor }) => descriptor.every(Number.isFinite));
    expect(whole.length).toBeGreaterThan(appearances.length / 2);

    const faces = samples.filter(({ face }) => face !== null);
    expect(faces.length).toBeGreaterThan(3);
    for (const { face, picture, facing } of faces) {
      expect(face?.modelId).toBe("sface");
      expect(face?.embedding).toHaveLength(128);
      expect(Math.hypot(...(face?.embedding ?? []))).toBeCloseTo(1, 5);
      expect(face?.widthPx).toBeGreaterThanOrEqual(24);
      expect([...(picture?.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
      expect(facing).not.toBe("back");
    }
    const gaits = tracklets.flatMap(({ gait }) => (gait === null ? [] : [gait]));
    expect(gaits.length).toBeGreaterThan(0);
    expect(Math.hypot(...(gaits[0]?.vector ?? []))).toBeCloseTo(1, 5);

    expect((await play()).tracklets).toEqual(tracklets);
  });

  it("is looked at only as far as the household wants it, from the next frame on", async () => {
    const clothesOnly = { ...IDENTIFY, faceModel: null, gait: false, keepPictures: false };
    const { tracklets } = await play({ identify: clothesOnly });
    expect(tracklets.length).toBeGreaterThan(0);
    const samples = tracklets.flatMap((tracklet) => tracklet.samples);
    expect(samples.every(({ face, picture }) => face === null && picture === null)).toBe(true);
    expect(samples.some(({ appearance }) => appearance !== null)).toBe(true);
    expect(tracklets.every(({ gait }) => gait === null)).toBe(true);
    expect((await play({ identify: null })).tracklets).toEqual([]);
  });
});
