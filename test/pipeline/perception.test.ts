// Which models a household gets when it sets others than ours, with the real ones.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { InferencePool } from "../../src/inference/inference-pool.ts";
import type { PipelineFrame } from "../../src/pipeline/pipeline-frame.ts";
import type { CameraJob, IdentifySettings, VisionSettings } from "../../src/pipeline/vision-contract.ts";
import { Perception } from "../../src/vision-perception.ts";
import { realPixels } from "../models/real-picture.ts";

const JOB: CameraJob = {
  camera: {
    id: "hall",
    name: "Hall",
    area: null,
    source: "hall.mp4",
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps: [],
  },
  playback: { kind: "offline", holdLastS: 0 },
  resume: { sequence: 0, mediaTimeS: 0, trackId: 0 },
};

const toJpeg = async () => new Uint8Array([0xff, 0xd8]);

let folder: string;
let store: ModelStore;
let pool: InferencePool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-perception-"));
  store = new ModelStore({ log: silentLogger });
  await store.ensure(["movenet-multipose", "movenet-thunder"]);
  pool = await InferencePool.create({
    workers: 1,
    provider: "cpu",
    log: silentLogger,
    modelPath: (id) => store.pathOf(id),
  });
}, 900_000);

afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

function open(
  detector: string,
  low: number | null = null,
  identify: VisionSettings["identify"] = null,
): Promise<Perception> {
  const settings: VisionSettings = {
    inference: {
      provider: "cpu",
      workers: 1,
      detector,
      inputSize: 320,
      fps: 10,
      motionGate: false,
      secondLook: true,
      hardwareDecoding: "off",
      modelsDir: store.directory,
    },
    tracker: { kind: "bytetrack", high: null, low, newTrack: null, lostS: 2 },
    identify,
  };
  return Perception.open(settings, { store, runner: pool, log: silentLogger, toJpeg });
}

/** How many people are followed after the photograph of four was shown for a third of a second. */
async function countPeople(perception: Perception): Promise<number> {
  const data = await realPixels(180, 320);
  const unasked = (): never => {
    throw new Error("nobody is lost in a photograph");
  };
  const frame: PipelineFrame = {
    width: 320,
    height: 180,
    toRgb: () => ({ width: 320, height: 180, data: data.slice() }),
    toRgbRegion: unasked,
    toLuma: unasked,
    toJpeg: unasked,
    [Symbol.dispose]: () => {},
  };
  const analysis = perception.analysis(JOB);
  let people = 0;
  for (const timeS of [0, 0.1, 0.2]) {
    const tracks = await analysis.analyse(frame, { timeS, longSide: 320, zones: [] });
    people = tracks.filter(({ state }) => state === "confirmed").length;
  }
  return people;
}

describe("the models of a household", () => {
  it("are ours where nothing is set, with the thresholds of their manifest", async () => {
    const perception = await open("movenet-multipose");
    expect(perception.problem).toBeNull();
    expect(await countPeople(perception)).toBe(4);
  });

  it.each([
    ["is not there", "missing.json", null],
    ["is no manifest", "text.json", "once upon a time"],
    ["describes a model that does not exist", "empty.json", '{"version": 2, "models": []}'],
  ])("are ours where a manifest that is set %s, and people are seen all the same", async (_, name, text) => {
    const path = join(folder, name);
    if (text !== null) await writeFile(path, text);
    const perception = await open(path);
    expect(perception.problem).toContain(path);
    expect(perception.problem).toContain("movenet-multipose");
    expect(await countPeople(perception)).toBe(4);
  });

  it("are ours where a model is set that nobody has heard of", async () => {
    const perception = await open("yolo-nine-thousand");
    expect(perception.problem).toContain("yolo-nine-thousand");
  });

  it("watch with their own thresholds where one that is set does not fit the others", async () => {
    const perception = await open("movenet-multipose", 0.4);
    expect(perception.problem).toMatch(/tracker\.low is 0\.4.*tracker\.high \(0\.2\)/);
    expect(await countPeople(perception)).toBe(4);
  });
});

describe("the models that tell people apart", () => {
  const identify: IdentifySettings = {
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

  beforeAll(() => store.ensure(["blazeface-back", "sface", "centernet-appearance"]), 900_000);

  it("are not even loaded where nobody is to be told apart", async () => {
    const perception = await open("movenet-multipose");
    expect(perception.recognition).toBeNull();
  });

  it("are those that are set", async () => {
    const perception = await open("movenet-multipose", null, identify);
    expect(perception.problem).toBeNull();
    expect(perception.recognition?.faces?.modelId).toBe("sface");
  });

  it.each([
    ["a face model that nobody has heard of", { faceModel: "mugshots" }, /mugshots.*by their face/],
    [
      "a face model that sees clothes",
      { faceModel: "centernet-appearance" },
      /centernet-appearance.*by their face/,
    ],
    ["an appearance model that sees faces", { appearanceModel: "sface" }, /sface.*by their clothes/],
  ])(
    "are left out where %s is set, which is said, and people are seen all the same",
    async (_, wrong, problem) => {
      const perception = await open("movenet-multipose", null, { ...identify, ...wrong });
      expect(perception.problem).toMatch(problem);
      expect(perception.recognition?.faces === null).toBe("faceModel" in wrong);
      expect(await countPeople(perception)).toBe(4);
    },
  );
});
