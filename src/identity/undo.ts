// Takes back what was done by hand.
import type { Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { AuditRow } from "../store/person-rows.ts";
import type { Store } from "../store/store.ts";
import type { AdminContext } from "./admin-context.ts";
import { ChangeWriter } from "./change-writer.ts";
import {
  type AuditedChange,
  type ChangeLog,
  logAsJson,
  logFromJson,
  personsIn,
  standsInTheWay,
} from "./person-changes.ts";
import { checkedBy } from "./person-edit.ts";

/** Entries of the audit that are read at a time. */
const PAGE = 200;

/** Answers the entry of the undoing, which itself cannot be undone. Throws AppError not-found or conflict. */
export function undo(context: AdminContext, auditId: string, by: string): { readonly auditId: string } {
  const { people, store, clock } = context;
  const who = checkedBy(by);
  const at = clock.now();
  const undoing = newId(at);
  const { log } = undoable(store, auditId);
  const persons = [...new Set([...personsIn(log), ...ownersNow(store, log)])];
  people.alter(persons, () => {
    // Once more: what waited to be written is in the database by now.
    const { entry, log: current } = undoable(store, auditId);
    const writer = new ChangeWriter(store);
    writer.takeBack(current);
    if (movesExamples(current))
      for (const id of persons)
        if (store.persons.find(id) !== null && (!isMerge(current) || hasLearned(store, id, entry.at)))
          writer.settleMeans(id, "anew", at);
    store.audit.setUndone(auditId, at);
    const details = logAsJson({ changes: [], notes: { of: auditId, action: entry.action } });
    return {
      result: null,
      audit: {
        auditId: undoing,
        at,
        by: who,
        action: "undo",
        personId: entry.personId,
        details,
        undoneAt: null,
      },
    };
  });
  tellLiveTracks(context, log);
  return { auditId: undoing };
}

/** Whose the examples are by now. */
function ownersNow(store: Store, { changes }: ChangeLog): string[] {
  const embeddingIds = changes.flatMap(({ of, ids }) => (of === "embedding" ? ids : []));
  return embeddingIds.flatMap((id) => store.embeddings.find(id)?.personId ?? []);
}

function movesExamples({ changes }: ChangeLog): boolean {
  return changes.some(({ of }) => of === "embedding");
}

/** A merge leaves the running means of both as they were; everything else moves what they are made from. */
function isMerge({ changes }: ChangeLog): boolean {
  return changes.some(({ of, to }) => of === "person" && to.status === "merged");
}

/** Whether a running mean has moved since. */
function hasLearned(store: Store, personId: string, since: Millis): boolean {
  return store.embeddings
    .looksOf(personId)
    .some(({ state, capturedAt }) => state === "mean" && capturedAt > since);
}

function undoable(store: Store, auditId: string): { readonly entry: AuditRow; readonly log: ChangeLog } {
  const entry = store.audit.find(auditId);
  if (entry === null)
    throw new AppError("not-found", `there is no change ${auditId.slice(0, 64)} in the audit`);
  if (entry.undoneAt !== null) throw new AppError("conflict", "this has been undone already");
  if (entry.action === "undo")
    throw new AppError("conflict", "an undoing cannot be undone; make the change again");
  const log = logFromJson(entry.details);
  if (log === null || log.changes.length === 0)
    throw new AppError("conflict", "this cannot be undone: what would be needed for it is no longer kept");
  const obstacle = standsInTheWay(log, laterThan(store, auditId));
  if (obstacle !== null)
    throw new AppError(
      "conflict",
      `something was changed since that builds on it (${obstacle.action.replace("_", " ")}); undo that first`,
      { fields: { auditId: obstacle.auditId } },
    );
  return { entry, log };
}

/** What was done since and has not been undone, oldest first. */
function laterThan(store: Store, auditId: string): AuditedChange[] {
  const found: AuditedChange[] = [];
  let before: string | null = null;
  for (;;) {
    const page = store.audit.list({ personId: null, before, limit: PAGE });
    for (const row of page) {
      if (row.auditId <= auditId) return found.reverse();
      const log = row.undoneAt === null ? logFromJson(row.details) : null;
      if (log !== null) found.push({ auditId: row.auditId, action: row.action, log });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found.reverse();
    before = last.auditId;
  }
}

/** Those that are not followed any more are passed over. */
function tellLiveTracks({ store, live }: AdminContext, { changes }: ChangeLog): void {
  for (const { of, ids, to } of changes) {
    if (of !== "tracklet") continue;
    for (const trackletId of ids) {
      const row = store.tracklets.find(trackletId);
      if (row === null) continue;
      if (row.personId !== null) live.correct({ kind: "is", trackletId, personId: row.personId });
      else if (typeof to.personId === "string")
        live.correct({ kind: "is_not", trackletId, personId: to.personId });
    }
  }
}
