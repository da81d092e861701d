// With the real models, on pictures that a real decoder gives: a photograph with four people who stand, and the same turned,
// in which they lie.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore } from "../../models/model-store.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { RgbImage } from "../../src/domain/frame.ts";
import { type Box, iou } from "../../src/domain/geometry.ts";
import type { Detection } from "../../src/domain/pose.ts";
import { keypoint } from "../../src/domain/pose.ts";
import type { Track } from "../../src/domain/track.ts";
import { turnRgb } from "../../src/domain/turn-rgb.ts";
import { ModelSession } from "../../src/inference/model-session.ts";
import { encodeVideo } from "../../src/video/encode-video.ts";
import { openVideo } from "../../src/video/open-video.ts";
import type { VideoFrame } from "../../src/video/video-frame.ts";
import { LookBudget } from "../../src/vision/look-budget.ts";
import type { ModelRunner } from "../../src/vision/model-runner.ts";
import { MoveNetMultiPose, MULTI_POSE_MODEL } from "../../src/vision/movenet-multi-pose.ts";
import { poseIn } from "../../src/vision/pose-crop.ts";
import { type PoseEstimator, poseConfidence } from "../../src/vision/pose-estimator.ts";
import { PoseSupplier } from "../../src/vision/pose-supplier.ts";
import { SecondLook } from "../../src/vision/second-look.ts";
import { THUNDER_MODEL, Thunder } from "../../src/vision/thunder.ts";
import { realPicture } from "../models/real-picture.ts";

const sessions = new Map<string, ModelSession>();
const runs = new Map<string, number>();
const runsOf = (modelId: string) => runs.get(modelId) ?? 0;
const runner: ModelRunner = {
  run: async (modelId, inputs) => {
    const session = sessions.get(modelId);
    if (session === undefined) throw new Error(`nobody loaded ${modelId}`);
    runs.set(modelId, runsOf(modelId) + 1);
    return await session.run(inputs);
  },
};
const finder = new MoveNetMultiPose({ runner, floor: 0.1 });
const thunder = new Thunder(runner);

let folder: string;
let standing: VideoFrame;
let lying: VideoFrame;
let people: readonly Detection[];
let empty: VideoFrame;

async function firstFrame(source: string): Promise<VideoFrame> {
  await using stream = await openVideo({
    source,
    live: false,
    connectTimeoutMs: 5000,
    stallTimeoutMs: 5000,
    clock: new ManualClock(),
    signal: new AbortController().signal,
  });
  const frame = await stream.next();
  if (frame === null) throw new Error("no picture");
  return frame;
}

async function filmOf(name: string, picture: RgbImage): Promise<VideoFrame> {
  const path = join(folder, name);
  await encodeVideo({ path, width: picture.width, height: picture.height, fps: 25, crf: 8 }, [
    picture,
    picture,
  ]);
  return await firstFrame(path);
}

beforeAll(async () => {
  const store = new ModelStore({ log: silentLogger });
  await store.ensure([MULTI_POSE_MODEL, THUNDER_MODEL]);
  for (const id of [MULTI_POSE_MODEL, THUNDER_MODEL])
    sessions.set(id, await ModelSession.open(await store.pathOf(id), "cpu"));
  folder = await mkdtemp(join(tmpdir(), "haven-look-"));
  standing = await firstFrame(await realPicture());
  const { width, height } = standing;
  const even = standing.toRgb(width - (width % 2), height - (height % 2));
  lying = await filmOf("lying.mp4", turnRgb(even, 1));
  empty = await filmOf("empty.mp4", { ...even, data: new Uint8Array(even.data.length).fill(110) });
  const fit = finder.fit(width, height, 320);
  people = (await finder.detect(standing.toRgb(fit.contentWidth, fit.contentHeight))).filter(
    ({ confidence }) => confidence >= 0.2,
  );
  expect(people).toHaveLength(4);
}, 900_000);

afterAll(async () => {
  for (const frame of [standing, lying, empty]) frame[Symbol.dispose]();
  for (const session of sessions.values()) await session.close();
  await rm(folder, { recursive: true });
});

function track(id: number, box: Box, more: Partial<Track> = {}): Track {
  return {
    id,
    state: "confirmed",
    box,
    confidence: 0.6,
    pose: null,
    detected: true,
    firstSeenS: 0,
    lastSeenS: 0,
    ...more,
  };
}

/** A second look that has seen the tracks for a second, at ten frames a second. */
async function acquainted(
  frame: VideoFrame,
  tracks: readonly Track[],
  allowance = new LookBudget().open(),
  estimator: PoseEstimator = thunder,
): Promise<SecondLook> {
  const look = new SecondLook({ finder, pose: estimator, allowance, log: silentLogger });
  for (let n = 0; n <= 10; n += 1) expect(await look.look(frame, tracks, n / 10)).toEqual([]);
  return look;
}

const gone = (one: Track): Track => ({ ...one, state: "lost", detected: false, pose: null });

function person(index: number): Detection {
  const one = people[index];
  if (one === undefined) throw new Error("nobody there");
  return one;
}

/** Where a box of the photograph lies after it was turned clockwise. */
const turned = ({ x1, y1, x2, y2 }: Box): Box => ({ x1: 1 - y2, y1: x1, x2: 1 - y1, y2: x2 });

describe("Thunder", () => {
  it("puts the nose of each of four people where MultiPose and the photograph have it", async () => {
    for (const { box, pose } of people) {
      const found = await poseIn(standing, box, thunder, 0);
      const [a, b] = [keypoint(found, "nose"), keypoint(pose ?? [], "nose")];
      if (a === null || b === null) throw new Error("no nose");
      expect(Math.abs(a.x - b.x) * standing.width).toBeLessThan(8);
      expect(Math.abs(a.y - b.y) * standing.height).toBeLessThan(8);
      expect(poseConfidence(found)).toBeGreaterThan(0.3);
    }
  });

  it("finds the same pose in the turned photograph when it is turned back", async () => {
    const { box } = person(0);
    const upright = await poseIn(standing, box, thunder, 0);
    const across = await poseIn(lying, turned(box), thunder, 3);
    for (const [index, point] of upright.entries()) {
      if (point.confidence < 0.5) continue;
      const other = across[index];
      expect(Math.abs((other?.x ?? 9) - (1 - point.y)) * lying.width).toBeLessThan(8);
      expect(Math.abs((other?.y ?? 9) - point.x) * lying.height).toBeLessThan(8);
    }
  });

  it("refuses a crop of another size", async () => {
    await expect(thunder.estimate(standing.toRgb(128, 128))).rejects.toMatchObject({ code: "internal" });
  });
});

describe("a second look", () => {
  it("finds somebody who was lost, where they are, with a pose", async () => {
    const one = track(1, person(0).box);
    const look = await acquainted(standing, [one]);
    const [found, ...more] = await look.look(standing, [gone(one)], 1.1);
    expect(more).toEqual([]);
    expect(found?.trackId).toBe(1);
    expect(iou(found?.detection.box ?? one.box, one.box)).toBeGreaterThan(0.5);
    expect(poseConfidence(found?.detection.pose ?? [])).toBeGreaterThan(0.4);
  });

  it("finds somebody who lies, and reads the pose as it lies", async () => {
    const one = track(1, turned(person(0).box));
    const look = await acquainted(lying, [one]);
    const [found] = await look.look(lying, [gone(one)], 1.1);
    expect(iou(found?.detection.box ?? { x1: 0, y1: 0, x2: 0, y2: 0 }, one.box)).toBeGreaterThan(0.4);
    const nose = keypoint(found?.detection.pose ?? [], "nose");
    const hip = keypoint(found?.detection.pose ?? [], "left_hip", 0.1);
    // Turned clockwise, heads are to the right.
    expect((nose?.x ?? 0) * lying.width).toBeGreaterThan((hip?.x ?? 1) * lying.width);
  });

  it("finds nobody where nobody is", async () => {
    const one = track(1, person(0).box);
    const look = await acquainted(empty, [one]);
    for (let n = 11; n <= 30; n += 1) expect(await look.look(empty, [gone(one)], n / 10)).toEqual([]);
  });

  it("never takes somebody whom another track has", async () => {
    const seen = people.map(({ box }, index) => track(index + 2, box));
    const one = track(1, person(0).box);
    const look = await acquainted(standing, [one, ...seen]);
    for (let n = 11; n <= 14; n += 1)
      expect(await look.look(standing, [gone(one), ...seen], n / 10)).toEqual([]);
  });

  it("does not give one body to two who were lost there", async () => {
    const others = people.slice(1).map(({ box }, index) => track(index + 3, box));
    const [one, two] = [track(1, person(0).box), track(2, person(0).box)];
    const look = await acquainted(standing, [one, two, ...others]);
    expect(await look.look(standing, [gone(one), gone(two), ...others], 1.1)).toHaveLength(1);
  });

  it("costs nothing while everybody is seen, and no more than it may when somebody is lost", async () => {
    const one = track(1, person(0).box);
    const before = new Map(runs);
    const purse = new LookBudget({ perFrame: 0.5, burst: 3 });
    const look = await acquainted(empty, [one], purse.open());
    expect(runs).toEqual(before);
    for (let n = 1; n <= 20; n += 1) await look.look(empty, [gone(one)], 1 + n / 10);
    const spent = runsOf(MULTI_POSE_MODEL) - (before.get(MULTI_POSE_MODEL) ?? 0);
    // Two purses of 3, and half an inference for each of 20 frames.
    expect(spent).toBeGreaterThan(6);
    expect(spent).toBeLessThanOrEqual(16);
  });

  it("finds nobody when the finder fails, and goes without a second pose when the pose model does", async () => {
    const one = track(1, person(0).box);
    const fail = () => Promise.reject(new Error("the worker is gone"));
    const poseless = await acquainted(standing, [one], new LookBudget().open(), {
      inputSide: 256,
      estimate: fail,
    });
    const [found] = await poseless.look(standing, [gone(one)], 1.1);
    expect(found?.detection.pose).toHaveLength(17);
    const blind = new SecondLook({
      finder: { sizes: [256], hasPose: true, fit: finder.fit.bind(finder), detect: fail },
      pose: thunder,
      allowance: new LookBudget().open(),
      log: silentLogger,
    });
    for (let n = 0; n <= 10; n += 1) await blind.look(standing, [one], n / 10);
    expect(await blind.look(standing, [gone(one)], 1.1)).toEqual([]);
  });
});

describe("poses for a detector without", () => {
  const bare = (detections: readonly Detection[]) => detections.map((one) => ({ ...one, pose: null }));

  it("are those of the people in the boxes", async () => {
    const supplier = new PoseSupplier({ estimator: thunder, perFrame: 8 });
    const supplied = await supplier.supply(standing, bare(people));
    expect(supplied.map(({ box }) => box)).toEqual(people.map(({ box }) => box));
    for (const { pose } of supplied) expect(poseConfidence(pose ?? [])).toBeGreaterThan(0.3);
  });

  it("are found of people who lie, turned the right way, and that way first from then on", async () => {
    const boxes = bare(people.slice(0, 1).map((one) => ({ ...one, box: turned(one.box) })));
    const supplier = new PoseSupplier({ estimator: thunder, perFrame: 3 });
    const [first] = await supplier.supply(lying, boxes);
    const upright = await poseIn(lying, turned(person(0).box), thunder, 0);
    expect(poseConfidence(first?.pose ?? [])).toBeGreaterThanOrEqual(poseConfidence(upright));
    const before = runsOf(THUNDER_MODEL);
    const [second] = await supplier.supply(lying, boxes);
    expect(second?.pose).toEqual(first?.pose);
    expect(runsOf(THUNDER_MODEL) - before).toBeLessThanOrEqual(3);
  });

  it("go round when there are more people than inferences", async () => {
    const supplier = new PoseSupplier({ estimator: thunder, perFrame: 2 });
    const supplied = [
      await supplier.supply(standing, bare(people)),
      await supplier.supply(standing, bare(people)),
    ];
    const posed = supplied.map((all) => all.flatMap(({ pose }, index) => (pose === null ? [] : [index])));
    expect(posed.flat().sort()).toEqual([0, 1, 2, 3]);
  });

  it("leave those alone that the detector gave", async () => {
    const before = runsOf(THUNDER_MODEL);
    const supplier = new PoseSupplier({ estimator: thunder, perFrame: 8 });
    expect(await supplier.supply(standing, people)).toEqual(people);
    expect(runsOf(THUNDER_MODEL)).toBe(before);
  });
});
