// Rows of persons and of what is known about them, as the repositories beside this file take and give them.
import type { Millis } from "../core/clock.ts";

export interface PersonRow {
  readonly personId: string;
  readonly name: string | null;
  readonly label: string;
  /** resident | carer | visitor */
  readonly kind: string;
  /** active | merged | archived */
  readonly status: string;
  readonly mergedInto: string | null;
  readonly region: string | null;
  readonly clientId: string | null;
  readonly description: string | null;
  readonly createdAt: Millis;
  readonly firstSeenAt: Millis | null;
  readonly lastSeenAt: Millis | null;
  readonly lastCameraId: string | null;
  readonly visits: number;
  readonly heightM: number | null;
  /** Tracklets `heightM` is the mean of. */
  readonly heightCount: number;
  readonly consentBy: string | null;
  readonly consentAt: Millis | null;
  readonly retentionDays: number | null;
}

/** Mean size of a person in one camera, pixels, over `count` tracklets. */
export interface PersonSizeRow {
  readonly personId: string;
  readonly cameraId: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly count: number;
}

/**
 * prototype: looked for. mean: the running mean of a person, cue and model; one each. set_aside: kept, not looked for, as
 * it does not fit its person or fits another too well. negative: somebody said that this is not the person.
 */
export const EMBEDDING_STATES = ["prototype", "mean", "set_aside", "negative"] as const;
export type EmbeddingState = (typeof EMBEDDING_STATES)[number];

export interface EmbeddingRow {
  readonly embeddingId: string;
  readonly personId: string;
  /** face | gait | appearance */
  readonly cue: string;
  readonly modelId: string;
  readonly state: EmbeddingState;
  /** Of unit length. */
  readonly vector: Float32Array;
  readonly quality: number;
  /** Which way the body faced; null where that says nothing. */
  readonly facing: string | null;
  /** photo | sighting */
  readonly source: string;
  readonly cameraId: string | null;
  readonly trackletId: string | null;
  readonly capturedAt: Millis;
  /** JPEG; null where none is kept. */
  readonly picture: Uint8Array | null;
}

/** One track of one camera and run, and who it was taken for. */
export interface TrackletRow {
  readonly trackletId: string;
  readonly cameraId: string;
  readonly trackId: number;
  readonly area: string | null;
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly frames: number;
  readonly quality: number;
  readonly personId: string | null;
  readonly cue: string | null;
  readonly confidence: number | null;
  /** The decision, as JSON. */
  readonly decision: string;
}

export interface ReviewRow {
  readonly reviewId: string;
  readonly createdAt: Millis;
  readonly trackletId: string | null;
  /** Who the tracklet is taken for; null: nobody yet, and "same" then means that it is the candidate. */
  readonly personId: string | null;
  /** Who it may be. */
  readonly candidateId: string;
  /** face | gait | appearance */
  readonly cue: string;
  readonly score: number;
  /** The decision, as JSON. */
  readonly decision: string;
  /** same | different | unsure; null while open. */
  readonly answer: string | null;
  readonly answeredAt: Millis | null;
  readonly answeredBy: string | null;
}

export interface AuditRow {
  readonly auditId: string;
  readonly at: Millis;
  /** Who did it: a panel user, an MQTT client, "Haven". */
  readonly by: string;
  readonly action: string;
  readonly personId: string | null;
  /** What has to be known to tell it and to undo it, as JSON; never a vector, a picture or a name of somebody forgotten. */
  readonly details: string;
  readonly undoneAt: Millis | null;
}
