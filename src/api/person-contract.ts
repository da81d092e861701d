// The JSON of persons: who they are, where they are, what is kept of them, and what can be done about it. Types only, as in
// contract.ts, and by its rules: snake_case, ISO 8601 in UTC, shares 0..1. Similarities are cosines, -1..1.
import type { WireEvent } from "../domain/events.ts";
import type { DecisionReason, IdentityOutcome } from "../domain/identity.ts";
import type { PersonKind, PersonStatus } from "../domain/person.ts";
import type { Cue, Facing, PhotoProblem } from "../domain/tracklet.ts";
import type { ProblemJson } from "./contract.ts";

/** Who a track is taken for. */
export interface TrackPersonJson {
  /** null while only likely: never a guess. */
  readonly id: string | null;
  /** Their name, or the label they have until they are named; null with `id`. */
  readonly name: string | null;
  readonly kind: PersonKind | null;
  /** null when somebody said so. */
  readonly cue: Cue | null;
  readonly confidence: number;
  /** They look like somebody known, and nothing has confirmed it yet. */
  readonly tentative: boolean;
}

/** Where one person is. */
export interface PersonPresenceJson {
  readonly person_id: string;
  readonly name: string;
  readonly kind: PersonKind;
  /** Whether the household gave the name. */
  readonly named: boolean;
  /** Where they are, or were last while at home; null when away. */
  readonly area: string | null;
  readonly camera_id: string | null;
  /** Seen right now. */
  readonly visible: boolean;
  readonly home: boolean;
  /** Since when they are in this area, or away. */
  readonly since: string | null;
  readonly last_seen_at: string | null;
  readonly cue: Cue | null;
  readonly confidence: number | null;
}

export interface AreaPresenceJson {
  readonly area: string;
  readonly occupied: boolean;
  readonly count: number;
  readonly person_ids: readonly string[];
  readonly unknown_present: boolean;
  /** Whether a camera sees it: an area nobody watches is not known to be empty. */
  readonly watched: boolean;
}

/** Who is where. */
export interface PresenceJson {
  readonly persons: readonly PersonPresenceJson[];
  readonly areas: readonly AreaPresenceJson[];
}

export interface CountByCueJson {
  readonly face: number;
  readonly gait: number;
  readonly appearance: number;
}

/** How large somebody is on average in one camera's picture, pixels of the stream. */
export interface SeenSizeJson {
  readonly camera_id: string;
  readonly mean_width_px: number;
  readonly mean_height_px: number;
  readonly tracklets: number;
}

export interface PersonJson {
  readonly id: string;
  /** null while nobody has given one; `label` is shown then. */
  readonly name: string | null;
  readonly label: string;
  readonly kind: PersonKind;
  readonly status: PersonStatus;
  readonly region: string | null;
  readonly client_id: string | null;
  readonly description: string | null;
  readonly created_at: string;
  readonly first_seen_at: string | null;
  readonly last_seen_at: string | null;
  readonly last_camera_id: string | null;
  /** Seen within the last 30 seconds. */
  readonly active: boolean;
  readonly visits: number;
  readonly cameras: readonly SeenSizeJson[];
  /** Over all cameras; null while no camera has seen them. */
  readonly mean_width_px: number | null;
  readonly mean_height_px: number | null;
  readonly height_m: number | null;
  readonly consent: { readonly by: string; readonly at: string } | null;
  readonly retention_days: number | null;
  readonly embeddings: CountByCueJson;
  /** Address of a picture of the face, as seen from the panel; null without one. */
  readonly picture: string | null;
  readonly presence: PersonPresenceJson | null;
}

/**
 * GET api/persons?camera_id=&active=&kind=&region=&client_id=&limit=&after=: those who are looked for, seen last first. `next`
 * is the value of `after` for the following page; null at the end.
 */
export interface PersonsJson {
  readonly persons: readonly PersonJson[];
  readonly next: string | null;
}

/** GET api/persons/stats */
export interface PersonStatsJson {
  readonly persons: number;
  readonly named: number;
  readonly by_kind: Readonly<Record<PersonKind, number>>;
  readonly embeddings: CountByCueJson;
  readonly tracklets: number;
  readonly mean_visits: number;
  /** Tracks that were taken for another person than before. */
  readonly switches: number;
  readonly open_reviews: number;
  readonly database_bytes: number | null;
  readonly retention: {
    readonly visitor_days: number;
    readonly appearance_ttl_seconds: number;
    readonly keep_pictures: boolean;
  };
  /** null when faces are not looked at; its length is null while nobody is known by it. */
  readonly face_model: {
    readonly id: string;
    readonly length: number | null;
    readonly accept: number;
  } | null;
  readonly cameras: readonly {
    readonly camera_id: string;
    readonly persons: number;
    readonly embeddings: number;
    readonly mean_visits: number;
    readonly switches: number;
  }[];
}

/** PATCH api/persons/:id: what is left out stays. A name of null is taken away. */
export interface PersonPatchJson {
  readonly name?: string | null;
  readonly kind?: PersonKind;
  readonly region?: string | null;
  readonly client_id?: string | null;
  readonly description?: string | null;
  /** Who agreed to their being recognised. */
  readonly consent?: { readonly by: string } | null;
  readonly retention_days?: number | null;
  readonly by?: string;
}

/**
 * POST api/persons/enrol as JSON: somebody new by `name`, or more photos of `person_id`. Photos are JPEG, PNG or WebP in
 * base64, with or without `data:image/jpeg;base64,` before. A single photo may be the body itself instead, with its own
 * content type and everything else in the query.
 */
export interface EnrolJson {
  readonly photos: readonly (string | FramedPhotoJson)[];
  readonly person_id?: string;
  readonly name?: string;
  /** "resident" when left out. */
  readonly kind?: PersonKind;
  readonly region?: string | null;
  readonly client_id?: string | null;
  readonly description?: string | null;
  readonly consent?: { readonly by: string } | null;
  /** Also where they look like somebody else who is known. */
  readonly force?: boolean;
  readonly by?: string;
}

/** A photo with several people in it, and where the face is that is meant; `box=x1,y1,x2,y2` in a query. */
export interface FramedPhotoJson {
  readonly photo: string;
  readonly box: BoxJson;
}

/** x1, y1, x2, y2 of the picture, 0..1 */
export type BoxJson = readonly [number, number, number, number];

export interface PhotoFaceJson {
  readonly box: BoxJson;
  readonly quality: number;
  readonly problems: readonly PhotoProblem[];
}

export interface PhotoVerdictJson {
  readonly accepted: boolean;
  /** Pixels; null when it could not be read. */
  readonly width: number | null;
  readonly height: number | null;
  readonly faces: readonly PhotoFaceJson[];
  /** Which of the faces was taken, or would have been; null when none can be told. */
  readonly chosen: number | null;
  /** One sentence; null when it was accepted. */
  readonly reason: string | null;
}

/** With status 201, or 200 for somebody who was known. */
export interface EnrolledJson {
  readonly person: PersonJson;
  /** In the order of the photos. */
  readonly photos: readonly PhotoVerdictJson[];
  /** Visitors who look like them: likely the same, to be merged. */
  readonly alike: readonly PersonRefJson[];
}

/** With status 422: no photo was good enough, and nothing was changed. */
export interface NotEnrolledJson extends ProblemJson {
  readonly photos: readonly PhotoVerdictJson[];
}

/** POST api/persons/merge. Answers who is left. */
export interface MergeJson {
  readonly from: string;
  readonly into: string;
  /** Also where they were seen at the same time. */
  readonly force?: boolean;
  readonly by?: string;
}

/** POST api/persons/split: by one of the two. Answers the new person. */
export interface SplitJson {
  readonly person_id: string;
  readonly tracklet_ids?: readonly string[];
  readonly embedding_ids?: readonly string[];
  readonly by?: string;
}

/** POST api/persons/:id/is: this was them. POST api/persons/:id/not: this was somebody else. */
export interface WhoseTrackletJson {
  readonly tracklet_id: string;
  readonly by?: string;
}

/** POST api/persons/reset: everybody, or what only this camera knows of anybody. Cannot be undone. */
export interface ResetJson {
  readonly confirm: true;
  readonly camera_id?: string | null;
  readonly by?: string;
}
export interface ResetResultJson {
  /** Persons. */
  readonly forgotten: number;
  /** Embeddings of those who stay. */
  readonly embeddings: number;
}

/**
 * POST api/persons/search-by-face: by a photo, or by an embedding of the model that is used. A photo may be the body itself,
 * with everything else in the query.
 */
export type FaceSearchJson = (
  | { readonly photo: string }
  | { readonly model_id: string; readonly embedding: readonly number[] }
) & {
  /** Similarity; the model's own when left out. */
  readonly threshold?: number;
  readonly limit?: number;
  readonly region?: string | null;
  readonly client_id?: string | null;
};

export interface FaceSearchResultJson {
  readonly model_id: string;
  readonly threshold: number;
  /** The face in the photo; null without a photo. */
  readonly face: PhotoFaceJson | null;
  /** Likest first. */
  readonly matches: readonly { readonly person: PersonJson; readonly similarity: number }[];
}

/** GET api/persons/:id/trajectory?from=&to=&limit=: when, where, for how long; oldest first. */
export interface TrajectoryJson {
  readonly person_id: string;
  readonly stays: readonly StayJson[];
}
export interface StayJson {
  readonly camera_id: string;
  readonly area: string | null;
  readonly from: string;
  readonly to: string;
  readonly duration_s: number;
  readonly cue: Cue | null;
  readonly tracklet_ids: readonly string[];
}

/** GET api/persons/:id/embeddings: what is kept of somebody, without the numbers. */
export interface EmbeddingsJson {
  readonly person_id: string;
  readonly embeddings: readonly EmbeddingJson[];
}
export interface EmbeddingJson {
  readonly id: string;
  readonly cue: Cue;
  readonly model_id: string;
  readonly state: "prototype" | "mean" | "set_aside" | "negative";
  readonly quality: number;
  readonly facing: Facing | null;
  readonly source: "photo" | "sighting";
  readonly camera_id: string | null;
  readonly tracklet_id: string | null;
  readonly captured_at: string;
  /** As seen from the panel; null where none is kept. */
  readonly picture: string | null;
}

/** GET api/persons/:id/export: everything that is stored about somebody. */
export interface PersonExportJson {
  readonly exported_at: string;
  readonly person: PersonJson;
  readonly embeddings: readonly (EmbeddingJson & {
    readonly vector: readonly number[];
    readonly picture_base64: string | null;
  })[];
  readonly stays: readonly StayJson[];
  readonly events: readonly WireEvent[];
  readonly audit: readonly AuditEntryJson[];
}

/** GET api/audit?person_id=&limit=&before=, newest first. POST api/undo/:id answers the entry as it is then. */
export interface AuditJson {
  readonly audit: readonly AuditEntryJson[];
  readonly next: string | null;
}
export interface AuditEntryJson {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly person_id: string | null;
  readonly details: object;
  readonly undone_at: string | null;
}

export interface PersonRefJson {
  readonly id: string;
  /** Name or label. */
  readonly name: string;
  readonly kind: PersonKind;
}

/** GET api/reviews: what Haven could not tell by itself; with `?all=true` also what was answered. Newest first. */
export interface ReviewsJson {
  readonly reviews: readonly ReviewJson[];
}
export interface ReviewJson {
  readonly id: string;
  readonly created_at: string;
  readonly tracklet_id: string | null;
  /** Who the track is taken for now; null for nobody. */
  readonly person: PersonRefJson | null;
  /** Who it may be. */
  readonly candidate: PersonRefJson | null;
  readonly cue: Cue;
  readonly score: number;
  readonly decision: {
    readonly outcome: IdentityOutcome;
    readonly confidence: number;
    readonly reasons: readonly DecisionReason[];
  } | null;
  readonly answer: "same" | "different" | "unsure" | null;
  readonly answered_at: string | null;
  readonly answered_by: string | null;
}

/** POST api/reviews/:id */
export interface ReviewAnswerJson {
  readonly answer: "same" | "different" | "unsure";
  readonly by?: string;
}
