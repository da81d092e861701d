import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OutboxMessage } from "../../src/alarms/outbox.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { EventLog } from "../../src/history/event-log.ts";
import { Sqlite } from "../../src/store/sqlite.ts";
import { IN_MEMORY, openStore, Store } from "../../src/store/store.ts";
import { bedExit, fall, personIn } from "../support/event-drafts.ts";
import { RecordingRig } from "../support/recording-rig.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-recorder-"));
  path = join(folder, "haven.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Somebody else holds the database until released. */
function lock(): { release(): void } & Disposable {
  const other = new Sqlite(path, 100);
  other.execute("BEGIN IMMEDIATE");
  return {
    release: () => other.execute("ROLLBACK"),
    [Symbol.dispose]: () => other[Symbol.dispose](),
  };
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("recording", () => {
  it("gives an event its id, keeps it whole and announces it when it is stored", async () => {
    using rig = new RecordingRig(IN_MEMORY);
    rig.onAnnounce = ({ event, stored }) => {
      expect(stored).toBe(true);
      expect(
        rig.store.events.list({
          kinds: null,
          cameraId: null,
          since: null,
          until: null,
          before: null,
          limit: 9,
        })[0]?.eventId,
      ).toBe(event.eventId);
    };
    const event = rig.record(personIn({ personId: "p_1", personName: "Rosa", identityCue: "face" }));
    expect(event.eventId).toMatch(/^[0-9A-Z]{26}$/);
    expect(rig.told).toEqual(["person_in live"]);
    const log = new EventLog(rig.store, silentLogger);
    expect(await log.list({ kinds: null, cameraId: null, before: null, limit: 10 })).toEqual([event]);
  });

  it("keeps the order of announcements when a listener records the next event", () => {
    using rig = new RecordingRig(IN_MEMORY);
    rig.onAnnounce = ({ event }) => {
      if (event.kind === "fall_confirmed") rig.record(bedExit());
    };
    rig.record(fall("fall_confirmed"));
    expect(rig.told).toEqual(["fall_confirmed durable", "alarm_raised durable", "bed_exit durable"]);
    expect(rig.stored).toEqual(["fall_confirmed", "alarm_raised", "bed_exit"]);
  });

  it("still records and sends an event that the alarms choke on", () => {
    using rig = new RecordingRig(IN_MEMORY, {
      react: () => {
        throw new Error("a bug");
      },
    });
    rig.record(fall("fall_confirmed"));
    expect(rig.told).toEqual(["fall_confirmed durable"]);
    expect(rig.outbox.pending()).toBe(1);
  });

  it("goes on when a listener fails", () => {
    using rig = new RecordingRig(IN_MEMORY);
    rig.onAnnounce = () => {
      throw new Error("a broken listener");
    };
    rig.record(fall("fall_confirmed"));
    rig.record(bedExit());
    expect(rig.stored).toEqual(["fall_confirmed", "alarm_raised", "bed_exit"]);
  });
});

describe("a locked database", () => {
  it("makes events wait in memory and takes them in order as soon as it can", () => {
    using rig = new RecordingRig(path);
    using other = lock();
    rig.record(fall("fall_confirmed"));
    rig.record(bedExit());
    expect(rig.recorder.waiting()).toBe(2);
    expect(rig.told).toEqual([]);
    // The alarm is seen at once all the same.
    expect(rig.states).toEqual(["raised"]);
    other.release();
    rig.clock.advance(100);
    expect(rig.stored).toEqual(["fall_confirmed", "alarm_raised", "bed_exit"]);
    expect(rig.told).toEqual(["fall_confirmed durable", "alarm_raised durable", "bed_exit durable"]);
    expect(rig.store.alarms.open()).toHaveLength(1);
    expect(rig.recorder.waiting()).toBe(0);
  });

  it("keeps nobody waiting for more than a second: then events are announced and sent without it", async () => {
    using rig = new RecordingRig(path);
    const got: OutboxMessage[] = [];
    const stop = new AbortController();
    const sender = {
      isReady: () => true,
      send: async (message: OutboxMessage) => {
        got.push(message);
        return "delivered" as const;
      },
    };
    const running = rig.outbox.deliver(sender, stop.signal);
    using other = lock();
    const event = rig.record(fall("fall_confirmed"));
    rig.clock.advance(999);
    await quiet();
    expect(got).toEqual([]);
    rig.clock.advance(1);
    await quiet();
    expect(rig.told).toEqual(["fall_confirmed durable*", "alarm_raised durable*"]);
    expect(got[0]).toEqual({ event, late: false, ageS: 0 });
    expect(rig.boards).toHaveLength(1);
    // From now on nothing waits at all.
    rig.record(bedExit());
    await quiet();
    expect(got.map(({ event: { kind } }) => kind)).toEqual(["fall_confirmed", "alarm_raised", "bed_exit"]);
    other.release();
    rig.clock.advance(10_000);
    await quiet();
    expect(rig.stored).toEqual(["fall_confirmed", "alarm_raised", "bed_exit"]);
    expect(got).toHaveLength(3);
    expect(rig.outbox.pending()).toBe(0);
    expect(rig.announced).toHaveLength(3);
    stop.abort();
    await running;
  });

  it("is tried a last time when the daemon stops", () => {
    using rig = new RecordingRig(path);
    using other = lock();
    rig.record(fall("fall_confirmed"));
    for (let count = 0; count < 250; count += 1) rig.record(personIn());
    other.release();
    rig.recorder.stop();
    expect(rig.stored).toHaveLength(252);
    expect(rig.told).toHaveLength(252);
  });

  it("has what somebody did written at once when it is free again, with all that waited, whenever the next look is due", () => {
    using rig = new RecordingRig(path);
    using other = lock();
    rig.record(fall("fall_confirmed"));
    rig.record(personIn());
    rig.clock.advance(8_000);
    other.release();
    expect(rig.stored).toEqual([]);
    rig.alarms.acknowledgeAll("Ana");
    expect(rig.stored).toEqual(["fall_confirmed", "alarm_raised", "person_in", "alarm_acknowledged"]);
    expect(rig.store.alarms.open()).toMatchObject([{ state: "acknowledged", acknowledgedBy: "Ana" }]);
    expect(rig.recorder.waiting()).toBe(0);
  });

  it("does not stop the daemon from acknowledging", () => {
    using rig = new RecordingRig(path);
    rig.record(fall("fall_confirmed"));
    using other = lock();
    const alarm = rig.alarms.acknowledgeAll("Ana")[0];
    expect(alarm).toMatchObject({ state: "acknowledged", acknowledgedBy: "Ana" });
    other.release();
    rig.clock.advance(100);
    expect(rig.store.alarms.open()).toMatchObject([{ state: "acknowledged", acknowledgedBy: "Ana" }]);
  });
});

describe("a full disk", () => {
  it("silences no fall: it is told, sent once and answered without it, and written when there is room", async () => {
    openStore({ path, clock: new ManualClock(0), log: silentLogger })[Symbol.dispose]();
    const db = new Sqlite(path, 100);
    db.pragma("foreign_keys = ON");
    using rig = new RecordingRig(path, { store: new Store(db) });
    // What there is of room is used up, so that the next page is one too many.
    db.pragma(`max_page_count = ${Number(db.pragma("page_count"))}`);
    while (rig.recorder.waiting() === 0) rig.record(personIn());
    const got: OutboxMessage[] = [];
    const stop = new AbortController();
    const sender = {
      isReady: () => true,
      send: async (message: OutboxMessage) => {
        got.push(message);
        return "delivered" as const;
      },
    };
    const running = rig.outbox.deliver(sender, stop.signal);
    rig.record(fall("fall_confirmed"));
    rig.clock.advance(1000);
    rig.alarms.acknowledgeAll("Ana");
    await quiet();
    const kinds = ["fall_confirmed", "alarm_raised", "alarm_acknowledged"];
    expect(rig.told.slice(-3)).toEqual(kinds.map((kind) => `${kind} durable*`));
    expect(got.map(({ event, late }) => [event.kind, late])).toEqual(kinds.map((kind) => [kind, false]));
    expect(rig.store.alarms.open()).toEqual([]);
    rig.clock.advance(600_000);
    db.pragma("max_page_count = 1000000");
    rig.clock.advance(10_000);
    await quiet();
    expect(rig.recorder.waiting()).toBe(0);
    expect(rig.stored.slice(-3)).toEqual(kinds);
    expect(rig.store.alarms.open()).toMatchObject([{ state: "acknowledged", acknowledgedBy: "Ana" }]);
    expect(rig.store.outbox.pending()).toBe(0);
    expect(got).toHaveLength(3);
    stop.abort();
    await running;
  });
});

describe("an event that can never be written", () => {
  it("is announced and sent, and does not hold up the others", () => {
    using rig = new RecordingRig(path);
    const timeless = { ...fall("fall_confirmed"), capturedAt: Number.NaN };
    using other = new Sqlite(path, 100);
    other.execute("BEGIN IMMEDIATE");
    rig.record(bedExit({ trackId: 2 }));
    rig.record(timeless);
    rig.record(bedExit());
    other.execute("ROLLBACK");
    rig.clock.advance(100);
    expect(rig.told).toEqual([
      "bed_exit durable",
      "fall_confirmed durable*",
      "alarm_raised durable*",
      "bed_exit durable",
    ]);
    expect(rig.stored).toEqual(["bed_exit", "bed_exit"]);
  });
});

describe("too many events for memory", () => {
  it("cost the least important ones first; alarms stay", () => {
    using rig = new RecordingRig(path);
    using other = lock();
    rig.record(fall("fall_confirmed"));
    rig.clock.advance(1000);
    for (let count = 0; count < 10_100; count += 1) {
      rig.record(personIn({ capturedAt: 1_000_000 + count * 20_000 }));
    }
    expect(rig.recorder.waiting()).toBe(10_000);
    other.release();
    rig.clock.advance(10_000);
    expect(rig.stored.slice(0, 3)).toEqual(["fall_confirmed", "alarm_raised", "person_in"]);
    expect(rig.announced).toHaveLength(10_102);
  });
});
