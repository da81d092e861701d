// What is remembered of one track while it lasts: what it looks like, who it is taken for, and what it has to teach.
import type { Millis } from "../core/clock.ts";
import type { Camera } from "../domain/camera.ts";
import type { IdentityDecision, TrackIdentity } from "../domain/identity.ts";
import { displayName, type Person } from "../domain/person.ts";
import type { Tracklet, TrackletSample } from "../domain/tracklet.ts";
import { bodyHeight } from "../reid/body-height.ts";
import type { TrackEvidence } from "../reid/evidence.ts";
import { gatherEvidence, NO_EVIDENCE, type Standardise } from "../reid/track-evidence.ts";
import { isUnit } from "../reid/unit-vector.ts";
import type { TrackletRow } from "../store/person-rows.ts";
import type { Question } from "./open-questions.ts";
import type { Example } from "./people.ts";

/** Of what a track may teach about somebody who is not known to be them yet. The best stay. */
const MAX_EXAMPLES = 24;

export interface FollowedTrack {
  readonly cameraId: string;
  readonly trackId: number;
  /** A new one when another body has taken the track over. */
  trackletId: string;
  area: string | null;
  firstSeenAt: Millis;
  lastSeenAt: Millis;
  /** Of the latest checkpoint. */
  frames: number;
  widthPx: number;
  heightPx: number;
  heightM: number | null;
  quality: number;
  mediaTimeS: number | null;
  evidence: TrackEvidence;
  /** What was learned of nobody yet. */
  examples: Example[];
  identity: TrackIdentity;
  /** The latest, whether or not it changed who the track is taken for. */
  decision: IdentityDecision;
  /** Who it may be after all, though something stronger than that stands. */
  doubt: Question | null;
  byHand: boolean;
  /** Made for this track. */
  ownVisitorId: string | null;
  /** Somebody said that it is not them. */
  readonly never: Set<string>;
  /** Whom it was said to be, by a face, and whether it was said to be unknown. */
  readonly told: Set<string>;
  /** A newcomer of whom nothing was said yet: not looked at for long enough. */
  unknownUntold: boolean;
  /** When its person was last noted as seen. */
  notedAt: Millis;
  /** Whether the camera has learned from it what clothes look like. */
  taught: boolean;
  /** Whom the track was taken for before another body took it over. */
  takenOverFrom: string | null;
}

export const UNDECIDED: IdentityDecision = {
  outcome: "unknown",
  personId: null,
  cue: null,
  confidence: 0,
  combined: null,
  cues: [],
  reasons: ["too_few_frames"],
};

export function followTrack(tracklet: Tracklet, trackletId: string): FollowedTrack {
  const { cameraId, trackId, firstSeenAt, lastSeenAt } = tracklet;
  return {
    cameraId,
    trackId,
    trackletId,
    area: null,
    firstSeenAt,
    lastSeenAt,
    frames: 0,
    widthPx: 0,
    heightPx: 0,
    heightM: null,
    quality: 0,
    mediaTimeS: null,
    evidence: NO_EVIDENCE,
    examples: [],
    identity: nobody({ cameraId, trackId }, UNDECIDED, lastSeenAt),
    decision: UNDECIDED,
    doubt: null,
    byHand: false,
    ownVisitorId: null,
    never: new Set(),
    told: new Set(),
    unknownUntold: false,
    notedAt: lastSeenAt,
    taught: false,
    takenOverFrom: null,
  };
}

export interface Gathering {
  readonly standardise: Standardise;
  readonly keepPictures: boolean;
  readonly heightMarks?: Camera["heightMarks"];
}

/** Takes in a checkpoint. */
export function gather(
  track: FollowedTrack,
  tracklet: Tracklet,
  { standardise, keepPictures, heightMarks }: Gathering,
): void {
  track.evidence = gatherEvidence(track.evidence, tracklet, standardise);
  track.lastSeenAt = Math.max(track.lastSeenAt, tracklet.lastSeenAt);
  track.frames = tracklet.frames;
  track.widthPx = tracklet.widthPx;
  track.heightPx = tracklet.heightPx;
  if (heightMarks !== undefined && tracklet.upright !== null)
    track.heightM = bodyHeight(heightMarks, tracklet.upright) ?? track.heightM;
  for (const sample of tracklet.samples) {
    if (sample.quality > track.quality) track.quality = sample.quality;
    track.mediaTimeS = Math.max(track.mediaTimeS ?? sample.mediaTimeS, sample.mediaTimeS);
  }
  const fresh = tracklet.samples.flatMap((sample) => examplesOf(sample, track, standardise, keepPictures));
  const gait = gaitExample(tracklet, track);
  track.examples = [...track.examples.filter(({ cue }) => gait === null || cue !== "gait"), ...fresh]
    .sort((a, b) => b.quality - a.quality)
    .slice(0, MAX_EXAMPLES);
  if (gait !== null) track.examples.push(gait);
}

/** Of faces only those good enough to measure others by. */
function examplesOf(
  { face, appearance, facing, quality, capturedAt, picture }: TrackletSample,
  { cameraId, trackletId }: FollowedTrack,
  standardise: Standardise,
  keepPictures: boolean,
): Example[] {
  const origin = { source: "sighting", cameraId, trackletId, capturedAt } as const;
  const vector = appearance === null ? null : standardise(appearance);
  const examples: Example[] = [];
  if (face?.reference === true && isUnit(face.embedding))
    examples.push({
      ...origin,
      cue: "face",
      modelId: face.modelId,
      vector: face.embedding,
      quality: face.quality,
      facing,
      picture: keepPictures ? picture : null,
    });
  if (appearance !== null && vector !== null && isUnit(vector)) {
    const { modelId } = appearance;
    examples.push({ ...origin, cue: "appearance", modelId, vector, quality, facing, picture: null });
  }
  return examples;
}

function gaitExample(
  { gait, lastSeenAt }: Tracklet,
  { cameraId, trackletId }: FollowedTrack,
): Example | null {
  if (gait === null || !isUnit(gait.vector)) return null;
  const { modelId, vector, quality } = gait;
  return {
    cue: "gait",
    modelId,
    vector,
    quality,
    facing: null,
    source: "sighting",
    cameraId,
    trackletId,
    capturedAt: lastSeenAt,
    picture: null,
  };
}

/** What a track looks like by every cue, best first. */
export function evidenceExamples(track: FollowedTrack): readonly Example[] {
  const { evidence, cameraId, trackletId, lastSeenAt } = track;
  const origin = {
    source: "sighting",
    cameraId,
    trackletId,
    capturedAt: lastSeenAt,
    picture: null,
  } as const;
  return [
    ...evidence.faces.map(({ modelId, vector, quality }): Example => {
      return { ...origin, cue: "face", modelId, vector, quality, facing: null };
    }),
    ...evidence.appearances.map(({ modelId, vector, quality, facing }): Example => {
      return { ...origin, cue: "appearance", modelId, vector, quality, facing };
    }),
    ...(evidence.gait === null
      ? []
      : [{ ...origin, cue: "gait", facing: null, ...evidence.gait } satisfies Example]),
  ];
}

export function nobody(
  { cameraId, trackId }: Pick<FollowedTrack, "cameraId" | "trackId">,
  decision: IdentityDecision,
  since: Millis,
): TrackIdentity {
  const tentativeId = decision.outcome === "tentative" ? decision.personId : null;
  const nothing = { personId: null, personName: null, kind: null, cue: null };
  return { cameraId, trackId, ...nothing, tentativeId, decision, since };
}

export function somebody(
  { cameraId, trackId }: Pick<FollowedTrack, "cameraId" | "trackId">,
  person: Person,
  decision: IdentityDecision,
  since: Millis,
): TrackIdentity {
  return {
    cameraId,
    trackId,
    personId: person.id,
    personName: displayName(person),
    kind: person.kind,
    cue: decision.cue,
    tentativeId: null,
    decision: { ...decision, personId: person.id },
    since,
  };
}

export function trackletRow(track: FollowedTrack): TrackletRow {
  const { identity } = track;
  const known = identity.personId !== null;
  return {
    trackletId: track.trackletId,
    cameraId: track.cameraId,
    trackId: track.trackId,
    area: track.area,
    firstAt: track.firstSeenAt,
    lastAt: track.lastSeenAt,
    frames: track.frames,
    quality: track.quality,
    personId: identity.personId,
    cue: known ? identity.cue : null,
    confidence: known ? identity.decision.confidence : null,
    decision: JSON.stringify(identity.decision),
  };
}
