import { FF_DECODER_MJPEG, FF_DECODER_PNG } from "node-av/constants";

const FORMATS = [
  { codec: FF_DECODER_MJPEG, head: Buffer.from([0xff, 0xd8, 0xff]), end: Buffer.from([0xff, 0xd9]) },
  { codec: FF_DECODER_PNG, head: Buffer.from([0x89, 0x50, 0x4e, 0x47]), end: Buffer.from("IEND") },
] as const;

export type StillFormat = (typeof FORMATS)[number];

/** By what it begins with: what devices say of their pictures is often wrong. */
export function stillFormatOf(picture: Buffer): StillFormat | null {
  return FORMATS.find(({ head }) => picture.subarray(0, head.length).equals(head)) ?? null;
}

/**
 * Whether a picture's end is there; half a picture would come out half grey. Some devices append data of their own, and
 * a preview inside the first half has an end as well. What is no picture at all is nothing to be torn.
 */
export function isTorn(picture: Buffer): boolean {
  const format = stillFormatOf(picture);
  return format !== null && picture.lastIndexOf(format.end) <= picture.length / 2;
}
