// Persons on the daemon's HTTP side, as functions. All throw Refusal with the daemon's sentence.
import type {
  AuditEntryJson,
  AuditJson,
  EmbeddingJson,
  EmbeddingsJson,
  EnrolJson,
  EnrolledJson,
  MergeJson,
  NotEnrolledJson,
  PersonJson,
  PersonPatchJson,
  PersonsJson,
  PhotoVerdictJson,
  ReviewAnswerJson,
  ReviewJson,
  ReviewsJson,
  StayJson,
  TrajectoryJson,
} from "../../../src/api/person-contract.ts";
import { byOwnName, Refusal, send } from "./api.ts";

/** As many as the daemon gives at a time, and pages of them: a household with more visitors than that sees the latest. */
const PAGE = 200;
const MAX_PAGES = 5;

/** Everybody, seen last first. */
export async function listPersons(): Promise<readonly PersonJson[]> {
  // By id: somebody who is seen between two pages moves from one to the other.
  const all = new Map<string, PersonJson>();
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(after === null ? {} : { after }) });
    const { persons, next }: PersonsJson = await send<PersonsJson>("GET", `persons?${query}`);
    for (const person of persons) all.set(person.id, person);
    if (next === null) break;
    after = next;
  }
  return [...all.values()];
}

export function readPerson(id: string): Promise<PersonJson> {
  return send<PersonJson>("GET", at(id));
}

export function changePerson(id: string, patch: Omit<PersonPatchJson, "by">): Promise<PersonJson> {
  return send<PersonJson>("PATCH", at(id), { ...patch, ...byOwnName() });
}

export function forgetPerson(id: string): Promise<void> {
  return send<void>("DELETE", at(id), byOwnName());
}

export function enrol(request: Omit<EnrolJson, "by">): Promise<EnrolledJson> {
  return send<EnrolledJson>("POST", "persons/enrol", { ...request, ...byOwnName() });
}

/** What was said of each photo where none could be taken; null for any other refusal. */
export function verdictsIn(error: unknown): readonly PhotoVerdictJson[] | null {
  if (!(error instanceof Refusal) || error.status !== 422) return null;
  return (error.problem as Partial<NotEnrolledJson> | null)?.photos ?? null;
}

/** Who is known and was taken for the one in the photos; null for any other refusal. */
export function likenessIn(error: unknown): string | null {
  if (!(error instanceof Refusal) || error.status !== 409) return null;
  return error.problem?.person_id ?? null;
}

export function mergePersons(request: Omit<MergeJson, "by">): Promise<PersonJson> {
  return send<PersonJson>("POST", "persons/merge", { ...request, ...byOwnName() });
}

export async function listExamples(id: string): Promise<readonly EmbeddingJson[]> {
  return (await send<EmbeddingsJson>("GET", `${at(id)}/embeddings`)).embeddings;
}

export function setAside(id: string, exampleId: string): Promise<PersonJson> {
  return send<PersonJson>(
    "POST",
    `${at(id)}/embeddings/${encodeURIComponent(exampleId)}/set-aside`,
    byOwnName(),
  );
}

export function restore(id: string, exampleId: string): Promise<PersonJson> {
  return send<PersonJson>(
    "POST",
    `${at(id)}/embeddings/${encodeURIComponent(exampleId)}/restore`,
    byOwnName(),
  );
}

/** Oldest first. `from` is wall time, milliseconds. */
export async function readStays(id: string, from: number): Promise<readonly StayJson[]> {
  const query = new URLSearchParams({ from: new Date(from).toISOString() });
  return (await send<TrajectoryJson>("GET", `${at(id)}/trajectory?${query}`)).stays;
}

/** Newest first. */
export async function readAudit(personId: string, limit: number): Promise<readonly AuditEntryJson[]> {
  const query = new URLSearchParams({ person_id: personId, limit: String(limit) });
  return (await send<AuditJson>("GET", `audit?${query}`)).audit;
}

export function undoChange(auditId: string): Promise<AuditEntryJson> {
  return send<AuditEntryJson>("POST", `undo/${encodeURIComponent(auditId)}`, byOwnName());
}

/** Those that are open and can still be answered, newest first. */
export async function listReviews(): Promise<readonly ReviewJson[]> {
  return (await send<ReviewsJson>("GET", "reviews")).reviews.filter(({ candidate }) => candidate !== null);
}

export function answerReview(id: string, answer: ReviewAnswerJson["answer"]): Promise<ReviewJson> {
  return send<ReviewJson>("POST", `reviews/${encodeURIComponent(id)}`, { answer, ...byOwnName() });
}

/** Address of everything that is stored about somebody, as seen from `api/`. */
export function exportPath(id: string): string {
  return `${at(id)}/export`;
}

function at(id: string): string {
  return `persons/${encodeURIComponent(id)}`;
}
