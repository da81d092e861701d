// What the api room asks about persons, answered from the gallery, what people do to identities, and where everybody is.
import {
  EXAMPLE_STATES,
  type PersonExample,
  type PersonStats,
  type PersonAdmin as PersonsOfApi,
  REVIEW_ANSWERS,
  type ReviewEntry,
  type Stay,
} from "./api/person-deps.ts";
import type { Config } from "./config/config.ts";
import { AppError } from "./core/errors.ts";
import type { IdentityDecision } from "./domain/identity.ts";
import { PERSON_KINDS, type PersonKind } from "./domain/person.ts";
import { CUES, type Cue, FACINGS, type PhotoDescription } from "./domain/tracklet.ts";
import type { People } from "./identity/people.ts";
import type { PersonAdmin } from "./identity/person-admin.ts";
import type { PresenceService } from "./pipeline/presence-service.ts";
import type { AuditRow, EmbeddingRow, ReviewRow, TrackletRow } from "./store/person-rows.ts";
import type { Store } from "./store/store.ts";

/** A gap in which somebody may have stood behind a door, or was not told apart: still one stay. */
const STAY_GAP_MS = 30_000;
/** Tracklets that a trajectory is put together from, the newest. */
const MAX_TRACKLETS = 10_000;

export interface PersonParts {
  readonly people: Pick<People, "person" | "persons" | "embeddings" | "search">;
  readonly admin: PersonAdmin;
  readonly store: Store;
  readonly presence: Pick<PresenceService, "persons" | "areas">;
  readonly settings: () => Pick<Config["reid"], "visitorDays" | "appearanceTtlS" | "keepPictures">;
  /** The id by which its faces are kept, and the cosine that makes one person of two; null when faces are not looked at. */
  readonly faceModel: () => { readonly id: string; readonly accept: number } | null;
  readonly describePhoto: (photo: Uint8Array) => Promise<PhotoDescription>;
}

export function apiPersons(parts: PersonParts): PersonsOfApi {
  const { people, admin, store, presence } = parts;
  const figures = store.personFigures;
  const review = (row: ReviewRow): ReviewEntry => ({
    id: row.reviewId,
    createdAt: row.createdAt,
    trackletId: row.trackletId,
    person: row.personId === null ? null : people.person(row.personId),
    candidate: people.person(row.candidateId),
    cue: one(CUES, row.cue) ?? "face",
    score: row.score,
    decision: decisionOf(row.decision),
    answer: one(REVIEW_ANSWERS, row.answer),
    answeredAt: row.answeredAt,
    answeredBy: row.answeredBy,
  });
  return {
    list: () => people.persons(),
    get: (id) => people.person(id),
    summary: (personId) => ({
      embeddings: byCue(figures.prototypesOf(personId)),
      pictureId: figures.pictureOf(personId),
    }),
    presence: () => presence.persons(),
    areas: () => presence.areas(),
    stats: () => statsOf(parts),
    trajectory: (personId, query) => staysOf(store, personId, query),
    examples: (personId) => people.embeddings(personId).map(exampleOf),
    example: (personId, exampleId) =>
      people.embeddings(personId).find(({ embeddingId }) => embeddingId === exampleId) ?? null,

    change: async (personId, patch, by) => admin.edit(personId, patch, by).person,
    forget: async (personId, by) => admin.forget(personId, by),
    enrol: async (request) => {
      const { person, photos, alike } = await admin.enrol(request);
      return {
        person: photos.some(({ accepted }) => accepted) ? person : null,
        photos: photos.map(({ advice, refusal: _refusal, ...finding }) => ({ ...finding, reason: advice })),
        alike: alike.flatMap((id) => people.person(id) ?? []),
      };
    },
    merge: async ({ from, into, force, by }) => admin.merge(from, into, { by, force }).person,
    split: async ({ personId, trackletIds, exampleIds, by }) =>
      admin.split(personId, { trackletIds, embeddingIds: exampleIds }, by).person,
    isThem: async ({ personId, trackletId, by }) => admin.assign(personId, trackletId, by).person,
    notThem: async ({ personId, trackletId, by }) => admin.notThem(personId, trackletId, by).person,
    setAside: async (personId, exampleId, by) => admin.setAside(personId, exampleId, by).person,
    restore: async (personId, exampleId, by) => admin.restore(personId, exampleId, by).person,
    reset: async (cameraId, by) => admin.reset(cameraId, by),

    audit: (query) => admin.audit(query).map(auditOf),
    undo: async (auditId, by) => {
      admin.undo(auditId, by);
      const row = store.audit.find(auditId);
      if (row === null) throw new AppError("not-found", "this entry of the audit is gone");
      return auditOf(row);
    },
    reviews: (all, limit) =>
      [...admin.reviews("open"), ...(all ? admin.reviews("answered") : [])]
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit)
        .map(review),
    answerReview: async (id, answer, by) => {
      const before = store.reviews.find(id);
      admin.answerReview(id, answer, by);
      const row = store.reviews.find(id) ?? before;
      if (row === null) throw new AppError("not-found", "this question is gone");
      return review(row);
    },

    faceModel: () => {
      const model = parts.faceModel();
      return model === null ? null : { ...model, length: figures.vectorLength("face", model.id) };
    },
    describePhoto: (photo) => parts.describePhoto(photo),
    searchByFace: ({ modelId, vector, threshold, limit, region, clientId }) => {
      const face = { modelId, vector, quality: 1, reference: true };
      const evidence = { faces: [face], appearances: [], gait: null, frames: 1, heightPx: 0 };
      return people
        .search(evidence, { region, clientId }, limit)
        .flatMap(({ personId, scores }) => {
          const person = people.person(personId);
          const similarity = scores.face ?? -1;
          return person === null || similarity < threshold ? [] : [{ person, similarity }];
        })
        .sort((a, b) => b.similarity - a.similarity);
    },
  };
}

function statsOf({ people, store, settings }: PersonParts): PersonStats {
  const figures = store.personFigures;
  const persons = people.persons();
  const switches = figures.switches();
  const statistics = store.persons.statistics();
  const ofKind = (kind: PersonKind) => persons.filter((person) => person.kind === kind).length;
  const [resident, carer, visitor] = PERSON_KINDS.map(ofKind);
  const { visitorDays, appearanceTtlS, keepPictures } = settings();
  return {
    persons: persons.length,
    named: persons.filter(({ name }) => name !== null).length,
    byKind: { resident: resident ?? 0, carer: carer ?? 0, visitor: visitor ?? 0 },
    embeddings: byCue(figures.prototypes()),
    tracklets: figures.tracklets(),
    meanVisits: statistics.find(({ cameraId }) => cameraId === null)?.meanVisits ?? 0,
    switches: [...switches.values()].reduce((sum, count) => sum + count, 0),
    openReviews: figures.openReviews(),
    databaseBytes: store.size().fileBytes,
    retention: { visitorDays, appearanceTtlS, keepPictures },
    cameras: statistics.flatMap(({ cameraId, meanVisits, ...camera }) =>
      cameraId === null
        ? []
        : { ...camera, cameraId, meanVisits: meanVisits ?? 0, switches: switches.get(cameraId) ?? 0 },
    ),
  };
}

/** Oldest first, each with the tracklets it was put together from. */
function staysOf(
  store: Store,
  personId: string,
  { since, until, limit }: Parameters<PersonsOfApi["trajectory"]>[1],
): readonly Stay[] {
  const filter = { personId, since, until };
  const tracklets = store.tracklets.ofPerson({ ...filter, limit: MAX_TRACKLETS }).reverse();
  return store.tracklets
    .stays({ ...filter, limit, gapMs: STAY_GAP_MS, tracklets: MAX_TRACKLETS })
    .reverse()
    .map(({ cameraId, area, from, until: end }) => {
      const own = tracklets.filter(
        (row) => row.cameraId === cameraId && row.firstAt >= from && row.lastAt <= end,
      );
      const trackletIds = own.map(({ trackletId }) => trackletId);
      return { cameraId, area, from, until: end, trackletIds, cue: strongest(own) };
    });
}

/** `CUES` has the strongest first. */
function strongest(rows: readonly TrackletRow[]): Cue | null {
  return CUES.find((cue) => rows.some((row) => row.cue === cue)) ?? null;
}

function exampleOf(row: EmbeddingRow): PersonExample {
  return {
    id: row.embeddingId,
    cue: one(CUES, row.cue) ?? "face",
    modelId: row.modelId,
    state: one(EXAMPLE_STATES, row.state) ?? "prototype",
    quality: row.quality,
    facing: one(FACINGS, row.facing),
    source: row.source === "photo" ? "photo" : "sighting",
    cameraId: row.cameraId,
    trackletId: row.trackletId,
    capturedAt: row.capturedAt,
    hasPicture: row.picture !== null,
  };
}

function auditOf({ auditId, at, by, action, personId, details, undoneAt }: AuditRow) {
  return { id: auditId, at, by, action, personId, details: objectOf(details), undoneAt };
}

function byCue(counts: ReadonlyMap<string, number>): Readonly<Record<Cue, number>> {
  const [face, gait, appearance] = CUES.map((cue) => counts.get(cue) ?? 0);
  return { face: face ?? 0, gait: gait ?? 0, appearance: appearance ?? 0 };
}

/** What is kept of it; empty once somebody in it was forgotten. */
function objectOf(json: string): object {
  const value: unknown = JSON.parse(json);
  return typeof value === "object" && value !== null ? value : {};
}

/** null once somebody in it was forgotten. */
function decisionOf(json: string): IdentityDecision | null {
  const value = objectOf(json);
  return "outcome" in value && "reasons" in value ? (value as IdentityDecision) : null;
}

function one<T extends string>(known: readonly T[], name: string | null): T | null {
  return known.find((other) => other === name) ?? null;
}
