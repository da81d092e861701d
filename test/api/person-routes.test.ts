import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventsJson, ProblemJson } from "../../src/api/contract.ts";
import type {
  AuditEntryJson,
  AuditJson,
  EmbeddingsJson,
  PersonExportJson,
  PersonJson,
  PersonStatsJson,
  PersonsJson,
  ResetResultJson,
  ReviewJson,
  ReviewsJson,
  TrajectoryJson,
} from "../../src/api/person-contract.ts";
import type { AuditEntry, ReviewEntry } from "../../src/api/person-deps.ts";
import { AppError } from "../../src/core/errors.ts";
import type { Person } from "../../src/domain/person.ts";
import { type Call, call, startApi, TestViewer } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import { anEvent, FakeHome, JPEG, STARTED } from "./fake-home.ts";

let home: FakeHome;
let server: Awaited<ReturnType<typeof startApi>>;
let rosa: Person;
let visitor: Person;

beforeEach(async () => {
  home = new FakeHome();
  home.addCamera({ id: "bedroom" });
  rosa = home.persons.add({
    name: "Rosa",
    kind: "resident",
    region: "north",
    sizes: [
      { cameraId: "bedroom", widthPx: 100, heightPx: 250, count: 2 },
      { cameraId: "hall", widthPx: 110, heightPx: 260, count: 1 },
      { cameraId: "attic", widthPx: 120, heightPx: 245, count: 1 },
    ],
    heightM: 1.634567,
    consent: { by: "Rosa", at: STARTED },
  });
  visitor = home.persons.add({ lastSeenAt: STARTED - 30_001, lastCameraId: "hall", clientId: "c1" });
  server = await startApi(home);
});
afterEach(() => server[Symbol.asyncDispose]());

const send = <T>(method: string, path: string, body?: unknown) =>
  call<T>(server.port, path, { method, ...(body === undefined ? {} : { body }) });
const get = async <T>(path: string) => (await send<T>("GET", path)).json;

async function refused(path: string, request: Call, status: number, detail: RegExp): Promise<void> {
  const before = home.persons.memory;
  const reply = await call<ProblemJson>(server.port, path, request);
  expect(reply.status, reply.text).toBe(status);
  expect(reply.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expect(reply.json.detail).toMatch(new RegExp(detail, "i"));
  expect(reply.json.detail).toMatch(/^[A-Za-z"][^\n]{5,250}\.$/);
  expect(home.persons.memory).toBe(before);
}

describe("the list of persons", () => {
  const names = async (query: string) =>
    (await get<PersonsJson>(`/api/persons${query}`)).persons.map(({ name, label }) => name ?? label);

  it("tells all there is to know of each, those seen last first", async () => {
    home.persons.addExample(rosa.id, { picture: JPEG });
    home.persons.addExample(rosa.id, { cue: "gait" });
    home.persons.where = [
      {
        personId: rosa.id,
        name: "Rosa",
        kind: "resident",
        named: true,
        area: "Bedroom",
        cameraId: "bedroom",
        visible: true,
        home: true,
        since: STARTED - 60_000,
        lastSeenAt: STARTED,
        cue: "face",
        confidence: 0.87654,
      },
    ];
    const { persons, next } = await get<PersonsJson>("/api/persons");
    expect(next).toBeNull();
    expect(persons.map(({ id }) => id)).toEqual([rosa.id, visitor.id]);
    expect(persons[0]).toEqual({
      id: rosa.id,
      name: "Rosa",
      label: "Visitor-A",
      kind: "resident",
      status: "active",
      region: "north",
      client_id: null,
      description: null,
      created_at: "2026-11-20T08:00:00.000Z",
      first_seen_at: "2026-11-20T08:00:00.000Z",
      last_seen_at: "2026-11-20T08:00:00.000Z",
      last_camera_id: "bedroom",
      active: true,
      visits: 1,
      cameras: [
        { camera_id: "bedroom", mean_width_px: 100, mean_height_px: 250, tracklets: 2 },
        { camera_id: "hall", mean_width_px: 110, mean_height_px: 260, tracklets: 1 },
        { camera_id: "attic", mean_width_px: 120, mean_height_px: 245, tracklets: 1 },
      ],
      mean_width_px: 110,
      mean_height_px: 251.67,
      height_m: 1.63,
      consent: { by: "Rosa", at: "2026-11-20T08:00:00.000Z" },
      retention_days: null,
      embeddings: { face: 1, gait: 1, appearance: 0 },
      picture: `api/persons/${rosa.id}/embeddings/e0/picture.jpg`,
      presence: {
        person_id: rosa.id,
        name: "Rosa",
        kind: "resident",
        named: true,
        area: "Bedroom",
        camera_id: "bedroom",
        visible: true,
        home: true,
        since: "2026-11-20T07:59:00.000Z",
        last_seen_at: "2026-11-20T08:00:00.000Z",
        cue: "face",
        confidence: 0.8765,
      },
    });
    expect(persons[1]).toMatchObject({
      name: null,
      label: "Visitor-B",
      active: false,
      picture: null,
      mean_height_px: null,
      presence: null,
    });
  });

  it("is kept to a camera, to those seen within half a minute, to kind, region and client", async () => {
    expect(await names("?camera_id=hall")).toEqual(["Rosa", "Visitor-B"]);
    expect(await names("?camera_id=attic")).toEqual(["Rosa"]);
    expect(await names("?camera_id=cellar")).toEqual([]);
    expect(await names("?active=true")).toEqual(["Rosa"]);
    expect(await names("?active=false")).toEqual(["Visitor-B"]);
    expect(await names("?kind=visitor")).toEqual(["Visitor-B"]);
    expect(await names("?region=north")).toEqual(["Rosa"]);
    expect(await names("?client_id=c1&kind=visitor")).toEqual(["Visitor-B"]);
    expect(await names("?client_id=c1&region=north")).toEqual([]);
  });

  it("comes in pages that neither miss nor repeat anybody", async () => {
    for (let i = 0; i < 5; i += 1) home.persons.add({ lastSeenAt: STARTED - i });
    const seen: string[] = [];
    for (let after: string | null = ""; after !== null && seen.length < 20; ) {
      const page: PersonsJson = await get<PersonsJson>(`/api/persons?limit=3&after=${after}`);
      seen.push(...page.persons.map(({ id }) => id));
      after = page.next;
    }
    expect(seen).toEqual(home.persons.list().map(({ id }) => id));
    expect((await get<PersonsJson>("/api/persons?limit=7")).next).toBeNull();
  });

  it.each<[string, RegExp]>([
    ["limit=0", /limit is a whole number/],
    ["limit=201", /1 to 200/],
    ["active=yes", /active is one of true, false/],
    ["kind=ghost", /kind is one of resident/],
    ["after=p_gone", /begin at its first page/],
    ["after=%27%20or%201", /after is an id/],
    ["region=a&region=b", /region is given once/],
    [`region=${"x".repeat(81)}`, /at most 80/],
  ])("is refused for ?%s", (query, detail) => refused(`/api/persons?${query}`, {}, 400, detail));
});

describe("figures", () => {
  it("are told per camera and overall", async () => {
    expect(await get<PersonStatsJson>("/api/persons/stats")).toEqual({
      persons: 2,
      named: 1,
      by_kind: { resident: 1, carer: 0, visitor: 1 },
      embeddings: { face: 3, gait: 1, appearance: 0 },
      tracklets: 12,
      mean_visits: 1.33,
      switches: 1,
      open_reviews: 0,
      database_bytes: 4096,
      retention: { visitor_days: 90, appearance_ttl_seconds: 3600, keep_pictures: true },
      face_model: { id: "sface", length: 128, accept: 0.42 },
      cameras: [{ camera_id: "bedroom", persons: 2, embeddings: 4, mean_visits: 1.5, switches: 1 }],
    });
  });
});

describe("one person", () => {
  it("is told by the id, also by one that was merged", async () => {
    expect(await get<PersonJson>(`/api/persons/${rosa.id}`)).toMatchObject({ id: rosa.id, name: "Rosa" });
    await send("POST", "/api/persons/merge", { from: visitor.id, into: rosa.id });
    expect(await get<PersonJson>(`/api/persons/${visitor.id}`)).toMatchObject({ id: rosa.id, name: "Rosa" });
  });

  it("is not there for a camera that has not seen them", async () => {
    expect((await send("GET", `/api/persons/${rosa.id}?camera_id=attic`)).status).toBe(200);
    await refused(`/api/persons/${visitor.id}?camera_id=attic`, {}, 404, /never seen by this camera/);
    await refused("/api/persons/p_nobody", {}, 404, /no person with this id/);
    await refused("/api/persons/p_nobody?camera_id=attic", {}, 404, /no person with this id/);
  });

  it("is changed field by field, and every viewer told to look again", async () => {
    using viewer = await TestViewer.open(server.port);
    await eventually(() => expect(viewer.of("hello")).toHaveLength(1));
    const path = `/api/persons/${visitor.id}`;
    const first = await send<PersonJson>("PATCH", path, { name: " Tom ", kind: "carer", by: "Anna" });
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ name: "Tom", kind: "carer", client_id: "c1", label: "Visitor-B" });
    const rest = {
      region: "south",
      client_id: null,
      description: "Comes on Mondays\nand Fridays",
      retention_days: 30,
    };
    const second = await send<PersonJson>("PATCH", path, { ...rest, consent: { by: "Tom" } });
    expect(second.json).toMatchObject({
      ...rest,
      name: "Tom",
      consent: { by: "Tom", at: "2026-11-20T08:00:00.000Z" },
    });
    const undone = { name: null, description: null, consent: null, retention_days: null };
    expect((await send<PersonJson>("PATCH", path, undone)).json).toMatchObject(undone);
    expect(home.persons.asked).toEqual([
      `change ${visitor.id} by Anna`,
      `change ${visitor.id} by the panel`,
      `change ${visitor.id} by the panel`,
    ]);
    await eventually(() => expect(viewer.of("persons")).toHaveLength(3));
  });

  it("may be called anything that can be read, and it stays text", async () => {
    for (const name of [
      '<img src=x onerror="alert(1)">',
      "'; DROP TABLE persons; --",
      "👩‍👧 Zoë",
      "علي",
      "null",
    ]) {
      const { json, headers } = await send<PersonJson>("PATCH", `/api/persons/${rosa.id}`, { name });
      expect(json.name).toBe(name);
      expect(headers["content-type"]).toMatch(/^application\/json/);
    }
  });

  it.each<[unknown, RegExp]>([
    [{}, /nothing to change/],
    [[], /JSON object/],
    [{ by: "Anna" }, /nothing to change/],
    [{ nickname: "R" }, /"nickname" is no field of a person/],
    [{ __proto__: null, constructor: 1 }, /no field of a person/],
    [{ name: "" }, /name is empty/],
    [{ name: "   " }, /name is empty/],
    [{ name: "x".repeat(81) }, /at most 80/],
    [{ name: ["Rosa"] }, /name is a text/],
    [{ name: "Rosa\nTom" }, /cannot be printed/],
    [{ name: "Rosa\u0000" }, /cannot be printed/],
    [{ name: "Rosa\u202Emot" }, /cannot be printed/],
    [{ name: "Rosa\u2028" + "x" }, /cannot be printed/],
    [{ name: "Rosa\ud83d" }, /cannot be printed/],
    [{ kind: "ghost" }, /kind is one of resident, carer, visitor/],
    [{ kind: null }, /kind is one of/],
    [{ description: "x".repeat(501) }, /at most 500/],
    [{ description: "a\u0007b" }, /cannot be printed/],
    [{ description: ["a"] }, /description is a text/],
    [{ region: 7 }, /region is a text/],
    [{ consent: true }, /consent says who agreed/],
    [{ consent: { by: "" } }, /consent.by is empty/],
    [{ consent: { by: "Rosa", at: 1 } }, /no field of consent/],
    [{ retention_days: 0 }, /1 to 3650/],
    [{ retention_days: 1.5 }, /whole number of days/],
    [{ retention_days: "30" }, /retention_days is a number/],
  ])("is not changed to %j", (body, detail) =>
    refused(`/api/persons/${rosa.id}`, { method: "PATCH", body }, 400, detail),
  );

  it("is forgotten", async () => {
    const reply = await send("DELETE", `/api/persons/${rosa.id}`);
    expect(reply.status).toBe(204);
    expect(home.persons.people).toEqual([visitor]);
    expect(home.persons.asked).toEqual([`forget ${rosa.id} by the panel`]);
    await refused(`/api/persons/${rosa.id}`, { method: "DELETE" }, 404, /no person/);
  });

  it("is changed by whoever Home Assistant says is signed in, whatever the request says", async () => {
    await using behind = await startApi(home, { ingress: { proxyAddress: "127.0.0.1" } });
    const headers = { "x-remote-user-display-name": "Tom" };
    await call(behind.port, `/api/persons/${rosa.id}`, {
      method: "PATCH",
      headers,
      body: { kind: "carer", by: "Rosa" },
    });
    await call(behind.port, `/api/persons/${rosa.id}`, { method: "DELETE" });
    expect(home.persons.asked).toEqual([`change ${rosa.id} by Tom`, `forget ${rosa.id} by Home Assistant`]);
  });
});

describe("merging", () => {
  it("leaves one person", async () => {
    const { status, json } = await send<PersonJson>("POST", "/api/persons/merge", {
      from: visitor.id,
      into: rosa.id,
      force: true,
      by: "Anna",
    });
    expect(status).toBe(200);
    expect(json.id).toBe(rosa.id);
    expect(home.persons.asked).toEqual([`merge ${visitor.id} into ${rosa.id} by Anna, forced`]);
  });

  it("is refused with oneself, in a circle, and with nobody", async () => {
    const path = "/api/persons/merge";
    const merge = (from: string, into: string) => ({ method: "POST", body: { from, into } });
    await refused(path, merge(rosa.id, rosa.id), 409, /one person already/);
    await send("POST", path, { from: visitor.id, into: rosa.id });
    await refused(path, merge(rosa.id, visitor.id), 409, /one person already/);
    await refused(path, merge(visitor.id, rosa.id), 409, /one person already/);
    await refused(path, merge("p_nobody", rosa.id), 404, /no person/);
    await refused(path, merge(rosa.id, "p_nobody"), 404, /no person/);
  });

  it("hands on why it cannot be", async () => {
    home.persons.failure = new AppError("conflict", "Both were seen in the bedroom at the same time");
    const body = { from: visitor.id, into: rosa.id };
    await refused(
      "/api/persons/merge",
      { method: "POST", body },
      409,
      /seen in the bedroom at the same time/,
    );
  });

  it.each<[unknown, RegExp]>([
    [{}, /from is an id/],
    [{ from: "p_0001" }, /into is an id/],
    [{ from: 1, into: 2 }, /from is an id/],
    [{ from: "p_0001", into: "p_0000", force: 1 }, /force is true or false/],
    [{ from: "../p", into: "p_0000" }, /from is an id/],
    [{ from: "p_0001", into: "p_0000", with: "x" }, /no field of a merge/],
  ])("is refused for %j", (body, detail) =>
    refused("/api/persons/merge", { method: "POST", body }, 400, detail),
  );
});

describe("splitting", () => {
  it("makes a new person of tracks, or of embeddings", async () => {
    const first = await send<PersonJson>("POST", "/api/persons/split", {
      person_id: rosa.id,
      tracklet_ids: ["t1", "t2", "t1"],
    });
    expect(first.status).toBe(201);
    expect(first.json.label).toBe("Visitor-C");
    await send("POST", "/api/persons/split", { person_id: rosa.id, embedding_ids: ["e1"], by: "Anna" });
    expect(home.persons.asked).toEqual([
      `split t1+t2 from ${rosa.id} by the panel`,
      `split e1 from ${rosa.id} by Anna`,
    ]);
  });

  it.each<[unknown, number, RegExp]>([
    [{ person_id: "p_0000" }, 400, /one of the two/],
    [{ person_id: "p_0000", tracklet_ids: [] }, 400, /one of the two/],
    [{ person_id: "p_0000", tracklet_ids: ["t1"], embedding_ids: ["e1"] }, 400, /one of the two/],
    [{ tracklet_ids: ["t1"] }, 400, /person_id is an id/],
    [{ person_id: "p_0000", tracklet_ids: "t1" }, 400, /list of at most 500 ids/],
    [{ person_id: "p_0000", tracklet_ids: [1] }, 400, /tracklet_ids\[0\] is an id/],
    [
      { person_id: "p_0000", tracklet_ids: Array.from({ length: 501 }, (_, i) => `t${i}`) },
      400,
      /at most 500/,
    ],
    [{ person_id: "p_nobody", tracklet_ids: ["t1"] }, 404, /no person/],
  ])("is refused for %j", (body, status, detail) =>
    refused("/api/persons/split", { method: "POST", body }, status, detail),
  );

  it("hears that a track was them, or somebody else", async () => {
    await send("POST", `/api/persons/${rosa.id}/not`, { tracklet_id: "t1", by: "Anna" });
    await send("POST", `/api/persons/${rosa.id}/is`, { tracklet_id: "t2", by: "Anna" });
    expect(home.persons.asked).toEqual([`t1 is not ${rosa.id} by Anna`, `t2 is ${rosa.id} by Anna`]);
    await refused(`/api/persons/${rosa.id}/is`, { method: "POST", body: {} }, 400, /tracklet_id is an id/);
    await refused("/api/persons/p_x/is", { method: "POST", body: { tracklet_id: "t1" } }, 404, /no person/);
    const path = `/api/persons/${rosa.id}/not`;
    await refused(path, { method: "POST" }, 400, /JSON object/);
    await refused(path, { method: "POST", body: { tracklet_id: null } }, 400, /tracklet_id is an id/);
    await refused("/api/persons/p_x/not", { method: "POST", body: { tracklet_id: "t1" } }, 404, /no person/);
  });
});

describe("a reset", () => {
  it("forgets everybody, or those of a camera", async () => {
    const path = "/api/persons/reset";
    const ofCamera = await send<ResetResultJson>("POST", path, { confirm: true, camera_id: "hall" });
    expect(ofCamera.json).toEqual({ forgotten: 1, embeddings: 2 });
    expect(home.persons.people).toEqual([rosa]);
    expect((await send<ResetResultJson>("POST", path, { confirm: true })).json).toMatchObject({
      forgotten: 1,
    });
    expect(home.persons.asked).toEqual(["reset hall by the panel", "reset all by the panel"]);
  });

  it.each<[unknown, number, RegExp]>([
    [{}, 400, /send confirm as true/],
    [{ confirm: "true" }, 400, /send confirm as true/],
    [{ confirm: false, camera_id: "hall" }, 400, /cannot be undone/],
    [{ confirm: true, camera_id: "" }, 400, /camera_id has small letters/],
    [{ confirm: true, camera_id: 4 }, 400, /camera_id/],
    [{ confirm: true, camera_id: "cellar" }, 404, /no camera with this id/],
    [{ confirm: true, all: true }, 400, /no field of a reset/],
  ])("is refused for %j", (body, status, detail) =>
    refused("/api/persons/reset", { method: "POST", body }, status, detail),
  );
});

describe("the way somebody took", () => {
  beforeEach(() => {
    const stay = { personId: rosa.id, trackletIds: ["t1"], cue: "face" } as const;
    home.persons.stays = [
      { ...stay, cameraId: "hall", area: "Hall", from: STARTED - 90_000, until: STARTED - 60_500 },
      { ...stay, cameraId: "bedroom", area: "Bedroom", from: STARTED - 60_000, until: STARTED },
    ];
  });

  it("says when, where and for how long, oldest first", async () => {
    const { json } = await send<TrajectoryJson>("GET", `/api/persons/${rosa.id}/trajectory`);
    expect(json.person_id).toBe(rosa.id);
    expect(json.stays.map(({ area, duration_s }) => [area, duration_s])).toEqual([
      ["Hall", 29.5],
      ["Bedroom", 60],
    ]);
    expect(json.stays[0]).toEqual({
      camera_id: "hall",
      area: "Hall",
      from: "2026-11-20T07:58:30.000Z",
      to: "2026-11-20T07:58:59.500Z",
      duration_s: 29.5,
      cue: "face",
      tracklet_ids: ["t1"],
    });
  });

  it("is cut to a time", async () => {
    const areas = async (query: string) =>
      (await get<TrajectoryJson>(`/api/persons/${rosa.id}/trajectory?${query}`)).stays.map(
        ({ area }) => area,
      );
    expect(await areas("from=2026-11-20T07:59:00Z")).toEqual(["Bedroom"]);
    expect(await areas("to=2026-11-20T07:58:59.999Z")).toEqual(["Hall"]);
    expect(await areas("to=2026-11-20T08:58:59%2B01:00")).toEqual(["Hall"]);
    expect(await areas("limit=1")).toEqual(["Bedroom"]);
  });

  it.each([
    "from=yesterday",
    "from=2026-11-20",
    "to=2026-13-20T07:59:00Z",
    "limit=x",
    "from=1",
    "from=2026-11-20T08:00:00Z&to=2026-11-20T07:00:00Z",
  ])("is refused for ?%s", (query) =>
    refused(`/api/persons/${rosa.id}/trajectory?${query}`, {}, 400, /time|limit/),
  );

  it("is nobody's for an unknown id", () => refused("/api/persons/p_x/trajectory", {}, 404, /no person/));
});

describe("what is kept of somebody", () => {
  it("is told without the numbers, with the address of each picture", async () => {
    home.persons.addExample(rosa.id, { picture: JPEG });
    home.persons.addExample(rosa.id, { cue: "appearance", state: "set_aside", facing: null });
    home.persons.addExample(visitor.id);
    const reply = await send<EmbeddingsJson>("GET", `/api/persons/${rosa.id}/embeddings`);
    expect(reply.json.embeddings).toHaveLength(2);
    expect(reply.json.embeddings[0]).toEqual({
      id: "e0",
      cue: "face",
      model_id: "sface",
      state: "prototype",
      quality: 0.8765,
      facing: "front",
      source: "sighting",
      camera_id: "bedroom",
      tracklet_id: "t1",
      captured_at: "2026-11-20T08:00:00.000Z",
      picture: `api/persons/${rosa.id}/embeddings/e0/picture.jpg`,
    });
    expect(reply.json.embeddings[1]).toMatchObject({ state: "set_aside", picture: null });
    const picture = await send("GET", `/${reply.json.embeddings[0]?.picture ?? ""}`);
    expect(picture.headers["content-type"]).toBe("image/jpeg");
    expect(picture.headers["cache-control"]).toBe("no-store");
    expect(picture.bytes.equals(JPEG)).toBe(true);
  });

  it("is shown as a picture only where there is one, and only as that person's", async () => {
    home.persons.addExample(rosa.id);
    home.persons.addExample(rosa.id, { picture: JPEG });
    await refused(`/api/persons/${rosa.id}/embeddings/e0/picture.jpg`, {}, 404, /no picture is kept/);
    await refused(`/api/persons/${visitor.id}/embeddings/e1/picture.jpg`, {}, 404, /no such embedding/);
    await refused("/api/persons/p_x/embeddings/e1/picture.jpg", {}, 404, /no person/);
  });

  it("is set aside and taken back", async () => {
    home.persons.addExample(rosa.id);
    const path = `/api/persons/${rosa.id}/embeddings/e0`;
    expect((await send<PersonJson>("POST", `${path}/set-aside`)).json.id).toBe(rosa.id);
    await send("POST", `${path}/restore`, { by: "Anna" });
    expect(home.persons.asked).toEqual(["set e0 aside by the panel", "restore e0 by Anna"]);
    for (const verb of ["set-aside", "restore"]) {
      await refused(
        `/api/persons/${rosa.id}/embeddings/e9/${verb}`,
        { method: "POST" },
        404,
        /no such embedding/,
      );
      await refused(`/api/persons/${visitor.id}/embeddings/e0/${verb}`, { method: "POST" }, 404, /no such/);
      await refused(`${path}/${verb}`, { method: "POST", body: { why: 1 } }, 400, /no field/);
    }
  });

  it("is handed out whole: person, vectors, pictures, stays, events and what was done", async () => {
    home.persons.addExample(rosa.id, { picture: JPEG });
    home.persons.stays = [
      {
        personId: rosa.id,
        cameraId: "hall",
        area: null,
        from: STARTED,
        until: STARTED,
        trackletIds: [],
        cue: null,
      },
    ];
    home.persons.entries = [anEntry({ personId: rosa.id }), anEntry({ id: "a2", personId: visitor.id })];
    const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
    for (let i = 0; i < 201; i += 1)
      home.happen(anEvent("person_in", { box }, { personId: rosa.id, capturedAt: STARTED + i }));
    home.happen(anEvent("person_in", { box }, { personId: visitor.id }));
    const { json, headers } = await send<PersonExportJson>("GET", `/api/persons/${rosa.id}/export`);
    expect(headers["content-disposition"]).toBe(`attachment; filename=${rosa.id}.json`);
    expect(json.person.name).toBe("Rosa");
    expect(json.embeddings).toHaveLength(1);
    expect(json.embeddings[0]?.vector).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(Buffer.from(json.embeddings[0]?.picture_base64 ?? "", "base64").equals(JPEG)).toBe(true);
    expect(json.stays).toHaveLength(1);
    expect(new Set(json.events.map(({ event_id }) => event_id)).size).toBe(201);
    expect(json.events.every(({ person_id }) => person_id === rosa.id)).toBe(true);
    expect(json.audit.map(({ id }) => id)).toEqual(["a1"]);
    await refused("/api/persons/p_x/export", {}, 404, /no person/);
  });

  it("may be looked up among the events", async () => {
    const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
    home.happen(
      anEvent("person_in", { box }, { personId: rosa.id, personName: "Rosa", identityCue: "face" }),
    );
    home.happen(anEvent("person_in", { box }));
    const { events } = await get<EventsJson>(`/api/events?person_id=${rosa.id}`);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ person_id: rosa.id, person_name: "Rosa", identity_cue: "face" });
    expect((await get<EventsJson>("/api/events?person_id=p_x")).events).toEqual([]);
    await refused(`/api/events?person_id=a&person_id=b`, {}, 400, /person_id is given once/);
  });
});

function anEntry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: "a1",
    at: STARTED,
    by: "Anna",
    action: "merge",
    personId: null,
    details: { tracklets: ["t1"] },
    undoneAt: null,
    ...change,
  };
}

describe("what was done", () => {
  it("is listed newest first, by person and by pages", async () => {
    home.persons.entries = ["a1", "a2", "a3"].map((id) =>
      anEntry({ id, personId: id === "a2" ? rosa.id : visitor.id }),
    );
    const { audit, next } = await get<AuditJson>("/api/audit");
    expect([audit.map(({ id }) => id), next]).toEqual([["a3", "a2", "a1"], null]);
    expect(audit[1]).toEqual({
      id: "a2",
      at: "2026-11-20T08:00:00.000Z",
      by: "Anna",
      action: "merge",
      person_id: rosa.id,
      details: { tracklets: ["t1"] },
      undone_at: null,
    });
    expect((await get<AuditJson>(`/api/audit?person_id=${rosa.id}`)).audit).toHaveLength(1);
    const page = await get<AuditJson>("/api/audit?limit=2");
    expect(page.next).toBe("a2");
    expect(
      (await get<AuditJson>(`/api/audit?limit=2&before=${page.next}`)).audit.map(({ id }) => id),
    ).toEqual(["a1"]);
    await refused("/api/audit?limit=-1", {}, 400, /limit/);
    await refused("/api/audit?before=%00", {}, 400, /before is an id/);
    await refused("/api/audit?person_id=a%20b", {}, 400, /person_id is an id/);
  });

  it("is taken back once", async () => {
    home.persons.entries = [anEntry()];
    const { json } = await send<AuditEntryJson>("POST", "/api/undo/a1", { by: "Tom" });
    expect(json.undone_at).toBe("2026-11-20T08:00:00.000Z");
    expect(home.persons.asked).toEqual(["undo a1 by Tom"]);
    await refused("/api/undo/a1", { method: "POST" }, 409, /taken back already/);
    await refused("/api/undo/a9", { method: "POST" }, 404, /no such entry/);
    await refused("/api/undo/a1", { method: "POST", body: { by: 7 } }, 400, /by is a text/);
  });
});

describe("what Haven asks", () => {
  const review = (change: Partial<ReviewEntry> = {}): ReviewEntry => ({
    id: "r1",
    createdAt: STARTED,
    trackletId: "t1",
    person: visitor,
    candidate: rosa,
    cue: "face",
    score: 0.41234567,
    decision: {
      outcome: "unknown",
      personId: null,
      cue: null,
      confidence: 0.3,
      combined: 0.4,
      cues: [],
      reasons: ["face_margin"],
    },
    answer: null,
    answeredAt: null,
    answeredBy: null,
    ...change,
  });

  it("is listed until it is answered", async () => {
    home.persons.open = [
      review(),
      review({ id: "r2", answer: "same", answeredAt: STARTED, candidate: null }),
    ];
    const { reviews } = await get<ReviewsJson>("/api/reviews");
    expect(reviews).toEqual([
      {
        id: "r1",
        created_at: "2026-11-20T08:00:00.000Z",
        tracklet_id: "t1",
        person: { id: visitor.id, name: "Visitor-B", kind: "visitor" },
        candidate: { id: rosa.id, name: "Rosa", kind: "resident" },
        cue: "face",
        score: 0.4123,
        decision: { outcome: "unknown", confidence: 0.3, reasons: ["face_margin"] },
        answer: null,
        answered_at: null,
        answered_by: null,
      },
    ]);
    const all = await get<ReviewsJson>("/api/reviews?all=true");
    expect(all.reviews.map(({ id, candidate }) => [id, candidate === null])).toEqual([
      ["r1", false],
      ["r2", true],
    ]);
    await refused("/api/reviews?all=1", {}, 400, /all is one of/);
  });

  it("is answered by name", async () => {
    home.persons.open = [review()];
    const { json } = await send<ReviewJson>("POST", "/api/reviews/r1", { answer: "different", by: "Anna" });
    expect(json).toMatchObject({ answer: "different", answered_by: "Anna" });
    const answer = (body: unknown) => ({ method: "POST", body });
    await refused("/api/reviews/r1", answer({ answer: "perhaps" }), 400, /same, different, unsure/);
    await refused("/api/reviews/r1", answer({}), 400, /same, different, unsure/);
    await refused("/api/reviews/r9", answer({ answer: "same" }), 404, /no such question/);
  });
});

describe("who is where", () => {
  it("is told to a new viewer, and again whenever it changes", async () => {
    using viewer = await TestViewer.open(server.port);
    await eventually(() => expect(viewer.of("hello")[0]?.presence).toEqual({ persons: [], areas: [] }));
    home.persons.rooms = [
      { area: "Hall", occupied: true, count: 2, personIds: [rosa.id], unknownPresent: true, watched: true },
    ];
    home.tell({ kind: "presence" });
    await eventually(() =>
      expect(viewer.of("presence")[0]?.presence.areas).toEqual([
        {
          area: "Hall",
          occupied: true,
          count: 2,
          person_ids: [rosa.id],
          unknown_present: true,
          watched: true,
        },
      ]),
    );
  });
});
