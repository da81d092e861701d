import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { randomNumbers } from "../../src/bench/random-numbers.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { openStore, type Store } from "../../src/store/store.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-bytes-"));
  path = join(folder, "haven.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Household {
  readonly store: Store;
  readonly random: () => number;
  /** What each has left somewhere at some time, whether or not it was replaced since. */
  readonly traces: Map<string, Buffer[]>;
  readonly embeddings: Map<string, string[]>;
  numbers: number;
}

function household(store: Store, seed: number): Household {
  return { store, random: randomNumbers(seed), traces: new Map(), embeddings: new Map(), numbers: 0 };
}

function bytes({ random }: Household, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => Math.floor(random() * 256)));
}

function nameOf(house: Household): string {
  return `Zoë ${bytes(house, 9).toString("base64url")}`;
}

function addPerson(house: Household): void {
  const personId = `p_${house.traces.size}`;
  const name = nameOf(house);
  house.traces.set(personId, [Buffer.from(name)]);
  house.embeddings.set(personId, []);
  house.store.persons.save({
    personId,
    name,
    label: `Visitor-${house.traces.size}`,
    kind: "visitor",
    status: "active",
    mergedInto: null,
    region: null,
    clientId: null,
    description: `${name} of next door`,
    createdAt: 1,
    firstSeenAt: null,
    lastSeenAt: null,
    lastCameraId: null,
    visits: 0,
    heightM: null,
    heightCount: 0,
    consentBy: null,
    consentAt: null,
    retentionDays: null,
  });
  addEmbedding(house, personId, "mean");
}

function addEmbedding(house: Household, personId: string, state: "prototype" | "mean"): void {
  house.numbers += 1;
  const embeddingId = `e${house.numbers}`;
  const vector = Float32Array.from({ length: 128 }, () => house.random() - 0.5);
  const picture = house.random() < 0.6 ? bytes(house, 400 + Math.floor(house.random() * 6000)) : null;
  house.store.embeddings.insert({
    embeddingId,
    personId,
    cue: "face",
    modelId: "sface",
    state,
    vector,
    quality: 1,
    facing: null,
    source: "photo",
    cameraId: null,
    trackletId: null,
    capturedAt: house.numbers,
    picture,
  });
  const floats = Buffer.from(vector.buffer);
  // A page may hold the beginning of a value and its rest lie elsewhere.
  house.traces.get(personId)?.push(floats.subarray(0, 48), floats.subarray(-48));
  if (picture !== null) house.traces.get(personId)?.push(picture.subarray(0, 48), picture.subarray(-48));
  if (state === "prototype") house.embeddings.get(personId)?.push(embeddingId);
  else house.embeddings.get(personId)?.unshift(embeddingId);
}

function addEvent(house: Household, personId: string): void {
  house.numbers += 1;
  const name = house.store.persons.find(personId)?.name ?? null;
  const eventId = `${String(house.numbers).padStart(8, "0")}`;
  house.store.events.insert(
    {
      eventId,
      kind: "fall_confirmed",
      cameraId: "hall",
      area: null,
      zone: null,
      trackId: 1,
      personId,
      personName: name,
      identityCue: "face",
      capturedAt: house.numbers,
      mediaTimeS: null,
      confidence: null,
      evidence: { about: "x".repeat(Math.floor(house.random() * 300)) },
    },
    { severity: 3, recordedAt: house.numbers },
  );
  house.store.alarms.save({
    id: `a${eventId}`,
    state: "raised",
    cause: "fall_confirmed",
    causeEventId: eventId,
    grownTo: null,
    cameraId: "hall",
    area: null,
    personName: name,
    raisedAt: house.numbers,
    acknowledgedAt: null,
    acknowledgedBy: null,
    recoveredAt: null,
    clearedAt: null,
    level: 0,
    round: 0,
    escalatedAt: null,
    answer: null,
    answeredAt: null,
    answeredBy: null,
    test: false,
  });
}

/** One thing that happens to somebody: seen, replaced, renamed, told of. */
function live(house: Household): void {
  const ids = [...house.traces.keys()];
  const personId = ids[Math.floor(house.random() * ids.length)] ?? "";
  const what = house.random();
  const [mean, ...prototypes] = house.embeddings.get(personId) ?? [];
  if (what < 0.5) addEmbedding(house, personId, "prototype");
  else if (what < 0.65 && prototypes.length > 2) {
    house.store.embeddings.delete(prototypes[0] ?? "");
    house.embeddings.set(personId, [mean ?? "", ...prototypes.slice(1)]);
  } else if (what < 0.75 && mean !== undefined) {
    const vector = Float32Array.from({ length: 128 }, () => house.random() - 0.5);
    house.traces.get(personId)?.push(Buffer.from(vector.buffer).subarray(0, 48));
    house.store.embeddings.updateMean({ embeddingId: mean, quality: 1, capturedAt: 1, vector });
  } else if (what < 0.85) {
    const row = house.store.persons.find(personId);
    const name = nameOf(house);
    house.traces.get(personId)?.push(Buffer.from(name));
    if (row !== null) house.store.persons.save({ ...row, name });
    house.store.events.movePerson(personId, personId, name);
  } else addEvent(house, personId);
}

function found(house: Household, personId: string): number {
  const files = ["", "-wal", "-shm"].map((suffix) => `${path}${suffix}`).filter(existsSync);
  const contents = files.map((file) => readFileSync(file));
  return (house.traces.get(personId) ?? []).filter((trace) =>
    contents.some((content) => content.includes(trace)),
  ).length;
}

it.each([1, 2, 3])(
  "of somebody who is forgotten no byte is left in any of the database's files (seed %i)",
  (seed) => {
    using store = openStore({ path, clock: new ManualClock(1), log: silentLogger });
    const house = household(store, seed);
    store.transaction(() => {
      for (let person = 0; person < 60; person += 1) addPerson(house);
    }, "process");
    for (let step = 0; step < 900; step += 1) store.transaction(() => live(house), "process");
    const everybody = [...house.traces.keys()];
    expect(everybody.filter((id) => found(house, id) === 0)).toEqual([]);
    const gone = everybody.filter((_, index) => index % 3 === 0);
    for (const id of gone) store.transaction(() => store.persons.forget(id), "power");
    expect(store.eraseDeleted()).toBe(true);
    expect(gone.map((id) => found(house, id)).filter((count) => count > 0)).toEqual([]);
    const left = everybody.filter((id) => !gone.includes(id));
    expect(left.filter((id) => found(house, id) === 0)).toEqual([]);
    expect(store.alarms.recent(1000).filter(({ personName }) => personName === null).length).toBeGreaterThan(
      0,
    );
  },
);

it("somebody is forgotten together with those who were merged into them, and others' decisions no longer name them", () => {
  using store = openStore({ path, clock: new ManualClock(1), log: silentLogger });
  const house = household(store, 9);
  for (let person = 0; person < 4; person += 1) addPerson(house);
  const merge = (loser: string, winner: string) => {
    const row = store.persons.find(loser);
    if (row !== null) store.persons.save({ ...row, status: "merged", mergedInto: winner });
  };
  merge("p_1", "p_0");
  merge("p_2", "p_1");
  const decision = JSON.stringify({ personId: "p_3", runnerUpId: "p_2" });
  const tracklet = { cameraId: "hall", trackId: 1, area: null, firstAt: 1, lastAt: 2, frames: 9, quality: 1 };
  const taken = { cue: "face", confidence: 1, decision };
  store.tracklets.put({ ...tracklet, ...taken, trackletId: "t1", personId: "p_3" });
  store.tracklets.put({ ...tracklet, ...taken, trackletId: "t2", personId: "p_2" });
  const entry = { at: 1, by: "Eva", action: "merge", undoneAt: null };
  store.audit.insert({ ...entry, auditId: "1", personId: "p_0", details: '{"loser":"p_1"}' });
  store.audit.insert({ ...entry, auditId: "2", personId: "p_3", details: '{"notThem":"p_2"}' });
  store.audit.insert({ ...entry, auditId: "3", personId: "p_3", details: '{"kind":"carer"}' });
  expect(store.transaction(() => store.persons.forget("p_0"), "power").sort()).toEqual(["p_0", "p_1", "p_2"]);
  expect(store.eraseDeleted()).toBe(true);
  expect(store.persons.all().map(({ personId }) => personId)).toEqual(["p_3"]);
  for (const id of ["p_0", "p_1", "p_2"]) expect(found(house, id)).toBe(0);
  expect(found(house, "p_3")).toBeGreaterThan(0);
  expect(store.tracklets.find("t1")).toMatchObject({ personId: "p_3", decision: "{}" });
  expect(store.tracklets.find("t2")).toMatchObject({ personId: null, cue: null, decision: "{}" });
  expect(store.audit.list({ personId: null, before: null, limit: 9 }).map(({ details }) => details)).toEqual([
    '{"kind":"carer"}',
    "{}",
    "{}",
  ]);
});

it("who is left is found as before once the file was written anew", () => {
  using store = openStore({ path, clock: new ManualClock(1), log: silentLogger });
  const house = household(store, 5);
  const regions = ["north", "south", "west"];
  for (let person = 0; person < 900; person += 1) {
    store.transaction(() => addPerson(house), "process");
    const row = store.persons.find(`p_${person}`);
    if (row !== null) store.persons.save({ ...row, region: regions[person % 3] ?? null });
  }
  const nearest = (person: number) => {
    const [mean] = store.embeddings.looksOf(`p_${person}`);
    if (mean === undefined) throw new Error("nobody");
    const scope = { region: null, clientId: null };
    const query = { cue: "face", modelId: "sface", vector: mean.vector, scope, count: 5 };
    return store.embeddings.nearest(query).map(({ personId }) => personId);
  };
  // A whole region goes, and with it chunks in the middle of the index.
  store.transaction(() => {
    for (let person = 1; person < 900; person += 3) store.persons.forget(`p_${person}`);
  }, "process");
  const left = [0, 2, 3, 449 + 1, 899];
  const before = left.map(nearest);
  expect(store.eraseDeleted()).toBe(true);
  expect(left.map(nearest)).toEqual(before);
  expect(before.map(([first]) => first)).toEqual(left.map((person) => `p_${person}`));
});

it("that somebody has to be erased outlives a restart", () => {
  const open = () => openStore({ path, clock: new ManualClock(1), log: silentLogger });
  {
    using store = open();
    const house = household(store, 5);
    addPerson(house);
    expect(store.persons.unerased()).toBe("nobody");
    store.transaction(() => store.persons.forget("p_0"), "power");
  }
  using store = open();
  expect(store.persons.unerased()).toBe("named");
  expect(store.eraseDeleted()).toBe(true);
  expect(store.persons.unerased()).toBe("nobody");
});
