import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProblemJson } from "../../src/api/contract.ts";
import type { EnrolledJson, FaceSearchResultJson, NotEnrolledJson } from "../../src/api/person-contract.ts";
import { AppError } from "../../src/core/errors.ts";
import type { Person } from "../../src/domain/person.ts";
import { type Call, call, startApi } from "./api-client.ts";
import { FakeHome } from "./fake-home.ts";
import { aPhoto, FACE_LENGTH, type PhotoText } from "./fake-persons.ts";

let home: FakeHome;
let server: Awaited<ReturnType<typeof startApi>>;
let rosa: Person;

beforeEach(async () => {
  home = new FakeHome();
  rosa = home.persons.add({ name: "Rosa", kind: "resident" });
  server = await startApi(home);
});
afterEach(() => server[Symbol.asyncDispose]());

const ENROL = "/api/persons/enrol";
const SEARCH = "/api/persons/search-by-face";
const base64 = (text: PhotoText = "one face") => aPhoto(text).toString("base64");
const json = (body: unknown): Call => ({ method: "POST", body });
const raw = (bytes: Buffer, type = "image/jpeg"): Call => ({
  method: "POST",
  headers: { "content-type": type },
  rawBytes: bytes,
});

async function refused(path: string, request: Call, status: number, detail: RegExp): Promise<ProblemJson> {
  const before = home.persons.memory;
  const reply = await call<ProblemJson>(server.port, path, request);
  expect(reply.status, reply.text).toBe(status);
  expect(reply.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expect(reply.json.detail).toMatch(new RegExp(detail, "i"));
  expect(reply.json.detail).toMatch(/^[A-Za-z"][^\n]{5,250}\.$/);
  expect(home.persons.memory).toBe(before);
  return reply.json;
}

describe("enrolling", () => {
  it("takes several photos and says of each how good it is", async () => {
    const visitor = home.persons.add();
    const photos = [base64(), `data:image/jpeg;base64,${base64("blurred")}`, base64("no face")];
    const { status, json: reply } = await call<EnrolledJson>(
      server.port,
      ENROL,
      json({
        photos,
        name: " Tom ",
        kind: "carer",
        region: "north",
        client_id: "c1",
        description: "Mondays",
        consent: { by: "Tom" },
        by: "Anna",
      }),
    );
    expect(status).toBe(201);
    expect(reply.person).toMatchObject({
      name: "Tom",
      kind: "carer",
      region: "north",
      client_id: "c1",
      description: "Mondays",
      consent: { by: "Tom" },
      first_seen_at: null,
      active: false,
    });
    const box = [0.25, 0.2, 0.5, 0.6];
    const photo = { width: 800, height: 600, faces: [{ box, quality: 0.8, problems: [] }], chosen: 0 };
    const blurred = { ...photo, faces: [{ box, quality: 0.8, problems: ["blurred"] }] };
    expect(reply.photos).toEqual([
      { ...photo, accepted: true, reason: null },
      { ...blurred, accepted: false, reason: "The face is blurred; hold still." },
      { ...photo, faces: [], chosen: null, accepted: false, reason: "No face was found in it." },
    ]);
    expect(reply.alike).toEqual([{ id: visitor.id, name: "Visitor-B", kind: "visitor" }]);
    expect(home.persons.asked).toEqual(["enrol 3 by Anna"]);
  });

  it("takes a photo as the body, as a phone's page and curl send it", async () => {
    const query = new URLSearchParams({
      name: "Tom & Zoë",
      kind: "visitor",
      force: "true",
      consent_by: "Tom",
      by: "Anna",
    });
    const first = await call<EnrolledJson>(server.port, `${ENROL}?${query}`, raw(aPhoto()));
    expect(first.status).toBe(201);
    expect(first.json.person).toMatchObject({ name: "Tom & Zoë", kind: "visitor", consent: { by: "Tom" } });
    const more = await call<EnrolledJson>(server.port, `${ENROL}?person_id=${rosa.id}`, raw(aPhoto()));
    expect([more.status, more.json.person.id]).toEqual([200, rosa.id]);
    expect(home.persons.asked).toEqual(["enrol 1 by Anna, forced", "enrol 1 by the panel"]);
  });

  it("takes PNG and WebP, whatever the content type calls them", async () => {
    const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.from("....")]);
    const webp = Buffer.from("RIFF....WEBPVP8 ", "latin1");
    for (const [bytes, type] of [
      [png, "image/png"],
      [webp, "image/webp"],
      [png, "image/jpeg"],
    ] as const) {
      const reply = await call(server.port, `${ENROL}?person_id=${rosa.id}`, raw(bytes, type));
      expect(reply.status, reply.text).toBe(200);
    }
  });

  it("takes the face that is meant where there are two", async () => {
    const photo = { photo: base64("two faces"), box: [0.1, 0.1, 0.5, 0.6] };
    const inJson = await call<EnrolledJson>(server.port, ENROL, json({ photos: [photo], name: "Tom" }));
    expect([inJson.status, inJson.json.photos[0]?.chosen]).toEqual([201, 0]);
    const path = `${ENROL}?person_id=${rosa.id}&box=`;
    expect((await call(server.port, `${path}0.1,0.1,0.5,0.6`, raw(aPhoto("two faces")))).status).toBe(200);
    await refused(path, raw(aPhoto("two faces")), 422, /two faces/);
    for (const box of ["0,0,0", "0,0,0,0,0", "0.5,0,0.4,1", "0,0,1,2", "a,b,c,d", "0,0,NaN,1", ","])
      await refused(`${path}${box}`, raw(aPhoto()), 400, /box is x1, y1, x2, y2/);
    for (const box of [null, "0,0,1,1", [0, 0, 1], [0, 0, 1, null], [0, 0, 1, "1"], {}, [1, 1, 0, 0]])
      await refused(ENROL, json({ photos: [{ ...photo, box }], name: "T" }), 400, /photos\[0\].box is x1/);
    await refused(ENROL, json({ photos: [{ ...photo, x: 1 }], name: "T" }), 400, /no field of a photo/);
    await refused(
      ENROL,
      json({ photos: [{ box: photo.box }], name: "T" }),
      400,
      /photos\[0\].photo is a photo/,
    );
  });

  it("adds photos to somebody known, also told by an id that was merged", async () => {
    const visitor = home.persons.add();
    await call(server.port, "/api/persons/merge", json({ from: visitor.id, into: rosa.id }));
    const body = { photos: [base64()], person_id: visitor.id };
    const reply = await call<EnrolledJson>(server.port, ENROL, json(body));
    expect([reply.status, reply.json.person.id]).toEqual([200, rosa.id]);
  });

  it("changes nothing when no photo is good enough, and says why of each", async () => {
    const reply = (await refused(
      ENROL,
      json({ photos: [base64("no face")], name: "Tom" }),
      422,
      /^No face was found in it/,
    )) as NotEnrolledJson;
    expect(reply.photos).toHaveLength(1);
    await refused(ENROL, json({ photos: [base64("two faces")], name: "Tom" }), 422, /two faces/);
    const mixed = json({ photos: [base64("two faces"), base64("blurred")], name: "Tom" });
    const both = (await refused(ENROL, mixed, 422, /each says why/)) as NotEnrolledJson;
    expect(both.photos.map(({ faces }) => faces.length)).toEqual([2, 1]);
  });

  it("hands on what vision and identity say", async () => {
    await refused(ENROL, json({ photos: [base64("huge")], name: "Tom" }), 400, /20000 × 20000 pixels/);
    const fields = { personId: rosa.id };
    home.persons.failure = new AppError("conflict", "this looks like Rosa; merge the two", { fields });
    const conflict = await refused(
      ENROL,
      json({ photos: [base64()], name: "Tom" }),
      409,
      /^This looks like Rosa/,
    );
    expect(conflict.person_id).toBe(rosa.id);
    home.persons.failure = new AppError("vision.down", "vision is restarting; try again in a moment");
    await refused(ENROL, json({ photos: [base64()], name: "Tom" }), 503, /try again/);
  });

  it.each<[unknown, number, RegExp]>([
    [{}, 400, /photos is a list/],
    [[], 400, /JSON object/],
    [{ name: "Tom", photos: [] }, 400, /at least one photo/],
    [{ name: "Tom", photos: "x" }, 400, /photos is a list/],
    [{ name: "Tom", photos: [null] }, 400, /photos\[0\] is a photo in base64/],
    [{ name: "Tom", photos: [""] }, 400, /photos\[0\] is empty/],
    [{ name: "Tom", photos: ["&&&"] }, 400, /not base64/],
    [{ name: "Tom", photos: ["aGVsbG8gd29ybGQ="] }, 400, /not a JPEG, PNG or WebP/],
    [{ name: "Tom", photos: ["data:text/html;base64,aGVsbG8="] }, 400, /is no picture/],
    [{ name: "Tom", photos: Array(11).fill(aPhoto().toString("base64")) }, 400, /at most 10 photos/],
    [{ photos: [aPhoto().toString("base64")] }, 400, /needs a name/],
    [{ photos: [aPhoto().toString("base64")], name: "<b>\u0007" }, 400, /cannot be printed/],
    [{ photos: [aPhoto().toString("base64")], name: "x".repeat(81) }, 400, /at most 80/],
    [{ photos: [aPhoto().toString("base64")], name: "Tom", kind: "ghost" }, 400, /kind is one of/],
    [{ photos: [aPhoto().toString("base64")], name: "Tom", force: "yes" }, 400, /force is true or false/],
    [{ photos: [aPhoto().toString("base64")], name: "Tom", age: 7 }, 400, /no field of an enrolment/],
    [{ photos: [aPhoto().toString("base64")], person_id: "p_0000", name: "T" }, 400, /only for somebody new/],
    [{ photos: [aPhoto().toString("base64")], person_id: "p_x" }, 404, /no person with this id/],
    [{ photos: [aPhoto().toString("base64")], person_id: "../x" }, 400, /person_id is an id/],
  ])("is refused for %j", async (body, status, detail) => {
    await refused(ENROL, json(body), status, detail);
  });

  it("is refused for what is no photo, whatever it is called", async () => {
    const path = `${ENROL}?name=Tom`;
    await refused(path, raw(Buffer.from("%PDF-1.7 ....")), 400, /is a PDF, not a photo/);
    await refused(path, raw(Buffer.from("\0\0\0\x18ftypheic....", "latin1")), 400, /HEIC.*send it as JPEG/);
    await refused(path, raw(Buffer.from("<html>")), 400, /not a JPEG, PNG or WebP/);
    await refused(path, raw(Buffer.from("\xff\xd8", "latin1")), 400, /not a JPEG, PNG or WebP/);
    const pdf = Buffer.from("%PDF-1.7 ....").toString("base64");
    await refused(ENROL, json({ name: "Tom", photos: [base64(), pdf] }), 400, /photos\[1\] is a PDF/);
  });

  it("is refused for other bodies, forms among them: another site could send one", async () => {
    const path = `${ENROL}?name=Tom`;
    for (const type of [
      "multipart/form-data; boundary=x",
      "application/pdf",
      "text/plain",
      "image/svg+xml",
      "",
    ])
      await refused(path, raw(aPhoto(), type), 415, /image\/jpeg, image\/png or image\/webp/);
    await refused(path, { method: "POST" }, 415, /image\/jpeg/);
    await refused(
      path,
      { ...raw(aPhoto()), headers: { "content-type": "image/jpeg", "content-encoding": "gzip" } },
      415,
      /without compression/,
    );
    await refused(
      path,
      { ...json(undefined), headers: { "content-type": "application/json" }, rawBody: "{" },
      400,
      /JSON/,
    );
  });

  it("is refused for what is too large, and other routes take no more than before", async () => {
    const large = Buffer.alloc(20 * 1024 * 1024 + 1);
    aPhoto().copy(large);
    await refused(`${ENROL}?name=Tom`, raw(large), 413, /at most 20 MB/);
    const body = { ...json(undefined), headers: { "content-type": "application/json" } };
    const text = JSON.stringify({ photos: ["A".repeat(32 * 1024 * 1024)], name: "Tom" });
    await refused(ENROL, { ...body, rawBody: text }, 413, /at most 32 MB/);
    const patch = { name: "x".repeat(140_000) };
    await refused(
      `/api/persons/${rosa.id}`,
      { method: "PATCH", body: patch },
      413,
      /larger than any request/,
    );
    // The next one is served as if nothing had been.
    expect((await call(server.port, `${ENROL}?name=Tom`, raw(aPhoto()))).status).toBe(201);
  });

  it("looks at two requests at a time, and is free again afterwards", async () => {
    const { describePhoto } = home.persons;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    home.persons.describePhoto = async (photo) => {
      waiting += 1;
      await held;
      return describePhoto(photo);
    };
    const first = [1, 2].map(() => call(server.port, SEARCH, raw(aPhoto())));
    await expect.poll(() => waiting).toBe(2);
    await refused(SEARCH, raw(aPhoto()), 409, /try again in a moment/);
    release();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await call(server.port, SEARCH, raw(aPhoto()))).status).toBe(200);
  });
});

describe("searching by a face", () => {
  const embedding = (fill = 3) => Array<number>(FACE_LENGTH).fill(fill);

  it("finds who looks like the face in a photo", async () => {
    const reply = await call<FaceSearchResultJson>(
      server.port,
      `${SEARCH}?threshold=0.5&limit=3&region=north&client_id=c1`,
      raw(aPhoto()),
    );
    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({
      model_id: "sface",
      threshold: 0.5,
      face: { box: [0.25, 0.2, 0.5, 0.6], quality: 0.8, problems: [] },
      matches: [{ person: { id: rosa.id, name: "Rosa" }, similarity: 0.9123 }],
    });
    expect(home.persons.searches).toMatchObject([
      { modelId: "sface", threshold: 0.5, limit: 3, region: "north", clientId: "c1" },
    ]);
    const inJson = await call<FaceSearchResultJson>(server.port, SEARCH, json({ photo: base64() }));
    expect(inJson.json.threshold).toBe(0.42);
  });

  it("finds who looks like an embedding, of whatever length it is as a vector", async () => {
    const body = { model_id: "sface", embedding: embedding(), threshold: -1, region: null };
    const reply = await call<FaceSearchResultJson>(server.port, SEARCH, json(body));
    expect(reply.status).toBe(200);
    expect(reply.json.face).toBeNull();
    const [query] = home.persons.searches;
    expect(Math.hypot(...(query?.vector ?? []))).toBeCloseTo(1, 6);
    expect(query).toMatchObject({ limit: 5, region: null, clientId: null });
  });

  it("answers nobody while nobody is known by the model, whatever the length", async () => {
    home.persons.people = [];
    home.persons.faceModel = () => ({ id: "sface", length: null as never, accept: 0.42 });
    const body = { model_id: "sface", embedding: embedding().slice(1) };
    const reply = await call<FaceSearchResultJson>(server.port, SEARCH, json(body));
    expect([reply.status, reply.json.matches]).toEqual([200, []]);
    await refused(SEARCH, json({ ...body, model_id: "arcface" }), 400, /only embeddings of sface can/);
  });

  it("is refused where faces are not looked at", async () => {
    home.persons.looksAtFaces = false;
    await refused(SEARCH, raw(aPhoto()), 409, /does not look at faces/);
  });

  it("is refused without a face, with two, and for what cannot be read", async () => {
    await refused(SEARCH, raw(aPhoto("no face")), 400, /no face to be seen/);
    await refused(SEARCH, raw(aPhoto("two faces")), 400, /2 faces.*cut it to the one/);
    await refused(SEARCH, raw(aPhoto("huge")), 400, /20000 × 20000 pixels/);
    await refused(SEARCH, raw(Buffer.from("%PDF-1.7")), 400, /PDF/);
    await refused(`${SEARCH}?threshold=x`, raw(aPhoto()), 400, /threshold is a number from -1 to 1/);
    await refused(`${SEARCH}?limit=0`, raw(aPhoto()), 400, /limit is a number from 1 to 100/);
    await refused(`${SEARCH}?limit=1&limit=2`, raw(aPhoto()), 400, /limit is given once/);
  });

  const one = (at: number, value: unknown) => embedding().map((entry, i) => (i === at ? value : entry));
  it.each<[string, unknown, RegExp]>([
    ["nothing", {}, /photo, or an embedding/],
    ["both", { photo: "x", embedding: [] }, /photo, or an embedding/],
    ["no model", { embedding: embedding() }, /model_id is a text/],
    ["another model", { model_id: "arcface", embedding: embedding() }, /only embeddings of sface with 128/],
    ["too few", { model_id: "sface", embedding: embedding().slice(1) }, /sface with 128 numbers/],
    ["too many", { model_id: "sface", embedding: [...embedding(), 1] }, /sface with 128 numbers/],
    ["far too many", { model_id: "sface", embedding: Array(5000).fill(1) }, /16 to 4096 numbers/],
    ["no list", { model_id: "sface", embedding: { length: 128 } }, /list of 16 to 4096/],
    [
      "null, as JSON writes NaN",
      { model_id: "sface", embedding: one(7, Number.NaN) },
      /embedding\[7\] is no number/,
    ],
    ["a text", { model_id: "sface", embedding: one(0, "NaN") }, /embedding\[0\] is no number/],
    ["a list", { model_id: "sface", embedding: one(127, [1]) }, /embedding\[127\] is no number/],
    ["only zeros", { model_id: "sface", embedding: embedding(0) }, /no direction/],
    ["numbers too large", { model_id: "sface", embedding: embedding(1e308) }, /no direction/],
    [
      "threshold",
      { model_id: "sface", embedding: embedding(), threshold: 2 },
      /threshold is a number from -1/,
    ],
    ["limit", { model_id: "sface", embedding: embedding(), limit: 1.5 }, /limit is a whole number/],
    ["region", { model_id: "sface", embedding: embedding(), region: {} }, /region is a text/],
    ["a model of a photo", { model_id: "sface", photo: "x" }, /belongs to an embedding/],
    ["more", { photo: "x", what: 1 }, /no field of a search/],
  ])("is refused for %s", async (_name, body, detail) => {
    await refused(SEARCH, json(body), 400, detail);
  });

  it("is refused for numbers beyond what a number can be", async () => {
    const text = JSON.stringify({ model_id: "sface", embedding: embedding() }).replace("3", "1e999");
    const request = { method: "POST", headers: { "content-type": "application/json" }, rawBody: text };
    await refused(SEARCH, request, 400, /embedding\[0\] is no number/);
  });
});
