// The photograph of four people as a frame, its faces in front of whoever looks: real pixels through the real models.
import { readFile } from "node:fs/promises";
import { modelEntry } from "../../models/manifest.ts";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { type Box, boxCentre, boxWidth } from "../../src/domain/geometry.ts";
import { decodeStill } from "../../src/video/decode-still.ts";
import { FaceDescriber, type HeadCrop } from "../../src/vision/face-describer.ts";
import { HEAD_SIDE } from "../../src/vision/head-region.ts";
import type { PhotoFrame } from "../../src/vision/photo-faces.ts";
import { squareAround } from "../../src/vision/square-region.ts";
import { realPicture } from "../models/real-picture.ts";
import { SessionRunner } from "./yolo-weights.ts";

export const FACE_MODELS = ["blazeface-back", "sface"] as const;
const store = new ModelStore({ log: silentLogger });
export const runner = new SessionRunner(store);

export async function openDescriber(
  limits = { minFacePx: 24, minReferenceFacePx: 40 },
): Promise<FaceDescriber> {
  await store.ensure([...FACE_MODELS]);
  return await FaceDescriber.create(
    { detector: modelEntry("blazeface-back"), embedder: modelEntry("sface") },
    runner,
    limits,
  );
}

export async function openPhotograph() {
  return await decodeStill(await readFile(await realPicture()));
}

/** The noses of the four, from left to right, in the 620x349 picture. */
export const NOSES = [
  { x: 143, y: 85 },
  { x: 273, y: 60 },
  { x: 402, y: 70 },
  { x: 493, y: 100 },
].map(({ x, y }) => ({ x: x / 620, y: y / 349 }));

/** A square of `side` pixels of the frame, around a point. */
export function cropAround(frame: PhotoFrame, at: { x: number; y: number }, side: number): HeadCrop {
  const region = squareAround(at, side / frame.height, frame.width / frame.height);
  return cropOf(frame, region);
}

export function cropOf(frame: PhotoFrame, region: Box): HeadCrop {
  const image = frame.toRgbRegion(region, HEAD_SIDE, HEAD_SIDE);
  return { image, region, pictureWidth: frame.width, pictureHeight: frame.height };
}

export function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

export function isAround(box: Box, point: { x: number; y: number }): boolean {
  const centre = boxCentre(box);
  return Math.abs(centre.x - point.x) < boxWidth(box) && Math.abs(centre.y - point.y) < boxWidth(box) * 2;
}
