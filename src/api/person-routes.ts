import { type Request, type Response, Router } from "express";
import type { Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { type HavenEvent, toWire } from "../domain/events.ts";
import type { Person } from "../domain/person.ts";
import type { CallerName } from "./alarm-routes.ts";
import { parseBy } from "./care-parsers.ts";
import type { ApiDeps } from "./deps.ts";
import { single } from "./field-parsers.ts";
import type {
  EmbeddingsJson,
  PersonExportJson,
  PersonJson,
  PersonStatsJson,
  PersonsJson,
  ResetResultJson,
  TrajectoryJson,
} from "./person-contract.ts";
import {
  auditToWire,
  exampleToWire,
  isActive,
  personToWire,
  statsToWire,
  stayToWire,
} from "./person-mapping.ts";
import {
  type PersonQuery,
  parseMerge,
  parsePersonPatch,
  parsePersonQuery,
  parseReset,
  parseSplit,
  parseStayQuery,
  parseTracklet,
} from "./person-parsers.ts";

type OneRequest = Request<{ id: string }>;
type ExampleRequest = Request<{ id: string; eid: string }>;

/** The newest of each that an export holds; a household's 90 days stay far below. */
const MAX_EXPORTED = 20_000;
const EXPORT_PAGE = 200;

/** Persons: who they are, where they were, what is kept of them, and what people do about it. */
export function personRoutes(deps: ApiDeps, nameOf: CallerName): Router {
  const { persons, cameras, clock } = deps;
  const router = Router();
  const toJson = (person: Person): PersonJson => personToWire(person, persons, clock.now());
  const answer = (response: Response, person: Person) => void response.json(toJson(person));

  const existing = (id: string): Person => {
    const person = persons.get(id);
    if (person === null) throw new AppError("not-found", "There is no person with this id.");
    return person;
  };
  const known = (
    personId: string,
    exampleId: string,
  ): { readonly person: Person; readonly exampleId: string } => {
    const person = existing(personId);
    if (!persons.examples(person.id).some(({ id }) => id === exampleId))
      throw new AppError("not-found", "This person has no such embedding.");
    return { person, exampleId };
  };

  router.get("/", (request, response) => {
    const { persons: page, next } = pageOf(persons.list(), parsePersonQuery(request.query), clock.now());
    response.json({ persons: page.map(toJson), next } satisfies PersonsJson);
  });

  router.get("/stats", (_request, response) => {
    response.json(statsToWire(persons.stats(), persons.faceModel()) satisfies PersonStatsJson);
  });

  router.post("/merge", async (request, response) => {
    const { from, into, force, by } = parseMerge(request.body);
    const [loser, winner] = [existing(from), existing(into)];
    if (loser.id === winner.id) throw new AppError("conflict", "These two are one person already.");
    answer(
      response,
      await persons.merge({ from: loser.id, into: winner.id, force, by: nameOf(response, by) }),
    );
  });

  router.post("/split", async (request, response) => {
    const { personId, by, ...what } = parseSplit(request.body);
    const split = { ...what, personId: existing(personId).id, by: nameOf(response, by) };
    response.status(201);
    answer(response, await persons.split(split));
  });

  router.post("/reset", async (request, response) => {
    const { cameraId, by } = parseReset(request.body);
    // Also of a camera that was removed: it may have left persons behind.
    if (cameraId !== null && cameras.get(cameraId) === null && !persons.list().some(seenBy(cameraId)))
      throw new AppError("not-found", "There is no camera with this id, and nobody was seen by one.");
    const { persons: forgotten, examples } = await persons.reset(cameraId, nameOf(response, by));
    response.json({ forgotten, embeddings: examples } satisfies ResetResultJson);
  });

  router.get("/:id", (request: OneRequest, response) => {
    const person = existing(request.params.id);
    const cameraId = single(request.query, "camera_id");
    if (cameraId !== null && !seenBy(cameraId)(person))
      throw new AppError("not-found", "This person was never seen by this camera.");
    answer(response, person);
  });

  router.patch("/:id", async (request: OneRequest, response) => {
    const { patch, by } = parsePersonPatch(request.body);
    answer(response, await persons.change(existing(request.params.id).id, patch, nameOf(response, by)));
  });

  router.delete("/:id", async (request: OneRequest, response) => {
    const by = nameOf(response, parseBy(request.body, "this"));
    await persons.forget(existing(request.params.id).id, by);
    response.status(204).end();
  });

  router.post("/:id/is", async (request: OneRequest, response) => {
    const { trackletId, by } = parseTracklet(request.body);
    const personId = existing(request.params.id).id;
    answer(response, await persons.isThem({ personId, trackletId, by: nameOf(response, by) }));
  });

  router.post("/:id/not", async (request: OneRequest, response) => {
    const { trackletId, by } = parseTracklet(request.body);
    const personId = existing(request.params.id).id;
    answer(response, await persons.notThem({ personId, trackletId, by: nameOf(response, by) }));
  });

  router.get("/:id/trajectory", (request: OneRequest, response) => {
    const { id } = existing(request.params.id);
    const stays = persons.trajectory(id, parseStayQuery(request.query));
    response.json({ person_id: id, stays: stays.map(stayToWire) } satisfies TrajectoryJson);
  });

  router.get("/:id/embeddings", (request: OneRequest, response) => {
    const { id } = existing(request.params.id);
    const embeddings = persons.examples(id).map((example) => exampleToWire(id, example));
    response.json({ person_id: id, embeddings } satisfies EmbeddingsJson);
  });

  router.get("/:id/embeddings/:eid/picture.jpg", (request: ExampleRequest, response) => {
    const { person, exampleId } = known(request.params.id, request.params.eid);
    const picture = persons.example(person.id, exampleId)?.picture ?? null;
    if (picture === null) throw new AppError("not-found", "No picture is kept of this.");
    response.type("image/jpeg").send(Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength));
  });

  router.post("/:id/embeddings/:eid/set-aside", async (request: ExampleRequest, response) => {
    const by = nameOf(response, parseBy(request.body, "this"));
    const { person, exampleId } = known(request.params.id, request.params.eid);
    answer(response, await persons.setAside(person.id, exampleId, by));
  });

  router.post("/:id/embeddings/:eid/restore", async (request: ExampleRequest, response) => {
    const by = nameOf(response, parseBy(request.body, "this"));
    const { person, exampleId } = known(request.params.id, request.params.eid);
    answer(response, await persons.restore(person.id, exampleId, by));
  });

  router.get("/:id/export", async (request: OneRequest, response) => {
    const person = existing(request.params.id);
    response.attachment(`${person.id.replace(/[^\w-]/g, "")}.json`);
    response.json((await exportOf(deps, person, toJson(person))) satisfies PersonExportJson);
  });

  return router;
}

function seenBy(cameraId: string): (person: Person) => boolean {
  return ({ sizes, lastCameraId }) =>
    lastCameraId === cameraId || sizes.some((size) => size.cameraId === cameraId);
}

/** Throws AppError input.invalid when the page before ended with somebody who is no longer in the list. */
function pageOf(
  all: readonly Person[],
  { cameraId, active, kind, region, clientId, after, limit }: PersonQuery,
  now: Millis,
): { readonly persons: readonly Person[]; readonly next: string | null } {
  const found = all.filter(
    (person) =>
      (cameraId === null || seenBy(cameraId)(person)) &&
      (active === null || isActive(person, now) === active) &&
      (kind === null || person.kind === kind) &&
      (region === null || person.region === region) &&
      (clientId === null || person.clientId === clientId),
  );
  const before = after === null ? -1 : found.findIndex(({ id }) => id === after);
  if (after !== null && before === -1)
    throw new AppError("input.invalid", "after is nobody of this list any more; begin at its first page.");
  const persons = found.slice(before + 1, before + 1 + limit);
  const more = found.length > before + 1 + limit;
  return { persons, next: more ? (persons.at(-1)?.id ?? null) : null };
}

async function exportOf(deps: ApiDeps, { id }: Person, person: PersonJson): Promise<PersonExportJson> {
  const { persons, clock } = deps;
  const embeddings = persons.examples(id).map((example) => {
    const content = persons.example(id, example.id);
    return {
      ...exampleToWire(id, example),
      vector: [...(content?.vector ?? [])],
      picture_base64: content?.picture == null ? null : Buffer.from(content.picture).toString("base64"),
    };
  });
  const audit = persons.audit({ personId: id, before: null, limit: MAX_EXPORTED });
  return {
    exported_at: new Date(clock.now()).toISOString(),
    person,
    embeddings,
    stays: persons.trajectory(id, { since: null, until: null, limit: MAX_EXPORTED }).map(stayToWire),
    events: (await eventsOf(deps, id)).map(toWire),
    audit: audit.map(auditToWire),
  };
}

/** Newest first, page by page: other work goes on between two pages. */
async function eventsOf({ events }: ApiDeps, personId: string): Promise<readonly HavenEvent[]> {
  const all: HavenEvent[] = [];
  for (let before: string | null = null; all.length < MAX_EXPORTED; ) {
    const page: readonly HavenEvent[] = await events.list({
      kinds: null,
      cameraId: null,
      personId,
      before,
      limit: EXPORT_PAGE,
    });
    all.push(...page);
    before = page.at(-1)?.eventId ?? null;
    if (page.length < EXPORT_PAGE) break;
  }
  return all;
}
