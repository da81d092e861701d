// Forgets people: one who asks for it, visitors whose time is up, everything one camera knows. What is forgotten is in none
// of the database's files afterwards, and cannot be undone.
import type { Millis } from "../core/clock.ts";
import { newId } from "../core/ids.ts";
import type { AuditRow, PersonRow } from "../store/person-rows.ts";
import { type AdminContext, type AuditAction, change, HAVEN, personOf } from "./admin-context.ts";
import { ChangeWriter } from "./change-writer.ts";
import { type Columns, logAsJson, logFromJson } from "./person-changes.ts";
import { checkedBy } from "./person-edit.ts";

const DAY_MS: Millis = 86_400_000;
/** Who was just made has no example yet. */
const NEW_FOR_MS: Millis = 3_600_000;
/** Persons that go in one transaction: a few milliseconds each. */
const CHUNK = 50;

export interface Forgotten {
  readonly persons: number;
  /** Examples that went from persons who stay. */
  readonly examples: number;
}

/** Everything about a person, and whoever was merged into them. Throws AppError not-found, store.*. */
export function forgetPerson(context: AdminContext, personId: string, by: string): void {
  const { id } = personOf(context, personId);
  forgetAll(context, [id], { action: "forget", by, notes: {} });
  erase(context);
}

/**
 * Of one camera: its sightings, the examples it gave, and persons whom nothing else tells of and nobody has named. null:
 * everybody. Throws AppError store.*.
 */
export function resetPersons(context: AdminContext, cameraId: string | null, by: string): Forgotten {
  const forgotten = cameraId === null ? forgetEverybody(context, by) : forgetCamera(context, cameraId, by);
  erase(context);
  return forgotten;
}

export interface Expired {
  readonly forgotten: number;
  readonly archived: number;
}

/**
 * Forgets visitors, and persons with a time of their own, who were not seen for that long; and no longer looks for visitors
 * of whom nothing is left to know them by. Throws AppError store.*.
 */
export function expirePersons(context: AdminContext): Expired {
  const { store, clock, settings } = context;
  const now = clock.now();
  const { visitorDays } = settings();
  const rows = store.persons.all();
  const gone = rows.filter((row) => isOver(row, visitorDays, now)).map(({ personId }) => personId);
  forgetAll(context, gone, { action: "expire", by: HAVEN, notes: {} });
  if (gone.length > 0) erase(context);
  const left = new Set(gone);
  const faded = rows.filter((row) => !left.has(row.personId) && hasFaded(context, row, now));
  for (const { personId } of faded)
    change(context, { action: "archive", personId, persons: [personId], by: HAVEN }, (writer) => {
      if (store.persons.find(personId)?.status === "active")
        writer.setPerson(personId, { status: "archived" });
    });
  return { forgotten: gone.length, archived: faded.length };
}

function isOver(row: PersonRow, visitorDays: number, now: Millis): boolean {
  const days = row.retentionDays ?? (row.kind === "visitor" ? visitorDays : null);
  return days !== null && now - (row.lastSeenAt ?? row.createdAt) > days * DAY_MS;
}

/** A visitor without a name, whose clothes are forgotten and whose face was never seen. */
function hasFaded({ store }: AdminContext, row: PersonRow, now: Millis): boolean {
  if (row.status !== "active" || row.name !== null || row.kind !== "visitor") return false;
  if (now - (row.lastSeenAt ?? row.createdAt) < NEW_FOR_MS) return false;
  return !store.embeddings
    .looksOf(row.personId)
    .some(({ cue, state }) => state === "prototype" && cue !== "gait");
}

function forgetEverybody(context: AdminContext, by: string): Forgotten {
  // Those who live on in others go with them.
  const rows = context.store.persons.all().filter(({ mergedInto }) => mergedInto === null);
  const persons = forgetAll(
    context,
    rows.map(({ personId }) => personId),
    { action: "reset", by, notes: {} },
  );
  return { persons, examples: 0 };
}

function forgetCamera(context: AdminContext, cameraId: string, by: string): Forgotten {
  const { people, store, clock } = context;
  const told: Told = { action: "reset", by, notes: { cameraId } };
  people.flush();
  const only = store.persons.ofStatus("active").filter((row) => isKnownOnlyBy(context, row, cameraId));
  const persons = forgetAll(
    context,
    only.map(({ personId }) => personId),
    told,
  );
  const rows = store.embeddings.ofCamera(cameraId).flatMap((id) => store.embeddings.find(id) ?? []);
  const touched = [...new Set([...rows.map(({ personId }) => personId), ...seenBy(context, cameraId)])];
  people.alter(touched, () => {
    const writer = new ChangeWriter(store);
    const at = clock.now();
    for (const { embeddingId } of rows) store.embeddings.delete(embeddingId);
    store.persons.deleteSizesOfCamera(cameraId);
    store.tracklets.forgetCamera(cameraId);
    for (const id of touched) if (store.persons.find(id) !== null) writer.settleMeans(id, "anew", at);
    return { result: null, audit: auditOf(told, { examples: rows.length }, at) };
  });
  return { persons, examples: rows.length };
}

function isKnownOnlyBy({ store }: AdminContext, row: PersonRow, cameraId: string): boolean {
  if (row.name !== null) return false;
  const cameras = new Set([
    ...store.persons.sizes(row.personId).map((size) => size.cameraId),
    ...store.embeddings
      .looksOf(row.personId)
      .flatMap(({ state, cameraId: of }) => (state === "mean" ? [] : [of])),
    ...(row.lastCameraId === null ? [] : [row.lastCameraId]),
  ]);
  return cameras.size === 1 && cameras.has(cameraId);
}

function seenBy({ store }: AdminContext, cameraId: string): string[] {
  return store.persons
    .allSizes()
    .filter((size) => size.cameraId === cameraId)
    .map(({ personId }) => personId);
}

/** Answers how many entries went, those merged into them included. The audit tells how many, and of nobody. */
function forgetAll({ people, store, clock }: AdminContext, personIds: readonly string[], told: Told): number {
  let count = 0;
  for (let start = 0; start < personIds.length; start += CHUNK) {
    const chunk = personIds.slice(start, start + CHUNK);
    const lines = [...new Set(chunk.flatMap((id) => store.persons.line(id)))];
    count += people.alter(lines, () => {
      for (const id of lines) {
        forgetCopies(store, id);
        for (const name of namesOf(store, id)) store.eventOwners.forgetCarer(name);
      }
      const gone = chunk.flatMap((id) => (store.persons.find(id) === null ? [] : store.persons.forget(id)));
      return {
        result: gone.length,
        audit: auditOf(told, { persons: gone.length }, clock.now()),
      };
    });
  }
  return count;
}

interface Told {
  readonly action: AuditAction;
  readonly by: string;
  readonly notes: Columns;
}

function auditOf({ action, by, notes }: Told, counts: Columns, at: Millis): AuditRow {
  const details = logAsJson({ changes: [], notes: { ...notes, ...counts } });
  return { auditId: newId(at), at, by: checkedBy(by), action, personId: null, details, undoneAt: null };
}

/** What others are known not to look like may have been copied from this person's sightings. */
function forgetCopies(store: AdminContext["store"], personId: string): void {
  const trackletIds = new Set([
    ...store.embeddings.looksOf(personId).flatMap(({ trackletId }) => trackletId ?? []),
    ...store.tracklets
      .ofPerson({ personId, since: null, until: null, limit: Number.MAX_SAFE_INTEGER })
      .map(({ trackletId }) => trackletId),
  ]);
  for (const trackletId of trackletIds)
    for (const row of store.embeddings.ofTracklet(trackletId))
      if (row.personId !== personId && row.state === "negative") store.embeddings.delete(row.embeddingId);
}

/** What they are called and were called, as far as the audit knows. */
function namesOf(store: AdminContext["store"], personId: string): Set<string> {
  const changes = store.audit
    .list({ personId, before: null, limit: MOST_NAMES })
    .flatMap(({ details }) => logFromJson(details)?.changes ?? [])
    .filter(({ of, ids }) => of === "person" && ids.includes(personId));
  const row = store.persons.find(personId);
  const names = [row?.name, ...changes.flatMap(({ from, to }) => [from?.name, to.name])];
  return new Set(names.filter((name) => typeof name === "string"));
}

const MOST_NAMES = 1000;
const TRY_AGAIN_MS: Millis = 5000;
/** Who is where is kept too, by ids, and written anew by then. */
const ERASE_AGAIN_MS: Millis = 60_000;
const TRIES = 60;

/** Rows are gone already; their bytes go from the files as soon as nobody reads them. */
function erase(context: AdminContext, tries = TRIES, isSecond = false): void {
  const { store, clock, log } = context;
  try {
    if (store.eraseDeleted()) {
      if (!isSecond) clock.schedule(ERASE_AGAIN_MS, () => erase(context, TRIES, true));
      return;
    }
  } catch (error) {
    log.warn({ err: error }, "what was forgotten could not be erased from the database's files yet");
  }
  if (tries > 1) clock.schedule(TRY_AGAIN_MS, () => erase(context, tries - 1, isSecond));
  else log.warn({}, "what was forgotten will be erased from the database's files with the next forgetting");
}
