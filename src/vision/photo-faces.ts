// The faces in a photo somebody uploads: portraits that fill it, groups in which each face is small, a head cut out so
// tightly that nothing is left around it.
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { type Box, boxArea, boxCentre, boxHeight, boxWidth, iou } from "../domain/geometry.ts";
import type { PhotoDescription, PhotoFace } from "../domain/tracklet.ts";
import type { DescribedFace, FaceDescriber, HeadCrop } from "./face-describer.ts";
import { HEAD_SIDE, headRegion } from "./head-region.ts";
import type { PersonDetector } from "./person-detector.ts";
import { boxToPicture, squareAround } from "./square-region.ts";

/** What looking for faces needs of a decoded photo; `VideoFrame` is one. */
export interface PhotoFrame {
  readonly width: number;
  readonly height: number;
  toRgb(width: number, height: number): RgbImage;
  toRgbRegion(box: Box, width: number, height: number): RgbImage;
}

export interface PhotoFacesDeps {
  readonly describer: FaceDescriber;
  /** Finds people, whose heads are then looked at closely; null: the photo alone is searched. */
  readonly people: PersonDetector | null;
  readonly encode: (image: RgbImage) => Promise<Uint8Array>;
}

/**
 * Squares that are searched, as shares of the photo's long side: with a wide margin for what fills it (200 of 200 tight
 * portraits; at 1 and .8 the detector is less sure, and mistakes an eye with its brow for a face), as it is, and in nine
 * overlapping parts for what is small.
 */
const WITH_MARGIN = 2.4;
const PART = 0.5;
const PART_STEPS = [-0.25, 0, 0.25];
/**
 * A face is looked at again in a square this many times its width: about as wide in it as one of a head's crop is, and
 * where the detector is surest (mean confidence .76 at 2.8, .92 at 3.4 and 4, .84 at 5).
 */
const AROUND_FACE = 3.6;
/** Share of the smaller box from which two finds are one face. */
const SAME_FACE = 0.5;
/** A much smaller find in this neighbourhood of a sure face is a part of it: an eye, an ear, a fold of the ear. */
const HEAD_OF_FACE = 1.7;
const PART_OF_FACE = 0.6;
/** Smaller ones are part of the pattern on a curtain. */
const MIN_FACE_PX = 12;
/** Of the longer side, for finding people. */
const PEOPLE_SIDE = 512;
/** Overlap (intersection over union) with one that was looked at already. */
const SEEN_BEFORE = 0.5;
/** A crowd is no photo of somebody, and each find costs an embedding. */
const MAX_FINDS = 48;
/** Side of a face's picture, over the width of the face, and at most in pixels. */
const PICTURE_MARGIN = 1.8;
const MAX_PICTURE_SIDE = 256;

/** What faces a photo shows, the largest first; none is no error. Throws AppError `inference.failed`, `input.invalid` for a photo too small to show one. */
export async function describePhoto(frame: PhotoFrame, deps: PhotoFacesDeps): Promise<PhotoDescription> {
  if (Math.min(frame.width, frame.height) < MIN_FACE_PX)
    throw new AppError("input.invalid", "The photo is too small to show a face: send a larger one.");
  const found: DescribedFace[] = [];
  for (const region of await regionsOf(frame, deps.people)) {
    for (const box of await boxesIn(frame, region, deps.describer)) {
      if (found.length >= MAX_FINDS || found.some((known) => iou(known.box, box) > SEEN_BEFORE)) continue;
      const face = await lookAgain(frame, box, deps.describer);
      if (face !== null) found.push(face);
    }
  }
  const surestFirst = found.toSorted((a, b) => b.confidence - a.confidence);
  const faces: DescribedFace[] = [];
  for (const face of surestFirst) {
    const isKnown = ({ box }: DescribedFace) =>
      sharedOfSmaller(box, face.box) > SAME_FACE || isPartOf(face.box, box);
    if (!faces.some(isKnown)) faces.push(face);
  }
  const largestFirst = faces.toSorted((a, b) => boxArea(b.box) - boxArea(a.box));
  const described: PhotoFace[] = [];
  for (const { box, confidence, sample, problems } of largestFirst)
    described.push({ box, confidence, sample, problems, picture: await deps.encode(pictureOf(frame, box)) });
  return { width: frame.width, height: frame.height, faces: described };
}

/** Where to look, what is likeliest first. */
async function regionsOf(frame: PhotoFrame, people: PersonDetector | null): Promise<Box[]> {
  const aspect = frame.width / frame.height;
  const long = Math.max(1, aspect);
  const centre = { x: 0.5, y: 0.5 };
  const parts = PART_STEPS.flatMap((dy) =>
    PART_STEPS.map((dx) => {
      const at = { x: 0.5 + (dx * long) / aspect, y: 0.5 + dy * long };
      return squareAround(at, long * PART, aspect);
    }),
  );
  return [
    squareAround(centre, long * WITH_MARGIN, aspect),
    squareAround(centre, long, aspect),
    ...(people === null ? [] : await headsIn(frame, people)),
    ...parts,
  ];
}

async function headsIn(frame: PhotoFrame, people: PersonDetector): Promise<Box[]> {
  const side = people.sizes.includes(PEOPLE_SIDE) ? PEOPLE_SIDE : (people.sizes.at(-1) ?? PEOPLE_SIDE);
  const fit = people.fit(frame.width, frame.height, side);
  const found = await people.detect(frame.toRgb(fit.contentWidth, fit.contentHeight));
  const aspect = frame.width / frame.height;
  return found.map(({ box, pose }) => headRegion(box, pose, aspect)).filter((region) => region !== null);
}

/** The faces that are found in one square, in the photo's coordinates. */
async function boxesIn(frame: PhotoFrame, region: Box, describer: FaceDescriber): Promise<Box[]> {
  const faces = await describer.find(frame.toRgbRegion(region, HEAD_SIDE, HEAD_SIDE));
  return faces
    .map(({ box }) => boxToPicture(box, region, 0))
    .filter((box) => boxWidth(box) * frame.width >= MIN_FACE_PX);
}

/** The same face at the scale that faces of cameras have; null when it is none after all. */
async function lookAgain(
  frame: PhotoFrame,
  box: Box,
  describer: FaceDescriber,
): Promise<DescribedFace | null> {
  const aspect = frame.width / frame.height;
  const region = squareAround(boxCentre(box), boxWidth(box) * aspect * AROUND_FACE, aspect);
  const image = frame.toRgbRegion(region, HEAD_SIDE, HEAD_SIDE);
  const crop: HeadCrop = { image, region, pictureWidth: frame.width, pictureHeight: frame.height };
  return await describer.describe(crop, { minFacePx: MIN_FACE_PX });
}

function pictureOf(frame: PhotoFrame, box: Box): RgbImage {
  const aspect = frame.width / frame.height;
  const square = squareAround(boxCentre(box), boxWidth(box) * aspect * PICTURE_MARGIN, aspect);
  const side = Math.min(MAX_PICTURE_SIDE, Math.max(2, Math.round(boxWidth(square) * frame.width)));
  // JPEG keeps colours for blocks of two by two pixels.
  return frame.toRgbRegion(square, side - (side % 2), side - (side % 2));
}

/** How much of the smaller box lies in the larger one, 0..1. */
function sharedOfSmaller(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  return width > 0 && height > 0 ? (width * height) / Math.min(boxArea(a), boxArea(b)) : 0;
}

function isPartOf(small: Box, face: Box): boolean {
  if (boxWidth(small) > PART_OF_FACE * boxWidth(face)) return false;
  const [at, centre] = [boxCentre(small), boxCentre(face)];
  return (
    Math.abs(at.x - centre.x) < (boxWidth(face) * HEAD_OF_FACE) / 2 &&
    Math.abs(at.y - centre.y) < (boxHeight(face) * HEAD_OF_FACE) / 2
  );
}
