import { describe, expect, it } from "vitest";
import { lifeEvent } from "../../src/alarms/alarm-events.ts";
import {
  DRILL_MS,
  drillAfter,
  drillDelivered,
  drillSeeing,
  isOver,
  type RunningDrill,
  resumedDrill,
  startedDrill,
} from "../../src/alarms/drill-machine.ts";
import type { Alarm } from "../../src/domain/alarm.ts";
import type { EventDraft, HavenEvent } from "../../src/domain/events.ts";
import { fall, personIn } from "../support/event-drafts.ts";
import { randomFrom } from "../support/seeded-random.ts";

const START = { now: 1_000_000, run: 0 };
const ALARM: Alarm = {
  id: "A",
  state: "raised",
  cause: "fall_confirmed",
  causeEventId: "e",
  cameraId: "bedroom",
  area: "Bedroom",
  personName: null,
  raisedAt: 1_002_000,
  acknowledgedAt: null,
  acknowledgedBy: null,
  recoveredAt: null,
  clearedAt: null,
  level: 0,
  escalatedAt: null,
  answer: null,
  answeredAt: null,
  answeredBy: null,
  test: true,
};

const drill = (cameraId: string | null = null) => startedDrill({ id: "D", cameraId, by: "Ana" }, START);
const event = (draft: EventDraft): HavenEvent => ({ eventId: "e", ...draft });
const life = (
  kind: "alarm_raised" | "alarm_acknowledged" | "alarm_cleared",
  alarm: Alarm,
  by: string | null,
) => event(lifeEvent(kind, { alarm }, { capturedAt: 1 }, by));
const stages = (running: RunningDrill) => running.drill.stages.map(({ stage }) => stage);

describe("a drill", () => {
  it("counts every delay from when the body reached the ground, not from when that was noticed", () => {
    // Captured at 1,000,000 and 12.345 s of media time; the ground at 10 s.
    const after = drillAfter(drill(), event(fall("fall_confirmed")), 1_000_100);
    expect(after.drill.stages.at(-1)).toEqual({ stage: "fall_confirmed", at: 1_000_100, delayS: 2.445 });
  });

  it("takes a long lie or a notice for the ground, too, when no fall was seen", () => {
    const after = drillAfter(drill(), event(fall("long_lie")), 1_000_000);
    const raised = drillAfter(after, life("alarm_raised", ALARM, null), 1_000_000);
    expect(raised.drill.stages.at(-1)).toMatchObject({ stage: "alarm_raised", delayS: 2.345 });
  });

  it("is about its own camera, its own alarm, and nobody's getting up before anybody was down", () => {
    const running = drill("hall");
    for (const other of [personIn(), fall("fall_confirmed"), fall("fall_recovered")])
      expect(drillAfter(running, event(other), 1)).toBe(running);
    expect(drillSeeing(running, "bedroom", 1)).toBe(running);
    expect(drillAfter(drill(), event(fall("fall_recovered")), 1).drill.stages).toHaveLength(1);
    const real = life("alarm_raised", { ...ALARM, test: false }, null);
    expect(stages(drillAfter(drill(), real, 1))).toEqual(["started"]);
    const raised = drillAfter(drill(), life("alarm_raised", ALARM, null), 1);
    const other = { ...ALARM, id: "B" };
    expect(drillAfter(raised, life("alarm_acknowledged", other, "Ben"), 1)).toBe(raised);
    expect(drillDelivered(raised, life("alarm_raised", other, null), 1)).toBe(raised);
  });

  it("is over when its alarm is, however that came", () => {
    const raised = drillAfter(drill(), life("alarm_raised", ALARM, null), 1);
    const recovered = drillAfter(raised, life("alarm_cleared", ALARM, "recovered"), 2);
    expect([isOver(raised, START), isOver(recovered, START)]).toEqual([false, true]);
    expect(stages(recovered)).toEqual(["started", "alarm_raised", "recovered"]);
    const expired = drillAfter(raised, life("alarm_cleared", ALARM, "expired"), 2);
    expect([isOver(expired, START), stages(expired).at(-1)]).toEqual([true, "alarm_raised"]);
  });

  it("goes on after a restart for what is left of its time, and never longer than it may", () => {
    const rest = (now: number) => resumedDrill(drill(), { now, run: 7 }).endsRunAt - 7;
    expect(rest(START.now + 60_000)).toBe(DRILL_MS - 60_000);
    expect(rest(START.now - 86_400_000)).toBe(DRILL_MS);
    expect(rest(START.now + 86_400_000)).toBe(0);
  });

  it("reaches each stage once and in time, changes nothing else, and always ends (100000 inputs)", () => {
    const random = randomFrom(5);
    const alarm = (test: boolean) => ({ ...ALARM, id: random() < 0.5 ? "A" : "B", test });
    let reachedAll = 0;
    for (let round = 0; round < 2000; round += 1) {
      let running = drill(random() < 0.5 ? null : "bedroom");
      let now = START.now;
      for (let count = 0; count < 50; count += 1) {
        now += random() * 1000;
        const over = { cameraId: random() < 0.8 ? "bedroom" : "hall", capturedAt: now };
        const choices = [
          () => drillAfter(running, event(personIn(over)), now),
          () => drillAfter(running, event(fall("fall_suspected", over)), now),
          () => drillAfter(running, event(fall("fall_confirmed", over)), now),
          () => drillAfter(running, event(fall("fall_recovered", over)), now),
          () => drillAfter(running, life("alarm_raised", alarm(random() < 0.8), null), now),
          () => drillDelivered(running, life("alarm_raised", alarm(true), null), now),
          () => drillAfter(running, life("alarm_acknowledged", alarm(true), "Ben"), now),
          () => drillSeeing(running, over.cameraId, now),
        ];
        const next = choices[Math.floor(random() * choices.length)]?.() ?? running;
        const grew = next.drill.stages.length - running.drill.stages.length;
        const isSame = next.groundAt === running.groundAt && next.alarmId === running.alarmId && grew === 0;
        if (isSame && next !== running) throw new Error("it changed and nothing was reached");
        running = next;
      }
      const all = running.drill.stages;
      if (new Set(stages(running)).size !== all.length) throw new Error("a stage was reached twice");
      for (const [index, { at, delayS }] of all.entries()) {
        if (at < (all[index - 1]?.at ?? 0)) throw new Error("a stage was reached before the one before it");
        if (delayS !== null && delayS < 0) throw new Error("a stage was reached before the ground");
      }
      if (all.length === 8) reachedAll += 1;
      if (!isOver(running, { now, run: DRILL_MS })) throw new Error("it does not end");
    }
    expect(reachedAll).toBeGreaterThan(500);
  });
});
