import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelEntry } from "../../models/manifest.ts";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { RgbImage } from "../../src/domain/frame.ts";
import { type Box, boxHeight, boxWidth } from "../../src/domain/geometry.ts";
import { createDetector } from "../../src/vision/create-detector.ts";
import type { FaceDescriber } from "../../src/vision/face-describer.ts";
import type { PersonDetector } from "../../src/vision/person-detector.ts";
import { describePhoto, type PhotoFrame } from "../../src/vision/photo-faces.ts";
import { squareAround } from "../../src/vision/square-region.ts";
import { cosine, isAround, NOSES, openDescriber, openPhotograph, runner } from "./photograph.ts";

let describer: FaceDescriber;
let people: PersonDetector;
let frame: Awaited<ReturnType<typeof openPhotograph>>;
const pictures: RgbImage[] = [];

beforeAll(async () => {
  describer = await openDescriber();
  await new ModelStore({ log: silentLogger }).ensure(["movenet-multipose"]);
  people = await createDetector(modelEntry("movenet-multipose"), runner, { floor: 0.1 });
  frame = await openPhotograph();
}, 900_000);

afterAll(async () => {
  frame[Symbol.dispose]();
  await runner[Symbol.asyncDispose]();
});

function look(photo: PhotoFrame, finder: PersonDetector | null = people) {
  const encode = async (image: RgbImage) => {
    pictures.push(image);
    return new Uint8Array([image.width]);
  };
  return describePhoto(photo, { describer, people: finder, encode });
}

/** A part of the photograph as a photo of its own, `scale` of its size. */
function partOf(box: Box, scale = 1): PhotoFrame {
  const [w, h] = [boxWidth(box), boxHeight(box)];
  const within = ({ x1, y1, x2, y2 }: Box) => ({
    x1: box.x1 + x1 * w,
    y1: box.y1 + y1 * h,
    x2: box.x1 + x2 * w,
    y2: box.y1 + y2 * h,
  });
  return {
    width: Math.round(w * frame.width * scale),
    height: Math.round(h * frame.height * scale),
    toRgb: (width, height) => frame.toRgbRegion(box, width, height),
    toRgbRegion: (part, width, height) => {
      const image = frame.toRgbRegion(within(part), width, height);
      blackOutside(image, part);
      return image;
    },
  };
}

/** Beyond a photo's edge it is black, whatever the photograph shows there. */
function blackOutside({ width, height, data }: RgbImage, part: Box): void {
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [u, v] = [
        part.x1 + ((x + 0.5) / width) * boxWidth(part),
        part.y1 + ((y + 0.5) / height) * boxHeight(part),
      ];
      if (u < 0 || v < 0 || u > 1 || v > 1) data.fill(0, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
}

const headOf = (person: number, side: number) =>
  squareAround(NOSES[person] ?? { x: 0, y: 0 }, side / 349, 620 / 349);

describe("a photo of four people", () => {
  it("shows four faces, largest first, each with its picture", async () => {
    pictures.length = 0;
    const { width, height, faces } = await look(frame);
    expect([width, height]).toEqual([620, 349]);
    expect(faces).toHaveLength(4);
    for (const nose of NOSES) expect(faces.filter(({ box }) => isAround(box, nose))).toHaveLength(1);
    const areas = faces.map(({ box }) => boxWidth(box) * boxHeight(box));
    expect(areas).toEqual(areas.toSorted((a, b) => b - a));
    expect(faces.every(({ problems }) => problems.length === 0)).toBe(true);
    expect(pictures).toHaveLength(4);
    for (const image of pictures) {
      expect(image.width).toBe(image.height);
      expect(image.width % 2).toBe(0);
      expect(image.width).toBeGreaterThan(60);
    }
  });

  it("shows them without anything that finds people, too", async () => {
    const { faces } = await look(frame, null);
    for (const nose of NOSES) expect(faces.some(({ box }) => isAround(box, nose))).toBe(true);
  });
});

describe("a photo of one person", () => {
  it.each([80, 90, 130, 300])(
    "of which %d pixels around the nose are left shows one face, the same",
    async (side) => {
      const wanted = (await look(partOf(headOf(0, 200)))).faces[0]?.sample.embedding ?? new Float32Array();
      const { faces } = await look(partOf(headOf(0, side)));
      const own = faces.filter(({ sample }) => cosine(sample.embedding, wanted) > 0.6);
      expect(own).toHaveLength(1);
      // The neighbour comes into the picture later.
      if (side < 160) expect(faces).toHaveLength(1);
    },
  );

  it("tells of a face that is too small", async () => {
    const { faces } = await look(partOf(headOf(0, 200), 0.5));
    expect(faces[0]?.problems).toContain("too_small");
    expect(faces[0]?.sample.reference).toBe(false);
  });

  it("tells of a face that the edge cuts off", async () => {
    const head = headOf(0, 120);
    const { faces } = await look(partOf({ ...head, x1: head.x1 + boxWidth(head) * 0.5 }));
    for (const { problems, sample } of faces) {
      expect(problems.length).toBeGreaterThan(0);
      expect(sample.reference).toBe(false);
    }
  });
});

describe("a photo of nobody", () => {
  it("shows no face, and that is no mistake", async () => {
    const { faces } = await look(partOf({ x1: 0, y1: 0.75, x2: 0.12, y2: 1 }));
    expect(faces).toEqual([]);
  });

  it("is refused when it is smaller than any face", async () => {
    await expect(look(partOf({ x1: 0, y1: 0, x2: 0.01, y2: 0.01 }))).rejects.toMatchObject({
      code: "input.invalid",
    });
  });
});
