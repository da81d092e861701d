// Replays one clip once more and writes down what the machines saw in every frame: for reasons in words and for pictures.
import { AdlEngine } from "../../adl/adl-engine.ts";
import { rulesOf } from "../../adl/fall-rules.ts";
import { looksFallen } from "../../adl/lying-shape.ts";
import { type BodyMemory, NO_MEMORY, observeBody } from "../../adl/pose-features.ts";
import type { ActivityFact } from "../../domain/activity.ts";
import type { FrameObservation, Track } from "../../domain/track.ts";
import type {
  ClipTrace,
  FrameTrace,
  SubjectTrace,
  TracedEvent,
  TraceScale,
} from "../../evaluation/fall-trace.ts";
import type { ActivitySettings } from "../../pipeline/camera-activity.ts";
import type { ClipFootage } from "./fall-footage.ts";

export function traceScale({ adl }: ActivitySettings): TraceScale {
  const { fallSpeed, minGroundDurationS } = adl;
  return { fallSpeed, minGroundDurationS, minDrop: rulesOf(adl).minDrop };
}

/** Deterministic: the same machines as in the replay that was judged, fed the same. */
export function traceClip({ camera, observations }: ClipFootage, { adl }: ActivitySettings): ClipTrace {
  const engine = new AdlEngine({ zones: camera.zones, settings: adl });
  const bodies = new Map<number, BodyMemory>();
  const frames: FrameTrace[] = [];
  const events: TracedEvent[] = [];
  for (const observation of observations) {
    const { facts } = engine.observe(observation);
    events.push(...facts.flatMap(tracedEvent));
    const subjects = engine.states().map((state): SubjectTrace => {
      const track = observation.tracks.find(({ id }) => id === state.trackId);
      return {
        ...(track === undefined ? UNSEEN : bodyOf(bodies, track, observation)),
        trackId: state.trackId,
        seen: track?.detected ?? false,
        box: state.box,
        pose: track?.pose ?? null,
        posture: state.posture,
        fall: state.fall,
        floor: state.floor,
      };
    });
    frames.push({ timeS: observation.stamp.mediaTimeS, subjects });
  }
  return { frames, events };
}

const UNSEEN = { headSpeed: null, drop: null, looksFallen: null };

function bodyOf(
  bodies: Map<number, BodyMemory>,
  track: Track,
  { stamp, aspect }: FrameObservation,
): Pick<SubjectTrace, "headSpeed" | "drop" | "looksFallen"> {
  const before = bodies.get(track.id) ?? NO_MEMORY;
  const { memory, features } = observeBody(before, track, stamp.mediaTimeS, aspect);
  bodies.set(track.id, memory);
  if (features === null) return UNSEEN;
  return {
    headSpeed: features.headSpeed,
    drop: features.recentDrop,
    looksFallen: looksFallen(features, features.tallest),
  };
}

function tracedEvent({ kind, mediaTimeS, trackId, evidence }: ActivityFact): readonly TracedEvent[] {
  if (!("peakSpeed" in evidence)) return [];
  const { peakSpeed, drop, posture, onGroundS, signs } = evidence;
  return [{ kind, mediaTimeS, trackId, evidence: { peakSpeed, drop, posture, onGroundS, signs } }];
}
