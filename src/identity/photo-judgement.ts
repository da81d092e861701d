// Which of the photos somebody uploaded can serve to recognise them by, and what is wrong with the others.
import { type Box, boxCentre, boxWidth } from "../domain/geometry.ts";
import type { PhotoDescription, PhotoFace, PhotoProblem } from "../domain/tracklet.ts";
import { dot, isUnit } from "../reid/unit-vector.ts";

/**
 * Why a photo was not taken: `unreadable` (not a picture), `no_face`, `several_faces` (crop it, or say which), what is
 * wrong with the face itself, `somebody_else` (not like the face on the other photos), `already_known` (the same picture
 * again).
 */
export const PHOTO_REFUSALS = [
  "unreadable",
  "no_face",
  "several_faces",
  "not_usable",
  "somebody_else",
  "already_known",
] as const;
export type PhotoRefusal = (typeof PHOTO_REFUSALS)[number];

export interface PhotoFinding {
  /** Of the photo, pixels; null when it could not be read. */
  readonly width: number | null;
  readonly height: number | null;
  readonly faces: readonly {
    readonly box: Box;
    readonly quality: number;
    readonly problems: readonly PhotoProblem[];
  }[];
  /** Which of the faces was taken, or would have been; null when none can be told. */
  readonly chosen: number | null;
  readonly accepted: boolean;
  readonly refusal: PhotoRefusal | null;
  /** One sentence on what to do; null when accepted. */
  readonly advice: string | null;
}

export interface JudgedPhoto {
  readonly finding: PhotoFinding;
  /** null unless accepted. */
  readonly face: PhotoFace | null;
}

export interface PhotoUnderJudgement {
  /** null when it could not be read; then `unreadable` says why. */
  readonly description: PhotoDescription | null;
  readonly unreadable: string | null;
  /** Where the face that is meant is, 0..1 of the photo; null when there is only one. */
  readonly box: Box | null;
}

/** From here on two pictures of a face are one picture, saved twice. */
const SAME_PICTURE = 0.995;

/**
 * Judges them one by one, then against each other and `known`, the faces the person has already. A face that reaches half
 * of `threshold`, the likeness at which two faces are taken for one person's, with none of the others is not a bad angle
 * of the same person: it is refused unless `force`.
 */
export function judgePhotos(
  photos: readonly PhotoUnderJudgement[],
  options: {
    readonly known: readonly { readonly modelId: string; readonly vector: Float32Array }[];
    readonly threshold: number;
    readonly force: boolean;
  },
): JudgedPhoto[] {
  const judged = photos.map(judgeAlone);
  const accepted: PhotoFace[] = [];
  return judged.map((photo, index) => {
    if (photo.face === null) return photo;
    const { sample } = photo.face;
    const others = [
      ...options.known,
      ...judged.flatMap(({ face }, other) =>
        face === null || other === index
          ? []
          : [{ modelId: face.sample.modelId, vector: face.sample.embedding }],
      ),
    ].filter(({ modelId }) => modelId === sample.modelId);
    const likest = Math.max(...others.map(({ vector }) => cosine(vector, sample.embedding)));
    const before = [
      ...options.known,
      ...accepted.map(({ sample: { modelId, embedding } }) => ({ modelId, vector: embedding })),
    ].filter(({ modelId }) => modelId === sample.modelId);
    if (before.some(({ vector }) => cosine(vector, sample.embedding) >= SAME_PICTURE))
      return refused(photo, "already_known", "this picture is known already");
    if (!options.force && others.length > 0 && likest < options.threshold / 2)
      return refused(
        photo,
        "somebody_else",
        "this face is not like the others of this person; leave it out, or say that it is the same person",
      );
    accepted.push(photo.face);
    return photo;
  });
}

function judgeAlone({ description, unreadable, box }: PhotoUnderJudgement): JudgedPhoto {
  if (description === null)
    return {
      finding: {
        width: null,
        height: null,
        faces: [],
        chosen: null,
        accepted: false,
        refusal: "unreadable",
        advice: unreadable ?? "this is not a picture that can be read",
      },
      face: null,
    };
  const { width, height, faces } = description;
  const chosen = box === null ? onlyFace(faces) : faceIn(faces, box);
  const finding: PhotoFinding = {
    width,
    height,
    faces: faces.map(({ box: at, sample, problems }) => ({ box: at, quality: sample.quality, problems })),
    chosen,
    accepted: true,
    refusal: null,
    advice: null,
  };
  const face = chosen === null ? undefined : faces[chosen];
  if (face === undefined) {
    const judged = { finding, face: null };
    return faces.length > 1 && box === null
      ? refused(
          judged,
          "several_faces",
          `there are ${faces.length} faces in it; crop it to one, or say which is meant`,
        )
      : refused(judged, "no_face", "no face was found in it; take one from the front, in good light");
  }
  const judged = { finding, face };
  const [problem] = face.problems;
  if (problem !== undefined) return refused(judged, "not_usable", ADVICE[problem]);
  if (!face.sample.reference || !isUnit(face.sample.embedding))
    return refused(
      judged,
      "not_usable",
      "the face is not clear enough; take one from the front, in good light",
    );
  return judged;
}

const ADVICE: Readonly<Record<PhotoProblem, string>> = {
  too_small: "the face is too small; go nearer, or send the picture in its full size",
  blurred: "the face is blurred; hold still, or take it in better light",
  turned_away: "the face is turned away; look into the camera",
  cut_off: "the face is cut off; take one that shows all of it",
  too_dark: "the face is too dark; take one in better light",
};

function refused({ finding }: JudgedPhoto, refusal: PhotoRefusal, advice: string): JudgedPhoto {
  return { finding: { ...finding, accepted: false, refusal, advice }, face: null };
}

/**
 * A photo is of whoever's face is at least twice as wide as all others: those are behind, on a picture on the wall, or no
 * faces at all. null where there is none, or several are as near.
 */
function onlyFace(faces: readonly PhotoFace[]): number | null {
  const widths = faces.map(({ box }) => boxWidth(box));
  const [widest = 0, next = 0] = widths.toSorted((a, b) => b - a);
  return widest > 0 && next <= widest / 2 ? widths.indexOf(widest) : null;
}

/** The face whose middle lies in the box, nearest to the box's own middle; null when there is none. */
function faceIn(faces: readonly PhotoFace[], box: Box): number | null {
  const aim = boxCentre(box);
  let best: { readonly index: number; readonly distance: number } | null = null;
  for (const [index, face] of faces.entries()) {
    const { x, y } = boxCentre(face.box);
    if (x < box.x1 || x > box.x2 || y < box.y1 || y > box.y2) continue;
    const distance = Math.hypot(x - aim.x, y - aim.y);
    if (best === null || distance < best.distance) best = { index, distance };
  }
  return best?.index ?? null;
}

/** -1 when they cannot be compared. */
function cosine(a: Float32Array, b: Float32Array): number {
  return a.length === b.length ? dot(a, b) : -1;
}
