// What holds of alarms whatever happens: a hundred thousand events, answers, hours, jumps of the clock and restarts in an
// order that nobody thought of.
import { describe, expect, it } from "vitest";
import { type AlarmTimes, dueAlarms } from "../../src/alarms/alarm-deadlines.ts";
import { answerEvent, escalationEvent, lifeEvent } from "../../src/alarms/alarm-events.ts";
import { ALARM_MACHINE, type AlarmLife, type AlarmPhase, resumed } from "../../src/alarms/alarm-life.ts";
import { type AlarmBoard, type AlarmStep, stepAlarms } from "../../src/alarms/alarm-machine.ts";
import { alarmOf, rowOf } from "../../src/alarms/alarm-row.ts";
import { allows } from "../../src/core/transitions.ts";
import { ALARM_CAUSES } from "../../src/domain/alarm.ts";
import type { EventDraft, EventKind, HavenEvent } from "../../src/domain/events.ts";
import { IN_MEMORY } from "../../src/store/store.ts";
import { areaBlind, bed, bedExit, fall, houseNotice, personIn } from "../support/event-drafts.ts";
import { RecordingRig, SETTINGS } from "../support/recording-rig.ts";
import { randomFrom } from "../support/seeded-random.ts";

const INPUTS = 100_000;
const TIMES: AlarmTimes = {
  escalation: {
    levels: [
      { name: "Again", afterS: 60 },
      { name: "Others", afterS: 180 },
      { name: "Emergency contact", afterS: 300 },
    ],
    repeatS: 300,
  },
  clearOnRecovery: false,
  keepMs: 1_800_000,
};

const CAMERAS = ["bedroom", "hall", "kitchen"] as const;

/** A house in which anything may happen next, and what has been seen of its alarms so far. */
class Fuzz {
  board: AlarmBoard = [];
  now = 1_700_000_000_000;
  run = 0;
  readonly seen = new Map<string, { phase: AlarmPhase; level: number; acknowledged: number }>();
  readonly taken = new Set<string>();
  #count = 0;
  readonly #random: () => number;
  readonly #clearOnRecovery: boolean;

  constructor(seed: number, clearOnRecovery: boolean) {
    this.#random = randomFrom(seed);
    this.#clearOnRecovery = clearOnRecovery;
  }

  get times(): AlarmTimes {
    return { ...TIMES, clearOnRecovery: this.#clearOnRecovery };
  }

  step(): void {
    const choice = this.#random();
    if (choice < 0.5) this.#see(this.#happening());
    else if (choice < 0.85) this.#pass(this.#random() * (choice < 0.8 ? 20_000 : 400_000));
    else if (choice < 0.93) this.#answer();
    else if (choice < 0.96) this.now += (this.#random() - 0.5) * 3 * 86_400_000;
    else if (choice < 0.965) this.#restart();
    else this.#see(this.#stale());
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }

  #happening(): EventDraft {
    const over = {
      cameraId: this.#pick(CAMERAS),
      trackId: this.#pick([1, 2, 3]),
      personId: this.#pick([null, null, "p_1", "p_2"]),
      capturedAt: this.now,
      mediaTimeS: this.run / 1000,
      groundAtS: this.run / 1000 - this.#random() * 10,
    };
    return this.#pick([
      () => fall("fall_suspected", over),
      () => fall("fall_confirmed", over),
      () => fall("fall_recovered", over),
      () => fall("on_floor", over),
      () => fall("long_lie", over),
      () => bedExit(over),
      () => bed("bed_edge", over),
      () => bed("bed_entry", over),
      () => houseNotice("wandering", over.capturedAt),
      () => areaBlind("area_blind", over.capturedAt),
      () => areaBlind("area_watched", over.capturedAt),
      () => personIn(over),
    ])();
  }

  #answer(): void {
    if (this.board.length === 0) return;
    const open = this.#pick(this.board);
    const occasion = { capturedAt: this.now };
    const isAnswer = this.#random() < 0.3;
    this.#see(
      isAnswer
        ? answerEvent(open, { answer: this.#pick(["real", "false_alarm"] as const), by: "Ana" }, occasion)
        : lifeEvent("alarm_acknowledged", open, occasion, "Ben"),
    );
  }

  /** Somebody acts on what is no longer so. */
  #stale(): EventDraft {
    const id = this.#pick(["gone", ...this.board.map(({ alarm }) => alarm.id)]);
    const alarm = this.board.find((open) => open.alarm.id === id)?.alarm;
    const kind = this.#random() < 0.7 ? "alarm_acknowledged" : "alarm_cleared";
    const about = alarm ?? { ...SOME_ALARM, id };
    if (this.#random() < 0.2) {
      const due = { level: Math.floor(this.#random() * 4), name: "Anybody", round: 1 };
      return escalationEvent({ alarm: about }, due, { capturedAt: this.now });
    }
    // Only an acknowledged alarm is ever put away from outside.
    return kind === "alarm_cleared" && alarm?.state === "raised"
      ? lifeEvent("alarm_acknowledged", { alarm: about }, { capturedAt: this.now }, "Cy")
      : lifeEvent(kind, { alarm: about }, { capturedAt: this.now }, "Cy");
  }

  #pass(ms: number): void {
    this.now += ms;
    this.run += ms;
    for (const draft of dueAlarms(this.board, this.times, this)) this.#see(draft);
    // Whatever was due has been dealt with: nothing is told for ever.
    must(dueAlarms(this.board, this.times, this).length === 0, "something is told for ever");
  }

  #restart(): void {
    const rows = this.board.map(rowOf);
    this.run = 0;
    this.board = rows.flatMap((row) => resumed(alarmOf(row), row.round, this) ?? []);
    must(this.board.length === rows.length, "a restart lost an alarm");
  }

  #see(draft: EventDraft): void {
    this.#count += 1;
    const event: HavenEvent = { eventId: `e${this.#count}`, ...draft };
    const raises = event.kind === "long_lie" || this.#random() < 0.7;
    const isCause = (ALARM_CAUSES as readonly EventKind[]).includes(event.kind);
    const step = stepAlarms(this.board, event, {
      newAlarmId: `a${this.#count}`,
      raises: raises && isCause,
      test: false,
      overlaps: (one, other) => one !== "kitchen" && other !== "kitchen",
      runMs: this.run,
    });
    const before = this.board;
    this.board = step.board;
    for (const life of step.changed) this.#follow(life);
    if (isCause && raises) this.#belongs(event);
    const isNew = ({ alarm }: AlarmLife) => before.every((open) => open.alarm.id !== alarm.id);
    const ids = (lives: readonly AlarmLife[]) => lives.map(({ alarm }) => alarm.id).join();
    must(told(step, "alarm_raised") === ids(step.changed.filter(isNew)), "an alarm was raised unsaid");
    const over = step.changed.filter(({ phase }) => phase === "cleared");
    must(
      event.kind === "alarm_cleared" || told(step, "alarm_cleared") === ids(over),
      "an alarm was cleared unsaid",
    );
  }

  #follow({ phase, alarm }: AlarmLife): void {
    const known = this.seen.get(alarm.id);
    const from = known?.phase ?? "none";
    // Answered before anybody had noticed that they were up: two transitions in one step.
    const isShort = phase === "cleared" && from !== "acknowledged" && alarm.acknowledgedAt !== null;
    const way = isShort ? [from, "acknowledged", "cleared"] : [from, phase];
    for (const [index, to] of way.slice(1).entries()) {
      const start = way[index] ?? "";
      must(allows(ALARM_MACHINE, start, to), `an alarm went from ${start} to ${to}`);
      const isRepeat = start === to && (phase !== "escalated" || alarm.level === known?.level);
      if (!isRepeat) this.taken.add(`${start} ${to}`);
    }
    must(alarm.level >= (known?.level ?? 0), "a level fell");
    const wasAcknowledged = from !== "acknowledged" && alarm.acknowledgedAt !== null ? 1 : 0;
    const acknowledged = (known?.acknowledged ?? 0) + wasAcknowledged;
    must(acknowledged < 2, "an alarm was acknowledged twice");
    must((alarm.state === "cleared") === (alarm.clearedAt !== null), "cleared, and not when");
    must((alarm.acknowledgedAt === null) === (alarm.acknowledgedBy === null), "acknowledged by nobody");
    must(from !== "cleared", "an alarm that was over changed");
    this.seen.set(alarm.id, { phase, level: alarm.level, acknowledged });
  }

  /** What is armed and not held back is never without an alarm that knows the body. */
  #belongs(event: HavenEvent): void {
    const found = this.board.some(({ subjects }) =>
      subjects.some(({ cameraId, trackId }) => cameraId === event.cameraId && trackId === event.trackId),
    );
    must(found, `${event.kind} ${event.eventId} belongs to no alarm`);
  }
}

const SOME_ALARM = {
  id: "gone",
  state: "raised",
  cause: "fall_confirmed",
  causeEventId: "e0",
  cameraId: "bedroom",
  area: "Bedroom",
  personName: null,
  raisedAt: 0,
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
} as const;

/** The alarms a step tells of in events of a kind. */
function told({ follow }: AlarmStep, kind: EventKind): string {
  return follow
    .flatMap((draft) => (draft.kind === kind && "alarmId" in draft.evidence ? [draft.evidence.alarmId] : []))
    .join();
}

/** A hundred thousand times `expect` takes a minute. */
function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

describe("whatever happens", () => {
  it(`an alarm keeps to its life, and no fall is without one (${INPUTS} inputs)`, () => {
    const taken = new Set<string>();
    let alarms = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const fuzz = new Fuzz(seed, seed % 4 === 0);
      for (let count = 0; count < INPUTS / 20; count += 1) fuzz.step();
      for (const way of fuzz.taken) taken.add(way);
      alarms += fuzz.seen.size;
    }
    expect(alarms).toBeGreaterThan(1000);
    const declared = ALARM_MACHINE.transitions.map(({ from, to }) => `${from} ${to}`);
    expect([...taken].sort()).toEqual([...declared].sort());
  });

  it("an alarm and the messages of it are written with the event that raised it, or not at all", async () => {
    const random = randomFrom(7);
    const settings = { ...SETTINGS, escalation: [{ name: "Others", afterS: 60 }], escalationRepeatS: 60 };
    using rig = new RecordingRig(IN_MEMORY, { settings });
    await rig.alarms.start();
    await rig.care.start();
    for (let count = 0; count < 1500; count += 1) {
      const over = {
        trackId: Math.floor(random() * 5),
        capturedAt: rig.clock.now(),
        groundAtS: rig.clock.monotonic() / 1000,
      };
      const kind = (["fall_confirmed", "fall_recovered", "long_lie", "on_floor"] as const)[
        Math.floor(random() * 4)
      ];
      if (kind !== undefined) rig.record(fall(kind, over));
      if (random() < 0.1) rig.alarms.acknowledgeAll("Ana");
      if (random() < 0.02) rig.clock.jumpTo(rig.clock.now() + (random() - 0.5) * 1e9);
      rig.clock.advance(random() * 30_000);
    }
    const pending = new Set<string>();
    for (let row = rig.store.outbox.next(0); row !== null; row = rig.store.outbox.next(row.outboxId))
      pending.add(row.event.eventId);
    const rows = rig.store.alarms.recent(100_000);
    expect(rows.length).toBeGreaterThan(100);
    const of = (kind: string) => rig.announced.filter(({ event }) => event.kind === kind);
    expect(of("alarm_raised")).toHaveLength(rows.length);
    expect(of("alarm_escalated").length).toBeGreaterThan(50);
    for (const { event, delivery, stored } of rig.announced) {
      if (!event.kind.startsWith("alarm_")) continue;
      expect({ delivery, stored, pending: pending.has(event.eventId) }).toEqual({
        delivery: "durable",
        stored: true,
        pending: true,
      });
    }
  });
});
