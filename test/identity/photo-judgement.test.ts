import { describe, expect, it } from "vitest";
import type { PhotoDescription, PhotoFace, PhotoProblem } from "../../src/domain/tracklet.ts";
import { checkedEdit } from "../../src/identity/person-edit.ts";
import { judgePhotos, type PhotoUnderJudgement } from "../../src/identity/photo-judgement.ts";

/** A face at an angle, degrees, in a plane: the cosine of two is that of the difference. */
function face(
  degrees: number,
  over: { x1?: number; width?: number; problems?: PhotoProblem[]; reference?: boolean } = {},
): PhotoFace {
  const radians = (degrees / 180) * Math.PI;
  const x1 = over.x1 ?? 0.4;
  return {
    box: { x1, y1: 0.2, x2: x1 + (over.width ?? 0.1), y2: 0.4 },
    confidence: 0.9,
    sample: {
      modelId: "m",
      embedding: new Float32Array([Math.cos(radians), Math.sin(radians)]),
      quality: 0.8,
      widthPx: 90,
      reference: over.reference ?? true,
    },
    problems: over.problems ?? [],
    picture: new Uint8Array([1]),
  };
}
const photo = (...faces: PhotoFace[]): PhotoUnderJudgement => ({
  description: { width: 640, height: 480, faces } satisfies PhotoDescription,
  unreadable: null,
  box: null,
});
const judge = (
  photos: readonly PhotoUnderJudgement[],
  over: Partial<Parameters<typeof judgePhotos>[1]> = {},
) => judgePhotos(photos, { known: [], threshold: 0.42, force: false, ...over });
const refusals = (judged: ReturnType<typeof judge>) => judged.map(({ finding }) => finding.refusal);

describe("a photo for enrolment", () => {
  it("needs exactly one usable face, and says what to do otherwise", () => {
    const judged = judge([
      { description: null, unreadable: "this is a PDF; send a JPEG or PNG", box: null },
      photo(),
      photo(face(0), face(90, { x1: 0.7 })),
      photo(face(0, { problems: ["blurred"] })),
      photo(face(0, { reference: false })),
      photo(face(0)),
    ]);
    expect(refusals(judged)).toEqual([
      "unreadable",
      "no_face",
      "several_faces",
      "not_usable",
      "not_usable",
      null,
    ]);
    expect(judged.map((one) => one.face !== null)).toEqual([false, false, false, false, false, true]);
    expect(judged.slice(0, 5).every(({ finding }) => (finding.advice ?? "").length > 10)).toBe(true);
    expect(judged[2]?.finding.advice).toContain("2 faces");
    expect(judged[0]?.finding.advice).toContain("PDF");
  });

  it("is of whoever's face is twice as wide as all others, whichever comes first", () => {
    const behind = face(90, { x1: 0.7, width: 0.04 });
    const judged = judge([photo(behind, face(0)), photo(face(0), face(90, { x1: 0.7, width: 0.06 }))]);
    expect(judged.map(({ finding }) => finding.chosen)).toEqual([1, null]);
    expect(refusals(judged)).toEqual([null, "several_faces"]);
  });

  it("takes the face that is pointed at", () => {
    const several = photo(face(0), face(90, { x1: 0.7 }));
    const judged = judge([
      { ...several, box: { x1: 0.65, y1: 0.1, x2: 0.9, y2: 0.5 } },
      { ...several, box: { x1: 0, y1: 0, x2: 0.1, y2: 0.1 } },
    ]);
    expect(judged[0]?.finding.chosen).toBe(1);
    expect(judged[0]?.face).toBe(several.description?.faces[1]);
    expect(refusals(judged)).toEqual([null, "no_face"]);
  });

  it("of somebody else than the others is refused unless it is insisted on", () => {
    const photos = [photo(face(0)), photo(face(20)), photo(face(110))];
    expect(refusals(judge(photos))).toEqual([null, null, "somebody_else"]);
    expect(refusals(judge(photos, { force: true }))).toEqual([null, null, null]);
    const known = [{ modelId: "m", vector: face(100).sample.embedding }];
    expect(refusals(judge([photo(face(0))], { known }))).toEqual(["somebody_else"]);
    // Of another model: it cannot be compared.
    expect(
      refusals(judge([photo(face(0))], { known: [{ modelId: "n", vector: new Float32Array([0, 1]) }] })),
    ).toEqual([null]);
  });

  it("is taken once however often it is sent", () => {
    expect(refusals(judge([photo(face(0)), photo(face(1)), photo(face(30))]))).toEqual([
      null,
      "already_known",
      null,
    ]);
    const known = [{ modelId: "m", vector: face(0).sample.embedding }];
    expect(refusals(judge([photo(face(2))], { known }))).toEqual(["already_known"]);
  });

  it("with numbers that are none is refused", () => {
    const broken = face(0);
    const sample = { ...broken.sample, embedding: new Float32Array([Number.NaN, 1]) };
    expect(refusals(judge([photo({ ...broken, sample })]))).toEqual(["not_usable"]);
  });
});

describe("what a household says about a person", () => {
  it("is trimmed, normalised and kept as text", () => {
    expect(
      checkedEdit({ name: "  Ame\u0301lie <b>  ", description: "", kind: "carer", retentionDays: 7 }),
    ).toEqual({
      name: "Am\u00e9lie <b>",
      description: null,
      kind: "carer",
      retentionDays: 7,
    });
    expect(checkedEdit({ name: null })).toEqual({ name: null });
    expect(checkedEdit({ description: "two\nlines" })).toEqual({ description: "two\nlines" });
  });

  it.each([
    { name: "a".repeat(101) },
    { name: "Ro\nsa" },
    { name: "Ro\u0000sa" },
    { name: "\u202easoR" },
    { name: "\ud800" },
    { name: 7 as never },
    { description: "\u0007" },
    { kind: "cat" as never },
    { retentionDays: 0 },
    { retentionDays: 1.5 },
    { retentionDays: Number.NaN },
  ])("is refused when it is %j", (edit) => {
    expect(() => checkedEdit(edit)).toThrow(expect.objectContaining({ code: "input.invalid" }));
  });
});
