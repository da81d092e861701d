// Photos on their way from a phone: small enough for several to travel at once, as pictures the daemon can read.
import type { BoxJson, PhotoVerdictJson } from "../../../src/api/person-contract.ts";

/** As many as the daemon takes in one request. */
export const MAX_PHOTOS = 10;

/** Pixels along the longer side: more than any face needs. */
const MAX_SIDE = 2000;

/** Up to here a picture that is not too wide goes as it is; ten of them in base64 are 27 MB, and 32 are taken. */
const MAX_PLAIN_BYTES = 2 * 1024 * 1024;

const JPEG_QUALITY = 0.9;

/** One photo somebody chose, and what became of it. */
export interface ChosenPhoto {
  readonly key: number;
  /** Of the file. */
  readonly name: string;
  /** Address of the picture in this page; empty until it could be read. */
  readonly url: string;
  /** As it is sent; null until it could be read. */
  readonly photo: Blob | null;
  /** Why it could not be read; empty when it could. */
  readonly problem: string;
  /** Which of several faces is meant; null until somebody said so. */
  readonly box: BoxJson | null;
  /** null until the daemon has looked at it. */
  readonly verdict: PhotoVerdictJson | null;
}

/** JPEG, PNG or WebP of at most 2000 pixels. Throws Error with a sentence for people. */
export async function prepared(file: File): Promise<Blob> {
  const bitmap = await readBitmap(file);
  try {
    const { width, height } = bitmap;
    const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
    const type = await typeOf(file);
    if (scale === 1 && type !== null && file.size <= MAX_PLAIN_BYTES) return new Blob([file], { type });
    return await asJpeg(
      bitmap,
      Math.max(1, Math.round(width * scale)),
      Math.max(1, Math.round(height * scale)),
    );
  } finally {
    bitmap.close();
  }
}

/** `data:image/jpeg;base64,...` */
export function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error("The photo could not be read."));
    reader.readAsDataURL(blob);
  });
}

/** Upright, as its camera noted. */
async function readBitmap(file: File): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(
      (await isHeic(file))
        ? "This is a HEIC picture, which this browser cannot open. Save it as JPEG, or set the phone's camera to “most compatible”."
        : "This is not a picture that can be opened. Choose a JPEG, PNG or WebP.",
    );
  }
}

async function asJpeg(bitmap: ImageBitmap, width: number, height: number): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("This browser cannot scale pictures. Choose a smaller one.");
  // What is transparent in a PNG would become black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const jpeg = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY),
  );
  if (jpeg === null) throw new Error("This browser cannot scale pictures. Choose a smaller one.");
  return jpeg;
}

/** By the first bytes, as the daemon tells them: what a file is called says nothing. */
async function typeOf(file: Blob): Promise<"image/jpeg" | "image/png" | "image/webp" | null> {
  const head = await headOf(file);
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  return head.startsWith("RIFF") && head.slice(8) === "WEBP" ? "image/webp" : null;
}

async function isHeic(file: Blob): Promise<boolean> {
  return /^....ftyp(heic|heix|hevc|mif1|msf1)/s.test(await headOf(file));
}

async function headOf(file: Blob): Promise<string> {
  return String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
}
