import { describe, expect, it } from "vitest";
import { isAppError } from "../../src/core/errors.ts";
import {
  decodeRecording,
  encodeRecording,
  type ObservationRecording,
  roundObservation,
} from "../../src/domain/observation-recording.ts";
import { KEYPOINTS } from "../../src/domain/pose.ts";
import type { FrameObservation, Track } from "../../src/domain/track.ts";

const STARTED_AT = 1_700_000_000_123;

function track(id: number, more: Partial<Track> = {}): Track {
  return {
    id,
    state: "confirmed",
    box: { x1: 0.1, y1: -0.02, x2: 0.3, y2: 0.87654 },
    confidence: 0.6543,
    pose: KEYPOINTS.map((_, index) => ({ x: index / 100, y: index / 50, confidence: 0.5 })),
    detected: true,
    firstSeenS: 0,
    lastSeenS: 1.2,
    ...more,
  };
}

function frame(index: number, more: Partial<FrameObservation> = {}): FrameObservation {
  return {
    stamp: {
      cameraId: "hall",
      sequence: index,
      capturedAt: STARTED_AT + 100 * index,
      mediaTimeS: index / 10,
    },
    aspect: 1.7778,
    tracks: [track(1), track(2, { state: "lost", pose: null, detected: false })],
    ...more,
  };
}

const RECORDING: ObservationRecording = {
  about: { clip: "a.mp4" },
  observations: [
    frame(0),
    frame(1, { tracks: [], resting: true }),
    frame(2, {
      foreground: [{ box: { x1: 0, y1: 0.5, x2: 0.25, y2: 1 }, sinceS: 0.1, share: 0.125 }],
    }),
  ],
};

function refusal(text: string): string {
  try {
    decodeRecording(text, "alarm 7");
  } catch (error) {
    if (isAppError(error, "input.invalid")) return error.message;
    throw error;
  }
  return "was taken";
}

/** The text of a good recording after `spoil` has had its way with what it says. */
function spoilt(spoil: (json: Record<string, unknown> & { frames: unknown[][] }) => void): string {
  const json = JSON.parse(encodeRecording(RECORDING));
  spoil(json);
  return JSON.stringify(json);
}

describe("a recording of observations", () => {
  it("comes back as it was kept: stamps, tracks, poses, rest and what stands in the room", () => {
    const rounded = RECORDING.observations.map(roundObservation);
    expect(decodeRecording(encodeRecording(RECORDING), "a")).toEqual({
      about: { clip: "a.mp4" },
      observations: rounded,
    });
    expect(rounded[0]?.tracks[0]?.box.y2).toBe(0.8765);
    expect(rounded[1]?.resting).toBe(true);
    expect("foreground" in (rounded[1] ?? {})).toBe(false);
    expect(rounded[2]).toEqual({ ...RECORDING.observations[2], tracks: rounded[0]?.tracks });
  });

  it("is the same when it is kept twice", () => {
    const once = encodeRecording(RECORDING);
    expect(encodeRecording(decodeRecording(once, "a"))).toBe(once);
  });

  it("may be empty", () => {
    expect(decodeRecording(encodeRecording({ about: {}, observations: [] }), "a").observations).toEqual([]);
  });

  it.each([
    ["text that is not JSON", "{", /it is not JSON/],
    ["null", "null", /does not begin as one/],
    ["other JSON", '{"clips":[]}', /does not begin as one/],
    ["a newer version", spoilt((json) => Object.assign(json, { version: 9 })), /version 9.*knows version 1/],
    ["frames that are no list", spoilt((json) => Object.assign(json, { frames: {} })), /no list of frames/],
    [
      "a frame that is no list",
      spoilt(({ frames }) => frames.splice(1, 1, "x" as never)),
      /frame 2 has no list/,
    ],
    [
      "a time that is no number",
      spoilt(({ frames }) => frames[1]?.splice(2, 1, null)),
      /frame 2 has no number for its time/,
    ],
    [
      "a time that is too large",
      spoilt(() => {}).replace(",0.1,1.7778", ",1e999,1.7778"),
      /frame 2 has no number/,
    ],
    [
      "time that runs backwards",
      spoilt(({ frames }) => frames[2]?.splice(2, 1, 0.05)),
      /backwards in frame 3/,
    ],
    [
      "a state that there is not",
      spoilt(() => {}).replace("[1,1,1,0.6543", "[1,7,1,0.6543"),
      /frame 1 .* state/,
    ],
    [
      "half a pose",
      spoilt(() => {}).replace("0.16,0.32,0.5]", "0.16,0.32]"),
      /50 numbers for a pose instead of 51/,
    ],
    ["no camera", spoilt((json) => Object.assign(json, { camera_id: 5 })), /names no camera/],
  ])("is refused in one sentence that names it: %s", (_, text, reason) => {
    const message = refusal(text);
    expect(message).toMatch(/^alarm 7 is no recording of observations that can be used: [^\n]*\.$/);
    expect(message).toMatch(reason);
  });
});
