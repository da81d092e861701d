import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { type Detection, keypoint } from "../../src/domain/pose.ts";
import { ModelSession } from "../../src/inference/model-session.ts";
import type { ModelRunner } from "../../src/vision/model-runner.ts";
import { MoveNetMultiPose, MULTI_POSE_MODEL } from "../../src/vision/movenet-multi-pose.ts";
import { realPixels } from "../models/real-picture.ts";

/** The photograph: four people, their noses at these pixels. */
const PICTURE = { width: 620, height: 349 };
const NOSES = [
  { x: 142, y: 89 },
  { x: 272, y: 53 },
  { x: 402, y: 70 },
  { x: 495, y: 107 },
];

let session: ModelSession;
const runner: ModelRunner = {
  run: (modelId, inputs) => {
    expect(modelId).toBe(MULTI_POSE_MODEL);
    return session.run(inputs);
  },
};

beforeAll(async () => {
  const store = new ModelStore({ log: silentLogger });
  await store.ensure([MULTI_POSE_MODEL]);
  session = await ModelSession.open(await store.pathOf(MULTI_POSE_MODEL), "cpu");
}, 900_000);

afterAll(() => session.close());

const noseOf = (person: Detection) => keypoint(person.pose ?? [], "nose");

describe("MoveNet MultiPose", () => {
  it("finds four people in a photograph, with their noses where they are", async () => {
    const detector = new MoveNetMultiPose({ runner, floor: 0.2 });
    const fit = detector.fit(PICTURE.width, PICTURE.height, 320);
    expect(fit).toEqual({ width: 320, height: 192, contentWidth: 320, contentHeight: 180 });
    const data = await realPixels(fit.contentHeight, fit.contentWidth);
    const people = await detector.detect({ width: fit.contentWidth, height: fit.contentHeight, data });
    expect(people).toHaveLength(4);
    const noses = people.map(noseOf).sort((a, b) => (a?.x ?? 0) - (b?.x ?? 0));
    for (const [index, { x, y }] of NOSES.entries()) {
      expect(Math.abs((noses[index]?.x ?? 0) - x / PICTURE.width)).toBeLessThan(0.015);
      expect(Math.abs((noses[index]?.y ?? 0) - y / PICTURE.height)).toBeLessThan(0.015);
    }
    for (const { box, pose, confidence } of people) {
      expect(confidence).toBeGreaterThanOrEqual(0.2);
      const nose = keypoint(pose ?? [], "nose");
      expect(nose !== null && nose.x > box.x1 && nose.x < box.x2 && nose.y > box.y1).toBe(true);
    }
    expect(people.map((person) => person.confidence)).toEqual(
      people.map((person) => person.confidence).toSorted((a, b) => b - a),
    );
  });

  it("finds them at the same places whether a sixteenth of the input is padding or a sixtieth", async () => {
    const findAt = async (inputSize: number) => {
      const detector = new MoveNetMultiPose({ runner, floor: 0.2 });
      const { contentWidth: width, contentHeight: height } = detector.fit(
        PICTURE.width,
        PICTURE.height,
        inputSize,
      );
      const people = await detector.detect({ width, height, data: await realPixels(height, width) });
      return people.toSorted((a, b) => a.box.x1 - b.box.x1);
    };
    const much = await findAt(320);
    const little = await findAt(448);
    expect(little).toHaveLength(much.length);
    const shifts = much.flatMap((person, index) =>
      (person.pose ?? []).flatMap((joint, at) => {
        const other = little[index]?.pose?.[at];
        if (other === undefined || Math.min(joint.confidence, other.confidence) < 0.5) return [];
        return [joint.y - other.y];
      }),
    );
    expect(shifts.length).toBeGreaterThan(10);
    const mean = shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length;
    expect(Math.abs(mean)).toBeLessThan(0.005);
  });

  it("finds a man in an upright picture, which is padded at the right", async () => {
    const detector = new MoveNetMultiPose({ runner, floor: 0.2 });
    const crop = { x: 60, y: 0, width: 160, height: 349 };
    const fit = detector.fit(crop.width, crop.height, 256);
    expect(fit.contentHeight).toBe(256);
    expect(fit.contentWidth).toBeLessThan(fit.width);
    const data = await realPixels(fit.contentHeight, fit.contentWidth, crop);
    const [man] = await detector.detect({ width: fit.contentWidth, height: fit.contentHeight, data });
    const nose = man === undefined ? null : noseOf(man);
    expect(Math.abs((nose?.x ?? 0) - (142 - crop.x) / crop.width)).toBeLessThan(0.03);
    expect(Math.abs((nose?.y ?? 0) - 89 / crop.height)).toBeLessThan(0.03);
  });

  it("finds nobody on a grey wall", async () => {
    const detector = new MoveNetMultiPose({ runner, floor: 0.1 });
    const data = new Uint8Array(256 * 144 * 3).fill(128);
    expect(await detector.detect({ width: 256, height: 144, data })).toEqual([]);
  });

  it("says so when another model answers under its name", async () => {
    for (const outputs of [
      {},
      { Identity: { type: "float32" as const, dims: [1, 51], data: new Float32Array(51) } },
      { Identity: { type: "int32" as const, dims: [1, 6, 56], data: new Int32Array(336) } },
    ]) {
      const detector = new MoveNetMultiPose({
        runner: { run: async () => outputs },
        floor: 0.1,
      });
      const image = { width: 256, height: 192, data: new Uint8Array(256 * 192 * 3) };
      await expect(detector.detect(image)).rejects.toMatchObject({ code: "model.unsupported" });
    }
  });
});
