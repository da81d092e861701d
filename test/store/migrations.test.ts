import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { alarmOf } from "../../src/alarms/alarm-row.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { SCHEMA_VERSION } from "../../src/store/migrations.ts";
import { Sqlite } from "../../src/store/sqlite.ts";
import { openStore } from "../../src/store/store.ts";

/** Written by Haven when it knew schema 1 only: a raised alarm with its message under way, and one that is over. */
const SCHEMA_1 = new URL("schema-1.db.gz", import.meta.url);
/** Written when it knew 2: a raised alarm that has grown and been answered, its clip, and something to remember. */
const SCHEMA_2 = new URL("schema-2.db.gz", import.meta.url);
const AT = 1_700_000_000_000;

it("a database of schema 1 is taken to today's, with its alarms and messages as they were", () => {
  const folder = mkdtempSync(join(tmpdir(), "haven-migrations-"));
  try {
    const path = join(folder, "haven.db");
    writeFileSync(path, gunzipSync(readFileSync(SCHEMA_1)));
    {
      using store = openStore({ path, clock: new ManualClock(AT + 1000), log: silentLogger });
      expect(store.alarms.recent(10).map(alarmOf)).toEqual([
        expect.objectContaining({
          id: "01HF7YAT00AAAAAAAAAAAAAAB2",
          state: "cleared",
          acknowledgedBy: "Ana",
        }),
        {
          id: "01HF7YAT00AAAAAAAAAAAAAAB1",
          state: "raised",
          cause: "fall_confirmed",
          causeEventId: "01HF7YAT00AAAAAAAAAAAAAAA1",
          cameraId: "bedroom",
          area: "Bedroom",
          personName: "Rosa",
          raisedAt: AT,
          acknowledgedAt: null,
          acknowledgedBy: null,
          recoveredAt: null,
          clearedAt: null,
          level: 0,
          escalatedAt: null,
          answer: null,
          answeredAt: null,
          answeredBy: null,
          test: false,
        },
      ]);
      expect(store.outbox.next(0)).toMatchObject({ attempts: 0, event: { kind: "alarm_raised" } });
      expect(store.alarms.counts("bedroom", 0)).toEqual({ alarms: 2, answered: 0, falseAlarms: 0 });
      store.state.set("a room", { remembers: [1, 2] });
    }
    using again = openStore({ path, clock: new ManualClock(AT + 2000), log: silentLogger });
    expect(again.state.get("a room")).toEqual({ remembers: [1, 2] });
    using db = new Sqlite(path, 100);
    expect(db.prepare("SELECT version, applied_at FROM migrations").all()).toEqual([
      { version: 1, applied_at: AT },
      { version: 2, applied_at: AT + 1000 },
      { version: SCHEMA_VERSION, applied_at: AT + 1000 },
    ]);
    expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(db.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("a database of schema 2 is taken to today's, with its events, alarms and clips as they were, and knows nobody", () => {
  const folder = mkdtempSync(join(tmpdir(), "haven-migrations-"));
  try {
    const path = join(folder, "haven.db");
    writeFileSync(path, gunzipSync(readFileSync(SCHEMA_2)));
    using store = openStore({ path, clock: new ManualClock(AT + 1000), log: silentLogger });
    const event = {
      kinds: null,
      cameraId: null,
      since: null,
      until: null,
      before: null,
      limit: 10,
    };
    expect(store.events.list(event)).toMatchObject([{ kind: "fall_confirmed", trackId: 7, personId: null }]);
    expect(store.alarms.recent(10)).toMatchObject([
      { state: "raised", grownTo: "long_lie", level: 2, answer: "real", answeredBy: "Ana", personName: null },
    ]);
    expect(store.alarmClips.find("01HF7YAT00AAAAAAAAAAAAAAB1")?.recording).toEqual(Buffer.from([1, 2, 3]));
    expect(store.state.get("a room")).toEqual({ remembers: [1, 2] });
    expect(store.persons.all()).toEqual([]);
    expect(store.persons.nextLabelNumber()).toBe(0);
    using db = new Sqlite(path, 100);
    expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(db.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
