import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { EventBus } from "../../src/core/event-bus.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { BusEvents } from "../../src/domain/bus.ts";
import type { Camera } from "../../src/domain/camera.ts";
import { type CameraAvailability, NO_HEALTH } from "../../src/domain/camera-status.ts";
import type { DaySummary } from "../../src/domain/care.ts";
import type { EventDraft } from "../../src/domain/events.ts";
import { DayBook } from "../../src/history/day-book.ts";
import { HouseWatch } from "../../src/pipeline/house-watch.ts";
import { openStore, type Store } from "../../src/store/store.ts";

const HOUR = 3_600_000;
/** 20:00 in the evening where the house stands. */
const EVENING = Date.parse("2026-03-10T20:00:00Z");
const SETTINGS = {
  night: { from: "21:00", until: "07:00" },
  timeZone: "UTC",
  inactivityAfter: 0,
  wanderingAfter: 0,
  blindAfter: 60_000,
  summaryAt: "08:00",
};
const BEDROOM: Camera = {
  id: "bedroom",
  name: "Bedroom",
  area: null,
  source: "rtsp://cam/1",
  substream: null,
  transport: "auto",
  enabled: true,
  privacy: false,
  zones: [],
  overlaps: [],
};

let folder: string;
let store: Store;
let clock: ManualClock;
let bus: EventBus<BusEvents>;
let drafts: EventDraft[];
let days: DaySummary[];
let watch: HouseWatch;

function newWatch(): HouseWatch {
  const next = new HouseWatch({
    clock,
    log: silentLogger,
    bus,
    days: new DayBook(store, silentLogger),
    settings: SETTINGS,
    record: (draft) => drafts.push(draft),
  });
  next.configure([BEDROOM], SETTINGS);
  return next;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "haven-days-"));
  clock = new ManualClock(EVENING);
  store = openStore({ path: join(folder, "haven.db"), clock, log: silentLogger });
  bus = new EventBus<BusEvents>(silentLogger);
  drafts = [];
  days = [];
  bus.on("day", (day) => days.push(day));
  watch = newWatch();
  await watch.start();
  status("online");
});

afterEach(async () => {
  await watch.stop();
  store[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

function status(availability: CameraAvailability): void {
  const base = { cameraId: "bedroom", blind: null, since: clock.now(), stream: null, ...NO_HEALTH };
  bus.emit("camera_status", {
    ...base,
    availability,
    reason: availability === "online" ? null : "no answer",
  });
}

/** In steps that a timer can follow. */
async function pass(ms: number, step = 10_000): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    clock.advance(step);
    await Promise.resolve();
    await Promise.resolve();
  }
}

const told = (kind: EventDraft["kind"]) => drafts.filter((draft) => draft.kind === kind);

describe("the look at the whole house", () => {
  it("tells the summary of the day that is over once, at its hour", async () => {
    await pass(5 * HOUR);
    expect(told("daily_summary")).toEqual([]);
    await pass(6.9 * HOUR);
    expect(told("daily_summary")).toEqual([]);
    await pass(0.2 * HOUR);
    expect(told("daily_summary")).toMatchObject([{ evidence: { date: "2026-03-10" } }]);
    await pass(10 * HOUR, 60_000);
    expect(told("daily_summary")).toHaveLength(1);
  });

  it("tells it as soon as Haven runs again, when it did not run at that hour, and not again after a restart", async () => {
    await pass(5 * HOUR);
    await watch.stop();
    clock.advance(10 * HOUR);
    watch = newWatch();
    await watch.start();
    await pass(60_000, 1000);
    expect(told("daily_summary")).toMatchObject([{ evidence: { date: "2026-03-10" } }]);
    await watch.stop();
    watch = newWatch();
    await watch.start();
    await pass(60_000, 1000);
    expect(told("daily_summary")).toHaveLength(1);
  });

  it("counts the time in which nobody could be seen, over a restart, and says that and when it began and ended", async () => {
    status("offline");
    await pass(10 * 60_000, 1000);
    expect(told("area_blind")).toMatchObject([{ area: "Bedroom", evidence: { reason: "no answer" } }]);
    await watch.stop();
    watch = newWatch();
    await watch.start();
    status("offline");
    await pass(5 * 60_000, 1000);
    expect(told("area_blind")).toHaveLength(1);
    status("online");
    await pass(2 * 60_000, 1000);
    expect(told("area_watched")).toHaveLength(1);
    const [bedroom] = watch.today().areas;
    expect(bedroom?.area).toBe("Bedroom");
    expect(bedroom?.blindS).toBeGreaterThan(14.5 * 60);
    expect(bedroom?.blindS).toBeLessThan(15.5 * 60);
    // Shown once a minute, so that a state on the wire is never older.
    expect(days.at(-1)?.areas[0]?.blindS).toBeCloseTo(bedroom?.blindS ?? 0, 0);
  });

  it("keeps the days that are over, and goes on with a new account where the old one cannot be read", async () => {
    await pass(30 * HOUR, 60_000);
    const book = new DayBook(store, silentLogger);
    expect(book.list("2026-03-01", "2026-03-31").map(({ date }) => date)).toEqual([
      "2026-03-10",
      "2026-03-11",
    ]);
    expect(book.list("2026-03-11", "2026-03-11")).toHaveLength(1);
    await watch.stop();
    store.state.set("house", { version: 1, day: "yesterday" });
    watch = newWatch();
    await watch.start();
    await pass(5_000, 1000);
    expect(watch.today().date).toBe("2026-03-12");
  });
});
