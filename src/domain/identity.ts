// Who a track is taken for, and why: every decision says what it went by, how clearly, and what spoke against it.
import type { Millis } from "../core/clock.ts";
import type { PersonKind } from "./person.ts";
import type { Cue } from "./tracklet.ts";

/**
 * matched: a known person. tentative: likely a known person, by appearance alone; not told to anybody until another cue
 * confirms it. new: nobody known, a new entry. unknown: cannot be told, or not yet.
 */
export const IDENTITY_OUTCOMES = ["matched", "tentative", "new", "unknown"] as const;
export type IdentityOutcome = (typeof IDENTITY_OUTCOMES)[number];

/**
 * What a decision rests on, or what kept it from being made:
 * - `face`, `gait`, `appearance`: this cue is above its threshold with its margin.
 * - `gait_tie_break`: gait decided between two that the face could not tell apart.
 * - `face_below_threshold`, `face_margin`: the likest face is not like enough, or another one is nearly as like.
 * - `no_face`, `low_quality`, `too_few_frames`, `too_small`: there is too little to go by.
 * - `appearance_contradicts`: they look clearly different from a moment ago.
 * - `appearance_alone`: only clothes speak for it.
 * - `below_unknown`: nobody is like it at all.
 * - `same_camera`: the likest person is seen elsewhere in the same picture.
 * - `elsewhere`: the likest person was in another room too short a while ago to have come here.
 * - `not_them`: somebody said that this is not the likest person.
 * - `confirmed_by_hand`: somebody said who it is.
 * - `seen_just_now`: the likest person was last seen here a moment ago.
 */
export const DECISION_REASONS = [
  "face",
  "gait",
  "appearance",
  "gait_tie_break",
  "face_below_threshold",
  "face_margin",
  "no_face",
  "low_quality",
  "too_few_frames",
  "too_small",
  "appearance_contradicts",
  "appearance_alone",
  "below_unknown",
  "same_camera",
  "elsewhere",
  "not_them",
  "confirmed_by_hand",
  "seen_just_now",
] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** One cue's say. */
export interface CueVerdict {
  readonly cue: Cue;
  /** The likest person by this cue alone; null when there is nobody to compare with. */
  readonly personId: string | null;
  /** Cosine to them, -1..1; of several faces the mean of each one's. */
  readonly score: number | null;
  /** Of the next likest person. */
  readonly runnerUpId: string | null;
  readonly runnerUpScore: number | null;
  /** What the score had to reach. */
  readonly threshold: number;
  /** Quality of the track's own evidence, 0..1. */
  readonly quality: number;
}

export interface IdentityDecision {
  readonly outcome: IdentityOutcome;
  /** Of a known person, or of the new entry once it has been made; null when unknown. */
  readonly personId: string | null;
  /** The cue it rests on; null when unknown, or said by hand. */
  readonly cue: Cue | null;
  /** 0..1: how clear it is, temporal consistency included. Not a probability. */
  readonly confidence: number;
  /** Face .6, gait .3, appearance .1, renormalised over what there is, for the likest person; null without any. */
  readonly combined: number | null;
  readonly cues: readonly CueVerdict[];
  /** Most weighty first. */
  readonly reasons: readonly DecisionReason[];
}

/** Who a track is taken for right now. */
export interface TrackIdentity {
  readonly cameraId: string;
  readonly trackId: number;
  /** Null when unknown or only tentative: never a guess. */
  readonly personId: string | null;
  /** Their name or label; null with `personId`. */
  readonly personName: string | null;
  readonly kind: PersonKind | null;
  readonly cue: Cue | null;
  /** Who it may be, where that is only tentative. */
  readonly tentativeId: string | null;
  readonly decision: IdentityDecision;
  /** When it was decided so. */
  readonly since: Millis;
}

/** Where one person is. */
export interface PersonPresence {
  readonly personId: string;
  readonly name: string;
  readonly kind: PersonKind;
  /** Whether the household gave a name: only then are there entities in Home Assistant. */
  readonly named: boolean;
  /** The area they are in, or were in last while at home; null when away. */
  readonly area: string | null;
  readonly cameraId: string | null;
  /** Seen right now. */
  readonly visible: boolean;
  readonly home: boolean;
  /** Since when they are in this area, or away; null when never seen. */
  readonly since: Millis | null;
  readonly lastSeenAt: Millis | null;
  readonly cue: Cue | null;
  readonly confidence: number | null;
}

/** Who is in one area. */
export interface AreaPresence {
  readonly area: string;
  /** A camera looks into it; while none does, the rest says nothing. */
  readonly watched: boolean;
  readonly occupied: boolean;
  /** Bodies in sight, known or not; somebody whom two cameras see counts once. */
  readonly count: number;
  /** Ids of those who are known. */
  readonly personIds: readonly string[];
  /** Somebody is there who was looked at long enough and is nobody the household has named. */
  readonly unknownPresent: boolean;
}
