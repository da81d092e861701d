// What the api asks of the rest of the daemon about persons. Ids that were merged stand for whom they live on in.
import type { Millis } from "../core/clock.ts";
import type { Box } from "../domain/geometry.ts";
import type { AreaPresence, IdentityDecision, PersonPresence, TrackIdentity } from "../domain/identity.ts";
import type { Person, PersonKind } from "../domain/person.ts";
import type { Cue, Facing, PhotoDescription, PhotoProblem } from "../domain/tracklet.ts";

export const EXAMPLE_STATES = ["prototype", "mean", "set_aside", "negative"] as const;
/**
 * prototype: looked for. mean: running mean of a cue and model. set_aside: kept, not looked for. negative: said not to be the
 * person.
 */
export type ExampleState = (typeof EXAMPLE_STATES)[number];

export const REVIEW_ANSWERS = ["same", "different", "unsure"] as const;
export type ReviewAnswer = (typeof REVIEW_ANSWERS)[number];

/** One vector that is kept of somebody, without the vector. */
export interface PersonExample {
  readonly id: string;
  readonly cue: Cue;
  readonly modelId: string;
  readonly state: ExampleState;
  /** 0..1 */
  readonly quality: number;
  readonly facing: Facing | null;
  readonly source: "photo" | "sighting";
  readonly cameraId: string | null;
  readonly trackletId: string | null;
  readonly capturedAt: Millis;
  readonly hasPicture: boolean;
}

/** What is in it. */
export interface ExampleContent {
  /** Of unit length. */
  readonly vector: Float32Array;
  /** JPEG; null where none is kept. */
  readonly picture: Uint8Array | null;
}

/** Some time in one place without a break. */
export interface Stay {
  readonly cameraId: string;
  readonly area: string | null;
  readonly from: Millis;
  readonly until: Millis;
  /** Tracks it was put together from, oldest first. */
  readonly trackletIds: readonly string[];
  /** The strongest cue they were told by; null when said by hand. */
  readonly cue: Cue | null;
}

export interface StayQuery {
  /** Only stays that reach into it; null for no bound. */
  readonly since: Millis | null;
  readonly until: Millis | null;
  /** The newest so many. */
  readonly limit: number;
}

export interface CameraPersonStats {
  readonly cameraId: string;
  readonly persons: number;
  readonly embeddings: number;
  /** Mean over the persons seen there. */
  readonly meanVisits: number;
  /** Tracks that were taken for another person than before. */
  readonly switches: number;
}

export interface PersonStats {
  /** Those who are looked for. */
  readonly persons: number;
  readonly named: number;
  readonly byKind: Readonly<Record<PersonKind, number>>;
  readonly embeddings: Readonly<Record<Cue, number>>;
  readonly tracklets: number;
  readonly meanVisits: number;
  readonly switches: number;
  readonly openReviews: number;
  readonly databaseBytes: number | null;
  readonly retention: {
    readonly visitorDays: number;
    readonly appearanceTtlS: number;
    readonly keepPictures: boolean;
  };
  readonly cameras: readonly CameraPersonStats[];
}

/** What is left out stays as it is. */
export interface PersonPatch {
  /** null takes the name away. */
  readonly name?: string | null;
  readonly kind?: PersonKind;
  readonly region?: string | null;
  readonly clientId?: string | null;
  readonly description?: string | null;
  /** Who agreed to their being recognised; null: nobody has. */
  readonly consentBy?: string | null;
  /** null: as the household's rule for their kind. */
  readonly retentionDays?: number | null;
}

export interface UploadedPhoto {
  /** Begins as a JPEG, PNG or WebP does. */
  readonly bytes: Uint8Array;
  /** Where the face is that is meant, 0..1; null when there is only one. */
  readonly box: Box | null;
}

/** Somebody new, or more photos of somebody known. */
export type EnrolDraft = {
  readonly photos: readonly UploadedPhoto[];
  /** Also where they look like somebody else who is known. */
  readonly force: boolean;
} & (
  | { readonly personId: string }
  | {
      readonly personId: null;
      readonly name: string;
      readonly kind: PersonKind;
      readonly region: string | null;
      readonly clientId: string | null;
      readonly description: string | null;
      readonly consentBy: string | null;
    }
);
export type EnrolRequest = EnrolDraft & { readonly by: string };

/** What became of one photo. */
export interface PhotoVerdict {
  readonly accepted: boolean;
  /** Of the photo, pixels; null when it could not be read. */
  readonly width: number | null;
  readonly height: number | null;
  readonly faces: readonly {
    readonly box: Box;
    /** 0..1 */
    readonly quality: number;
    readonly problems: readonly PhotoProblem[];
  }[];
  /** Which of the faces was taken, or would have been; null when none can be told. */
  readonly chosen: number | null;
  /** One sentence for people that says why not; null when it was accepted. */
  readonly reason: string | null;
}

export interface EnrolResult {
  /** null when no photo was good enough: then nothing was changed. */
  readonly person: Person | null;
  /** In the order of the photos. */
  readonly photos: readonly PhotoVerdict[];
  /** Entries without a name that look like them: likely the same, to be merged. */
  readonly alike: readonly Person[];
}

export interface FaceQuery {
  readonly modelId: string;
  /** Of unit length. */
  readonly vector: Float32Array;
  /** Cosine from which somebody is answered. */
  readonly threshold: number;
  readonly limit: number;
  /** Only persons of this region, and those of none; likewise the client. */
  readonly region: string | null;
  readonly clientId: string | null;
}

export interface FaceHit {
  readonly person: Person;
  /** Cosine of the best face, -1..1. */
  readonly similarity: number;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Millis;
  readonly by: string;
  readonly action: string;
  readonly personId: string | null;
  /** What is needed to tell it: ids and words, never a vector or a picture. */
  readonly details: object;
  readonly undoneAt: Millis | null;
}

export interface AuditQuery {
  readonly personId: string | null;
  /** Only entries before the one with this id; null for the newest. */
  readonly before: string | null;
  readonly limit: number;
}

export interface ReviewEntry {
  readonly id: string;
  readonly createdAt: Millis;
  readonly trackletId: string | null;
  /** Who the track is taken for now, and who it may be; null for nobody, or once forgotten. */
  readonly person: Person | null;
  readonly candidate: Person | null;
  readonly cue: Cue;
  /** Cosine, -1..1. */
  readonly score: number;
  readonly decision: IdentityDecision | null;
  readonly answer: ReviewAnswer | null;
  readonly answeredAt: Millis | null;
  readonly answeredBy: string | null;
}

/** How many vectors are looked for, by cue, and which of them shows the person best. */
export interface PersonSummary {
  readonly embeddings: Readonly<Record<Cue, number>>;
  /** Of an example that has a picture. */
  readonly pictureId: string | null;
}

/** `by` is who does it, for everybody to see. */
export interface PersonAdmin {
  /** Everybody who is looked for, those seen last first. */
  list(): readonly Person[];
  /** null when forgotten, or never known. */
  get(id: string): Person | null;
  summary(personId: string): PersonSummary;
  /** Where each is who is followed. */
  presence(): readonly PersonPresence[];
  areas(): readonly AreaPresence[];
  stats(): PersonStats;
  /** Oldest first. */
  trajectory(personId: string, query: StayQuery): readonly Stay[];
  examples(personId: string): readonly PersonExample[];
  /** null when this person has no such example. */
  example(personId: string, exampleId: string): ExampleContent | null;

  /** Throws AppError not-found or input.invalid; so do those below. */
  change(personId: string, patch: PersonPatch, by: string): Promise<Person>;
  /** Every trace is gone. */
  forget(personId: string, by: string): Promise<void>;
  /** Throws AppError conflict where they look like somebody else who is known, unless forced; vision.down. */
  enrol(request: EnrolRequest): Promise<EnrolResult>;
  /** Answers who is left. Throws AppError conflict where they were seen at the same time, unless forced. */
  merge(request: {
    readonly from: string;
    readonly into: string;
    readonly force: boolean;
    readonly by: string;
  }): Promise<Person>;
  /** Answers the new person. One of the two lists is empty. */
  split(request: {
    readonly personId: string;
    readonly trackletIds: readonly string[];
    readonly exampleIds: readonly string[];
    readonly by: string;
  }): Promise<Person>;
  /** The track is this person, whoever it was taken for. */
  isThem(request: {
    readonly personId: string;
    readonly trackletId: string;
    readonly by: string;
  }): Promise<Person>;
  /** The track is not this person. */
  notThem(request: {
    readonly personId: string;
    readonly trackletId: string;
    readonly by: string;
  }): Promise<Person>;
  setAside(personId: string, exampleId: string, by: string): Promise<Person>;
  restore(personId: string, exampleId: string, by: string): Promise<Person>;
  /** `cameraId` null: everybody. Answers how many persons were forgotten, and examples of others. */
  reset(
    cameraId: string | null,
    by: string,
  ): Promise<{ readonly persons: number; readonly examples: number }>;

  /** Newest first. */
  audit(query: AuditQuery): readonly AuditEntry[];
  /** Throws AppError not-found; conflict where what came later stands in the way, or it cannot be undone. */
  undo(auditId: string, by: string): Promise<AuditEntry>;
  /** Newest first; those answered too when `all`. */
  reviews(all: boolean, limit: number): readonly ReviewEntry[];
  /** Throws AppError not-found, and conflict when it was answered already. */
  answerReview(id: string, answer: ReviewAnswer, by: string): Promise<ReviewEntry>;

  /**
   * The model faces are compared by; null when faces are not looked at, or its model is missing. Its length is null while
   * nobody is known by it.
   */
  faceModel(): { readonly id: string; readonly length: number | null; readonly accept: number } | null;
  /** Throws AppError input.invalid for what is no photo, and vision.down. */
  describePhoto(photo: Uint8Array): Promise<PhotoDescription>;
  /** Likest first. */
  searchByFace(query: FaceQuery): readonly FaceHit[];
}

/** By track id; nobody for tracks without an entry. */
export type TrackIdentities = ReadonlyMap<number, TrackIdentity>;
