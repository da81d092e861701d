import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OutboxMessage } from "../../src/alarms/outbox.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { isAppError } from "../../src/core/errors.ts";
import type { CareState } from "../../src/domain/care.ts";
import { IN_MEMORY } from "../../src/store/store.ts";
import { areaBlind, bedExit, fall, personIn } from "../support/event-drafts.ts";
import { RecordingRig, SETTINGS } from "../support/recording-rig.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Night from 21 to 7 in UTC; the clock begins at noon. */
const NOON = 1_700_049_600_000;
const isNight = (at: number) => {
  const hour = new Date(at).getUTCHours();
  return hour >= 21 || hour < 7;
};
const CAMERAS = [
  { id: "bedroom", area: "Bedroom", overlaps: ["hall"] },
  { id: "hall", area: "Hall", overlaps: [] },
  { id: "kitchen", area: "Kitchen", overlaps: [] },
];

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-care-"));
  path = join(folder, "haven.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

async function rigAt(
  options: {
    readonly at?: string;
    readonly clock?: ManualClock;
    readonly settings?: Partial<typeof SETTINGS>;
  } = {},
) {
  const settings = { ...SETTINGS, ...options.settings };
  const clock = options.clock ?? new ManualClock(NOON);
  const rig = new RecordingRig(options.at ?? IN_MEMORY, { clock, settings, isNight });
  rig.alarms.configure(settings, CAMERAS);
  rig.care.configure(settings, CAMERAS);
  await rig.clips.start();
  await rig.alarms.start();
  await rig.care.start();
  return rig;
}

const now = (rig: RecordingRig) => ({ capturedAt: rig.clock.now() });
const refusal = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
};

describe("the mode", () => {
  it("arms what raises an alarm; the rest is an event", async () => {
    using rig = await rigAt();
    expect(rig.care.state()).toMatchObject({
      mode: "home",
      effectiveMode: "home",
      armed: ["fall_confirmed", "long_lie"],
    });
    rig.record(bedExit(now(rig)));
    expect(rig.told).toEqual(["bed_exit durable"]);
    rig.care.setMode("night", "Ana");
    expect(rig.care.state().armed).toEqual(["fall_confirmed", "long_lie", "bed_exit", "wandering"]);
    // The same was said a moment ago: but now it is an alarm.
    rig.record(bedExit(now(rig)));
    expect(rig.told.slice(1)).toEqual(["mode_changed durable", "bed_exit durable", "alarm_raised durable"]);
    rig.care.setMode("away", "Ana");
    rig.record(fall("on_floor", now(rig)));
    rig.record(fall("long_lie", { ...now(rig), trackId: 9, groundAtS: 90 }));
    expect(rig.alarms.list().map(({ cause }) => cause)).toEqual(["long_lie", "bed_exit"]);
  });

  it("follows the night where it is automatic, and says so; every event is judged by its own time", async () => {
    using rig = await rigAt({ settings: { mode: "auto" } });
    rig.clock.advance(9 * HOUR - 20_000);
    expect(rig.care.state().effectiveMode).toBe("home");
    rig.clock.advance(40_000);
    expect(rig.care.state()).toMatchObject({ mode: "auto", effectiveMode: "night" });
    expect(rig.announced.at(-1)?.event).toMatchObject({
      kind: "mode_changed",
      evidence: { mode: "auto", effectiveMode: "night", by: "night hours" },
    });
    rig.record(bedExit({ capturedAt: NOON + 9 * HOUR - 1 }));
    expect(rig.alarms.list()).toEqual([]);
    rig.record(bedExit({ capturedAt: NOON + 9 * HOUR }));
    expect(rig.alarms.list()).toHaveLength(1);
  });

  it("is said once, by whom, and kept over a restart; the configuration only begins with one", async () => {
    const clock = new ManualClock(NOON);
    {
      using rig = await rigAt({ at: path, clock });
      rig.care.setMode("away", "Ana");
      rig.care.setMode("away", "Ben");
      expect(rig.stored).toEqual(["mode_changed"]);
      expect(rig.announced[0]?.event.evidence).toMatchObject({ mode: "away", by: "Ana" });
    }
    using rig = await rigAt({ at: path, clock });
    expect(rig.care.state().mode).toBe("away");
    expect(rig.stored).toEqual(["mode_changed"]);
  });

  it("begins as configured when what is remembered cannot be read", async () => {
    const clock = new ManualClock(NOON);
    {
      using rig = await rigAt({ at: path, clock });
      rig.store.state.set("care", { version: 1, mode: "party", snoozes: "many" });
    }
    using rig = await rigAt({ at: path, clock });
    expect(rig.care.state()).toMatchObject({ mode: "home", snoozes: [], drill: null });
  });
});

describe("a snooze", () => {
  it("holds back its area's alarms and messages, and never a long lie or a blind room", async () => {
    using rig = await rigAt({
      settings: { armed: { ...SETTINGS.armed, home: ["fall_confirmed", "area_blind"] } },
    });
    rig.care.snooze({ minutes: 30, area: "Bedroom", by: "Ana" });
    rig.record(fall("fall_suspected", now(rig)));
    rig.record(fall("fall_confirmed", now(rig)));
    rig.record(areaBlind("area_blind", rig.clock.now(), "Bedroom"));
    rig.record(fall("fall_confirmed", { ...now(rig), cameraId: "hall", area: "Hall" }));
    expect(rig.told).toEqual([
      "snooze_started durable",
      "fall_suspected logged",
      "fall_confirmed logged",
      "area_blind durable",
      "alarm_raised durable",
      "fall_confirmed durable",
      "alarm_raised durable",
    ]);
    rig.record(fall("long_lie", { capturedAt: rig.clock.now() + MINUTE }));
    expect(rig.told.slice(-2)).toEqual(["long_lie durable", "alarm_raised durable"]);
    // Its further story is told, snooze or not.
    rig.record(fall("fall_recovered", { capturedAt: rig.clock.now() + 2 * MINUTE }));
    expect(rig.told.at(-1)).toBe("fall_recovered durable");
  });

  it("starts no quiet time: what happens right after it is told", async () => {
    using rig = await rigAt();
    rig.care.snooze({ minutes: 1, area: null, by: "Ana" });
    rig.record(fall("fall_confirmed", now(rig)));
    rig.care.endSnooze(null, "Ana");
    rig.clock.advance(1000);
    rig.record(fall("fall_confirmed", { ...now(rig), groundAtS: 20 }));
    expect(rig.told).toEqual([
      "snooze_started durable",
      "fall_confirmed logged",
      "snooze_ended durable",
      "fall_confirmed durable",
      "alarm_raised durable",
    ]);
  });

  it("is seen by everybody and ends by itself", async () => {
    using rig = await rigAt();
    const seen: CareState[] = [];
    using _ = rig.care.onChange((care) => seen.push(care));
    rig.care.snooze({ minutes: 30, area: "Hall", by: "Ana" });
    expect(seen.at(-1)?.snoozes).toEqual([
      { area: "Hall", reason: "hand", by: "Ana", since: NOON, until: NOON + 30 * MINUTE },
    ]);
    rig.clock.advance(30 * MINUTE);
    expect(seen.at(-1)?.snoozes).toEqual([]);
    expect(rig.stored).toEqual(["snooze_started", "snooze_ended"]);
  });

  it("is no longer than the household allows", async () => {
    using rig = await rigAt();
    for (const minutes of [121, -1, Number.NaN]) {
      const error = refusal(() => rig.care.snooze({ minutes, area: null, by: "Ana" }));
      expect(isAppError(error, "input.invalid")).toBe(true);
    }
    expect(rig.care.snooze({ minutes: 0, area: null, by: "Ana" }).snoozes).toEqual([]);
    expect(rig.stored).toEqual([]);
  });

  it("of a carer in the room ends with their leaving, a restart, or the household's wish", async () => {
    const clock = new ManualClock(NOON);
    {
      using rig = await rigAt({ at: path, clock });
      rig.care.setCarers("Hall", ["Ben"]);
      rig.clock.advance(20_000);
      rig.care.setCarers("Hall", []);
      expect(rig.care.state().snoozes).toMatchObject([{ by: "Ben", until: NOON + 50_000 }]);
      rig.clock.advance(30_000);
      expect(rig.care.state().snoozes).toEqual([]);
      rig.care.setCarers("Hall", ["Ben"]);
      rig.care.configure({ ...SETTINGS, snoozeByCarer: false }, CAMERAS);
      expect(rig.care.state().snoozes).toEqual([]);
      rig.care.setCarers("Hall", ["Ben"]);
      expect(rig.care.state().snoozes).toEqual([]);
      rig.care.configure(SETTINGS, CAMERAS);
      rig.care.setCarers("Hall", ["Ben"]);
      rig.care.snooze({ minutes: 10, area: null, by: "Ana" });
    }
    clock.advance(5 * MINUTE);
    using rig = await rigAt({ at: path, clock });
    expect(rig.care.state().snoozes).toMatchObject([{ reason: "hand", until: NOON + 50_000 + 10 * MINUTE }]);
    expect(rig.stored.filter((kind) => kind === "snooze_ended")).toHaveLength(3);
    rig.clock.advance(5 * MINUTE);
    expect(rig.care.state().snoozes).toEqual([]);
  });

  it("is remembered with its event or not at all", async () => {
    using rig = await rigAt({ at: path });
    rig.care.snooze({ minutes: 10, area: null, by: "Ana" });
    expect(rig.store.state.get("care")).toMatchObject({ snoozes: [{ by: "Ana" }] });
  });
});

describe("a drill", () => {
  /** Walks through a fall from standing to getting up, with what each step costs in time. */
  async function walk(rig: RecordingRig): Promise<void> {
    const stop = new AbortController();
    const got: OutboxMessage[] = [];
    const delivering = rig.outbox.deliver(
      {
        isReady: () => true,
        send: async (message) => {
          got.push(message);
          return "delivered";
        },
      },
      stop.signal,
    );
    rig.care.seen("bedroom");
    rig.clock.advance(5000);
    // On the ground now, at 10 s of the camera's time.
    const fallen = (s: number) => ({ capturedAt: rig.clock.now(), mediaTimeS: 10 + s });
    rig.clock.advance(500);
    rig.record(fall("fall_suspected", fallen(0.5)));
    rig.clock.advance(1500);
    rig.record(fall("fall_confirmed", fallen(2)));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await delivering;
    expect(got.map(({ event }) => event.kind)).toContain("alarm_raised");
  }

  it("marks its alarms as tests, shows every stage with its delay, and ends when it has been answered", async () => {
    using rig = await rigAt();
    rig.care.startDrill("bedroom", "Ana");
    await walk(rig);
    expect(rig.alarms.list()).toMatchObject([{ test: true }]);
    expect(rig.announced.find(({ event }) => event.kind === "alarm_raised")?.event.evidence).toMatchObject({
      test: true,
    });
    rig.clock.advance(3000);
    rig.alarms.acknowledgeAll("Ben");
    rig.clock.advance(1000);
    expect(rig.care.state().drill?.stages.map(({ stage, delayS }) => [stage, delayS])).toEqual([
      ["started", null],
      ["person_seen", null],
      ["fall_suspected", 0.5],
      ["fall_confirmed", 2],
      ["alarm_raised", 2],
      ["delivered", 2],
      ["acknowledged", 5],
    ]);
    rig.record(fall("fall_recovered", now(rig)));
    expect(rig.care.state().drill).toBeNull();
    expect(rig.announced.at(-1)?.event).toMatchObject({
      kind: "drill_ended",
      cameraId: "bedroom",
      area: "Bedroom",
    });
    const ended = rig.announced.at(-1)?.event;
    expect(ended?.kind === "drill_ended" && [ended.evidence.by, ended.evidence.stages.length]).toEqual([
      "Ana",
      8,
    ]);
    expect(rig.alarms.falseAlarms("bedroom")).toEqual({ count: 0, answered: 0, alarms: 0 });
  });

  it("of one camera leaves the others' alarms real, except those that see the same place", async () => {
    using rig = await rigAt();
    rig.care.startDrill("hall", "Ana");
    rig.record(fall("fall_confirmed", { ...now(rig), cameraId: "kitchen", area: "Kitchen" }));
    rig.record(fall("fall_confirmed", { ...now(rig), cameraId: "bedroom", mediaTimeS: 40, groundAtS: 30 }));
    expect(rig.alarms.list().map(({ cameraId, test }) => [cameraId, test])).toEqual([
      ["bedroom", true],
      ["kitchen", false],
    ]);
  });

  it("shows the chain also to the carer whose presence snoozes it, and takes no blind room for a test", async () => {
    using rig = await rigAt({
      settings: { armed: { ...SETTINGS.armed, home: ["fall_confirmed", "area_blind"] } },
    });
    rig.care.setCarers("Bedroom", ["Ben"]);
    rig.care.startDrill(null, "Ben");
    rig.record(fall("fall_confirmed", now(rig)));
    rig.record(areaBlind("area_blind", rig.clock.now(), "Bedroom"));
    expect(rig.alarms.list().map(({ cause, test }) => [cause, test])).toEqual([
      ["area_blind", false],
      ["fall_confirmed", true],
    ]);
  });

  it("ends by itself after ten minutes, also over a restart, and then alarms are real again", async () => {
    const clock = new ManualClock(NOON);
    {
      using rig = await rigAt({ at: path, clock });
      rig.care.startDrill(null, "Ana");
      rig.record(personIn(now(rig)));
      clock.advance(4 * MINUTE);
    }
    using rig = await rigAt({ at: path, clock });
    expect(rig.care.state().drill).toMatchObject({
      by: "Ana",
      stages: [{ stage: "started" }, { stage: "person_seen" }],
    });
    clock.advance(6 * MINUTE);
    expect(rig.care.state().drill).toBeNull();
    expect(rig.stored.at(-1)).toBe("drill_ended");
    rig.record(fall("fall_confirmed", now(rig)));
    expect(rig.alarms.list()).toMatchObject([{ test: false }]);
  });

  it("that was still lying about when its time was over makes no real long lie a test", async () => {
    using rig = await rigAt();
    rig.care.startDrill(null, "Ana");
    rig.record(fall("fall_confirmed", now(rig)));
    rig.care.endDrill("Ana");
    rig.record(fall("long_lie", now(rig)));
    expect(rig.alarms.list().map(({ cause, test }) => [cause, test])).toEqual([
      ["long_lie", false],
      ["fall_confirmed", true],
    ]);
  });

  it("is one at a time, of a camera that there is", async () => {
    using rig = await rigAt();
    expect(
      isAppError(
        refusal(() => rig.care.startDrill("cellar", "Ana")),
        "not-found",
      ),
    ).toBe(true);
    rig.care.startDrill(null, "Ana");
    expect(
      isAppError(
        refusal(() => rig.care.startDrill(null, "Ben")),
        "conflict",
      ),
    ).toBe(true);
    expect(rig.care.endDrill("Ben").drill).toBeNull();
    expect(rig.care.endDrill("Ben").drill).toBeNull();
    expect(rig.stored).toEqual(["drill_started", "drill_ended"]);
  });
});
