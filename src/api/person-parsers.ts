// Parses what people send about persons: our own types, or AppError input.invalid.
import { PERSON_KINDS, type PersonKind } from "../domain/person.ts";
import {
  type Fields,
  flag,
  invalid,
  isFields,
  knownFields,
  numberIn,
  oneOf,
  single,
  slug,
  text,
} from "./field-parsers.ts";
import {
  type AuditQuery,
  type PersonPatch,
  REVIEW_ANSWERS,
  type ReviewAnswer,
  type StayQuery,
} from "./person-deps.ts";

const LONGEST_NAME = 80;
const LONGEST_DESCRIPTION = 500;
const MAX_PAGE = 200;
/** Of one person; more at once is a program's mistake. */
const MAX_MOVED = 500;
const MAX_RETENTION_DAYS = 3650;
const ID = /^[0-9A-Za-z_-]{1,64}$/;

/**
 * Marks that turn the direction of what stands behind them, or end a line: a name may hold any letters, but not move those
 * around it.
 */
const MOVES_TEXT = /[\u202A-\u202E\u2066-\u2069\u2028\u2029]/u;

export interface PersonQuery {
  readonly cameraId: string | null;
  readonly active: boolean | null;
  readonly kind: PersonKind | null;
  readonly region: string | null;
  readonly clientId: string | null;
  readonly after: string | null;
  readonly limit: number;
}

export function parsePersonQuery(query: Fields): PersonQuery {
  const active = single(query, "active");
  const kind = single(query, "kind");
  return {
    cameraId: single(query, "camera_id"),
    active: active === null ? null : parseBoolean(active, "active"),
    kind: kind === null ? null : oneOf(kind, "kind", PERSON_KINDS),
    region: wordOrNull(single(query, "region"), "region"),
    clientId: wordOrNull(single(query, "client_id"), "client_id"),
    after: idOrNull(single(query, "after"), "after"),
    limit: parseLimit(query, 50),
  };
}

export interface ByHand {
  /** null when the caller leaves it to us. */
  readonly by: string | null;
}

export function parsePersonPatch(body: unknown): ByHand & { readonly patch: PersonPatch } {
  const fields = knownFields(
    body,
    ["name", "kind", "region", "client_id", "description", "consent", "retention_days", "by"],
    "a person",
  );
  const patch: PersonPatch = {
    ...(fields.name === undefined ? {} : { name: nullOr(fields.name, (value) => personName(value, "name")) }),
    ...(fields.kind === undefined ? {} : { kind: oneOf(fields.kind, "kind", PERSON_KINDS) }),
    ...(fields.region === undefined ? {} : { region: wordOrNull(fields.region, "region") }),
    ...(fields.client_id === undefined ? {} : { clientId: wordOrNull(fields.client_id, "client_id") }),
    ...(fields.description === undefined ? {} : { description: descriptionOf(fields.description) }),
    ...(fields.consent === undefined ? {} : { consentBy: consentOf(fields.consent) }),
    ...(fields.retention_days === undefined
      ? {}
      : { retentionDays: nullOr(fields.retention_days, (value) => wholeDays(value)) }),
  };
  if (Object.keys(patch).length === 0) throw invalid("There is nothing to change; send a field of a person.");
  return { patch, by: byOf(fields.by) };
}

export function parseMerge(body: unknown): ByHand & {
  readonly from: string;
  readonly into: string;
  readonly force: boolean;
} {
  const fields = knownFields(body, ["from", "into", "force", "by"], "a merge");
  return {
    from: idOf(fields.from, "from"),
    into: idOf(fields.into, "into"),
    force: fields.force === undefined ? false : flag(fields.force, "force"),
    by: byOf(fields.by),
  };
}

export function parseSplit(body: unknown): ByHand & {
  readonly personId: string;
  readonly trackletIds: readonly string[];
  readonly exampleIds: readonly string[];
} {
  const fields = knownFields(body, ["person_id", "tracklet_ids", "embedding_ids", "by"], "a split");
  const trackletIds = idList(fields.tracklet_ids, "tracklet_ids");
  const exampleIds = idList(fields.embedding_ids, "embedding_ids");
  if ((trackletIds.length === 0) === (exampleIds.length === 0))
    throw invalid("Name what is somebody else's: tracklet_ids or embedding_ids, one of the two.");
  return { personId: idOf(fields.person_id, "person_id"), trackletIds, exampleIds, by: byOf(fields.by) };
}

/** Of POST persons/:id/is and persons/:id/not. */
export function parseTracklet(body: unknown): ByHand & { readonly trackletId: string } {
  const fields = knownFields(body, ["tracklet_id", "by"], "this");
  return { trackletId: idOf(fields.tracklet_id, "tracklet_id"), by: byOf(fields.by) };
}

export function parseReset(body: unknown): ByHand & { readonly cameraId: string | null } {
  const fields = knownFields(body, ["camera_id", "confirm", "by"], "a reset");
  if (fields.confirm !== true)
    throw invalid("A reset cannot be undone: send confirm as true when that is what you want.");
  const { camera_id: cameraId } = fields;
  return {
    cameraId: cameraId === undefined || cameraId === null ? null : slug(cameraId, "camera_id"),
    by: byOf(fields.by),
  };
}

export function parseReviewAnswer(body: unknown): ByHand & { readonly answer: ReviewAnswer } {
  const fields = knownFields(body, ["answer", "by"], "an answer");
  return { answer: oneOf(fields.answer, "answer", REVIEW_ANSWERS), by: byOf(fields.by) };
}

export function parseStayQuery(query: Fields): StayQuery {
  const [since, until] = [timeOf(query, "from"), timeOf(query, "to")];
  if (since !== null && until !== null && since > until) throw invalid("from is a time before to.");
  return { since, until, limit: parseLimit(query, MAX_PAGE) };
}

export function parseAuditQuery(query: Fields): AuditQuery {
  return {
    personId: idOrNull(single(query, "person_id"), "person_id"),
    before: idOrNull(single(query, "before"), "before"),
    limit: parseLimit(query, 50),
  };
}

/** 1..200 */
function parseLimit(query: Fields, otherwise: number): number {
  const limit = single(query, "limit");
  if (limit === null) return otherwise;
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE)
    throw invalid(`limit is a whole number from 1 to ${MAX_PAGE}.`);
  return Number(limit);
}

export function idOf(value: unknown, at: string): string {
  if (typeof value !== "string" || !ID.test(value)) throw invalid(`${at} is an id as Haven gives them.`);
  return value;
}

function idOrNull(value: string | null, at: string): string | null {
  return value === null ? null : idOf(value, at);
}

function idList(value: unknown, at: string): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_MOVED)
    throw invalid(`${at} is a list of at most ${MAX_MOVED} ids.`);
  return [...new Set(value.map((id: unknown, index) => idOf(id, `${at}[${index}]`)))];
}

export function personName(value: unknown, at: string): string {
  return still(text(value, at, LONGEST_NAME), at);
}

export function wordOrNull(value: unknown, at: string): string | null {
  return value === undefined || value === null || value === "" ? null : personName(value, at);
}

/** May have several lines. */
export function descriptionOf(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw invalid("description is a text.");
  still(text(value.replace(/[\r\n\t]+/g, " "), "description", LONGEST_DESCRIPTION), "description");
  return value.trim();
}

export function consentOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (!isFields(value)) throw invalid("consent says who agreed, as {by}, or is null.");
  return personName(knownFields(value, ["by"], "consent").by, "consent.by");
}

/** Half a character is a letter to nobody, and stored as another. */
function still(value: string, at: string): string {
  if (MOVES_TEXT.test(value) || /\p{Cs}/u.test(value))
    throw invalid(`${at} holds characters that cannot be printed.`);
  return value;
}

function wholeDays(value: unknown): number {
  const days = numberIn(value, "retention_days", 1, MAX_RETENTION_DAYS);
  if (!Number.isInteger(days)) throw invalid("retention_days is a whole number of days.");
  return days;
}

function timeOf(query: Fields, name: string): number | null {
  const value = single(query, name);
  if (value === null) return null;
  const at = /^\d{4}-\d\d-\d\dT[\d:.]{5,12}(Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw invalid(`${name} is a time such as 2026-11-20T08:00:00Z.`);
  return at;
}

export function parseBoolean(value: string, at: string): boolean {
  return oneOf(value, at, ["true", "false"]) === "true";
}

function nullOr<T>(value: unknown, parse: (value: unknown) => T): T | null {
  return value === null ? null : parse(value);
}

export function byOf(value: unknown): string | null {
  return value === undefined ? null : text(value, "by", LONGEST_NAME);
}
