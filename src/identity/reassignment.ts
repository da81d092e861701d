// What was taken for one person's is another's: merging, splitting, "this is", "this is not". Each is one change.
import type { Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { DecisionReason, IdentityDecision } from "../domain/identity.ts";
import { displayName, VISIT_GAP_MS } from "../domain/person.ts";
import type { EmbeddingRow, PersonRow, TrackletRow } from "../store/person-rows.ts";
import type { Store } from "../store/store.ts";
import { newPersonRow } from "./admin-context.ts";
import type { ChangeWriter } from "./change-writer.ts";
import type { Example } from "./people.ts";
import { mergedFigures, mergedSizes, SEEN_TOGETHER_MS } from "./person-merge.ts";

const EVERY_TRACKLET = { since: null, until: null, limit: Number.MAX_SAFE_INTEGER } as const;

/** What has to be true of two entries that are to be one. Throws AppError conflict. */
export function mustBeOnePerson(store: Store, loser: PersonRow, winner: PersonRow, force: boolean): void {
  const [one, other] = [displayName(loser), displayName(winner)];
  if (loser.personId === winner.personId)
    throw new AppError("conflict", `${one} and ${other} are one person already`);
  if (force) return;
  const together = store.tracklets.together(loser.personId, winner.personId, SEEN_TOGETHER_MS);
  if (together !== null)
    throw new AppError(
      "conflict",
      `${one} and ${other} were in the picture of ${together.cameraId} at the same time, so they are two; split what is mixed up first, or insist`,
      { fields: { cameraId: together.cameraId, at: together.at } },
    );
  if (differ(loser.region, winner.region) || differ(loser.clientId, winner.clientId))
    throw new AppError(
      "conflict",
      `${one} and ${other} are known in different regions or to different clients; change that first, or insist`,
    );
}

/**
 * Everything of the loser's is the winner's from now on; what nobody has said of the winner is taken from the loser. The
 * loser's row stays with what it was, and its running means with it, so that all of this can be taken back.
 */
export function mergeInto(
  writer: ChangeWriter,
  store: Store,
  {
    loser,
    winner,
    at,
    by,
  }: { readonly loser: PersonRow; readonly winner: PersonRow; readonly at: Millis; readonly by: string },
): void {
  const [from, to] = [loser.personId, winner.personId];
  const isNamedBy = winner.name === null && loser.name !== null;
  writer.setPerson(to, {
    ...(isNamedBy ? { name: loser.name, kind: loser.kind } : {}),
    ...(winner.status === "archived" ? { status: "active" } : {}),
    description: winner.description ?? loser.description,
    ...(winner.consentBy === null ? { consentBy: loser.consentBy, consentAt: loser.consentAt } : {}),
    retentionDays: winner.retentionDays ?? loser.retentionDays,
  });
  for (const row of store.embeddings.looksOf(from))
    if (row.state !== "mean") writer.setEmbedding(row, { personId: to });
  for (const row of store.tracklets.ofPerson({ personId: from, ...EVERY_TRACKLET }))
    writer.setTracklet(row, { personId: to });
  writer.moveEvents(from, to);
  writer.setFigures(to, mergedFigures(winner, loser));
  for (const size of mergedSizes(to, store.persons.sizes(to), store.persons.sizes(from)))
    writer.setSize(to, size.cameraId, size);
  for (const review of store.reviews.list("open", Number.MAX_SAFE_INTEGER)) {
    const personId = review.personId === from ? to : review.personId;
    const candidateId = review.candidateId === from ? to : review.candidateId;
    const isAnswered = personId === candidateId;
    writer.setReview(
      review,
      isAnswered ? { answer: "same", answeredAt: at, answeredBy: by } : { personId, candidateId },
    );
  }
  writer.setPerson(from, { status: "merged", mergedInto: to });
  writer.settleMeans(to, "missing", at);
}

export interface SplitParts {
  readonly trackletIds: readonly string[];
  readonly embeddingIds: readonly string[];
}

/**
 * Makes a new visitor of some tracklets and examples. A tracklet takes its examples along, and an example the tracklet it
 * is from. Answers the tracklets that moved. Throws AppError input.invalid, or conflict when nothing would be left.
 */
export function splitOff(
  writer: ChangeWriter,
  store: Store,
  {
    person,
    newId: id,
    parts,
    at,
  }: { readonly person: PersonRow; readonly newId: string; readonly parts: SplitParts; readonly at: Millis },
): readonly TrackletRow[] {
  const rows = store.embeddings.looksOf(person.personId).filter(({ state }) => state !== "mean");
  const all = store.tracklets.ofPerson({ personId: person.personId, ...EVERY_TRACKLET });
  const foreign =
    parts.trackletIds.find((trackletId) => !all.some((row) => row.trackletId === trackletId)) ??
    parts.embeddingIds.find((embeddingId) => !rows.some((row) => row.embeddingId === embeddingId));
  if (foreign !== undefined)
    throw new AppError(
      "input.invalid",
      `${foreign.slice(0, 64)} is not ${displayName(person)}'s; read the list again`,
    );
  if (parts.trackletIds.length + parts.embeddingIds.length === 0)
    throw new AppError("input.invalid", "name the sightings or examples to split off");
  const pointed = new Set(parts.embeddingIds);
  const trackletIds = new Set([
    ...parts.trackletIds,
    ...rows.flatMap(({ embeddingId, trackletId }) =>
      pointed.has(embeddingId) && trackletId !== null ? [trackletId] : [],
    ),
  ]);
  const embeddings = rows.filter(
    ({ embeddingId, trackletId }) =>
      pointed.has(embeddingId) || (trackletId !== null && trackletIds.has(trackletId)),
  );
  const tracklets = all.filter(({ trackletId }) => trackletIds.has(trackletId));
  if (embeddings.length === rows.length && tracklets.length === all.length)
    throw new AppError(
      "conflict",
      `that is all there is of ${displayName(person)}; give them another name instead`,
    );
  writer.createPerson(
    newPersonRow(store, id, at, {
      kind: "visitor",
      region: person.region,
      clientId: person.clientId,
      ...sightingsOf(tracklets),
    }),
  );
  for (const row of embeddings) writer.setEmbedding(row, { personId: id });
  for (const row of tracklets) {
    writer.setTracklet(row, { personId: id });
    writer.setEventsOf(row, id, [person.personId]);
  }
  lastSeenWithout(writer, person, all, tracklets);
  writer.settleMeans(person.personId, "anew", at);
  writer.settleMeans(id, "anew", at);
  return tracklets;
}

/** The tracklet is this person's, whoever it was taken for; its examples come along. */
export function assignTo(
  writer: ChangeWriter,
  store: Store,
  {
    tracklet,
    person,
    at,
  }: { readonly tracklet: TrackletRow; readonly person: PersonRow; readonly at: Millis },
): void {
  const before = tracklet.personId;
  if (before === person.personId) return;
  for (const row of store.embeddings.ofTracklet(tracklet.trackletId))
    if (row.personId === before && row.state !== "mean")
      writer.setEmbedding(row, { personId: person.personId });
  writer.setTracklet(tracklet, {
    personId: person.personId,
    cue: null,
    confidence: 1,
    decision: JSON.stringify(saidByHand("confirmed_by_hand", person.personId)),
  });
  writer.setEventsOf(tracklet, person.personId, [before, null]);
  writer.settleMeans(person.personId, "anew", at);
  if (before !== null) writer.settleMeans(before, "anew", at);
}

/**
 * The tracklet is not this person's. Its faces and gait become what the person is known not to be; its clothes are only set
 * aside, because they are forgotten within hours and an example of what somebody is not would never be.
 */
export function notTheirs(
  writer: ChangeWriter,
  store: Store,
  {
    tracklet,
    person,
    seen,
    at,
  }: {
    readonly tracklet: TrackletRow;
    readonly person: PersonRow;
    /** What the track looks like, where it is still followed. */
    readonly seen: readonly Example[];
    readonly at: Millis;
  },
): void {
  const { personId } = person;
  const theirs = store.embeddings
    .ofTracklet(tracklet.trackletId)
    .filter((row) => row.personId === personId && (row.state === "prototype" || row.state === "set_aside"));
  for (const row of theirs)
    writer.setEmbedding(row, { state: row.cue === "appearance" ? "set_aside" : "negative" });
  const hasFace = theirs.some(({ cue }) => cue === "face");
  if (!hasFace) addNegatives(writer, { personId, from: seen, trackletId: tracklet.trackletId, at });
  if (tracklet.personId === personId) {
    writer.setTracklet(tracklet, {
      personId: null,
      cue: null,
      confidence: null,
      decision: JSON.stringify(saidByHand("not_them", null)),
    });
    writer.setEventsOf(tracklet, null, [personId]);
    lastSeenWithout(writer, person, store.tracklets.ofPerson({ personId, ...EVERY_TRACKLET }), [tracklet]);
  }
  writer.settleMeans(personId, "anew", at);
}

/** So many faces say what somebody is not. */
const MOST_NEGATIVES = 5;

/** What somebody is known not to be. No picture is kept of it. */
export function addNegatives(
  writer: ChangeWriter,
  {
    personId,
    from,
    trackletId,
    at,
  }: {
    readonly personId: string;
    readonly from: readonly (Example | EmbeddingRow)[];
    readonly trackletId: string;
    readonly at: Millis;
  },
): number {
  const faces = from.filter(({ cue }) => cue === "face").slice(0, MOST_NEGATIVES);
  for (const { cue, modelId, vector, quality, facing, cameraId, capturedAt } of faces)
    writer.addEmbedding({
      embeddingId: newId(at),
      personId,
      cue,
      modelId,
      state: "negative",
      vector,
      quality,
      facing,
      source: "sighting",
      cameraId,
      trackletId,
      capturedAt,
      picture: null,
    });
  return faces.length;
}

function saidByHand(reason: DecisionReason, personId: string | null): IdentityDecision {
  return {
    outcome: personId === null ? "unknown" : "matched",
    personId,
    cue: null,
    confidence: personId === null ? 0 : 1,
    combined: null,
    cues: [],
    reasons: [reason],
  };
}

/** What a person's sightings add up to who was only ever seen in these tracklets. */
function sightingsOf(
  tracklets: readonly TrackletRow[],
): Pick<PersonRow, "firstSeenAt" | "lastSeenAt" | "lastCameraId" | "visits"> {
  const inOrder = [...tracklets].sort((a, b) => a.firstAt - b.firstAt);
  let lastSeenAt: Millis | null = null;
  let visits = 0;
  for (const { firstAt, lastAt } of inOrder) {
    if (lastSeenAt === null || firstAt - lastSeenAt >= VISIT_GAP_MS) visits += 1;
    lastSeenAt = Math.max(lastSeenAt ?? lastAt, lastAt);
  }
  const last = inOrder.find(({ lastAt }) => lastAt === lastSeenAt);
  return {
    firstSeenAt: inOrder[0]?.firstAt ?? null,
    lastSeenAt,
    lastCameraId: last?.cameraId ?? null,
    visits,
  };
}

/** Where the last sight of a person was none of them, it was the one before. */
function lastSeenWithout(
  writer: ChangeWriter,
  person: PersonRow,
  all: readonly TrackletRow[],
  gone: readonly TrackletRow[],
): void {
  const left = sightingsOf(
    all.filter(({ trackletId }) => !gone.some((row) => row.trackletId === trackletId)),
  );
  const wasLast = gone.some(({ lastAt }) => lastAt >= (person.lastSeenAt ?? -Infinity));
  if (!wasLast || left.lastSeenAt === null) return;
  writer.setFigures(person.personId, {
    firstSeenAt: person.firstSeenAt,
    lastSeenAt: left.lastSeenAt,
    lastCameraId: left.lastCameraId,
    visits: person.visits,
    heightM: person.heightM,
    heightCount: person.heightCount,
  });
}

function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}
