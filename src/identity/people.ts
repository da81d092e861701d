// What the rest of identity asks of the gallery: everybody who is known, in memory and in the database, and what each looks
// like. `Gallery` is the one that is used; it is the only writer of persons, prototypes and tracklets.
import type { Millis } from "../core/clock.ts";
import type { Person, PersonKind } from "../domain/person.ts";
import type { Cue } from "../domain/tracklet.ts";
import type { TrackEvidence, WeighedVector } from "../reid/evidence.ts";
import type { AuditRow, EmbeddingRow, TrackletRow } from "../store/person-rows.ts";

/** Only persons of this region, and those of none; likewise the client. null: all. */
export interface Scope {
  readonly region: string | null;
  readonly clientId: string | null;
}
export const EVERYWHERE: Scope = { region: null, clientId: null };

/** How like one person a track is: cosine by cue, best over prototypes and running mean. */
export interface Likeness {
  readonly personId: string;
  readonly scores: Readonly<Partial<Record<Cue, number>>>;
  /** Highest cosine of the track's faces to a negative example of this person; null without any. */
  readonly negative: number | null;
}

export interface NewPerson {
  readonly kind: PersonKind;
  readonly name?: string | null;
  readonly scope?: Scope;
  readonly description?: string | null;
  readonly at: Millis;
}

/** A prototype to be kept of somebody. */
export interface Example extends WeighedVector {
  readonly cue: Cue;
  readonly facing: string | null;
  readonly source: "photo" | "sighting";
  readonly cameraId: string | null;
  readonly trackletId: string | null;
  readonly capturedAt: Millis;
  readonly picture: Uint8Array | null;
}

/** Somebody was seen: once a checkpoint. */
export interface Sighting {
  readonly cameraId: string;
  readonly at: Millis;
  /** Mean size in this tracklet so far, pixels; counted once per tracklet. */
  readonly size: {
    readonly trackletId: string;
    readonly widthPx: number;
    readonly heightPx: number;
  } | null;
  /** Body height in metres where the camera is calibrated. */
  readonly heightM: number | null;
}

export interface People {
  /** Follows merges: the person an id stands for today; null when forgotten or never known. */
  person(id: string): Person | null;
  /** Active ones, those seen last first. */
  persons(): readonly Person[];
  /** The likest persons, by any cue, at most `limit`, in no particular order; those in memory and those in the database. */
  search(evidence: TrackEvidence, scope: Scope, limit: number): readonly Likeness[];
  /** Written at once: an id that was told outlives a crash. Throws AppError store.*. */
  create(draft: NewPerson): Person;
  /** Takes an example into the person's memory where it is good enough; written with the next sync. */
  learn(personId: string, examples: readonly Example[]): void;
  /** Written with the next sync. */
  seen(personId: string, sighting: Sighting): void;
  /**
   * Writes a tracklet and who it is; `events` and alarms of the same camera, track and time are told to be theirs. With the next sync,
   * or at once when the person changed.
   */
  putTracklet(row: TrackletRow): void;
  /** Everything that waits is written. Throws AppError store.*. */
  flush(): void;
  /**
   * One change by hand: everything that waits is flushed, `change` runs on the database in the same transaction with its
   * audit row, survives a power cut, and the memory is read anew for the persons named. Throws what `change` throws; then nothing changed.
   */
  alter<T>(
    persons: readonly string[],
    change: () => { readonly result: T; readonly audit: AuditRow | null },
  ): T;
  /** Prototypes, negatives and those set aside, of one person. */
  embeddings(personId: string): readonly EmbeddingRow[];
  /** Persons were added, changed or went. */
  onChange(listener: () => void): Disposable;
}
