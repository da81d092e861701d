// Whom an alarm is told while nobody answers: by the time that really passed, whatever the wall clock says.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { IN_MEMORY } from "../../src/store/store.ts";
import { fall } from "../support/event-drafts.ts";
import { RecordingRig, SETTINGS } from "../support/recording-rig.ts";

const LEVELS = {
  ...SETTINGS,
  escalation: [
    { name: "Again", afterS: 60 },
    { name: "Others", afterS: 180 },
    { name: "Emergency contact", afterS: 300 },
  ],
  escalationRepeatS: 300,
};
const DAY = 86_400_000;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-escalation-"));
  path = join(folder, "haven.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

async function rigAt(file = IN_MEMORY, clock = new ManualClock(1_700_000_000_000), settings = LEVELS) {
  const rig = new RecordingRig(file, { clock, settings });
  await rig.alarms.start();
  return rig;
}

/** `Others 2.1`: name, level, round. */
const told = (rig: RecordingRig) =>
  rig.announced.flatMap(({ event }) =>
    event.kind === "alarm_escalated"
      ? [`${event.evidence.name} ${event.evidence.level}.${event.evidence.round}`]
      : [],
  );
const confirm = (rig: RecordingRig) => rig.record(fall("fall_confirmed", { capturedAt: rig.clock.now() }));

describe("an alarm nobody acknowledges", () => {
  it("is told to one level after the other at their times, and to the last again and again", async () => {
    using rig = await rigAt();
    confirm(rig);
    rig.clock.advance(59_999);
    expect(told(rig)).toEqual([]);
    rig.clock.advance(1);
    expect(told(rig)).toEqual(["Again 1.1"]);
    expect(rig.alarms.list()).toMatchObject([{ state: "raised", level: 1, escalatedAt: 1_700_000_060_000 }]);
    rig.clock.advance(240_000);
    expect(told(rig)).toEqual(["Again 1.1", "Others 2.1", "Emergency contact 3.1"]);
    rig.clock.advance(600_000);
    expect(told(rig).slice(3)).toEqual(["Emergency contact 3.2", "Emergency contact 3.3"]);
    expect(rig.store.alarms.open()).toMatchObject([{ level: 3, round: 3 }]);
    expect(rig.announced.every(({ delivery }) => delivery === "durable")).toBe(true);
  });

  it("is told no further once somebody has acknowledged it", async () => {
    using rig = await rigAt();
    confirm(rig);
    rig.clock.advance(60_000);
    rig.alarms.acknowledgeAll("Ana");
    rig.clock.advance(1_000_000);
    expect(told(rig)).toEqual(["Again 1.1"]);
    expect(rig.alarms.list()).toMatchObject([{ state: "acknowledged", level: 1 }]);
  });

  it("is told on although the person is up again: that they fell is still unanswered", async () => {
    using rig = await rigAt();
    confirm(rig);
    rig.record(fall("fall_recovered", { capturedAt: rig.clock.now() + 30_000 }));
    rig.clock.advance(60_000);
    expect(told(rig)).toEqual(["Again 1.1"]);
  });

  it("is told once where the last level is not repeated, and to nobody where there are no levels", async () => {
    using once = await rigAt(IN_MEMORY, undefined, { ...LEVELS, escalationRepeatS: 0 });
    confirm(once);
    once.clock.advance(DAY);
    expect(told(once)).toHaveLength(3);
    using none = await rigAt(IN_MEMORY, undefined, { ...LEVELS, escalation: [] });
    confirm(none);
    none.clock.advance(DAY);
    expect(told(none)).toEqual([]);
  });

  it("keeps its level when the household changes its levels", async () => {
    using rig = await rigAt();
    confirm(rig);
    rig.clock.advance(180_000);
    rig.alarms.configure({ ...LEVELS, escalation: [{ name: "Only", afterS: 5 }] }, []);
    expect(rig.alarms.list()).toMatchObject([{ level: 2 }]);
    rig.clock.advance(300_000);
    expect(told(rig).at(-1)).toBe("Only 2.2");
    rig.alarms.configure(LEVELS, []);
    rig.clock.advance(1);
    expect(told(rig).at(-1)).toBe("Emergency contact 3.1");
  });
});

describe("levels that cannot be noted", () => {
  it("are told once a minute, not as fast as the machine can", async () => {
    using rig = new RecordingRig(IN_MEMORY, {
      settings: LEVELS,
      react: (event, alarms) => {
        if (event.kind === "alarm_escalated") throw new Error("a bug");
        return { ...alarms.react(event), state: [] };
      },
    });
    await rig.alarms.start();
    rig.record(fall("fall_confirmed", { capturedAt: rig.clock.now() }));
    rig.clock.advance(150_000);
    expect(told(rig)).toEqual(["Again 1.1", "Again 1.1"]);
  });
});

describe("a wall clock that is set", () => {
  it.each([30 * DAY, -30 * DAY])("by %d ms changes nothing about who is told when", async (jump) => {
    using rig = await rigAt();
    confirm(rig);
    rig.clock.advance(10_000);
    rig.clock.jumpTo(rig.clock.now() + jump);
    rig.clock.advance(49_999);
    expect(told(rig)).toEqual([]);
    rig.clock.advance(1);
    expect(told(rig)).toEqual(["Again 1.1"]);
    confirm(rig);
    rig.clock.advance(120_000);
    expect(told(rig)).toEqual(["Again 1.1", "Others 2.1"]);
    rig.alarms.acknowledgeAll("Ana");
    rig.clock.advance(29 * 60_000);
    expect(rig.states).toEqual(["acknowledged"]);
    rig.clock.advance(60_000);
    expect(rig.states).toEqual([]);
  });
});

describe("after a restart", () => {
  it("what fell due meanwhile is told once, the highest level only, and the rest at its time", async () => {
    const clock = new ManualClock(1_700_000_000_000);
    {
      using rig = await rigAt(path, clock);
      confirm(rig);
      clock.advance(60_000);
      await rig.alarms.stop();
    }
    clock.advance(130_000);
    {
      using rig = await rigAt(path, clock);
      clock.advance(0);
      expect(told(rig)).toEqual(["Others 2.1"]);
      clock.advance(109_999);
      expect(told(rig)).toHaveLength(1);
      clock.advance(1);
      expect(told(rig)).toEqual(["Others 2.1", "Emergency contact 3.1"]);
      await rig.alarms.stop();
    }
    clock.advance(DAY);
    using rig = await rigAt(path, clock);
    clock.advance(0);
    expect(told(rig)).toEqual(["Emergency contact 3.2"]);
    clock.advance(299_999);
    expect(told(rig)).toHaveLength(1);
  });

  it("with a clock that lost its time, it goes on where it was", async () => {
    const clock = new ManualClock(1_700_000_000_000);
    {
      using rig = await rigAt(path, clock);
      confirm(rig);
      clock.advance(70_000);
      await rig.alarms.stop();
    }
    clock.jumpTo(0);
    using rig = await rigAt(path, clock);
    clock.advance(0);
    expect(told(rig)).toEqual([]);
    clock.advance(120_000);
    expect(told(rig)).toEqual(["Others 2.1"]);
  });
});

describe("an answer", () => {
  it("says what the alarm was, acknowledges it, and may be changed; every one is an event", async () => {
    using rig = await rigAt();
    const { eventId } = confirm(rig);
    const id = rig.alarms.list()[0]?.id ?? "";
    const first = rig.alarms.answer(id, "real", "Ana");
    expect(first).toMatchObject({
      state: "acknowledged",
      acknowledgedBy: "Ana",
      answer: "real",
      answeredBy: "Ana",
    });
    rig.alarms.answer(id, "real", "Ana");
    rig.clock.advance(1000);
    expect(rig.alarms.answer(id, "false_alarm", "Ben")).toMatchObject({
      acknowledgedBy: "Ana",
      answer: "false_alarm",
      answeredBy: "Ben",
      answeredAt: 1_700_000_001_000,
    });
    expect(rig.stored.slice(2)).toEqual(["alarm_answered", "alarm_acknowledged", "alarm_answered"]);
    expect(rig.announced.at(-1)).toMatchObject({
      delivery: "durable",
      event: { evidence: { alarmId: id, causeEventId: eventId, answer: "false_alarm", by: "Ben" } },
    });
  });

  it("may come when the alarm is long over, and not for one that never was", async () => {
    using rig = await rigAt();
    confirm(rig);
    const id = rig.alarms.list()[0]?.id ?? "";
    rig.alarms.acknowledge(id, "Ana");
    rig.clock.advance(DAY);
    expect(rig.alarms.list()).toEqual([]);
    const boards = rig.boards.length;
    expect(rig.alarms.answer(id, "false_alarm", "Ben")).toMatchObject({
      state: "cleared",
      answer: "false_alarm",
    });
    expect(rig.boards.length).toBe(boards + 1);
    expect(rig.store.alarms.find(id)).toMatchObject({ state: "cleared", answer: "false_alarm" });
    expect(() => rig.alarms.answer("nothing", "real", "Ben")).toThrow("there is no alarm nothing");
  });

  it("counts for its camera and week; tests do not", async () => {
    using rig = await rigAt();
    const answers = ["false_alarm", "real", "false_alarm", "test", null] as const;
    for (const [index, answer] of answers.entries()) {
      rig.record(
        fall("fall_confirmed", { capturedAt: rig.clock.now(), trackId: index, groundAtS: index * 100 }),
      );
      const id = rig.alarms.list()[0]?.id ?? "";
      if (answer !== null) rig.alarms.answer(id, answer, "Ana");
      rig.clock.advance(DAY);
    }
    expect(rig.alarms.falseAlarms("bedroom")).toEqual({ count: 2, answered: 3, alarms: 4 });
    expect(rig.alarms.falseAlarms("hall")).toEqual({ count: 0, answered: 0, alarms: 0 });
    rig.clock.advance(2 * DAY + 1);
    expect(rig.alarms.falseAlarms("bedroom")).toEqual({ count: 1, answered: 2, alarms: 3 });
  });
});
