import { describe, expect, it, vi } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { Box } from "../../src/domain/geometry.ts";
import type { Detection } from "../../src/domain/pose.ts";
import type { FrameObservation } from "../../src/domain/track.ts";
import type { Tracklet } from "../../src/domain/tracklet.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { AnalysisScheduler } from "../../src/pipeline/analysis-scheduler.ts";
import { CameraPipeline } from "../../src/pipeline/camera-pipeline.ts";
import { CameraTracklets } from "../../src/pipeline/camera-tracklets.ts";
import { FrameAnalysis } from "../../src/pipeline/frame-analysis.ts";
import type { PipelineFrame } from "../../src/pipeline/pipeline-frame.ts";
import { SceneWatch } from "../../src/pipeline/scene-watch.ts";
import { TrackletLane } from "../../src/pipeline/tracklet-cues.ts";
import type { Playback, Resume } from "../../src/pipeline/vision-contract.ts";
import { createTracker } from "../../src/tracking/create-tracker.ts";
import type { SecondLook } from "../../src/vision/second-look.ts";

const OFFLINE: Playback = { kind: "offline", holdLastS: 0 };
const LIVE: Playback = { kind: "live", loop: false };
const START: Resume = { sequence: 0, mediaTimeS: 0, trackId: 0 };
const SOMEBODY: Detection = { box: { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.9 }, confidence: 0.8, pose: null };
const LEFT_HALF: Zone = {
  id: "street",
  name: "Street",
  kind: "ignore",
  leadsTo: null,
  polygon: [
    { x: 0, y: 0 },
    { x: 0.5, y: 0 },
    { x: 0.5, y: 1 },
    { x: 0, y: 1 },
  ],
};

class Picture implements PipelineFrame {
  readonly width = 64;
  readonly height = 48;
  disposed = 0;
  readonly #brightness: number;

  constructor(brightness = 100) {
    this.#brightness = brightness;
  }

  toRgb(width: number, height: number) {
    return { width, height, data: new Uint8Array(width * height * 3) };
  }

  toRgbRegion(_box: Box, width: number, height: number) {
    return this.toRgb(width, height);
  }

  toLuma(width: number, height: number) {
    const data = new Uint8Array(width * height).fill(100);
    // Something the size of a person, in one of two places.
    const [from, to] = this.#brightness === 100 ? [0, 0] : [Math.floor(width / 4), Math.floor(width / 2)];
    for (let y = Math.floor(height / 4); y < height; y += 1)
      data.fill(this.#brightness, y * width + from, y * width + to);
    return { width, height, data };
  }

  async toJpeg() {
    return new Uint8Array([0xff, 0xd8]);
  }

  [Symbol.dispose](): void {
    this.disposed += 1;
  }
}

/** A pipeline whose detector does what it is told. */
function rig(
  options: {
    readonly playback?: Playback;
    readonly zones?: readonly Zone[];
    readonly resume?: Resume;
    readonly detect?: () => Promise<Detection[]>;
    readonly motionGate?: boolean;
    readonly scheduler?: AnalysisScheduler;
    readonly tracklets?: CameraTracklets;
    readonly secondLook?: Pick<SecondLook, "look">;
  } = {},
) {
  const observations: FrameObservation[] = [];
  const onModelsLost = vi.fn();
  const camera: Camera = {
    id: "hall",
    name: "Hall",
    area: null,
    source: "file.mp4",
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: options.zones ?? [],
    overlaps: [],
  };
  const pipeline = new CameraPipeline(
    { camera, playback: options.playback ?? OFFLINE, resume: options.resume ?? START },
    {
      analysis: new FrameAnalysis({
        detector: {
          sizes: [256],
          hasPose: true,
          fit: (width, height) => ({ width, height, contentWidth: width, contentHeight: height }),
          detect: options.detect ?? (async () => [SOMEBODY]),
        },
        tracker: createTracker({ kind: "bytetrack", high: 0.2, low: 0.1, newTrack: 0.2, lostS: 2 }),
        poses: null,
        appearance: null,
        secondLook: options.secondLook ?? null,
      }),
      scene: new SceneWatch({
        motionGate: options.motionGate ?? false,
        blindness: false,
        sizes: [256],
        zones: options.zones ?? [],
      }),
      tracklets: options.tracklets ?? null,
      scheduler: options.scheduler ?? new AnalysisScheduler(2),
      log: silentLogger,
      onObservation: (observation) => observations.push(observation),
      onPicture: () => {},
      onSight: () => {},
      onModelsLost,
    },
  );
  const pictures: Picture[] = [];
  const push = (index: number, brightness?: number) => {
    const picture = new Picture(brightness);
    pictures.push(picture);
    return pipeline.push({ frame: picture, mediaTimeS: index / 10, capturedAt: index * 100 });
  };
  return { pipeline, observations, onModelsLost, pictures, push };
}

/** What finds out about people in pictures of 64x48; it is told what their clothes look like. */
function trackletsOf(
  send: (tracklet: Tracklet) => void,
  describe: () => Promise<Float32Array> = async () => Float32Array.of(1),
): CameraTracklets {
  const body = { modelId: "clothes", describe };
  return new CameraTracklets({
    cameraId: "hall",
    settings: { samples: 5, minFrames: 5, minHeightPx: 20, minFacePx: 24, gait: true },
    lane: new TrackletLane({ face: null, body, toPicture: null }, silentLogger),
    live: false,
    log: silentLogger,
    send,
  });
}

describe("what is found out about people", () => {
  it("is said under the ids of the observations, after the one it was made at, and before the end of the file", async () => {
    const order: string[] = [];
    const tracklets = trackletsOf(({ trackId, ended }) =>
      order.push(`tracklet ${trackId}${ended ? " ended" : ""}`),
    );
    const { pipeline, observations, push } = rig({
      tracklets,
      resume: { sequence: 70, mediaTimeS: 40, trackId: 6 },
    });
    for (let index = 0; index < 5; index += 1) {
      await push(index);
      if (index < 4) expect(order).toEqual([]);
    }
    await push(5);
    // The sixth waited for what the fifth brought.
    expect(order).toEqual(["tracklet 7"]);
    expect(observations.at(-1)?.tracks.map(({ id }) => id)).toEqual([7]);
    await pipeline.drain();
    expect(order.at(-1)).toBe("tracklet 7 ended");
  });

  it("is waited for in files, so that the machine's speed makes no odds", async () => {
    let release: () => void = () => {};
    const looked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tracklets = trackletsOf(
      () => {},
      () => looked.then(() => Float32Array.of(1)),
    );
    const { pipeline, observations, push } = rig({ tracklets });
    for (let index = 0; index < 5; index += 1) await push(index);
    const sixth = push(5);
    await vi.waitFor(() => expect(observations).toHaveLength(5));
    await new Promise((resolve) => setImmediate(resolve));
    expect(observations).toHaveLength(5);
    release();
    await sixth;
    await pipeline.drain();
    expect(observations).toHaveLength(6);
  });

  it("is nothing in privacy, nor from a frame that was under way when it began", async () => {
    const sent: Tracklet[] = [];
    let release: (found: Detection[]) => void = () => {};
    let frames = 0;
    const { pipeline, push } = rig({
      tracklets: trackletsOf((tracklet) => sent.push(tracklet)),
      detect: () => {
        frames += 1;
        if (frames !== 5) return Promise.resolve([SOMEBODY]);
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    });
    for (let index = 0; index < 5; index += 1) await push(index);
    await vi.waitFor(() => expect(frames).toBe(5));
    pipeline.setPrivacy(true);
    release([SOMEBODY]);
    await pipeline.drain();
    await pipeline[Symbol.asyncDispose]();
    expect(sent).toEqual([]);
  });
});

describe("one camera's hot path", () => {
  it("goes on from where another process left the camera: time, count and track ids", async () => {
    const { pipeline, observations, push } = rig({ resume: { sequence: 70, mediaTimeS: 40, trackId: 6 } });
    for (let index = 0; index < 5; index += 1) await push(index);
    await pipeline.drain();
    expect(observations[0]?.stamp).toMatchObject({ sequence: 70, mediaTimeS: 40 });
    expect(observations.at(-1)?.tracks.map(({ id }) => id)).toEqual([7]);
  });

  it("takes nobody in an ignored zone for somebody, and somebody once the zone is gone", async () => {
    const { pipeline, observations, push } = rig({ zones: [LEFT_HALF] });
    for (let index = 0; index < 5; index += 1) await push(index);
    await pipeline.drain();
    expect(observations.flatMap(({ tracks }) => tracks)).toEqual([]);
    pipeline.setZones([]);
    await push(5);
    await pipeline.drain();
    expect(observations.at(-1)?.tracks).toHaveLength(1);
  });

  it("analyses every frame of a file, in order, and gives each back once", async () => {
    const { pipeline, observations, pictures, push } = rig();
    for (let index = 0; index < 20; index += 1) await push(index);
    await pipeline.drain();
    expect(observations.map(({ stamp }) => stamp.sequence)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
    expect(pictures.map(({ disposed }) => disposed)).toEqual(Array(20).fill(1));
  });

  it("lets the newest frame of a live camera win, and counts what it replaced", async () => {
    let release: (found: Detection[]) => void = () => {};
    const slow = new Promise<Detection[]>((resolve) => {
      release = resolve;
    });
    const { pipeline, observations, pictures, push } = rig({ playback: LIVE, detect: () => slow });
    await push(0);
    await vi.waitFor(() => expect(pictures[0]?.disposed).toBe(0));
    for (let index = 1; index <= 4; index += 1) await push(index);
    release([]);
    await vi.waitFor(() => expect(observations).toHaveLength(2));
    expect(observations.map(({ stamp }) => stamp.sequence)).toEqual([0, 4]);
    expect(pipeline.takeCounts()).toEqual({ analysed: 2, dropped: 3, pace: "full" });
    await pipeline[Symbol.asyncDispose]();
    expect(pictures.map(({ disposed }) => disposed)).toEqual([1, 1, 1, 1, 1]);
  });

  it("takes a frame that cannot be analysed for a gap", async () => {
    let calls = 0;
    const { pipeline, observations, onModelsLost, push } = rig({
      detect: async () => {
        calls += 1;
        if (calls % 2 === 0) throw new AppError("inference.failed", "a worker died");
        return [];
      },
    });
    for (let index = 0; index < 100; index += 1) await push(index);
    await pipeline.drain();
    expect(observations).toHaveLength(50);
    expect(onModelsLost).not.toHaveBeenCalled();
  });

  it("says that it is blind when the models have stopped answering", async () => {
    const failure = new AppError("inference.failed", "no worker is left");
    const { pipeline, onModelsLost, push } = rig({ detect: () => Promise.reject(failure) });
    for (let index = 0; index < 29; index += 1) await push(index);
    await pipeline.drain();
    expect(onModelsLost).not.toHaveBeenCalled();
    await push(29);
    await pipeline.drain();
    expect(onModelsLost).toHaveBeenCalledWith(failure);
  });

  it("gives up the source of a camera whose own pictures cannot be analysed, without calling all cameras blind", async () => {
    const { pipeline, onModelsLost, pictures, push } = rig({
      detect: () => Promise.reject(new Error("these pixels are no picture")),
    });
    for (let index = 0; index < 30; index += 1) await push(index);
    await pipeline.drain();
    await expect(push(30)).rejects.toThrow("these pixels are no picture");
    expect(onModelsLost).not.toHaveBeenCalled();
    expect(pictures.every(({ disposed }) => disposed === 1)).toBe(true);
    // The next connection gets its chance.
    await expect(push(31)).resolves.toBeUndefined();
  });

  it("analyses next to nothing of an empty room in which nothing moves, and all of it again once something does", async () => {
    let runs = 0;
    const detect = async () => {
      runs += 1;
      return [];
    };
    const { pipeline, observations, push } = rig({ motionGate: true, detect });
    for (let index = 0; index < 100; index += 1) await push(index);
    await pipeline.drain();
    // Until the room is known, everything.
    expect(runs).toBe(100);
    for (let index = 100; index < 400; index += 1) await push(index);
    await pipeline.drain();
    expect(runs).toBeLessThanOrEqual(111);
    expect(pipeline.takeCounts().pace).toBe("resting");
    // Time goes on for those who wait for somebody to be gone.
    const resting = observations.filter(({ stamp }) => stamp.mediaTimeS >= 20);
    expect(resting.length).toBeGreaterThanOrEqual(39);
    const before = runs;
    for (let index = 400; index < 410; index += 1) await push(index, 160);
    await pipeline.drain();
    expect(runs - before).toBeGreaterThanOrEqual(8);
    expect(pipeline.takeCounts().pace).toBe("full");
  });

  it("never rests while somebody is followed, or was last seen lying", async () => {
    let found: Detection[] = [SOMEBODY];
    let runs = 0;
    const detect = async () => {
      runs += 1;
      return found;
    };
    const { pipeline, push } = rig({ motionGate: true, detect });
    for (let index = 0; index < 300; index += 1) await push(index);
    await pipeline.drain();
    expect(runs).toBe(300);
    pipeline.attend(true);
    found = [];
    for (let index = 300; index < 600; index += 1) await push(index);
    await pipeline.drain();
    expect(runs).toBe(600);
    pipeline.attend(false);
    for (let index = 600; index < 900; index += 1) await push(index);
    await pipeline.drain();
    expect(runs).toBeLessThan(700);
  });

  it("says of somebody who was found by a second look that they are seen", async () => {
    let found: Detection[] = [SOMEBODY];
    const again = { ...SOMEBODY, confidence: 0.3 };
    const look: SecondLook["look"] = async (_frame, tracks) =>
      tracks.filter(({ state }) => state === "lost").map(({ id }) => ({ trackId: id, detection: again }));
    const { pipeline, observations, push } = rig({ detect: async () => found, secondLook: { look } });
    for (let index = 0; index < 5; index += 1) await push(index);
    await pipeline.drain();
    found = [];
    for (let index = 5; index < 60; index += 1) await push(index);
    await pipeline.drain();
    expect(observations.slice(5).every(({ tracks }) => tracks[0]?.detected === true)).toBe(true);
    expect(new Set(observations.flatMap(({ tracks }) => tracks.map(({ id }) => id))).size).toBe(1);
    expect(observations.at(-1)?.tracks).toMatchObject([{ state: "confirmed", confidence: 0.3 }]);
  });

  it("takes from a second look at somebody hardly seen the better pose, and nothing in an ignored zone", async () => {
    const pose = Array.from({ length: 17 }, () => ({ x: 0.7, y: 0.5, confidence: 0.9 }));
    const here = { x1: 0.6, y1: 0.2, x2: 0.8, y2: 0.9 };
    const look: SecondLook["look"] = async (_frame, tracks) =>
      tracks.map(({ id, box }) => ({ trackId: id, detection: { box, confidence: 0.5, pose } }));
    const { pipeline, observations, push } = rig({
      zones: [LEFT_HALF],
      detect: async () => [{ ...SOMEBODY, box: here }],
      secondLook: { look },
    });
    for (let index = 0; index < 5; index += 1) await push(index);
    await pipeline.drain();
    expect(observations.at(-1)?.tracks[0]?.pose).toBe(pose);
    pipeline.setZones([
      { ...LEFT_HALF, leadsTo: null, polygon: LEFT_HALF.polygon.map(({ x, y }) => ({ x: x * 2, y })) },
    ]);
    await push(5);
    await pipeline.drain();
    expect(observations.at(-1)?.tracks[0]).toMatchObject({ state: "lost", pose: null });
  });

  it("says what came to stand in the room unrecognised, at rest as well, and not within ignored zones", async () => {
    const watched = async (zones: readonly Zone[]) => {
      const { pipeline, observations, push } = rig({ detect: async () => [], motionGate: true, zones });
      for (let index = 0; index < 400; index += 1) await push(index, index < 60 ? 100 : 200);
      await pipeline.drain();
      return observations;
    };
    const observations = await watched([]);
    expect(observations[0]?.foreground).toBeUndefined();
    const said = (timeS: number) => observations.findLast(({ stamp }) => stamp.mediaTimeS <= timeS);
    expect(said(5.9)?.foreground).toEqual([]);
    expect(said(8)?.foreground).toHaveLength(1);
    expect(said(39.9)).toMatchObject({ resting: true, foreground: [{ box: { x1: 0.25, x2: 0.5 } }] });
    const corners = [
      { x: 0.2, y: 0.2 },
      { x: 0.6, y: 0.2 },
      { x: 0.6, y: 1 },
      { x: 0.2, y: 1 },
    ];
    const ignored: Zone = { id: "z", name: "Screen", kind: "ignore", polygon: corners, leadsTo: null };
    expect((await watched([ignored])).at(-1)?.foreground).toEqual([]);
  });

  it("does not lose the look at a resting room because the frame it fell to was replaced", async () => {
    let runs = 0;
    const detect = async () => {
      runs += 1;
      return [];
    };
    const scheduler = new AnalysisScheduler(1);
    const { pipeline, push } = rig({ playback: LIVE, motionGate: true, detect, scheduler });
    for (let index = 0; index < 120; index += 1) {
      await push(index);
      await vi.waitFor(() => expect(scheduler.waiting).toBe(0));
    }
    const before = runs;
    const others = await scheduler.turn("others");
    for (let index = 120; index < 180; index += 1) await push(index);
    others[Symbol.dispose]();
    await vi.waitFor(() => expect(runs).toBe(before + 1));
    await pipeline[Symbol.asyncDispose]();
  });

  it("says that its rate is reduced once it has been for two counts running, and when it no longer is", async () => {
    const scheduler = new AnalysisScheduler(1);
    const { pipeline, observations, push } = rig({ playback: LIVE, scheduler });
    let next = 0;
    /** Four frames, all but the last of which are replaced while another camera has its turn. */
    const crowded = async () => {
      const others = await scheduler.turn("others");
      const seen = observations.length;
      for (let count = 0; count < 4; count += 1) await push(next++);
      others[Symbol.dispose]();
      await vi.waitFor(() => expect(observations).toHaveLength(seen + 1));
      return pipeline.takeCounts().pace;
    };
    expect([await crowded(), await crowded(), await crowded()]).toEqual(["full", "reduced", "reduced"]);
    const seen = observations.length;
    await push(next++);
    await vi.waitFor(() => expect(observations).toHaveLength(seen + 1));
    expect(pipeline.takeCounts().pace).toBe("full");
    await pipeline[Symbol.asyncDispose]();
  });
});
