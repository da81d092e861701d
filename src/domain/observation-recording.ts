// What vision saw over a while, as text that can be kept and played again: the poses around an alarm, the clips of an
// evaluation. Compact rather than readable: a frame is a list, a track is a list in it, numbers have four decimals. Pure;
// whoever writes it to a disk or a database packs it (gzip takes it to a fifth).
import { AppError } from "../core/errors.ts";
import { KEYPOINTS, type Keypoint, type Pose } from "./pose.ts";
import type { ForegroundRegion, FrameObservation, Track, TrackState } from "./track.ts";

const FORMAT = "haven-observations";
const VERSION = 1;

/** 1e-4 of a picture is a tenth of a pixel of 1280; of a second, a tenth of what a video's own clock resolves. */
const DECIMALS = 4;

/** Their order is the format's: append, never reorder. */
const STATES = ["tentative", "confirmed", "lost", "ended"] as const satisfies readonly TrackState[];

/** Frames of one camera in the order of their media time. */
export interface ObservationRecording {
  /** Where it comes from, in names and values of whoever wrote it; no secrets, no names of people. */
  readonly about: Readonly<Record<string, string>>;
  readonly observations: readonly FrameObservation[];
}

/**
 * The recording as JSON text. Coordinates, times and confidences are rounded to 1e-4, wall time to a millisecond: decoding
 * gives `roundObservation` of what was encoded.
 */
export function encodeRecording(recording: ObservationRecording): string {
  return [...encodedParts(recording)].join("");
}

/** The same text in pieces, one for each frame between its beginning and its end: a long one need not be made in one go. */
export function* encodedParts({ about, observations }: ObservationRecording): Generator<string> {
  const first = observations[0]?.stamp;
  const startedAt = Math.round(first?.capturedAt ?? 0);
  const head = { format: FORMAT, version: VERSION, about, camera_id: first?.cameraId ?? "" };
  yield `${JSON.stringify({ ...head, started_at: startedAt }).slice(0, -1)},"frames":[`;
  let comma = "";
  for (const observation of observations) {
    yield `${comma}${JSON.stringify(encodeFrame(observation, startedAt))}`;
    comma = ",";
  }
  yield "]}";
}

/** As it is after having been kept, so that a result does not depend on whether it was. */
export function roundObservation(observation: FrameObservation): FrameObservation {
  const { cameraId, capturedAt } = observation.stamp;
  const startedAt = Math.round(capturedAt);
  const frame: unknown = encodeFrame(observation, startedAt);
  return decodeFrame(frame, { cameraId, startedAt });
}

/**
 * @param source names the recording in the error: a path, or an alarm's id
 * @throws AppError `input.invalid` for text that is no recording, is damaged, or was written by a newer version
 */
export function decodeRecording(text: string, source: string): ObservationRecording {
  try {
    return parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Mistake ? error.message : "it is not JSON";
    throw new AppError(
      "input.invalid",
      `${source} is no recording of observations that can be used: ${reason}.`,
      {
        cause: error,
      },
    );
  }
}

/** Caught above: carries the reason to where the source is known. */
class Mistake extends AppError {
  constructor(reason: string) {
    super("input.invalid", reason);
  }
}

type Row = readonly unknown[];

function encodeFrame(observation: FrameObservation, startedAt: number): Row {
  const { stamp, aspect, tracks, resting, foreground, ...rest } = observation;
  // Does not compile when an observation has learned something that is not written here.
  const complete: Record<keyof typeof rest, never> = rest;
  void complete;
  return [
    stamp.sequence,
    Math.round(stamp.capturedAt) - startedAt,
    rounded(stamp.mediaTimeS),
    rounded(aspect),
    resting === true ? 1 : 0,
    tracks.map(encodeTrack),
    foreground === undefined ? null : foreground.map(encodeRegion),
  ];
}

function encodeTrack(track: Track): Row {
  const { id, state, box, confidence, pose, detected, firstSeenS, lastSeenS, ...rest } = track;
  const complete: Record<keyof typeof rest, never> = rest;
  void complete;
  return [
    id,
    STATES.indexOf(state),
    detected ? 1 : 0,
    rounded(confidence),
    rounded(firstSeenS),
    rounded(lastSeenS),
    [box.x1, box.y1, box.x2, box.y2].map(rounded),
    pose === null ? null : pose.flatMap((point) => [point.x, point.y, point.confidence].map(rounded)),
  ];
}

function encodeRegion({ box, sinceS, share }: ForegroundRegion): Row {
  return [box.x1, box.y1, box.x2, box.y2, sinceS, share].map(rounded);
}

function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

function parse(json: unknown): ObservationRecording {
  if (typeof json !== "object" || json === null || !("format" in json) || json.format !== FORMAT)
    throw new Mistake("it does not begin as one");
  const { version, about, camera_id, started_at, frames } = { ...EMPTY, ...json };
  if (version !== VERSION)
    throw new Mistake(`it is of version ${String(version)}, and this Haven knows version ${VERSION}`);
  if (typeof camera_id !== "string") throw new Mistake("it names no camera");
  const startedAt = numberOf(started_at, "the time of its start");
  const observations = listOf(frames, "frames").map((frame, index) => {
    try {
      return decodeFrame(frame, { cameraId: camera_id, startedAt });
    } catch (error) {
      throw error instanceof Mistake ? new Mistake(`frame ${index + 1} has ${error.message}`) : error;
    }
  });
  const back = observations.findIndex(
    ({ stamp }, index) => stamp.mediaTimeS < (observations[index - 1]?.stamp.mediaTimeS ?? 0),
  );
  if (back > 0) throw new Mistake(`time runs backwards in frame ${back + 1}`);
  return { about: wordsOf(about), observations };
}

const EMPTY: Readonly<Record<"version" | "about" | "camera_id" | "started_at" | "frames", unknown>> = {
  version: null,
  about: null,
  camera_id: null,
  started_at: null,
  frames: null,
};

function wordsOf(about: unknown): Record<string, string> {
  if (typeof about !== "object" || about === null) throw new Mistake("it does not say where it comes from");
  return Object.fromEntries(
    Object.entries(about).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function decodeFrame(
  frame: unknown,
  { cameraId, startedAt }: { readonly cameraId: string; readonly startedAt: number },
): FrameObservation {
  const [sequence, sinceStart, mediaTimeS, aspect, resting, tracks, foreground] = listOf(frame, "its parts");
  const picture = numberOf(aspect, "its width over height");
  if (picture <= 0) throw new Mistake("no size of the picture");
  return {
    stamp: {
      cameraId,
      sequence: numberOf(sequence, "its number"),
      capturedAt: startedAt + numberOf(sinceStart, "its wall time"),
      mediaTimeS: numberOf(mediaTimeS, "its time"),
    },
    aspect: picture,
    tracks: listOf(tracks, "tracks").map(decodeTrack),
    ...(resting === 1 ? { resting: true as const } : {}),
    ...(foreground === null ? {} : { foreground: listOf(foreground, "regions").map(decodeRegion) }),
  };
}

function decodeTrack(track: unknown): Track {
  const [id, state, detected, confidence, firstSeenS, lastSeenS, box, pose] = listOf(
    track,
    "a track's parts",
  );
  const named = STATES[numberOf(state, "a track's state")];
  if (named === undefined) throw new Mistake("a track in a state that there is not");
  const [x1, y1, x2, y2] = numbersOf(box, 4, "a track's box");
  return {
    id: numberOf(id, "a track's number"),
    state: named,
    box: boxOf(x1, y1, x2, y2),
    confidence: numberOf(confidence, "a track's confidence"),
    pose: pose === null ? null : decodePose(pose),
    detected: detected === 1,
    firstSeenS: numberOf(firstSeenS, "when a track was first seen"),
    lastSeenS: numberOf(lastSeenS, "when a track was last seen"),
  };
}

function decodePose(pose: unknown): Pose {
  const numbers = numbersOf(pose, 3 * KEYPOINTS.length, "a pose");
  return KEYPOINTS.map((_, index): Keypoint => {
    const [x = 0, y = 0, confidence = 0] = numbers.slice(3 * index, 3 * index + 3);
    return { x, y, confidence };
  });
}

function decodeRegion(region: unknown): ForegroundRegion {
  const [x1, y1, x2, y2, sinceS = 0, share = 0] = numbersOf(region, 6, "a region");
  return { box: boxOf(x1, y1, x2, y2), sinceS, share };
}

function boxOf(x1 = 0, y1 = 0, x2 = 0, y2 = 0): Track["box"] {
  return { x1, y1, x2, y2 };
}

function listOf(value: unknown, what: string): Row {
  if (!Array.isArray(value)) throw new Mistake(`no list of ${what}`);
  return value;
}

/** JSON knows no infinity, but `1e999` becomes one. */
function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Mistake(`no number for ${what}`);
  return value;
}

function numbersOf(value: unknown, count: number, what: string): readonly number[] {
  const numbers = listOf(value, `numbers for ${what}`).map((one) => numberOf(one, what));
  if (numbers.length !== count)
    throw new Mistake(`${numbers.length} numbers for ${what} instead of ${count}`);
  return numbers;
}
