// Bodies by their place and size, and cameras that watch them.
import { type Box, iou } from "../../src/domain/geometry.ts";
import type { Detection } from "../../src/domain/pose.ts";
import type { Track } from "../../src/domain/track.ts";
import type { Tracker, TrackerSettings } from "../../src/tracking/tracker.ts";

export const SETTINGS: TrackerSettings = { kind: "bytetrack", high: 0.2, low: 0.1, newTrack: 0.2, lostS: 2 };
export const ASPECT = 16 / 9;

/** A body by its centre and size in picture heights, which the test's picture makes 16:9. */
export function body(cx: number, cy: number, w: number, h: number, confidence = 0.5): Detection {
  const x = cx / ASPECT;
  const half = w / ASPECT / 2;
  return { box: { x1: x - half, y1: cy - h / 2, x2: x + half, y2: cy + h / 2 }, confidence, pose: null };
}

export const standing = (cx: number, cy = 0.6, confidence = 0.5) => body(cx, cy, 0.2, 0.5, confidence);

/** Feeds frames at 10 frames/s (or `fps`), starting at `fromS`; returns the tracks of every frame. */
export function watch(
  tracker: Tracker,
  frames: readonly (readonly Detection[])[],
  fromS = 0,
  fps = 10,
): (readonly Track[])[] {
  return frames.map((detections, at) => tracker.update(detections, fromS + at / fps, ASPECT));
}

export const times = <T>(count: number, frame: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => frame(index));
export const seen = (tracks: readonly Track[] | undefined) =>
  (tracks ?? []).filter((track) => track.detected);
export const idsOf = (tracks: readonly Track[] | undefined) => (tracks ?? []).map((track) => track.id);
export const idAt = (tracks: readonly Track[] | undefined, at: Box) =>
  seen(tracks).find((track) => iou(track.box, at) > 0.5)?.id;
