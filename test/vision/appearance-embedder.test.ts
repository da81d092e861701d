import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelEntry } from "../../models/manifest.ts";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { standardised } from "../../src/domain/appearance.ts";
import type { RgbImage } from "../../src/domain/frame.ts";
import type { Box } from "../../src/domain/geometry.ts";
import type { Detection, Pose } from "../../src/domain/pose.ts";
import { stripeMeans } from "../../src/vision/appearance-descriptor.ts";
import {
  APPEARANCE_LENGTH,
  APPEARANCE_MODEL,
  AppearanceEmbedder,
  poseInCrop,
} from "../../src/vision/appearance-embedder.ts";
import { createDetector } from "../../src/vision/create-detector.ts";
import { realPixels } from "../models/real-picture.ts";
import { SessionRunner } from "./yolo-weights.ts";

const PICTURE = { width: 620, height: 349 };
const runner = new SessionRunner(new ModelStore({ log: silentLogger }));
let embedder: AppearanceEmbedder;
/** The four people of the photograph, from left to right. */
let people: Detection[];

beforeAll(async () => {
  await new ModelStore({ log: silentLogger }).ensure([APPEARANCE_MODEL, "movenet-multipose"]);
  embedder = await AppearanceEmbedder.create(modelEntry(APPEARANCE_MODEL), runner);
  const detector = await createDetector(modelEntry("movenet-multipose"), runner, { floor: 0.2 });
  const { contentWidth: width, contentHeight: height } = detector.fit(PICTURE.width, PICTURE.height, 320);
  const found = await detector.detect({ width, height, data: await realPixels(height, width) });
  people = found.toSorted((a, b) => a.box.x1 - b.box.x1);
}, 900_000);

afterAll(() => runner[Symbol.asyncDispose]());

/** What the box shows of the photograph, stretched to a crop's size, as a frame would give it. */
async function cropOf(box: Box): Promise<RgbImage> {
  const whole = await realPixels(PICTURE.height, PICTURE.width);
  const data = new Uint8Array(128 * 256 * 3);
  for (let y = 0; y < 256; y += 1) {
    for (let x = 0; x < 128; x += 1) {
      const fromX = Math.floor((box.x1 + ((x + 0.5) / 128) * (box.x2 - box.x1)) * PICTURE.width);
      const fromY = Math.floor((box.y1 + ((y + 0.5) / 256) * (box.y2 - box.y1)) * PICTURE.height);
      const isInside = fromX >= 0 && fromY >= 0 && fromX < PICTURE.width && fromY < PICTURE.height;
      const from = (fromY * PICTURE.width + fromX) * 3;
      if (isInside) data.set(whole.subarray(from, from + 3), (y * 128 + x) * 3);
    }
  }
  return { width: 128, height: 256, data };
}

/** A box that a detector might give a moment later. */
function shifted({ x1, y1, x2, y2 }: Box): Box {
  const [dx, dy] = [(x2 - x1) * 0.06, (y2 - y1) * 0.04];
  return { x1: x1 + dx, y1: y1 - dy, x2: x2 + dx, y2: y2 + dy };
}

function similarity(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

async function embed(person: Detection, box: Box, masked = true): Promise<Float32Array> {
  const pose = masked && person.pose !== null ? poseInCrop(person.pose, box) : null;
  return embedder.embed(await cropOf(box), pose);
}

describe("an appearance", () => {
  it("is of unit length, finite, and the same every time", async () => {
    const [man] = people;
    if (man === undefined) throw new Error("nobody");
    const appearance = await embed(man, man.box);
    expect(appearance).toHaveLength(APPEARANCE_LENGTH);
    expect(Math.hypot(...appearance)).toBeCloseTo(1, 5);
    expect(await embed(man, man.box)).toEqual(appearance);
  });

  it("of each of four people is nearest to the same person's in a box a little off", async () => {
    expect(people).toHaveLength(4);
    const first = await Promise.all(people.map((person) => embed(person, person.box)));
    const second = await Promise.all(people.map((person) => embed(person, shifted(person.box))));
    for (const [index, appearance] of second.entries()) {
      const similarities = first.map((other) => similarity(appearance, other));
      expect(similarities.indexOf(Math.max(...similarities))).toBe(index);
      expect(similarities[index]).toBeGreaterThan(0.8);
    }
  });

  it("changes less with the wall behind when the pose says where the body is", async () => {
    const [man] = people;
    if (man?.pose === undefined || man.pose === null) throw new Error("nobody");
    const { x1, y1, x2, y2 } = man.box;
    const wide = { x1: x1 - (x2 - x1) / 2, y1, x2: x2 + (x2 - x1) / 2, y2 };
    const crop = await cropOf(wide);
    const pose = poseInCrop(man.pose, wide);
    const changed = { ...crop, data: crop.data.slice() };
    // A red wall beside the body: the columns left and right of all joints.
    const xs = pose.filter((joint) => joint.confidence > 0.2).map((joint) => joint.x * 128);
    const [left, right] = [Math.min(...xs) - 12, Math.max(...xs) + 12];
    for (let at = 0; at < changed.data.length; at += 3) {
      const x = (at / 3) % 128;
      if (x < left || x > right) changed.data.set([220, 30, 30], at);
    }
    const masked = similarity(await embedder.embed(crop, pose), await embedder.embed(changed, pose));
    const plain = similarity(await embedder.embed(crop, null), await embedder.embed(changed, null));
    expect(plain).toBeLessThan(0.9);
    expect(1 - masked).toBeLessThan((1 - plain) / 2);
  });

  it("is added to detections from a frame's own pixels", async () => {
    const asked: Box[] = [];
    const crop = await cropOf(people[0]?.box ?? { x1: 0, y1: 0, x2: 1, y2: 1 });
    const frame = {
      toRgbRegion: (box: Box, width: number, height: number) => {
        expect([width, height]).toEqual([128, 256]);
        asked.push(box);
        return crop;
      },
    };
    const seen = await embedder.embedDetections(frame, people);
    expect(asked).toEqual(people.map((person) => person.box));
    expect(seen.map((one) => one.appearance?.length)).toEqual(people.map(() => APPEARANCE_LENGTH));
    expect(seen.map(({ appearance: _, ...rest }) => rest)).toEqual(people);
  });

  it("before it is standardised is the same of a crop and of its mirror image", async () => {
    const [man] = people;
    if (man?.pose === undefined || man.pose === null) throw new Error("nobody");
    const crop = await cropOf(man.box);
    const pose = poseInCrop(man.pose, man.box);
    const data = new Uint8Array(crop.data.length);
    for (let at = 0; at < data.length; at += 3) {
      const [x, row] = [(at / 3) % 128, Math.floor(at / 3 / 128) * 128];
      data.set(crop.data.subarray(at, at + 3), (row + 127 - x) * 3);
    }
    const turned = pose.map((joint) => ({ ...joint, x: 1 - joint.x }));
    const [one, other] = await Promise.all([
      embedder.describe(crop, pose),
      embedder.describe({ ...crop, data }, turned),
    ]);
    const farthest = one.reduce((most, value, at) => Math.max(most, Math.abs(value - (other[at] ?? 99))), 0);
    expect(farthest).toBeLessThan(1e-3);
    expect(await embedder.embed(crop, pose)).not.toEqual(await embedder.embed({ ...crop, data }, turned));
  });

  it("is refused for a crop of another size, and by a model that sees poses", async () => {
    const image = { width: 64, height: 128, data: new Uint8Array(64 * 128 * 3) };
    await expect(embedder.embed(image, null)).rejects.toMatchObject({ code: "internal" });
    await expect(AppearanceEmbedder.create(modelEntry("movenet-thunder"), runner)).rejects.toMatchObject({
      code: "model.unsupported",
      message: expect.stringContaining("does not see appearance"),
    });
  });
});

describe("the descriptor", () => {
  /** One channel whose value is the row, on the grid itself. */
  const rows = {
    height: 16,
    width: 8,
    channels: 1,
    data: Float32Array.from({ length: 128 }, (_, at) => Math.floor(at / 8)),
  };

  it("is the mean of every quarter from head to foot, map after map", () => {
    const fine = {
      height: 32,
      width: 16,
      channels: 2,
      data: Float32Array.from({ length: 1024 }, (_, at) => (at % 2 === 0 ? 5 : at < 256 ? 1 : 0)),
    };
    expect([...stripeMeans([rows, fine], null)]).toEqual([1.5, 5, 1, 5.5, 5, 0, 9.5, 5, 0, 13.5, 5, 0]);
  });

  it("weighs by the mask, and knows nothing of a quarter in which nothing is seen", () => {
    const mask = new Float32Array(128);
    mask[0] = 1;
    mask[8] = 0.5;
    mask[7 * 8 + 3] = 0.25;
    const [first, second, third] = stripeMeans([rows], mask);
    expect(first).toBeCloseTo(0.5 / 1.5);
    expect(second).toBe(7);
    expect(third).toBeNaN();
  });

  it("is standardised to unit length; what is unknown counts neither way", () => {
    const statistics = { mean: [1, 1, 1], deviation: [2, 1, 1] };
    const result = standardised(Float32Array.of(7, Number.NaN, 5), statistics);
    expect(result[0]).toBeCloseTo(0.6);
    expect(result[1]).toBe(0);
    expect(result[2]).toBeCloseTo(0.8);
    expect([...standardised(Float32Array.of(1, 1, 1), statistics)]).toEqual([0, 0, 0]);
  });
});

describe("a pose in its crop", () => {
  it("is normalised to the box", () => {
    const pose: Pose = [{ x: 0.5, y: 0.3, confidence: 0.9 }];
    const [point] = poseInCrop(pose, { x1: 0.4, y1: 0.2, x2: 0.8, y2: 0.6 });
    expect(point?.x).toBeCloseTo(0.25);
    expect(point?.y).toBeCloseTo(0.25);
    expect(point?.confidence).toBe(0.9);
  });
});
