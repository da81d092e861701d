import { describe, expect, it } from "vitest";
import { heightCurves } from "../../panel/src/drawing/replay-track.ts";
import { alarmTitle, peopleSentence, roomSentence, trackLabel } from "../../panel/src/words/camera-words.ts";
import { levelSentence, nextLevel, snoozeSentence } from "../../panel/src/words/care-words.ts";
import { weekRows } from "../../panel/src/words/day-words.ts";
import { drillResult } from "../../panel/src/words/drill-words.ts";
import { eventWords } from "../../panel/src/words/event-words.ts";
import { evidenceSentence } from "../../panel/src/words/evidence-words.ts";
import { namesIn, whatHappened } from "../../panel/src/words/person-words.ts";
import { stopwatch } from "../../panel/src/words/time-words.ts";
import { tradeOffAt, tradeOffSentence } from "../../panel/src/words/trade-off-words.ts";
import type { SensitivityJson } from "../../src/api/care-contract.ts";
import { dayToWire } from "../../src/api/care-mapping.ts";
import type { LiveTrackJson } from "../../src/api/contract.ts";
import { alarmToWire } from "../../src/api/wire-mapping.ts";
import type { FallEvidence } from "../../src/domain/activity.ts";
import type { DrillStage } from "../../src/domain/care.ts";
import { EVENT_KINDS, type EventEvidence, type EventKind, toWire } from "../../src/domain/events.ts";
import { aDay } from "../api/fake-care.ts";
import { anEvent, FakeHome, STARTED } from "../api/fake-home.ts";

const FALL: FallEvidence = {
  peakSpeed: 1.19,
  drop: 0.7,
  posture: "lying",
  signs: [],
  descentAtS: 10,
  groundAtS: 10.6,
  onGroundS: 2,
  box: { x1: 0, y1: 0.5, x2: 0.5, y2: 1 },
};
const AT = "2026-11-20T08:00:00.000Z";

describe("events in words", () => {
  it("have a title for every kind, none of which shows the name of the kind", () => {
    for (const kind of EVENT_KINDS) {
      expect(eventWords(kind).title, kind).toMatch(/^[A-Z][a-z ]/);
      expect(eventWords(kind).title, kind).not.toContain("_");
    }
    expect(eventWords("party_begun" as EventKind).title).toBe("party begun");
  });

  const alarm = {
    alarmId: "a",
    cause: "fall_confirmed",
    causeEventId: "e",
    raisedAt: STARTED,
    by: null,
    level: 0,
    test: false,
  } as const;
  const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
  const said: { readonly [K in EventKind]?: readonly (readonly [EventEvidence[K], string | RegExp])[] } = {
    fall_confirmed: [
      [
        { ...FALL, signs: ["fast", "rolled_out", "second_camera"] },
        "On the floor for 2 s; came down at 1.2 body lengths a second; rolled out of bed; seen by another camera too.",
      ],
    ],
    on_floor: [
      [
        { ...FALL, peakSpeed: 0, onGroundS: 30, signs: ["seated"] },
        "On the floor for 30 s; sits on the floor.",
      ],
    ],
    bed_edge: [[{ box, previousS: 3700, night: true }, "Was in bed for 1 h 2 min."]],
    inactivity: [[{ lastMovedAt: STARTED, quietS: 7200 }, "No movement for 2 h."]],
    wandering: [
      [{ upSince: STARTED, upS: 1500, areas: ["Hall", "Kitchen"] }, "Up for 25 min, in Hall, Kitchen."],
      [{ upSince: STARTED, upS: 1500, areas: [] }, "Up for 25 min."],
    ],
    area_blind: [[{ reason: "The camera is offline." }, "The camera is offline."]],
    area_watched: [[{ blindS: 90 }, "Could not be watched for 2 min."]],
    mode_changed: [
      [{ mode: "auto", effectiveMode: "night", by: "Rosa" }, "Automatic: night, by Rosa."],
      [{ mode: "away", effectiveMode: "away", by: "" }, "Away."],
    ],
    snooze_started: [
      [{ reason: "hand", by: "Rosa", until: STARTED + 1_800_000 }, /^By Rosa, until \d\d:\d\d\.$/],
      [{ reason: "carer", by: "Tom", until: null }, "Tom is there."],
    ],
    snooze_ended: [
      [{ reason: "hand", by: "Rosa", until: STARTED }, "By Rosa."],
      [{ reason: "carer", by: "Tom", until: null }, "Tom has left."],
    ],
    drill_started: [[{ by: "Rosa", startedAt: STARTED, until: STARTED, stages: [] }, "By Rosa."]],
    daily_summary: [
      [
        aDay("2026-11-20", { falseAlarms: 1 }),
        "1 alarm, 1 of them false, 10 min in which a room could not be watched.",
      ],
      [aDay("2026-11-20", { areas: [], alarms: 0 }), "No alarms."],
    ],
    alarm_escalated: [
      [{ ...alarm, level: 2, name: "Others", round: 1, test: true }, "Fall, to Others, a test."],
    ],
    alarm_answered: [[{ ...alarm, by: "Rosa", answer: "false_alarm" }, "Fall, false alarm, by Rosa."]],
    alarm_cleared: [[{ ...alarm, by: "recovered" }, "The person is up again."]],
  };
  for (const kind of EVENT_KINDS) {
    for (const [evidence, sentence] of said[kind] ?? []) {
      it(`${kind}: ${String(sentence)}`, () => {
        const words = evidenceSentence(toWire(anEvent(kind, evidence)));
        if (typeof sentence === "string") expect(words).toBe(sentence);
        else expect(words).toMatch(sentence);
      });
    }
  }

  it("say nothing rather than nonsense when a newer daemon tells it otherwise", () => {
    for (const kind of EVENT_KINDS) {
      const event = toWire(anEvent("camera_blind", { reason: "x" }));
      expect(evidenceSentence({ ...event, kind, evidence: {} }), kind).not.toMatch(
        /undefined|null|NaN|object/,
      );
    }
  });
});

describe("who it was", () => {
  it("begins what happened, for what people do", () => {
    expect(whatHappened("fall_confirmed", "Rosa")).toBe("Rosa fell");
    expect(whatHappened("fall_confirmed", null)).toBe("Fall");
    expect(whatHappened("person_in", "Visitor-A")).toBe("Visitor-A came in");
    expect(whatHappened("alarm_raised", "Rosa")).toBe("Alarm: Rosa");
    expect(whatHappened("party_begun" as EventKind, "Rosa")).toBe("party begun: Rosa");
    for (const kind of EVENT_KINDS) expect(whatHappened(kind, "Rosa"), kind).toMatch(/^Rosa [a-z]|: Rosa$/);
  });

  it("stands in the title of an alarm", () => {
    const title = (personName: string | null) =>
      alarmTitle(alarmToWire(new FakeHome().raise({ personName })), []);
    expect(title("Rosa")).toBe("Rosa fell: Bedroom");
    expect(title(null)).toBe("Fall: Bedroom");
  });

  const track = (change: Partial<LiveTrackJson> = {}): LiveTrackJson => ({
    id: 7,
    state: "confirmed",
    box: [0, 0, 1, 1],
    confidence: 1,
    pose: null,
    posture: "sitting",
    fall: null,
    person: null,
    ...change,
  });
  const rosa = {
    id: "p_rosa",
    name: "Rosa",
    kind: "resident",
    cue: "face",
    confidence: 1,
    tentative: false,
  } as const;
  const likely = { ...rosa, id: null, name: null, kind: null, tentative: true };

  it("is written at a person in the picture, shortened, and never guessed", () => {
    expect(trackLabel(track())).toBe("Sitting");
    expect(trackLabel(track({ person: rosa }))).toBe("Rosa · sitting");
    expect(trackLabel(track({ person: rosa, posture: null }))).toBe("Rosa");
    expect(trackLabel(track({ person: rosa, fall: "confirmed" }))).toBe("Rosa · fallen");
    expect(trackLabel(track({ person: likely }))).toBe("Sitting");
    expect(trackLabel(track({ person: { ...rosa, name: "👩‍👧".repeat(40) }, posture: null }))).toBe(
      `${"👩‍👧".repeat(23)}…`,
    );
  });

  it("is said of everybody in the picture", () => {
    expect(peopleSentence([track({ person: rosa }), track({ person: likely })])).toBe(
      "2 people: Rosa sitting, sitting",
    );
    expect(peopleSentence([track({ person: rosa, posture: null })])).toBe("1 person: Rosa");
    expect(peopleSentence([track({ posture: null })])).toBe("1 person");
  });

  it("is said of a room, with how many more there are", () => {
    const room = { camera_id: "c", occupied: true, person_count: 1, fall: false, bed_occupied: false };
    expect(roomSentence(room, [])).toBe("1 person");
    expect(roomSentence({ ...room, person_count: 0 }, [])).toBe("Somebody is here");
    expect(roomSentence({ ...room, person_count: 0, occupied: false }, [])).toBe("Nobody");
    expect(roomSentence(room, ["Rosa"])).toBe("Rosa");
    expect(roomSentence({ ...room, person_count: 3 }, ["Rosa", "Tom"])).toBe("Rosa, Tom and 1 more");
    expect(roomSentence({ ...room, bed_occupied: true }, ["Rosa"])).toBe("Rosa in bed");
    expect(roomSentence({ ...room, bed_occupied: true }, [])).toBe("Somebody in bed");
    expect(roomSentence({ ...room, person_count: 2, bed_occupied: true }, [])).toBe("2 people, bed in use");
    expect(roomSentence({ ...room, person_count: 2, bed_occupied: true }, ["Rosa"])).toBe(
      "Rosa and 1 more, bed in use",
    );
  });

  it("is told of a camera only while it sees them", () => {
    const at = { person_id: "p", kind: "resident", named: true, area: "A", home: true, since: AT } as const;
    const seen = { ...at, last_seen_at: AT, cue: "face", confidence: 1, visible: true } as const;
    const presence = [
      { ...seen, name: "Rosa", camera_id: "c" },
      { ...seen, name: "Tom", camera_id: "d" },
      { ...seen, name: "Anna", camera_id: "c", visible: false },
    ];
    expect(namesIn(presence, "c")).toEqual(["Rosa"]);
  });
});

describe("how far an alarm has gone", () => {
  const levels = [
    { name: "Again", after_seconds: 60 },
    { name: "Others", after_seconds: 180 },
  ];
  const wire = (change: Parameters<FakeHome["raise"]>[0]) => alarmToWire(new FakeHome().raise(change));

  it("names the level it reached, and who is next and when", () => {
    expect(levelSentence(wire({}), levels)).toBe("");
    expect(levelSentence(wire({ level: 2 }), levels)).toBe("Level 2: Others");
    // The household took the level out of its configuration since.
    expect(levelSentence(wire({ level: 3 }), levels)).toBe("Level 3");
    expect(nextLevel(wire({ level: 1 }), levels)).toEqual({ name: "Others", at: STARTED + 180_000 });
    expect(nextLevel(wire({ level: 2 }), levels)).toBeNull();
    expect(nextLevel(wire({ state: "acknowledged" }), levels)).toBeNull();
  });

  it("says what is snoozed and why", () => {
    const hand = { area: null, reason: "hand", by: "Rosa", since: AT, until: AT } as const;
    expect(snoozeSentence(hand)).toBe("All rooms: alarms snoozed by Rosa");
    expect(snoozeSentence({ ...hand, area: "Hall", reason: "carer" })).toBe(
      "Hall: alarms snoozed while Rosa is there",
    );
  });
});

describe("what came of a drill", () => {
  const reached = (...stages: readonly DrillStage[]) =>
    drillResult(stages.map((stage) => ({ stage, at: AT, delay_s: stage === "delivered" ? 2.42 : null })));

  it.each<[readonly DrillStage[], string]>([
    [["started"], "Nobody was seen"],
    [["started", "person_seen"], "You were seen, but no fall"],
    [["started", "person_seen", "fall_suspected"], "A fall was suspected, but not confirmed"],
    [
      ["started", "person_seen", "fall_suspected", "fall_confirmed"],
      "The fall was seen, but raised no alarm",
    ],
    // Confirmed without having been suspected aloud: the last stage counts, not the gap before it.
    [["started", "fall_confirmed"], "The fall was seen, but raised no alarm"],
    [["started", "person_seen", "alarm_raised"], "The alarm was raised, but its message was not taken"],
  ])("after %j: %s", (stages, title) => {
    expect(reached(...stages)).toMatchObject({ passed: false, title });
  });

  it("has passed once the message was delivered, whatever came after it", () => {
    expect(reached("started", "alarm_raised", "delivered")).toEqual({
      passed: true,
      title: "The alarm works",
      detail:
        "Its message was delivered 2.4 s after you lay on the floor. Nobody acknowledged it. Getting up was not seen.",
    });
    expect(reached("delivered", "acknowledged", "recovered").detail).toMatch(
      /It was acknowledged\. Getting up was seen\.$/,
    );
  });
});

describe("the measured trade-off", () => {
  const row = (fall_speed: number, detected_share: number, false_alarms: number) => ({
    fall_speed,
    detected_share,
    noticed_share: 1,
    false_alarms,
  });
  const rows = [row(0.5, 1, 4), row(0.7, 0.98, 1), row(0.9, 0.9, 0)];
  const sensitivity: SensitivityJson = {
    fall_speed: 0.7,
    least: 0.4,
    most: 2,
    default: 0.7,
    falls: 104,
    clips_without: 45,
    rows,
  };

  it("is what was measured, a straight line between, and nothing beyond", () => {
    expect(tradeOffAt(rows, 0.7)).toBe(rows[1]);
    expect(tradeOffAt(rows, 0.6)?.false_alarms).toBeCloseTo(2.5, 6);
    expect(tradeOffAt(rows, 0.45)).toBeNull();
    expect(tradeOffAt(rows, 0.95)).toBeNull();
    expect(tradeOffAt([], 0.7)).toBeNull();
  });

  it("is told in whole people", () => {
    expect(tradeOffSentence(sensitivity, 0.7)).toBe(
      "Finds 98 of 100 falls as falls, 100 of 100 at least as somebody on the floor. 1 false alarm in 45 recordings without a fall.",
    );
    expect(tradeOffSentence(sensitivity, 0.9)).toMatch(/No false alarms in 45/);
    expect(tradeOffSentence(sensitivity, 1.5)).toBe("This value has not been measured.");
  });
});

describe("a day", () => {
  it("is set beside the days before it, without rows in which nothing happened", () => {
    const quiet = { area: "Hall", blindS: 0, occupiedS: 60, inBedS: null, bedExits: 0, falls: 0 };
    const days = [
      aDay("2026-11-18", { areas: [quiet], doors: [] }),
      aDay("2026-11-19", { areas: [quiet], doors: [{ leadsTo: "Bathroom", visits: 2, seconds: 300 }] }),
    ].map(dayToWire);
    expect(weekRows(days).map(({ label, values }) => [label, values.map(({ value }) => value)])).toEqual([
      ["Bathroom, visits", [0, 2]],
    ]);
  });
});

describe("a replay's curve", () => {
  it("is broken where somebody was not seen, and leaves out who was hardly seen", () => {
    const frame = (at_s: number, id: number, top: number) => ({
      at_s,
      tracks: [
        {
          id,
          state: "confirmed" as const,
          box: [0, top, 1, 1] as const,
          confidence: 1,
          pose: null,
          posture: null,
          fall: null,
          person: null,
        },
      ],
    });
    const times = [0, 0.1, 0.2, 0.3, 0.4, 2, 2.1, 2.2, 2.3, 2.4];
    const curves = heightCurves([...times.map((at) => frame(at, 1, 0)), frame(3, 2, 0.5)]);
    expect(curves.map(({ points }) => points.map(({ atS }) => atS))).toEqual([
      times.slice(0, 5),
      times.slice(5),
    ]);
    expect(curves[0]?.points[0]?.height).toBe(0.5);
  });
});

describe("a stopwatch", () => {
  it.each([
    [-3, "0:00"],
    [5.9, "0:05"],
    [600, "10:00"],
    [3729, "1:02:09"],
  ])("shows %d seconds as %s", (seconds, shown) => expect(stopwatch(seconds)).toBe(shown));
});
