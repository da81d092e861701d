import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { exitCodeOf, isAppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { AlarmRow } from "../../src/store/alarm-repository.ts";
import type { EventFilter, EventRow } from "../../src/store/event-repository.ts";
import { SCHEMA_VERSION } from "../../src/store/migrations.ts";
import { Sqlite } from "../../src/store/sqlite.ts";
import { IN_MEMORY, openStore, Store } from "../../src/store/store.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-store-"));
  path = join(folder, "data", "haven.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

const open = (file = path) => openStore({ path: file, clock: new ManualClock(1_000), log: silentLogger });

function eventRow(eventId: string, over: Partial<EventRow> = {}): EventRow {
  return {
    eventId,
    kind: "person_in",
    cameraId: "hall",
    area: null,
    zone: null,
    trackId: 1,
    personId: null,
    personName: null,
    identityCue: null,
    capturedAt: 1000.5,
    mediaTimeS: 1.25,
    confidence: 0.5,
    evidence: { box: { x1: 0, y1: 0, x2: 1, y2: 1 } },
    ...over,
  };
}

const ALARM: AlarmRow = {
  id: "a",
  state: "raised",
  cause: "fall_confirmed",
  causeEventId: "01",
  grownTo: null,
  cameraId: "hall",
  area: "Hall",
  personName: null,
  raisedAt: 1,
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
};

const ALL: EventFilter = { kinds: null, cameraId: null, since: null, until: null, before: null, limit: 100 };

function insert(store: Store, event: EventRow, recordedAt = 0): void {
  store.events.insert(event, { severity: 0, recordedAt });
}

function refusalOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}

describe("opening the database", () => {
  it("makes the file with its folder, for its owner alone, and finds the rows again", () => {
    {
      using store = open();
      insert(store, eventRow("a"));
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    using again = open();
    expect(again.events.list(ALL)).toEqual([eventRow("a")]);
  });

  it("notes which migrations were applied and when", () => {
    open()[Symbol.dispose]();
    using db = new Sqlite(path, 100);
    expect(db.pragma("user_version")).toBe(SCHEMA_VERSION);
    expect(db.pragma("journal_mode")).toBe("wal");
    expect(db.prepare("SELECT version, applied_at FROM migrations").all()).toEqual([
      { version: 1, applied_at: 1000 },
      { version: 2, applied_at: 1000 },
      { version: 3, applied_at: 1000 },
    ]);
  });

  it("refuses the database of a newer version and leaves it as it is", () => {
    open()[Symbol.dispose]();
    {
      using db = new Sqlite(path, 100);
      db.pragma(`user_version = ${SCHEMA_VERSION + 4}`);
    }
    const before = readFileSync(path);
    const error = refusalOf(() => open());
    expect(isAppError(error, "store.newer")).toBe(true);
    expect(String(error)).toContain(
      `was written by a newer Haven (schema ${SCHEMA_VERSION + 4}, this one knows ${SCHEMA_VERSION}); update Haven or restore a backup`,
    );
    expect(exitCodeOf(error)).toBe(2);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("refuses what is no database and leaves it as it is", () => {
    const file = join(folder, "letter.db");
    writeFileSync(file, "Dear diary, ".repeat(1000));
    const error = refusalOf(() => open(file));
    expect(isAppError(error, "store.unusable")).toBe(true);
    expect(String(error)).toContain("restore a backup, or move it away");
    expect(readFileSync(file, "utf8")).toBe("Dear diary, ".repeat(1000));
  });

  it("refuses the database of another program", () => {
    const file = join(folder, "other.db");
    {
      using db = new Sqlite(file, 100);
      db.execute("CREATE TABLE states (state TEXT)");
    }
    const error = refusalOf(() => open(file));
    expect(isAppError(error, "store.unusable")).toBe(true);
    expect(String(error)).toContain("belongs to another program");
  });

  it("refuses a damaged file and leaves it as it is", () => {
    {
      using store = open();
      store.transaction(() => {
        for (let index = 0; index < 2000; index += 1) insert(store, eventRow(`event-${index}`));
      }, "process");
    }
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
    const before = readFileSync(path);
    expect(
      isAppError(
        refusalOf(() => open()),
        "store.unusable",
      ),
    ).toBe(true);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("finds damage that nobody has stumbled over yet", () => {
    {
      using store = open();
      store.transaction(() => {
        for (let index = 0; index < 2000; index += 1) insert(store, eventRow(`event-${index}`));
      }, "process");
    }
    const bytes = readFileSync(path);
    bytes.fill(0xff, bytes.length - 3 * 4096, bytes.length - 2 * 4096);
    writeFileSync(path, bytes);
    expect(
      isAppError(
        refusalOf(() => open()),
        "store.unusable",
      ),
    ).toBe(true);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it("refuses a folder it cannot make", () => {
    writeFileSync(join(folder, "data"), "in the way");
    expect(
      isAppError(
        refusalOf(() => open()),
        "store.unusable",
      ),
    ).toBe(true);
  });
});

describe("a transaction", () => {
  it("is all or nothing, and others nested in it are part of it", () => {
    using store = open(IN_MEMORY);
    const attempt = () =>
      store.transaction(() => {
        insert(store, eventRow("a"));
        store.transaction(() => insert(store, eventRow("b")), "power");
        throw new Error("halfway");
      }, "power");
    expect(attempt).toThrow("halfway");
    expect(store.events.list(ALL)).toEqual([]);
  });

  it("waits for the disk only where it has to survive a power cut", () => {
    open()[Symbol.dispose]();
    using db = new Sqlite(path, 100);
    db.pragma("synchronous = NORMAL");
    // 1 is NORMAL, 2 is FULL.
    expect(db.transaction(() => db.pragma("synchronous"), "process")).toBe(1);
    expect(db.transaction(() => db.pragma("synchronous"), "power")).toBe(2);
    expect(db.pragma("synchronous")).toBe(1);
    expect(refusalOf(() => db.transaction(() => db.execute("nonsense"), "power"))).toMatchObject({
      code: "internal",
    });
    expect(db.pragma("synchronous")).toBe(1);
  });

  it("says that trying again can help when somebody else holds the lock", () => {
    using store = open();
    using other = new Sqlite(path, 100);
    other.execute("BEGIN IMMEDIATE");
    const error = refusalOf(() => store.transaction(() => insert(store, eventRow("a")), "power"));
    expect(isAppError(error, "store.unavailable")).toBe(true);
    other.execute("ROLLBACK");
    store.transaction(() => insert(store, eventRow("a")), "power");
    expect(store.events.list(ALL)).toHaveLength(1);
  });

  it("says that the disk is full when it is", () => {
    open()[Symbol.dispose]();
    using db = new Sqlite(path, 100);
    db.pragma(`max_page_count = ${Number(db.pragma("page_count"))}`);
    const store = new Store(db);
    const fill = () => {
      for (let index = 0; index < 1000; index += 1) insert(store, eventRow(`event-${index}`));
    };
    const error = refusalOf(() => store.transaction(fill, "process"));
    expect(isAppError(error, "store.unavailable")).toBe(true);
    expect(String(error)).toContain("the disk is full; make room");
    expect(store.events.list(ALL)).toEqual([]);
  });
});

describe("events", () => {
  it("come newest first, filtered by kind, camera, person, time and place in the list", () => {
    using store = open(IN_MEMORY);
    insert(store, eventRow("01", { kind: "fall_confirmed", capturedAt: 10 }));
    insert(store, eventRow("02", { cameraId: "bed", capturedAt: 20 }));
    insert(store, eventRow("03", { kind: "bed_exit", cameraId: "bed", personId: "p_1", capturedAt: 30 }));
    insert(store, eventRow("04", { kind: "fall_confirmed", cameraId: null, capturedAt: 40 }));
    const ids = (filter: Partial<EventFilter>) =>
      store.events.list({ ...ALL, ...filter }).map(({ eventId }) => eventId);
    expect(ids({})).toEqual(["04", "03", "02", "01"]);
    expect(ids({ kinds: ["fall_confirmed", "bed_exit"] })).toEqual(["04", "03", "01"]);
    expect(ids({ kinds: [] })).toEqual([]);
    expect(ids({ cameraId: "bed" })).toEqual(["03", "02"]);
    expect(ids({ cameraId: "bed", kinds: ["bed_exit"], limit: 1 })).toEqual(["03"]);
    expect(ids({ personId: "p_1" })).toEqual(["03"]);
    expect(ids({ personId: "p_1", kinds: ["fall_confirmed"] })).toEqual([]);
    expect(ids({ personId: null })).toHaveLength(4);
    expect(ids({ since: 20, until: 40 })).toEqual(["03", "02"]);
    expect(ids({ before: "03" })).toEqual(["02", "01"]);
    expect(ids({ before: "03", limit: 1 })).toEqual(["02"]);
  });

  it("are refused when their id exists already", () => {
    using store = open(IN_MEMORY);
    insert(store, eventRow("01"));
    expect(
      isAppError(
        refusalOf(() => insert(store, eventRow("01"))),
        "internal",
      ),
    ).toBe(true);
  });

  it("go when they are old, with alarms and messages, but never under an open alarm", () => {
    using store = open(IN_MEMORY);
    for (const id of ["01", "02", "03", "04"]) {
      insert(store, eventRow(id), Number(id));
      store.outbox.insert({ eventId: id, createdAt: 0, attempts: 0, deliveredAt: null });
    }
    store.alarms.save({ ...ALARM, id: "raised", causeEventId: "01" });
    store.alarms.save({ ...ALARM, id: "over", state: "cleared", causeEventId: "02", clearedAt: 5 });
    expect(store.events.prune(4, 1)).toBe(1);
    expect(store.events.prune(4, 100)).toBe(1);
    expect(store.events.prune(4, 100)).toBe(0);
    expect(store.events.list(ALL).map(({ eventId }) => eventId)).toEqual(["04", "01"]);
    expect(store.alarms.recent(10).map(({ id }) => id)).toEqual(["raised"]);
    expect(store.outbox.pending()).toBe(2);
  });
});

describe("alarms", () => {
  it("keep what raised them while their life goes on", () => {
    using store = open(IN_MEMORY);
    insert(store, eventRow("01"));
    store.alarms.save(ALARM);
    const acknowledged = {
      ...ALARM,
      state: "acknowledged" as const,
      acknowledgedAt: 2,
      acknowledgedBy: "Ana",
    };
    store.alarms.save({ ...acknowledged, area: "Elsewhere" });
    expect(store.alarms.open()).toEqual([acknowledged]);
    store.alarms.save({ ...acknowledged, state: "cleared", clearedAt: 3 });
    expect(store.alarms.open()).toEqual([]);
    expect(store.alarms.find("a")).toMatchObject({ state: "cleared", acknowledgedBy: "Ana" });
    expect(store.alarms.find("b")).toBeNull();
  });

  it("cannot be written half: acknowledged needs somebody, cleared needs a time, a cause has to exist", () => {
    using store = open(IN_MEMORY);
    insert(store, eventRow("01"));
    expect(() => store.alarms.save({ ...ALARM, acknowledgedAt: 2 })).toThrow("CHECK");
    expect(() => store.alarms.save({ ...ALARM, state: "cleared" })).toThrow("CHECK");
    expect(() => store.alarms.save({ ...ALARM, causeEventId: "nothing" })).toThrow("FOREIGN KEY");
  });
});

describe("the outbox", () => {
  it("gives messages in order, with what is known of earlier attempts", () => {
    using store = open(IN_MEMORY);
    for (const id of ["b", "a"]) {
      insert(store, eventRow(id));
      store.outbox.insert({ eventId: id, createdAt: 7, attempts: 0, deliveredAt: null });
    }
    const first = store.outbox.next(0);
    expect(first).toMatchObject({ createdAt: 7, attempts: 0, event: eventRow("b") });
    store.outbox.setAttempts(first?.outboxId ?? 0, 2);
    expect(store.outbox.next(0)).toMatchObject({ attempts: 2 });
    expect(store.outbox.next(first?.outboxId ?? 0)).toMatchObject({ event: { eventId: "a" } });
    store.outbox.setDelivered("b", 9);
    expect(store.outbox.next(0)).toMatchObject({ event: { eventId: "a" } });
    expect(store.outbox.pending()).toBe(1);
    expect(store.outbox.prune(9, 10)).toBe(0);
    expect(store.outbox.prune(10, 10)).toBe(1);
    store.outbox.setDelivered("a", 9);
    expect(store.outbox.next(0)).toBeNull();
  });
});

describe("observations", () => {
  const row = (capturedAt: number, cameraId = "hall") => ({
    cameraId,
    capturedAt,
    trackId: 3,
    x1: 0,
    y1: 0,
    x2: 0.5,
    y2: 1,
    posture: "standing",
  });

  it("are written together or not at all, read by camera and time, and go when they are old", () => {
    using store = open(IN_MEMORY);
    store.observations.insert([row(1), row(2), row(3, "bed"), row(4)]);
    expect(() => store.observations.insert([row(5), { ...row(6), x1: Number.NaN }])).toThrow("NOT NULL");
    const range = { cameraId: "hall", since: 2, until: 100, limit: 10 };
    expect(store.observations.list(range)).toEqual([row(2), row(4)]);
    expect(store.observations.prune(4, 2)).toBe(2);
    expect(store.observations.prune(4, 2)).toBe(1);
    expect(store.observations.prune(4, 2)).toBe(0);
    expect(store.observations.list({ ...range, since: 0 })).toEqual([row(4)]);
  });
});

describe("the size", () => {
  it("tells used from free space, and free space can be given back", () => {
    using store = open();
    store.transaction(() => {
      for (let index = 0; index < 5000; index += 1) insert(store, eventRow(`event-${index}`));
    }, "process");
    const full = store.size();
    expect(full.fileBytes).toBeGreaterThan(full.usedBytes);
    store.events.prune(1, 5000);
    const pruned = store.size();
    expect(pruned.usedBytes).toBeLessThan(full.usedBytes / 4);
    store.releaseSpace(1024 * 1024 * 1024);
    using db = new Sqlite(path, 100);
    expect(db.pragma("freelist_count")).toBe(0);
    expect(store.size().usedBytes).toBe(pruned.usedBytes);
  });
});
