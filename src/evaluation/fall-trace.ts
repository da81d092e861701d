// What the machines saw of one clip, frame by frame: what a miss or a false alarm is explained by, in words and pictures.
import type { Box } from "../domain/geometry.ts";
import type { Pose } from "../domain/pose.ts";
import type { TimedEvent } from "./fall-evaluation.ts";

/** One person in one frame. */
export interface SubjectTrace {
  readonly trackId: number;
  /** Whether a detection of this very frame belongs to them; box and pose are the last known ones otherwise. */
  readonly seen: boolean;
  readonly box: Box;
  readonly pose: Pose | null;
  /** Downward, of head and shoulders, body lengths per second; null in a track's first frames, after a gap, and unseen. */
  readonly headSpeed: number | null;
  /** How far head and shoulders are below their highest place in the last seconds, body lengths; null unseen. */
  readonly drop: number | null;
  /** Low, wide or flat in this frame; null unseen. */
  readonly looksFallen: boolean | null;
  readonly posture: string;
  /** States of the fall machine and of the floor machine. */
  readonly fall: string;
  readonly floor: string;
}

export interface FrameTrace {
  readonly timeS: number;
  readonly subjects: readonly SubjectTrace[];
}

/** Something told about a fall, with what spoke for it. */
export interface TracedEvent extends TimedEvent {
  readonly trackId: number | null;
  readonly evidence: {
    readonly peakSpeed: number;
    readonly drop: number;
    readonly posture: string;
    readonly onGroundS: number;
    readonly signs: readonly string[];
  } | null;
}

export interface ClipTrace {
  readonly frames: readonly FrameTrace[];
  readonly events: readonly TracedEvent[];
}

/** The thresholds that words and curves are measured against. */
export interface TraceScale {
  /** Body lengths per second, and body lengths. */
  readonly fallSpeed: number;
  readonly minDrop: number;
  readonly minGroundDurationS: number;
}
