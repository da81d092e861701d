// What every change by hand works with, and the one way it is made: in one transaction with its entry in the audit.
import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import { type Person, visitorLabel } from "../domain/person.ts";
import type { PhotoDescription } from "../domain/tracklet.ts";
import type { PersonRow } from "../store/person-rows.ts";
import type { Store } from "../store/store.ts";
import { ChangeWriter } from "./change-writer.ts";
import type { LiveTracks } from "./correction.ts";
import type { People } from "./people.ts";
import { type Columns, logAsJson } from "./person-changes.ts";
import { checkedBy } from "./person-edit.ts";

export interface AdminSettings {
  /** Cosine from which on two faces are taken for one person's. */
  readonly faceThreshold: number;
  /** Days after their last sight until visitors are forgotten. */
  readonly visitorDays: number;
  /** Whether a small picture is kept beside each face. */
  readonly keepPictures: boolean;
}

export interface AdminContext {
  readonly people: People;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly live: LiveTracks;
  /** Finds and describes the faces in a photo that was uploaded. Throws AppError input.invalid when it is none. */
  readonly describePhoto: (photo: Uint8Array) => Promise<PhotoDescription>;
  readonly settings: () => AdminSettings;
}

/** What was done, in the audit. */
export const AUDIT_ACTIONS = [
  "enrol",
  "edit",
  "merge",
  "absorb",
  "split",
  "assign",
  "not_them",
  "set_aside",
  "restore",
  "review",
  "archive",
  "expire",
  "reset",
  "forget",
  "undo",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who does what nobody asked for. */
export const HAVEN = "Haven";

export interface Deed {
  readonly action: AuditAction;
  /** Whom it is told of. */
  readonly personId: string | null;
  /** Whose memory is read anew afterwards. */
  readonly persons: readonly string[];
  readonly by: string;
  readonly notes?: Columns;
}

export interface Done<T> {
  readonly result: T;
  /** By which it can be undone; null when nothing changed. */
  readonly auditId: string | null;
}

/** All of `work` and its entry in the audit, or nothing. Throws what `work` throws, and AppError store.*. */
export function change<T>(
  { people, store, clock }: AdminContext,
  { action, personId, persons, by, notes = {} }: Deed,
  work: (writer: ChangeWriter, at: Millis) => T,
): Done<T> {
  const who = checkedBy(by);
  const at = clock.now();
  const auditId = newId(at);
  return people.alter<Done<T>>(persons, () => {
    const writer = new ChangeWriter(store);
    const result = work(writer, at);
    const log = writer.log(notes);
    if (log.changes.length === 0) return { result: { result, auditId: null }, audit: null };
    return {
      result: { result, auditId },
      audit: { auditId, at, by: who, action, personId, details: logAsJson(log), undoneAt: null },
    };
  });
}

/** Follows merges. Throws AppError not-found. */
export function personOf({ people }: Pick<AdminContext, "people">, personId: string): Person {
  const person = people.person(personId);
  if (person === null)
    throw new AppError(
      "not-found",
      `there is no person ${personId.slice(0, 64)}; perhaps they were forgotten`,
    );
  return person;
}

export function newPersonId(at: Millis): string {
  return `p_${newId(at).toLowerCase()}`;
}

/** A new entry with a label of its own: for a change, so that a label is not used up when it fails. */
export function newPersonRow(
  store: Store,
  personId: string,
  at: Millis,
  fields: Pick<PersonRow, "kind" | "region" | "clientId"> & Partial<PersonRow>,
): PersonRow {
  return {
    personId,
    name: null,
    label: visitorLabel(store.persons.nextLabelNumber()),
    status: "active",
    mergedInto: null,
    description: null,
    createdAt: at,
    firstSeenAt: null,
    lastSeenAt: null,
    lastCameraId: null,
    visits: 0,
    heightM: null,
    heightCount: 0,
    consentBy: null,
    consentAt: null,
    retentionDays: null,
    ...fields,
  };
}
