import { describe, expect, it } from "vitest";
import type { Facing, Tracklet, TrackletSample } from "../../src/domain/tracklet.ts";
import {
  cosineToNegatives,
  cosineToPerson,
  faceAgreement,
  queriesOf,
  type TrackQuery,
} from "../../src/reid/scoring.ts";
import { gatherEvidence, NO_EVIDENCE } from "../../src/reid/track-evidence.ts";
import { dot, isUnit, toUnit } from "../../src/reid/unit-vector.ts";
import { at, crop, evidence, face } from "./bodies.ts";

interface Look {
  readonly quality?: number;
  readonly facing?: Facing | null;
  readonly face?: Float32Array | null;
  readonly clothes?: Float32Array | null;
  readonly model?: string;
}

function sample({
  quality = 0.8,
  facing = "front",
  face = null,
  clothes = null,
  model = "m",
}: Look): TrackletSample {
  return {
    capturedAt: 0,
    mediaTimeS: 0,
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
    quality,
    facing,
    face: face && { modelId: model, embedding: face, quality, widthPx: 60, reference: true },
    appearance: clothes && { modelId: model, descriptor: clothes },
    picture: null,
  };
}

function checkpoint(samples: readonly TrackletSample[], gait: Tracklet["gait"] = null) {
  return { samples, gait, frames: 7, heightPx: 150 };
}

const asItIs = ({ descriptor }: { readonly descriptor: Float32Array }) => toUnit(descriptor);

describe("evidence of a track", () => {
  it("grows over checkpoints, best first and bounded", () => {
    const faces = Array.from({ length: 14 }, (_, index) =>
      sample({ quality: index / 14, face: at(index * 10) }),
    );
    const first = gatherEvidence(NO_EVIDENCE, checkpoint(faces.slice(0, 7)), asItIs);
    const both = gatherEvidence(first, checkpoint(faces.slice(7)), asItIs);
    expect(both.faces).toHaveLength(10);
    expect(both.faces.map(({ quality }) => quality)).toEqual(
      faces
        .map(({ quality }) => quality)
        .reverse()
        .slice(0, 10),
    );
    expect(both).toMatchObject({ frames: 7, heightPx: 150 });
  });

  it("keeps crops of all sides: eight backs do not crowd out the one front", () => {
    const backs = Array.from({ length: 9 }, (_, index) =>
      sample({ quality: 0.9, facing: "back", clothes: at(index * 8) }),
    );
    const front = sample({ quality: 0.3, facing: "front", clothes: at(100) });
    const { appearances } = gatherEvidence(NO_EVIDENCE, checkpoint([...backs, front]), asItIs);
    expect(appearances).toHaveLength(8);
    expect(appearances.map(({ facing }) => facing)).toContain("front");
  });

  it("has one moment once", () => {
    const twice = [sample({ face: at(0) }), sample({ face: at(1) }), sample({ face: at(20) })];
    expect(gatherEvidence(NO_EVIDENCE, checkpoint(twice), asItIs).faces).toHaveLength(2);
  });

  it("leaves out what is no vector, of another length or another model", () => {
    const zeros = new Float32Array(8);
    const broken = [zeros, zeros.fill(Number.NaN), at(0).map((value) => value * 3), new Float32Array(0)];
    const bad = broken.map((vector) => sample({ face: vector, clothes: vector }));
    const empty = gatherEvidence(NO_EVIDENCE, checkpoint(bad), (one) => one.descriptor);
    expect(empty).toMatchObject({ faces: [], appearances: [] });
    const known = gatherEvidence(NO_EVIDENCE, checkpoint([sample({ face: at(0) })]), asItIs);
    const others = [sample({ face: at(30), model: "other" }), sample({ face: at(30, 16) })];
    expect(gatherEvidence(known, checkpoint(others), asItIs).faces).toEqual(known.faces);
    const gait = { modelId: "g", vector: zeros, quality: 1, frames: 20 };
    expect(gatherEvidence(NO_EVIDENCE, checkpoint([], gait), asItIs).gait).toBeNull();
  });

  it("keeps the newest gait, and the last while there is no new one", () => {
    const gait = (degrees: number) => ({ modelId: "g", vector: at(degrees), quality: 1, frames: 20 });
    const first = gatherEvidence(NO_EVIDENCE, checkpoint([], gait(1)), asItIs);
    const second = gatherEvidence(first, checkpoint([], gait(2)), asItIs);
    expect(gatherEvidence(second, checkpoint([]), asItIs).gait?.vector).toEqual(at(2));
  });
});

describe("what a track asks with", () => {
  const query = (cue: TrackQuery["cue"], seen: Parameters<typeof evidence>[0]) =>
    queriesOf(evidence(seen)).find((one) => one.cue === cue);

  it("is one vector a cue, the better faces weighing more", () => {
    const asked = query("face", { faces: [face(1, true, 0), face(0.5, true, 60)] });
    expect(asked).toMatchObject({ modelId: "face", quality: 1 });
    expect(isUnit(asked?.vector ?? new Float32Array())).toBe(true);
    const towards = (degrees: number) => dot(asked?.vector ?? at(180), at(degrees));
    // 1 : 1/4 at 60 degrees: atan2(.25 sin 60, 1 + .25 cos 60) = 10.9 degrees.
    expect(towards(10.9)).toBeCloseTo(1, 4);
  });

  it("counts every side of the body alike, however often it was seen", () => {
    const many = [crop("back", 1, 0), crop("back", 1, 0), crop("back", 1, 0), crop("front", 1, 60)];
    expect(dot(query("appearance", { appearances: many })?.vector ?? at(180), at(30))).toBeCloseTo(1, 5);
  });

  it("says how much its faces agree: one with itself, two at a right angle by .71, the better one weighing more", () => {
    expect(faceAgreement([face(0.3, true, 40)])).toBe(1);
    expect(faceAgreement([face(1, true, 0), face(1, true, 0)])).toBe(1);
    expect(faceAgreement([face(1, true, 0), face(1, true, 90)])).toBeCloseTo(Math.SQRT1_2, 6);
    expect(faceAgreement([face(1, true, 0), face(0.5, true, 90)])).toBeCloseTo(Math.hypot(0.8, 0.2), 6);
    expect(faceAgreement([])).toBe(1);
    expect(faceAgreement([face(1), { ...face(1), vector: at(0).fill(Number.NaN) }])).toBe(1);
  });

  it("is nothing without evidence, nor where it cancels out", () => {
    expect(queriesOf({ faces: [], appearances: [], gait: null, frames: 0, heightPx: 0 })).toEqual([]);
    expect(query("face", { faces: [face(1, true, 0), face(1, true, 180)] })).toBeUndefined();
    expect(query("face", { faces: [face(0, true, 20)] })?.vector).toEqual(at(20));
  });
});

describe("likeness", () => {
  const asked: TrackQuery = { cue: "face", modelId: "m", vector: at(0), quality: 1 };

  it("is the best over all that is remembered", () => {
    const known = [80, 40, 60].map((degrees) => ({ modelId: "m", vector: at(degrees) }));
    expect(cosineToPerson(asked, known)).toBeCloseTo(Math.cos((40 * Math.PI) / 180), 6);
  });

  it("is none to another model, another length, nobody or what is no vector", () => {
    expect(cosineToPerson(asked, [])).toBeNull();
    expect(cosineToPerson(asked, [{ modelId: "m", vector: at(0, 16) }])).toBeNull();
    expect(cosineToPerson(asked, [{ modelId: "other", vector: at(0) }])).toBeNull();
    expect(cosineToPerson(asked, [{ modelId: "m", vector: at(0).fill(Number.NaN) }])).toBeNull();
  });

  it("to what somebody is not is that of the likest single face, not of the mean", () => {
    const faces = [face(0.9, true, 0), face(0.5, true, 50)];
    const not = [{ modelId: "face", vector: at(50) }];
    expect(cosineToNegatives(faces, not)).toBeCloseTo(1, 5);
    expect(cosineToNegatives(faces, [])).toBeNull();
  });
});

describe("bringing to unit length", () => {
  it("works for very large and very small numbers, and refuses what has no direction", () => {
    expect(toUnit(at(30).map((value) => value * 1e37))).toEqual(toUnit(at(30)));
    expect(isUnit(toUnit(at(30).map((value) => value * 1e-37)) ?? at(0).fill(0))).toBe(true);
    expect(toUnit(new Float32Array(4))).toBeNull();
    expect(toUnit(Float32Array.of(1, Number.NaN))).toBeNull();
    expect(toUnit(Float32Array.of(1, Number.POSITIVE_INFINITY))).toBeNull();
  });
});
