// Everything people do to identities. Each change is one transaction that outlives a power cut, stands in the audit with
// who made it, and can be taken back, in any order, unless something later builds on it.
import { AppError } from "../core/errors.ts";
import { displayName, type Person } from "../domain/person.ts";
import type { AuditFilter } from "../store/audit-repository.ts";
import type { AuditRow, EmbeddingRow, ReviewRow, TrackletRow } from "../store/person-rows.ts";
import { type AdminContext, change, type Done, HAVEN, newPersonId, personOf } from "./admin-context.ts";
import { type Enrolment, type EnrolRequest, enrol, givenFields } from "./enrolment.ts";
import { expirePersons, type Forgotten, forgetPerson, resetPersons } from "./forgetting.ts";
import { checkedEdit, type PersonEdit } from "./person-edit.ts";
import { setAsideSuspects } from "./prototype-hygiene.ts";
import {
  addNegatives,
  assignTo,
  mergeInto,
  mustBeOnePerson,
  notTheirs,
  type SplitParts,
  splitOff,
} from "./reassignment.ts";
import { undo } from "./undo.ts";

/** What is found out after a change, and by which it can be undone: null when nothing changed. */
export interface Changed {
  readonly person: Person;
  readonly auditId: string | null;
}

export const REVIEW_ANSWERS = ["same", "different", "unsure"] as const;
export type ReviewAnswer = (typeof REVIEW_ANSWERS)[number];

/** Questions and entries a list shows at most. */
const MOST_LISTED = 500;

/** All of it throws AppError: input.invalid, not-found, conflict, store.*; then nothing changed. */
export class PersonAdmin {
  readonly #context: AdminContext;

  constructor(context: AdminContext) {
    this.#context = context;
  }

  /** From photos: a new person, or more of one who is known. Rejects likewise. */
  async enrol(request: EnrolRequest): Promise<Enrolment> {
    const enrolled = await enrol(this.#context, request);
    if (enrolled.auditId !== null) setAsideSuspects(this.#context, "named");
    return enrolled;
  }

  /** Name, kind, region, client, description, consent, retention. A visitor who is given a name is enrolled by it. */
  edit(personId: string, fields: PersonEdit, by: string): Changed {
    const edit = checkedEdit(fields);
    const { id } = personOf(this.#context, personId);
    const done = change(this.#context, { action: "edit", personId: id, persons: [id], by }, (writer, at) =>
      writer.setPerson(id, givenFields(edit, at)),
    );
    return this.#after(id, done);
  }

  /** The loser lives on in the winner. `force`: although they were seen at the same time, or belong to different regions. */
  merge(loserId: string, winnerId: string, { by, force = false }: { by: string; force?: boolean }): Changed {
    return this.#merge(loserId, winnerId, { by, force, action: "merge" });
  }

  /** A visitor's entry that turned out to be somebody known, found out by Haven itself. */
  absorb(visitorId: string, personId: string): Changed {
    return this.#merge(visitorId, personId, { by: HAVEN, force: false, action: "absorb" });
  }

  /** Makes a new visitor, who is answered, of what was taken for this person. */
  split(personId: string, parts: SplitParts, by: string): Changed {
    const { store, clock, live } = this.#context;
    const { id } = personOf(this.#context, personId);
    const newId = newPersonId(clock.now());
    const done = change(
      this.#context,
      { action: "split", personId: id, persons: [id, newId], by },
      (writer, at) => splitOff(writer, store, { person: writer.personRow(id), newId, parts, at }),
    );
    for (const { trackletId } of done.result) live.correct({ kind: "is", trackletId, personId: newId });
    return this.#after(newId, done);
  }

  /** The tracklet is this person's, whoever it was taken for. */
  assign(personId: string, trackletId: string, by: string): Changed {
    const { store, live } = this.#context;
    const { id } = personOf(this.#context, personId);
    const { personId: before } = this.#tracklet(trackletId);
    const done = change(
      this.#context,
      { action: "assign", personId: id, persons: ids(id, before), by },
      (writer, at) =>
        assignTo(writer, store, { tracklet: this.#tracklet(trackletId), person: writer.personRow(id), at }),
    );
    live.correct({ kind: "is", trackletId, personId: id });
    return this.#after(id, done);
  }

  /** This is not them: what the tracklet looks like counts against them from now on, and it is decided anew without them. */
  notThem(personId: string, trackletId: string, by: string): Changed {
    const { store, live } = this.#context;
    const { id } = personOf(this.#context, personId);
    const seen = live.examples(trackletId);
    const done = change(
      this.#context,
      { action: "not_them", personId: id, persons: [id], by },
      (writer, at) => {
        const tracklet = this.#tracklet(trackletId);
        notTheirs(writer, store, { tracklet, person: writer.personRow(id), seen, at });
      },
    );
    live.correct({ kind: "is_not", trackletId, personId: id });
    return this.#after(id, done);
  }

  /** An example is kept, and not looked for any more. */
  setAside(personId: string, embeddingId: string, by: string): Changed {
    return this.#setState(personId, embeddingId, {
      by,
      action: "set_aside",
      from: "prototype",
      to: "set_aside",
    });
  }

  restore(personId: string, embeddingId: string, by: string): Changed {
    return this.#setState(personId, embeddingId, {
      by,
      action: "restore",
      from: "set_aside",
      to: "prototype",
    });
  }

  /** Every trace of them is gone, and of whoever was merged into them. Cannot be undone. */
  forget(personId: string, by: string): void {
    forgetPerson(this.#context, personId, by);
  }

  /** Forgets what one camera knows; null: everybody. Cannot be undone. */
  reset(cameraId: string | null, by: string): Forgotten {
    return resetPersons(this.#context, cameraId, by);
  }

  /** What time asks for: those whose days are over are forgotten, examples that fit badly are set aside. Counts. */
  lookThrough(): { readonly forgotten: number; readonly archived: number; readonly setAside: number } {
    return { ...expirePersons(this.#context), setAside: setAsideSuspects(this.#context, "everybody's") };
  }

  /** Answers the audit entry of the undoing. Throws AppError conflict when something later is in the way. */
  undo(auditId: string, by: string): { readonly auditId: string } {
    return undo(this.#context, auditId, by);
  }

  /** Newest first. */
  audit(filter: AuditFilter): readonly AuditRow[] {
    return this.#context.store.audit.list({ ...filter, limit: Math.min(filter.limit, MOST_LISTED) });
  }

  /** Questions about close cases, newest first. */
  reviews(which: "open" | "answered"): readonly ReviewRow[] {
    return this.#context.store.reviews.list(which, MOST_LISTED);
  }

  /**
   * same: an entry without a name is merged into the other; of two with names, and where it was taken for nobody, the
   * tracklet becomes the candidate's. different: what it looks like counts against the candidate. unsure: nothing changes.
   */
  answerReview(reviewId: string, answer: ReviewAnswer, by: string): { readonly auditId: string | null } {
    const review = this.#about(this.#review(reviewId));
    const persons = ids(review.personId, review.candidateId);
    const done = change(
      this.#context,
      { action: "review", personId: review.candidateId, persons, by, notes: { reviewId, answer } },
      (writer, at) => {
        const open = this.#review(reviewId);
        writer.setReview(open, { answer, answeredAt: at, answeredBy: by });
        if (answer === "same") this.#becomeSame(writer, this.#about(open), { at, by });
        if (answer === "different") this.#becomeDifferent(writer, this.#about(open), at);
      },
    );
    const { trackletId, candidateId: personId } = review;
    if (trackletId !== null && answer !== "unsure")
      this.#context.live.correct(
        answer === "same" && personId !== null
          ? { kind: "is", trackletId, personId: personOf(this.#context, personId).id }
          : { kind: "is_not", trackletId, personId },
      );
    return { auditId: done.auditId };
  }

  #becomeSame(writer: Writer, review: ReviewRow, { at, by }: { at: number; by: string }): void {
    const { store } = this.#context;
    const candidate = writer.personRow(review.candidateId);
    const taken = review.personId === null ? null : writer.personRow(review.personId);
    if (taken?.personId === candidate.personId) return;
    if (taken !== null && (taken.name === null || candidate.name === null)) {
      const [loser, winner] = taken.name === null ? [taken, candidate] : [candidate, taken];
      mustBeOnePerson(store, loser, winner, false);
      mergeInto(writer, store, { loser, winner, at, by });
      return;
    }
    if (review.trackletId === null) return;
    const tracklet = store.tracklets.find(review.trackletId);
    if (tracklet !== null) assignTo(writer, store, { tracklet, person: candidate, at });
  }

  #becomeDifferent(writer: Writer, { trackletId, personId, candidateId }: ReviewRow, at: number): void {
    if (trackletId === null || personId === candidateId) return;
    const { store, live } = this.#context;
    const stored = store.embeddings
      .ofTracklet(trackletId)
      .filter(({ state, personId }) => state === "prototype" && personId !== candidateId);
    const from = stored.length > 0 ? stored : live.examples(trackletId);
    addNegatives(writer, { personId: candidateId, from, trackletId, at });
  }

  #merge(
    loserId: string,
    winnerId: string,
    { by, force, action }: { by: string; force: boolean; action: "merge" | "absorb" },
  ): Changed {
    const { store } = this.#context;
    const loser = personOf(this.#context, loserId);
    const winner = personOf(this.#context, winnerId);
    const done = change(
      this.#context,
      {
        action,
        personId: winner.id,
        persons: [loser.id, winner.id],
        by,
        notes: { merged: loser.id },
      },
      (writer, at) => {
        const rows = { loser: writer.personRow(loser.id), winner: writer.personRow(winner.id) };
        mustBeOnePerson(store, rows.loser, rows.winner, force);
        mergeInto(writer, store, { ...rows, at, by });
      },
    );
    return this.#after(winner.id, done);
  }

  #setState(
    personId: string,
    embeddingId: string,
    how: {
      readonly by: string;
      readonly action: "set_aside" | "restore";
      readonly from: EmbeddingRow["state"];
      readonly to: "set_aside" | "prototype";
    },
  ): Changed {
    const { id, ...person } = personOf(this.#context, personId);
    const done = change(
      this.#context,
      { action: how.action, personId: id, persons: [id], by: how.by },
      (writer, at) => {
        const row = this.#context.store.embeddings.find(embeddingId);
        if (row === null || row.personId !== id)
          throw new AppError("not-found", `${displayName(person)} has no such example; read the list again`);
        if (row.state === how.to) return;
        if (row.state !== how.from)
          throw new AppError(
            "conflict",
            "only examples somebody is looked for by can be set aside, and restored",
          );
        writer.setEmbedding(row, { state: how.to });
        writer.settleMeans(id, "anew", at);
      },
    );
    return this.#after(id, done);
  }

  #tracklet(trackletId: string): TrackletRow {
    const row = this.#context.store.tracklets.find(trackletId);
    if (row === null)
      throw new AppError(
        "not-found",
        `there is no sighting ${trackletId.slice(0, 64)}; perhaps it is too old`,
      );
    return row;
  }

  #review(reviewId: string): ReviewRow {
    const row = this.#context.store.reviews.find(reviewId);
    if (row === null) throw new AppError("not-found", `there is no question ${reviewId.slice(0, 64)}`);
    if (row.answer !== null)
      throw new AppError(
        "conflict",
        `${row.answeredBy ?? "somebody"} has answered this already; undo that first`,
      );
    return row;
  }

  /** Whom it is about by now. */
  #about(review: ReviewRow): ReviewRow {
    const { personId, candidateId } = review;
    return {
      ...review,
      personId: personId === null ? null : personOf(this.#context, personId).id,
      candidateId: personOf(this.#context, candidateId).id,
    };
  }

  #after(personId: string, { auditId }: Done<unknown>): Changed {
    return { person: personOf(this.#context, personId), auditId };
  }
}

type Writer = Parameters<Parameters<typeof change>[2]>[0];

function ids(...found: readonly (string | null)[]): string[] {
  return found.filter((id) => id !== null);
}
