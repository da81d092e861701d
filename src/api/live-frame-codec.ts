import type { TrackIdentity } from "../domain/identity.ts";
import type { FrameObservation, Track } from "../domain/track.ts";
import type { LiveFrameHeader, LiveTrackJson } from "./contract.ts";
import type { LiveFrame, TrackActivity } from "./deps.ts";
import { trackPersonToWire } from "./person-mapping.ts";
import { isoTime } from "./wire-mapping.ts";

/** The binary message of contract.ts: header length (4 bytes, big-endian), header JSON, JPEG or nothing. */
export function encodeLiveFrame(frame: LiveFrame, picture: boolean): Buffer {
  const header = Buffer.from(JSON.stringify(liveFrameHeader(frame)), "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat(picture ? [length, header, frame.jpeg] : [length, header]);
}

export function liveFrameHeader({ observation, activity, identities }: LiveFrame): LiveFrameHeader {
  return {
    camera_id: observation.stamp.cameraId,
    sequence: observation.stamp.sequence,
    captured_at: isoTime(observation.stamp.capturedAt),
    aspect: round(observation.aspect),
    tracks: tracksToWire(observation, activity, identities),
  };
}

/** Those that are still looked for. */
export function tracksToWire(
  observation: FrameObservation,
  activity: LiveFrame["activity"],
  identities: LiveFrame["identities"],
): readonly LiveTrackJson[] {
  return observation.tracks
    .filter((track) => track.state !== "ended")
    .map((track) => trackToWire(track, activity.get(track.id), identities.get(track.id)));
}

function trackToWire(
  track: Track,
  activity: TrackActivity | undefined,
  identity: TrackIdentity | undefined,
): LiveTrackJson {
  const { box } = track;
  return {
    id: track.id,
    state: track.state,
    box: [round(box.x1), round(box.y1), round(box.x2), round(box.y2)],
    confidence: round(track.confidence),
    pose:
      track.pose?.map((point) => [round(point.x), round(point.y), round(point.confidence)] as const) ?? null,
    posture: activity?.posture ?? null,
    fall: activity?.fall ?? null,
    person: trackPersonToWire(identity),
  };
}

/** A fifth of a pixel at 2000 pixels: finer is noise, and twice the bytes. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
