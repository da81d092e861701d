// The person routes over the real database, gallery and everything people do to identities; only the models are made up.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventsJson, ProblemJson } from "../../src/api/contract.ts";
import type {
  AuditJson,
  EmbeddingsJson,
  EnrolledJson,
  FaceSearchResultJson,
  PersonExportJson,
  PersonJson,
  PersonStatsJson,
  PersonsJson,
  ReviewJson,
  ReviewsJson,
  TrajectoryJson,
} from "../../src/api/person-contract.ts";
import { apiPersons } from "../../src/app-persons.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { EventKind } from "../../src/domain/events.ts";
import { EventLog } from "../../src/history/event-log.ts";
import { PersonAdmin } from "../../src/identity/person-admin.ts";
import { IN_MEMORY } from "../../src/store/store.ts";
import { call, startApi } from "../api/api-client.ts";
import { FakeHome } from "../api/fake-home.ts";
import { faceLike, faceOf, Household, MODEL, START } from "../identity/admin-household.ts";

const HEADER = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

let house: Household;
let server: Awaited<ReturnType<typeof startApi>>;

beforeEach(async () => {
  house = new Household(IN_MEMORY);
  const describePhoto = (photo: Uint8Array) => house.context.describePhoto(photo.subarray(HEADER.length));
  const home = new FakeHome(START);
  const log = new EventLog(house.store, silentLogger);
  const persons = apiPersons({
    people: house.gallery,
    admin: new PersonAdmin({ ...house.context, describePhoto }),
    store: house.store,
    presence: { persons: () => [], areas: () => [] },
    settings: () => ({ visitorDays: 90, appearanceTtlS: 3600, keepPictures: true }),
    faceModel: () => ({ id: MODEL, accept: 0.42 }),
    describePhoto,
  });
  server = await startApi({ ...home, persons, events: { list: (query) => log.list(query) } });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  house[Symbol.dispose]();
});

const send = async <T>(method: string, path: string, body?: unknown) =>
  call<T>(server.port, `/api/${path}`, { method, ...(body === undefined ? {} : { body }) });
const get = async <T>(path: string) => (await send<T>("GET", path)).json;

/** A photo of these faces, as it is uploaded. */
const photo = (...faces: readonly Float32Array[]) =>
  Buffer.concat([HEADER, Buffer.from(JSON.stringify(faces.map((face) => [...face])))]).toString("base64");

const enrol = (name: string, ...photos: readonly string[]) =>
  send<EnrolledJson & ProblemJson>("POST", "persons/enrol", { name, photos });

describe("a household", () => {
  it("enrols somebody, finds them by a photo and by an embedding, and is told who else they look like", async () => {
    const visitor = house.visitor(1);
    const shots = [1, 2].map((shot) => photo(faceLike(faceOf(1), 900 + shot)));
    const { status, json } = await enrol("Rosa", ...shots, photo(), photo(faceOf(8), faceOf(9)));
    expect(status).toBe(201);
    expect(json.person).toMatchObject({ name: "Rosa", kind: "resident", embeddings: { face: 2 }, visits: 0 });
    expect(json.photos.map(({ accepted, faces }) => [accepted, faces.length])).toEqual([
      [true, 1],
      [true, 1],
      [false, 0],
      [false, 2],
    ]);
    expect(json.photos[3]?.reason).toMatch(/^There are 2 faces in it; crop it to one/);
    expect(json.alike.map(({ id }) => id)).toEqual([visitor.personId]);

    const query = { photo: photo(faceLike(faceOf(1), 950)) };
    const found = await send<FaceSearchResultJson>("POST", "persons/search-by-face", query);
    expect(found.json).toMatchObject({ model_id: MODEL, threshold: 0.42 });
    expect(found.json.matches.map(({ person }) => person.id).sort()).toEqual(
      [json.person.id, visitor.personId].sort(),
    );
    const embedding = { model_id: MODEL, embedding: [...faceOf(1)] };
    const first = await send<FaceSearchResultJson>("POST", "persons/search-by-face", {
      ...embedding,
      limit: 1,
    });
    expect(first.json.matches).toHaveLength(1);
    const far = { ...embedding, embedding: [...faceOf(5)] };
    expect((await send<FaceSearchResultJson>("POST", "persons/search-by-face", far)).json.matches).toEqual(
      [],
    );
    const short = { ...embedding, embedding: [...faceOf(1)].slice(1) };
    expect((await send<ProblemJson>("POST", "persons/search-by-face", short)).json.detail).toMatch(
      /64 numbers/,
    );
  });

  it("is told whom a face is already, and changes nothing", async () => {
    const rosa = await enrol("Rosa", photo(faceOf(1)));
    const before = JSON.stringify(house.rows());
    const again = await enrol("Tom", photo(faceLike(faceOf(1), 7)));
    expect([again.status, again.json.person_id]).toEqual([409, rosa.json.person.id]);
    expect((await enrol("Tom", photo())).status).toBe(422);
    expect(
      (await send("POST", "persons/enrol", { person_id: rosa.json.person.id, photos: [photo()] })).status,
    ).toBe(422);
    expect(JSON.stringify(house.rows())).toBe(before);
  });

  it("merges, takes it back, splits, corrects, and sees it all in the audit", async () => {
    const [one, two] = [
      house.visitor(1),
      house.visitor(2, { cameraId: "bedroom", firstAt: START - 500_000 }),
    ];
    const merge = { from: two.personId, into: one.personId, by: "Anna" };
    expect((await send<PersonJson>("POST", "persons/merge", merge)).json.embeddings.face).toBe(6);
    expect((await get<PersonJson>(`persons/${two.personId}`)).id).toBe(one.personId);
    expect((await send("POST", "persons/merge", { from: two.personId, into: one.personId })).status).toBe(
      409,
    );
    const { audit } = await get<AuditJson>(`audit?person_id=${one.personId}`);
    expect(audit[0]).toMatchObject({ action: "merge", by: "Anna", undone_at: null });
    expect((await send("POST", `undo/${audit[0]?.id}`)).json).toMatchObject({ id: audit[0]?.id });
    expect((await get<PersonJson>(`persons/${two.personId}`)).id).toBe(two.personId);
    expect((await send("POST", `undo/${audit[0]?.id}`)).status).toBe(409);

    const later = house.visit(one.personId, { firstAt: START - 90_000, faces: [faceLike(faceOf(1), 33)] });
    const split = await send<PersonJson>("POST", "persons/split", {
      person_id: one.personId,
      tracklet_ids: [later],
    });
    expect([split.status, split.json.embeddings.face]).toEqual([201, 1]);
    await send("POST", `persons/${one.personId}/is`, { tracklet_id: later });
    await send("POST", `persons/${one.personId}/not`, { tracklet_id: later });
    expect(house.live.corrections.slice(-3).map(({ kind, personId }) => [kind, personId])).toEqual([
      ["is", split.json.id],
      ["is", one.personId],
      ["is_not", one.personId],
    ]);
    const negatives = (await get<EmbeddingsJson>(`persons/${one.personId}/embeddings`)).embeddings;
    expect(negatives.some(({ state }) => state === "negative")).toBe(true);
  });

  it("sets an example aside and takes it back, and shows its picture", async () => {
    const { personId } = house.visitor(1);
    const { embeddings } = await get<EmbeddingsJson>(`persons/${personId}/embeddings`);
    const own = embeddings.find(({ state }) => state === "prototype");
    const path = `persons/${personId}/embeddings/${own?.id}`;
    expect((await send("GET", path.concat("/picture.jpg"))).bytes.subarray(0, 4).equals(HEADER)).toBe(true);
    expect((await get<PersonJson>(`persons/${personId}`)).picture).toMatch(/picture\.jpg$/);
    expect((await send<PersonJson>("POST", `${path}/set-aside`)).json.embeddings.face).toBe(2);
    expect((await send<PersonJson>("POST", `${path}/restore`)).json.embeddings.face).toBe(3);
  });

  it("answers what Haven asks", async () => {
    const rosa = (await enrol("Rosa", photo(faceOf(4)))).json.person;
    const { personId, trackletId } = house.visitor(1);
    const open = house.question(personId, rosa.id, trackletId);
    house.clock.advance(10);
    const other = house.question(null, rosa.id, null);
    const { reviews } = await get<ReviewsJson>("reviews");
    expect(reviews.map(({ id, person, candidate }) => [id, person?.id ?? null, candidate?.name])).toEqual([
      [other, null, "Rosa"],
      [open, personId, "Rosa"],
    ]);
    const answer = { answer: "same", by: "Anna" };
    const { json } = await send<ReviewJson>("POST", `reviews/${open}`, answer);
    expect(json).toMatchObject({ answer: "same", answered_by: "Anna", decision: null });
    expect((await send("POST", `reviews/${open}`, answer)).status).toBe(409);
    expect((await get<PersonJson>(`persons/${personId}`)).id).toBe(rosa.id);
    expect((await get<ReviewsJson>("reviews")).reviews.map(({ id }) => id)).toEqual([other]);
    house.clock.advance(10);
    const newest = house.question(null, rosa.id, null);
    await send("POST", `reviews/${newest}`, { answer: "unsure" });
    const all = await get<ReviewsJson>("reviews?all=true");
    expect(all.reviews.map(({ id }) => id)).toEqual([newest, other, open]);
  });

  it("sees where somebody was, and counts who was seen by which camera", async () => {
    const { personId, trackletId } = house.visitor(1, { firstAt: START - 600_000, cameraId: "hall" });
    const next = house.visit(personId, { firstAt: START - 580_000, cameraId: "hall" });
    house.visit(personId, { firstAt: START - 60_000, cameraId: "bedroom" });
    const { stays } = await get<TrajectoryJson>(`persons/${personId}/trajectory`);
    expect(stays.map(({ camera_id, cue }) => [camera_id, cue])).toEqual([
      ["hall", "face"],
      ["bedroom", "face"],
    ]);
    expect(stays[0]?.tracklet_ids).toEqual([trackletId, next]);
    // Somebody whom two cameras see at once is in two places, each with its own sightings.
    const both = { personId: house.visitor(2, { firstAt: START - 50_000, lastAt: START }).personId };
    house.visit(both.personId, { firstAt: START - 40_000, lastAt: START - 30_000, cameraId: "bedroom" });
    const twice = await get<TrajectoryJson>(`persons/${both.personId}/trajectory`);
    expect(twice.stays.map(({ tracklet_ids: ids }) => ids.length)).toEqual([1, 1]);
    await send("DELETE", `persons/${both.personId}`);
    const since = new Date(START - 100_000).toISOString();
    expect((await get<TrajectoryJson>(`persons/${personId}/trajectory?from=${since}`)).stays).toHaveLength(1);

    const change = { cameraId: "hall", trackId: 1, area: null, zone: null, personId, personName: null };
    for (const [eventId, previousPersonId] of [
      ["e1", "p_other"],
      ["e2", null],
    ] as const)
      house.store.events.insert(
        {
          ...change,
          eventId,
          kind: "identity_changed" satisfies EventKind,
          identityCue: "face",
          capturedAt: START,
          mediaTimeS: null,
          confidence: 1,
          evidence: { previousPersonId, reasons: [] },
        },
        { severity: 0, recordedAt: START },
      );
    const stats = await get<PersonStatsJson>("persons/stats");
    expect(stats).toMatchObject({
      persons: 1,
      named: 0,
      by_kind: { resident: 0, carer: 0, visitor: 1 },
      embeddings: { face: 3, gait: 0, appearance: 0 },
      tracklets: 5,
      switches: 1,
      face_model: { id: MODEL, length: 64, accept: 0.42 },
    });
    expect(stats.cameras.map(({ camera_id, persons, switches }) => [camera_id, persons, switches])).toEqual([
      ["bedroom", 1, 0],
      ["hall", 1, 1],
    ]);
    expect((await get<EventsJson>(`events?person_id=${personId}`)).events).toHaveLength(5);
  });

  it("hands out what is stored of somebody, and forgets them", async () => {
    const rosa = (await enrol("Rosa", photo(faceOf(1)))).json.person;
    house.visit(rosa.id, { firstAt: START - 60_000, faces: [faceLike(faceOf(1), 3)] });
    const told = await get<PersonExportJson>(`persons/${rosa.id}/export`);
    expect(told.person.name).toBe("Rosa");
    expect([told.stays.length, told.events.length, told.audit.length]).toEqual([1, 1, 1]);
    expect(told.embeddings.every(({ vector }) => vector.length === 64)).toBe(true);
    expect((await send("DELETE", `persons/${rosa.id}`)).status).toBe(204);
    expect((await send("GET", `persons/${rosa.id}`)).status).toBe(404);
    expect((await get<PersonsJson>("persons")).persons).toEqual([]);
    expect(JSON.stringify(await get("audit"))).not.toContain("Rosa");
    expect(JSON.stringify(await get("events"))).not.toContain("Rosa");
  });

  it("changes names and forgets all it knows at once", async () => {
    const { personId } = house.visitor(1);
    const named = { name: "Tom", kind: "carer", region: "north", consent: { by: "Tom" } };
    expect((await send<PersonJson>("PATCH", `persons/${personId}`, named)).json).toMatchObject({
      ...named,
      consent: { by: "Tom", at: new Date(START).toISOString() },
    });
    expect((await get<PersonsJson>("persons?region=north&kind=carer&camera_id=hall")).persons).toHaveLength(
      1,
    );
    const reset = await send("POST", "persons/reset", { confirm: true });
    expect(reset.json).toMatchObject({ forgotten: 1 });
    expect((await get<PersonsJson>("persons")).persons).toEqual([]);
  });
});
