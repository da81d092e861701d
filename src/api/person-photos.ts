// Photos on their way in: what their first bytes say they are, the face that is meant, and how many may come at once.
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import { AppError } from "../core/errors.ts";
import type { PhotoDescription, PhotoFace } from "../domain/tracklet.ts";
import { invalid } from "./field-parsers.ts";
import { problem, sendProblem } from "./problem.ts";

/** In one request. */
export const MAX_PHOTOS = 10;

/** A phone's largest JPEG is 15 MB; vision takes no more than this either. */
const MAX_PHOTO_BYTES = 20 * 1024 * 1024;

/** Several photos in base64, which makes them a third larger. What a small machine can hold at once. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;

/** Requests with photos at a time: each holds its body in memory, and vision looks at one photo after the other. */
const MAX_UPLOADS = 2;

export const PHOTO_TYPES = ["image/jpeg", "image/png", "image/webp"] as const;

/**
 * Lets a photo in as it is, or a JSON body with photos in it. Forms are not taken: a page of another site could send one
 * without asking first.
 */
export function photoBodies(): readonly RequestHandler[] {
  let uploads = 0;
  const admit: RequestHandler = (request, response, next) => {
    if (request.is([...PHOTO_TYPES, "application/json"]) === false || !hasBody(request.headers)) {
      sendProblem(
        response,
        problem(
          415,
          "Send a photo as image/jpeg, image/png or image/webp, or application/json with photos in base64.",
        ),
      );
      return;
    }
    if (uploads >= MAX_UPLOADS)
      throw new AppError("conflict", "Other photos are being looked at right now; try again in a moment.");
    uploads += 1;
    response.on("close", () => {
      uploads -= 1;
    });
    next();
  };
  return [
    admit,
    express.json({ limit: MAX_JSON_BYTES, inflate: false }),
    express.raw({ type: [...PHOTO_TYPES], limit: MAX_PHOTO_BYTES, inflate: false }),
  ];
}

/** Says how large photos may be where one was larger. */
export const tooLargePhoto: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status = error instanceof Error && "status" in error ? error.status : null;
  if (status !== 413) {
    next(error);
    return;
  }
  const [photo, json] = [MAX_PHOTO_BYTES, MAX_JSON_BYTES].map((bytes) => bytes / 1024 / 1024);
  sendProblem(
    response,
    problem(
      413,
      `A photo has at most ${photo} MB, a request with several at most ${json} MB; send fewer, or smaller ones.`,
    ),
  );
};

/** A photo in base64, as a data URL or bare. */
export function photoOf(value: unknown, at: string): Uint8Array {
  if (typeof value !== "string") throw invalid(`${at} is a photo in base64.`);
  const comma = value.startsWith("data:") ? value.indexOf(",") : -1;
  if (value.startsWith("data:") && !/^data:image\/[\w.+-]{1,40};base64,/.test(value.slice(0, 80)))
    throw invalid(`${at} is no picture; a photo's address begins with data:image/jpeg;base64,`);
  const base64 = value.slice(comma + 1).replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw invalid(`${at} is not base64.`);
  return checkedPhoto(Buffer.from(base64, "base64"), at);
}

/** The bytes, where they begin as a photo does: names and content types say nothing about what is inside. */
export function checkedPhoto(bytes: Uint8Array, at: string): Uint8Array {
  if (bytes.length === 0) throw invalid(`${at} is empty.`);
  if (bytes.length > MAX_PHOTO_BYTES)
    throw invalid(`${at} has more than ${MAX_PHOTO_BYTES / 1024 / 1024} MB.`);
  const kind = kindOf(bytes);
  if (kind === "photo") return bytes;
  if (kind === "heic") throw invalid(`${at} is a HEIC picture, which Haven cannot read; send it as JPEG.`);
  if (kind === "pdf") throw invalid(`${at} is a PDF, not a photo; send a JPEG, PNG or WebP.`);
  throw invalid(`${at} is not a JPEG, PNG or WebP picture.`);
}

/** The one face of a photo. Throws AppError input.invalid when there is none, or more than one. */
export function onlyFace({ faces }: PhotoDescription): PhotoFace {
  const [face, other] = faces;
  if (face === undefined) throw invalid("There is no face to be seen in this photo.");
  if (other !== undefined)
    throw invalid(`There are ${faces.length} faces in this photo; cut it to the one that is meant.`);
  return face;
}

/** By the first bytes: JPEG (ISO 10918-1), PNG (RFC 2083), RIFF WebP (RFC 9649), ISO-BMFF brands of HEIF, PDF. */
function kindOf(bytes: Uint8Array): "photo" | "heic" | "pdf" | "other" {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff") || head.startsWith("\x89PNG\r\n\x1a\n")) return "photo";
  if (head.startsWith("RIFF") && head.slice(8) === "WEBP") return "photo";
  if (/^....ftyp(heic|heix|hevc|mif1|msf1|avif)/s.test(head)) return "heic";
  return head.startsWith("%PDF") ? "pdf" : "other";
}

function hasBody(headers: { readonly [name: string]: unknown }): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
}
