import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ObservationLog } from "../../src/history/observation-log.ts";
import { Retention, type RetentionSettings } from "../../src/history/retention.ts";
import { Sqlite } from "../../src/store/sqlite.ts";
import { IN_MEMORY, openStore, type Store } from "../../src/store/store.ts";
import { bedExit, fall } from "../support/event-drafts.ts";
import { RecordingRig } from "../support/recording-rig.ts";

const DAY = 86_400_000;
const SETTINGS: RetentionSettings = {
  eventRetentionDays: 90,
  observationRetentionDays: 7,
  clipRetentionDays: 90,
  maxMb: 1000,
};
const GO = new AbortController().signal;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-retention-"));
  path = join(folder, "haven.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

const retentionOf = (store: Store, clock: ManualClock, settings = SETTINGS) =>
  new Retention({ store, clock, log: silentLogger, settings });

const observation = (capturedAt: number, trackId = 1) => ({
  cameraId: "hall",
  trackId,
  capturedAt,
  box: { x1: 0.123456789, y1: 0.123456789, x2: 0.987654321, y2: 0.987654321 },
  posture: "standing" as const,
});

function rows(store: Store): number {
  return store.observations.list({ cameraId: "hall", since: 0, until: Number.MAX_VALUE, limit: 100_000 })
    .length;
}

function fill(store: Store, from: number, count: number): void {
  const { box, ...rest } = observation(0);
  store.observations.insert(
    Array.from({ length: count }, (_, index) => ({ ...rest, ...box, capturedAt: from + index })),
  );
}

describe("retention", () => {
  it("lets go of what is older than the settings, except what an open alarm stands on", async () => {
    using rig = new RecordingRig(IN_MEMORY, { clock: new ManualClock(100 * DAY) });
    rig.record(fall("fall_confirmed"));
    rig.record(bedExit());
    rig.clock.advance(50 * DAY);
    rig.record(bedExit({ capturedAt: 150 * DAY }));
    fill(rig.store, 100 * DAY, 1200);
    fill(rig.store, 149 * DAY, 10);
    const retention = retentionOf(rig.store, rig.clock);
    expect(await retention.sweep(GO)).toEqual({
      events: 0,
      observations: 1200,
      clips: 0,
      messages: 0,
      identities: 0,
      tooLarge: false,
    });
    rig.clock.advance(41 * DAY);
    expect(await retention.sweep(GO)).toMatchObject({ events: 2, observations: 10 });
    expect(rig.stored).toEqual(["fall_confirmed", "bed_exit"]);
    expect(rig.store.alarms.open()).toHaveLength(1);
    rig.alarms.acknowledgeAll("Ana");
    rig.record(fall("fall_recovered"));
    expect(await retention.sweep(GO)).toMatchObject({ events: 1 });
  });

  it("lets go of who was taken for whom, and of what was changed by hand, when events of then go", async () => {
    const clock = new ManualClock(150 * DAY);
    using store = openStore({ path: IN_MEMORY, clock, log: silentLogger });
    for (const [id, day] of [
      ["old", 59],
      ["new", 61],
    ] as const) {
      const at = day * DAY;
      const about = { cameraId: "hall", trackId: 1, area: null, frames: 5, quality: 1, decision: "{}" };
      const nobody = { personId: null, cue: null, confidence: null };
      store.tracklets.put({ ...about, ...nobody, trackletId: id, firstAt: at, lastAt: at });
      store.audit.insert({
        auditId: id,
        at,
        by: "Eva",
        action: "name",
        personId: null,
        details: "{}",
        undoneAt: null,
      });
    }
    expect(await retentionOf(store, clock).sweep(GO)).toMatchObject({ identities: 2 });
    expect(store.tracklets.recent(5).map(({ trackletId }) => trackletId)).toEqual(["new"]);
    expect(store.audit.find("old")).toBeNull();
    expect(store.audit.find("new")).not.toBeNull();
  });

  it("lets go of alarm clips after their days, and of the oldest of them before events when there is no room", async () => {
    const clock = new ManualClock(100 * DAY);
    using rig = new RecordingRig(path, { clock });
    const keep = (alarmId: string, raisedAt: number) =>
      rig.store.alarmClips.insert({
        alarmId,
        cameraId: "hall",
        raisedAt,
        answer: "real",
        zones: [],
        settings: {},
        recording: randomBytes(100_000),
      });
    keep("old", 5 * DAY);
    for (let count = 0; count < 20; count += 1) keep(`clip ${count}`, (80 + count) * DAY);
    rig.record(bedExit({ capturedAt: clock.now() }));
    const sweep = (over: Partial<RetentionSettings>) =>
      retentionOf(rig.store, clock, { ...SETTINGS, ...over }).sweep(GO);
    expect(await sweep({})).toMatchObject({ clips: 1, events: 0 });
    expect(await sweep({ maxMb: 1.5 })).toMatchObject({ clips: 10, events: 0, tooLarge: false });
    expect([...rig.store.alarmClips.answered()].map(({ alarmId }) => alarmId)[0]).toBe("clip 10");
  });

  it("makes room when the file is over its size: positions first, then events, oldest first, but no open alarm", async () => {
    const clock = new ManualClock(100 * DAY);
    using rig = new RecordingRig(path, { clock });
    rig.record(fall("fall_confirmed"));
    for (let count = 0; count < 40; count += 1) rig.record(bedExit({ capturedAt: count * 30_000 }));
    for (let batch = 0; batch < 10; batch += 1) fill(rig.store, clock.now() + batch * 3000, 3000);
    const full = rig.store.size();
    const limit = (full.usedBytes / 1_000_000) * 0.6;
    const swept = await retentionOf(rig.store, clock, { ...SETTINGS, maxMb: limit }).sweep(GO);
    expect(swept).toMatchObject({ events: 0, tooLarge: false });
    expect(swept.observations).toBeGreaterThan(9000);
    expect(rig.store.size().usedBytes).toBeLessThanOrEqual(limit * 1_000_000);
    const [oldest] = rig.store.observations.list({
      cameraId: "hall",
      since: 0,
      until: Number.MAX_VALUE,
      limit: 1,
    });
    expect(oldest?.capturedAt).toBe(clock.now() + swept.observations);
    const hopeless = await retentionOf(rig.store, clock, { ...SETTINGS, maxMb: 0.001 }).sweep(GO);
    expect(hopeless.tooLarge).toBe(true);
    expect(rig.stored).toEqual(["fall_confirmed"]);
  });

  it("gives freed space back to the disk", async () => {
    const clock = new ManualClock(100 * DAY);
    using store = openStore({ path, clock, log: silentLogger });
    for (let batch = 0; batch < 14; batch += 1) fill(store, 0, 3000);
    expect(store.size().usedBytes).toBeGreaterThan(3_000_000);
    await retentionOf(store, clock).sweep(GO);
    expect(rows(store)).toBe(0);
    expect(store.size().freeBytes).toBeLessThan(1_200_000);
  });

  it("works a minute after the start and then every hour, and lives through a locked database", async () => {
    const clock = new ManualClock(100 * DAY);
    using store = openStore({ path, clock, log: silentLogger });
    fill(store, 0, 10);
    const retention = retentionOf(store, clock);
    await retention.start();
    {
      using other = new Sqlite(path, 100);
      other.execute("BEGIN IMMEDIATE");
      clock.advance(60_000);
      await retention.stop();
      expect(rows(store)).toBe(10);
      other.execute("ROLLBACK");
    }
    await retention.start();
    clock.advance(60_000);
    await vi.waitFor(() => expect(rows(store)).toBe(0), { interval: 1 });
    fill(store, 0, 10);
    await vi.waitFor(
      () => {
        clock.advance(3_600_000);
        expect(rows(store)).toBe(0);
      },
      { interval: 1 },
    );
    await retention.stop();
  });
});

describe("whereabouts", () => {
  it("are kept once a second and track, and written every few seconds", async () => {
    const clock = new ManualClock(0);
    using store = openStore({ path: IN_MEMORY, clock, log: silentLogger });
    const log = new ObservationLog({ store, clock, log: silentLogger, syncS: 5 });
    await log.start();
    for (let frame = 0; frame < 60; frame += 1) {
      log.add(observation(frame * 100, 1));
      log.add(observation(frame * 100, 2));
    }
    expect(rows(store)).toBe(0);
    clock.advance(5000);
    expect(rows(store)).toBe(12);
    log.add(observation(7000, 1));
    await log.stop();
    expect(rows(store)).toBe(13);
    clock.advance(60_000);
    expect(rows(store)).toBe(13);
  });

  it("wait for a locked database, up to a limit", async () => {
    const clock = new ManualClock(0);
    using store = openStore({ path, clock, log: silentLogger });
    const log = new ObservationLog({ store, clock, log: silentLogger, syncS: 5 });
    await log.start();
    using other = new Sqlite(path, 100);
    other.execute("BEGIN IMMEDIATE");
    for (let second = 0; second < 5010; second += 1) log.add(observation(second * 1000));
    clock.advance(5000);
    other.execute("ROLLBACK");
    clock.advance(5000);
    expect(rows(store)).toBe(5000);
    const [first] = store.observations.list({
      cameraId: "hall",
      since: 0,
      until: Number.MAX_VALUE,
      limit: 1,
    });
    expect(first?.capturedAt).toBe(10_000);
    await log.stop();
  });
});
