// One camera's tracklets, and the lane in which its moments are looked at. Models are stood in for: what they see is told.
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import type { Box } from "../../src/domain/geometry.ts";
import type { Track } from "../../src/domain/track.ts";
import type { Tracklet } from "../../src/domain/tracklet.ts";
import { CameraTracklets } from "../../src/pipeline/camera-tracklets.ts";
import type { PipelineFrame } from "../../src/pipeline/pipeline-frame.ts";
import { type BodyCue, TrackletLane } from "../../src/pipeline/tracklet-cues.ts";
import { HEIGHT, type Standing, trackOf, WIDTH } from "../tracking/tracklet-figures.ts";

const SETTINGS = { samples: 5, minFrames: 5, minHeightPx: 80, minFacePx: 24, gait: true };

/** A picture of noise, which counts what is cut out of it and can be gone. */
class Picture implements PipelineFrame {
  readonly width = WIDTH;
  readonly height = HEIGHT;
  cuts = 0;
  #gone = false;

  toRgb(width: number, height: number) {
    return this.toRgbRegion({ x1: 0, y1: 0, x2: 1, y2: 1 }, width, height);
  }

  toRgbRegion(_box: Box, width: number, height: number) {
    if (this.#gone) throw new Error("the picture was used after it had been given back");
    this.cuts += 1;
    return {
      width,
      height,
      data: Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 97) & 255),
    };
  }

  toLuma(): never {
    throw new Error("nobody asked for brightness");
  }

  toJpeg(): never {
    throw new Error("nobody asked for the whole picture");
  }

  [Symbol.dispose](): void {
    this.#gone = true;
  }
}

const clothes: BodyCue = { modelId: "clothes", describe: async () => Float32Array.of(1, 2, 3) };

function rig(options: { body?: BodyCue; live?: boolean } = {}) {
  const lane = new TrackletLane({ face: null, body: options.body ?? clothes, toPicture: null }, silentLogger);
  const sent: Tracklet[] = [];
  const tracklets = new CameraTracklets({
    cameraId: "hall",
    settings: SETTINGS,
    lane,
    live: options.live ?? false,
    log: silentLogger,
    send: (tracklet) => sent.push(tracklet),
  });
  let cuts = 0;
  let sequence = 0;
  const observe = (timeS: number, tracks: readonly Track[]): number => {
    const picture = new Picture();
    sequence += 1;
    tracklets.observe(
      picture,
      { cameraId: "hall", sequence, capturedAt: 1000 * timeS, mediaTimeS: timeS },
      tracks,
    );
    picture[Symbol.dispose]();
    cuts += picture.cuts;
    return picture.cuts;
  };
  return { lane, tracklets, sent, observe, cuts: () => cuts };
}

const walker = (id: number, standing: Standing = {}) => trackOf(id, { view: "back", ...standing });

describe("a camera's tracklets", () => {
  it("cut out a few moments of each body and send what is seen in them, under the ids of the tracks", async () => {
    const { observe, tracklets, sent } = rig();
    for (let frame = 0; frame < 60; frame += 1) observe(frame / 10, [walker(41)]);
    await tracklets.settle();
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.every(({ cameraId, trackId }) => cameraId === "hall" && trackId === 41)).toBe(true);
    expect(sent[0]?.samples[0]).toMatchObject({
      facing: "back",
      face: null,
      picture: null,
      appearance: { modelId: "clothes", descriptor: Float32Array.of(1, 2, 3) },
    });
    expect(sent.at(-1)?.gait?.frames).toBeGreaterThan(14);
  });

  it("cut nothing out of most frames, however many people there are", async () => {
    const { observe, tracklets, cuts } = rig();
    const crowd = Array.from({ length: 30 }, (_, id) => walker(id + 1, { x: (id + 1) / 31 }));
    let most = 0;
    for (let frame = 0; frame < 300; frame += 1) most = Math.max(most, observe(frame / 10, crowd));
    await tracklets.settle();
    expect(most).toBeLessThanOrEqual(2);
    // Six a second, and six that were saved up at first.
    expect(cuts()).toBeLessThanOrEqual(6 * 31);
  });

  it("end once: with the track, or with the pictures", async () => {
    const { observe, tracklets, sent } = rig();
    for (let frame = 0; frame < 10; frame += 1) observe(frame / 10, [walker(1), walker(2, { x: 0.2 })]);
    observe(1, [trackOf(1, {}, { state: "ended", detected: false, pose: null }), walker(2, { x: 0.2 })]);
    observe(1.1, [walker(2, { x: 0.2 })]);
    await tracklets.end();
    await tracklets.end();
    const ended = sent.filter((tracklet) => tracklet.ended).map(({ trackId }) => trackId);
    expect(ended).toEqual([1, 2]);
  });

  it("end for a track that is not spoken of any more, and say nothing of one that was only glimpsed", async () => {
    const { observe, tracklets, sent } = rig();
    for (let frame = 0; frame < 10; frame += 1)
      observe(frame / 10, frame < 3 ? [walker(1), walker(9)] : [walker(1)]);
    observe(1, []);
    await tracklets.settle();
    expect(sent.at(-1)).toMatchObject({ trackId: 1, ended: true });
    expect(sent.some(({ trackId }) => trackId === 9)).toBe(false);
  });

  it("send nothing in privacy, not even what was seen before, and begin anew after it", async () => {
    const { observe, tracklets, sent } = rig();
    for (let frame = 0; frame < 10; frame += 1) observe(frame / 10, [walker(1)]);
    tracklets.setPrivacy(true);
    for (let frame = 10; frame < 30; frame += 1) expect(observe(frame / 10, [walker(1)])).toBe(0);
    await tracklets.end();
    expect(sent).toEqual([]);
    tracklets.setPrivacy(false);
    for (let frame = 30; frame < 40; frame += 1) observe(frame / 10, [walker(1)]);
    await tracklets.settle();
    expect(sent[0]).toMatchObject({ checkpoint: 0, firstSeenAt: 3000 });
  });

  it("go on without the cue where its model fails, and without crops where cutting does", async () => {
    const broken: BodyCue = {
      modelId: "clothes",
      describe: async () => Promise.reject(new Error("no model")),
    };
    const { observe, tracklets, sent } = rig({ body: broken });
    for (let frame = 0; frame < 30; frame += 1) observe(frame / 10, [walker(1)]);
    await tracklets.end();
    expect(sent.at(-1)).toMatchObject({ ended: true, frames: 30, samples: [] });
    const blind = new Picture();
    blind[Symbol.dispose]();
    const stamp = { cameraId: "hall", sequence: 99, capturedAt: 9000, mediaTimeS: 9 };
    expect(() => tracklets.observe(blind, stamp, [walker(3)])).not.toThrow();
  });
});

describe("the lane in which moments are looked at", () => {
  const crop = (mark: number) => ({
    body: { image: { width: 1, height: 1, data: Uint8Array.of(mark, 0, 0) }, pose: null },
    head: null,
  });

  it("looks at one moment at a time, in order", async () => {
    let running = 0;
    let most = 0;
    const marks: number[] = [];
    const body: BodyCue = {
      modelId: "clothes",
      describe: async ({ data }) => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        marks.push(data[0] ?? 0);
        running -= 1;
        return Float32Array.of(data[0] ?? 0);
      },
    };
    const lane = new TrackletLane({ face: null, body, toPicture: null }, silentLogger);
    const looks = [1, 2, 3].map((mark) => lane.look([crop(mark), crop(mark + 10)], { droppable: true }));
    const seen = await Promise.all(looks);
    expect(most).toBe(1);
    expect(marks).toEqual([1, 11, 2, 12, 3, 13]);
    expect(seen[2]?.map(({ appearance }) => appearance?.descriptor[0])).toEqual([3, 13]);
  });

  it.each([
    ["live, gives up the oldest that wait, and still answers in order", true, 36],
    ["of a file, gives up nothing", false, 0],
  ])("%s", async (_, droppable, dropped) => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const body: BodyCue = { modelId: "clothes", describe: () => held.then(() => Float32Array.of(1)) };
    const lane = new TrackletLane({ face: null, body, toPicture: null }, silentLogger);
    const answered: number[] = [];
    // The first is under way; of the other hundred 64 may wait.
    const looks = Array.from({ length: 101 }, (_, index) =>
      lane.look([crop(index)], { droppable }).then((seen) => {
        answered.push(index);
        return seen;
      }),
    );
    release();
    const seen = await Promise.all(looks);
    expect(lane.dropped).toBe(dropped);
    expect(seen.map((cues) => cues === null)).toEqual(seen.map((_, index) => index >= 1 && index <= dropped));
    expect(answered).toEqual(Array.from({ length: 101 }, (_, index) => index));
  });
});
