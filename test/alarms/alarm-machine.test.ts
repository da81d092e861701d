import { describe, expect, it } from "vitest";
import {
  type AlarmBoard,
  type AlarmContext,
  type AlarmStep,
  stepAlarms,
} from "../../src/alarms/alarm-machine.ts";
import type { EventDraft, EventKind, HavenEvent } from "../../src/domain/events.ts";
import { areaBlind, bed, bedExit, fall, houseNotice } from "../support/event-drafts.ts";

/** Plays events to the machine; alarms are called A, B, C in the order in which they might be raised. */
class Play {
  board: AlarmBoard = [];
  last: AlarmStep = { board: [], changed: [], follow: [] };
  #count = 0;
  readonly #context: Partial<AlarmContext>;

  constructor(context: Partial<AlarmContext> = {}) {
    this.#context = context;
  }

  see(draft: EventDraft): this {
    this.#count += 1;
    const event: HavenEvent = { eventId: `e${this.#count}`, ...draft };
    const before = this.board.length;
    this.last = stepAlarms(this.board, event, {
      newAlarmId: String.fromCharCode(65 + before + this.#cleared),
      raises: isAlarming(event.kind),
      test: false,
      overlaps: () => false,
      runMs: event.capturedAt,
      ...this.#context,
    });
    this.#cleared += this.last.changed.filter(({ alarm }) => alarm.state === "cleared").length;
    this.board = this.last.board;
    return this;
  }

  #cleared = 0;

  acknowledge(alarmId: string, by = "Ana", capturedAt = 2_000_000): this {
    return this.see(life("alarm_acknowledged", alarmId, by, capturedAt));
  }

  /** `A raised, B acknowledged`; a star for somebody who is up again. */
  get states(): string {
    return this.board
      .map(({ alarm }) => `${alarm.id} ${alarm.state}${alarm.recoveredAt === null ? "" : "*"}`)
      .join(", ");
  }

  get follow(): string[] {
    return this.last.follow.map(({ kind, evidence }) => {
      const { alarmId, by } = evidence as { alarmId: string; by: string | null };
      return `${kind} ${alarmId}${by === null ? "" : ` by ${by}`}`;
    });
  }
}

function isAlarming(kind: EventKind): boolean {
  return kind === "fall_confirmed" || kind === "long_lie";
}

function life(
  kind: "alarm_acknowledged" | "alarm_cleared",
  alarmId: string,
  by: string,
  capturedAt: number,
): EventDraft {
  const evidence = {
    alarmId,
    cause: "fall_confirmed",
    causeEventId: "e1",
    raisedAt: 1,
    by,
    level: 0,
    test: false,
  } as const;
  return { ...fall("fall_confirmed", { capturedAt }), kind, evidence };
}

describe("an alarm", () => {
  it("is raised by a confirmed fall, with everything a carer has to know", () => {
    const play = new Play().see(fall("fall_confirmed", { personId: "p_1", personName: "Rosa" }));
    expect(play.board[0]?.alarm).toEqual({
      id: "A",
      state: "raised",
      cause: "fall_confirmed",
      causeEventId: "e1",
      cameraId: "bedroom",
      area: "Bedroom",
      personName: "Rosa",
      raisedAt: 1_000_000,
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
    });
    expect(play.last.follow).toMatchObject([
      {
        kind: "alarm_raised",
        cameraId: "bedroom",
        trackId: 1,
        personId: "p_1",
        personName: "Rosa",
        capturedAt: 1_000_000,
        evidence: {
          alarmId: "A",
          cause: "fall_confirmed",
          causeEventId: "e1",
          raisedAt: 1_000_000,
          by: null,
        },
      },
    ]);
  });

  it("is raised by a long lie that no fall went before, and by nothing less", () => {
    expect(new Play().see(fall("long_lie")).states).toBe("A raised");
    expect(
      new Play().see(fall("fall_suspected")).see(fall("on_floor")).see(fall("fall_recovered")).states,
    ).toBe("");
  });

  it("stays raised when the person gets up, until somebody acknowledges it; then it is over", () => {
    const play = new Play()
      .see(fall("fall_confirmed"))
      .see(fall("fall_recovered", { capturedAt: 1_005_000 }));
    expect(play.states).toBe("A raised*");
    expect(play.follow).toEqual([]);
    play.acknowledge("A", "Ana", 1_060_000);
    expect(play.states).toBe("");
    expect(play.follow).toEqual(["alarm_cleared A by recovered"]);
    expect(play.last.changed[0]).toMatchObject({
      alarm: {
        state: "cleared",
        recoveredAt: 1_005_000,
        acknowledgedBy: "Ana",
        acknowledgedAt: 1_060_000,
        clearedAt: 1_060_000,
      },
    });
  });

  it("is over when the person gets up after it was acknowledged", () => {
    const play = new Play().see(fall("fall_confirmed")).acknowledge("A");
    expect(play.states).toBe("A acknowledged");
    expect(play.follow).toEqual([]);
    play.see(fall("fall_recovered"));
    expect(play.states).toBe("");
    expect(play.follow).toEqual(["alarm_cleared A by recovered"]);
  });

  it("belongs to the first who acknowledges it", () => {
    const play = new Play().see(fall("fall_confirmed")).acknowledge("A", "Ana", 5).acknowledge("A", "Ben", 6);
    expect(play.last.changed).toEqual([]);
    expect(play.board[0]?.alarm).toMatchObject({ acknowledgedBy: "Ana", acknowledgedAt: 5 });
  });

  it("can be put away, once", () => {
    const play = new Play()
      .see(fall("fall_confirmed"))
      .acknowledge("A")
      .see(life("alarm_cleared", "A", "expired", 9));
    expect(play.states).toBe("");
    expect(play.last.changed[0]?.alarm).toMatchObject({ state: "cleared", clearedAt: 9 });
    expect(play.see(life("alarm_cleared", "A", "expired", 10)).last.changed).toEqual([]);
  });
});

describe("a further fall", () => {
  it("of somebody else is a second alarm", () => {
    const play = new Play()
      .see(fall("fall_confirmed", { trackId: 1 }))
      .see(fall("fall_confirmed", { trackId: 2 }));
    expect(play.states).toBe("A raised, B raised");
    expect(play.follow).toEqual(["alarm_raised B"]);
  });

  it("on another camera is a second alarm, even with the same track number", () => {
    const play = new Play().see(fall("fall_confirmed")).see(fall("fall_confirmed", { cameraId: "hall" }));
    expect(play.states).toBe("A raised, B raised");
  });

  it("of the same person joins the alarm that nobody has answered when they were hardly up", () => {
    const play = new Play()
      .see(fall("fall_confirmed"))
      .see(fall("fall_recovered", { capturedAt: 1_010_000 }))
      .see(fall("fall_confirmed", { groundAtS: 30, capturedAt: 1_019_999 }));
    expect(play.states).toBe("A raised");
    expect(play.follow).toEqual([]);
    expect(play.last.changed).toHaveLength(1);
    // Down again: acknowledging does not put the alarm away.
    expect(play.acknowledge("A").states).toBe("A acknowledged");
  });

  it("of the same person is a second alarm when they had been up, though nobody has answered the first", () => {
    const play = new Play()
      .see(fall("fall_confirmed"))
      .see(fall("fall_recovered", { capturedAt: 1_010_000 }))
      .see(fall("fall_confirmed", { groundAtS: 30, capturedAt: 1_020_000 }));
    expect(play.states).toBe("A raised*, B raised");
    expect(play.follow).toEqual(["alarm_raised B"]);
    // What is seen of them next is about the fall they lie from.
    play.see(fall("long_lie", { groundAtS: 30, capturedAt: 1_080_000 }));
    expect(play.states).toBe("A raised*, B raised");
    expect(play.board[1]?.alarm.grownTo).toBe("long_lie");
  });

  it("of the same person is a new alarm once the first was answered", () => {
    const play = new Play()
      .see(fall("fall_confirmed"))
      .acknowledge("A")
      .see(fall("fall_confirmed", { groundAtS: 30 }));
    expect(play.states).toBe("A acknowledged, B raised");
    // Getting up ends the answered one and leaves the other to be answered.
    expect(play.see(fall("fall_recovered", { groundAtS: 30 })).states).toBe("B raised*");
  });

  it("of a named person joins their alarm whatever the track", () => {
    const rosa = { personId: "p_1" };
    const play = new Play()
      .see(fall("fall_confirmed", { ...rosa, trackId: 1 }))
      .see(fall("fall_confirmed", { ...rosa, trackId: 7 }));
    expect(play.states).toBe("A raised");
  });
});

describe("a long lie", () => {
  it("joins the alarm of its own fall, answered or not", () => {
    expect(new Play().see(fall("fall_confirmed")).see(fall("long_lie")).states).toBe("A raised");
    const answered = new Play().see(fall("fall_confirmed")).acknowledge("A").see(fall("long_lie"));
    expect(answered.states).toBe("A acknowledged");
    expect(answered.follow).toEqual([]);
  });

  it("joins it too when the body has a new track and went down at that moment", () => {
    const play = new Play().see(fall("fall_confirmed", { trackId: 1, groundAtS: 10 }));
    expect(play.see(fall("long_lie", { trackId: 5, groundAtS: 8.5 })).states).toBe("A raised");
    // From now on the new track is known as well.
    expect(play.see(fall("fall_confirmed", { trackId: 5, groundAtS: 90 })).states).toBe("A raised");
  });

  it("of somebody who went down at another moment is an alarm of its own", () => {
    const play = new Play().see(fall("fall_confirmed", { trackId: 1, groundAtS: 10 }));
    expect(play.see(fall("long_lie", { trackId: 5, groundAtS: 40 })).states).toBe("A raised, B raised");
  });

  it("after an answered alarm and a recovery is an alarm of its own", () => {
    const play = new Play()
      .see(fall("fall_confirmed"))
      .acknowledge("A")
      .see(fall("fall_recovered"))
      .see(fall("long_lie"));
    expect(play.states).toBe("B raised");
  });
});

describe("two people who fell within seconds", () => {
  const both = () =>
    new Play()
      .see(fall("fall_confirmed", { trackId: 1, groundAtS: 10 }))
      .see(fall("fall_confirmed", { trackId: 2, groundAtS: 11.5 }));

  it("are two alarms, and one getting up says nothing about the other", () => {
    expect(both().see(fall("fall_recovered", { trackId: 2, groundAtS: 11.5 })).states).toBe(
      "A raised, B raised*",
    );
  });

  it("are told apart by when they went down when a track is new", () => {
    expect(both().see(fall("fall_recovered", { trackId: 9, groundAtS: 11.2 })).states).toBe(
      "A raised, B raised*",
    );
  });
});

describe("an alarm from before a restart", () => {
  it("is never confused with what is seen now: track numbers begin anew", () => {
    const play = new Play().see(fall("fall_confirmed"));
    play.board = play.board.map((open) => ({ ...open, subjects: [] }));
    expect(play.see(fall("fall_recovered")).states).toBe("A raised");
    expect(play.see(fall("fall_confirmed")).states).toBe("A raised, B raised");
    expect(play.acknowledge("A").states).toBe("A acknowledged, B raised");
  });
});

describe("an alarm that grows", () => {
  it("keeps its cause and says what became of it", () => {
    const play = new Play({ raises: true }).see(fall("on_floor")).see(fall("long_lie"));
    expect(play.board.map(({ alarm }) => [alarm.cause, alarm.grownTo])).toEqual([["on_floor", "long_lie"]]);
    play.acknowledge("A").see(fall("fall_recovered"));
    expect(play.last.follow[0]?.evidence).toMatchObject({ cause: "on_floor", grownTo: "long_lie" });
  });

  it("is a second one when somebody has answered only the lighter thing", () => {
    const play = new Play({ raises: true }).see(fall("on_floor")).acknowledge("A").see(fall("long_lie"));
    expect(play.states).toBe("A acknowledged, B raised");
  });

  it("joins also when the graver thing alone would raise none", () => {
    const play = new Play({ raises: true }).see(fall("fall_confirmed"));
    expect(play.last.changed).toHaveLength(1);
    expect(new Play({ raises: false }).see(fall("fall_confirmed")).states).toBe("");
  });

  it("from the edge of the bed to leaving it is one, answered or not, until they are back in bed", () => {
    const play = new Play({ raises: true }).see(bed("bed_edge")).see(bedExit());
    expect(play.board.map(({ alarm }) => [alarm.cause, alarm.grownTo])).toEqual([["bed_edge", "bed_exit"]]);
    play.see(bed("bed_entry"));
    expect(play.states).toBe("A raised*");
    // Out again with nobody having come: the same alarm still waits.
    expect(play.see(bedExit()).states).toBe("A raised");
    expect(play.acknowledge("A").see(bedExit()).states).toBe("A acknowledged");
    expect(play.see(bed("bed_entry")).states).toBe("");
    expect(play.see(bedExit()).states).toBe("B raised");
  });

  it("of the other person in the bed is another", () => {
    const play = new Play({ raises: true }).see(bed("bed_edge", { trackId: 1 })).see(bedExit({ trackId: 2 }));
    expect(play.states).toBe("A raised, B raised");
    expect(play.see(bed("bed_entry", { trackId: 2 })).states).toBe("A raised, B raised*");
  });

  it("is never one with a fall: who fell on the way from the bed has fallen", () => {
    const play = new Play({ raises: true }).see(bedExit()).see(fall("fall_confirmed"));
    expect(play.states).toBe("A raised, B raised");
  });
});

describe("cameras that see the same place", () => {
  const both = (context = {}) =>
    new Play({ overlaps: (one, other) => [one, other].sort().join() === "bedroom,hall", ...context }).see(
      fall("fall_confirmed"),
    );
  /** As the other camera sees it: its own tracks, its own media time; the ground at `s` from the first camera's. */
  const beside = (kind: "fall_confirmed" | "fall_recovered" | "long_lie", s: number, over = {}) =>
    fall(kind, {
      cameraId: "hall",
      area: "Hall",
      trackId: 7,
      mediaTimeS: 500,
      groundAtS: 497.655,
      capturedAt: 1_000_000 + s * 1000,
      ...over,
    });

  it("tell of one fall in one alarm", () => {
    expect(both().see(beside("fall_confirmed", 2.9)).states).toBe("A raised");
    expect(both().see(beside("fall_confirmed", -2.9)).states).toBe("A raised");
    expect(both().see(beside("fall_confirmed", 3.1)).states).toBe("A raised, B raised");
    expect(both({ overlaps: () => false }).see(beside("fall_confirmed", 0)).states).toBe(
      "A raised, B raised",
    );
  });

  it("tell of two people who are known apart", () => {
    const play = new Play({ overlaps: () => true }).see(fall("fall_confirmed", { personId: "p_1" }));
    expect(play.see(beside("fall_confirmed", 0, { personId: "p_2" })).states).toBe("A raised, B raised");
  });

  it("tell of two people who fell at once", () => {
    const play = both()
      .see(fall("fall_confirmed", { trackId: 2, groundAtS: 11 }))
      .see(beside("fall_confirmed", 0.9, { trackId: 8 }))
      .see(beside("fall_confirmed", 0.8, { trackId: 7 }));
    expect(play.states).toBe("A raised, B raised");
    // The other camera's second is nearer to the one that its first belongs to already.
    const cameras = play.board.map(({ subjects }) => subjects.map(({ trackId }) => trackId));
    expect(cameras).toEqual([
      [1, 7],
      [2, 8],
    ]);
  });

  it("have to agree that somebody is up: one that still sees them lie is believed", () => {
    const play = both().see(beside("fall_confirmed", 0)).see(fall("fall_recovered"));
    expect(play.states).toBe("A raised");
    expect(play.see(beside("fall_recovered", 5)).states).toBe("A raised*");
  });
});

describe("what is no matter of one body", () => {
  it("is one alarm until somebody answers, and over when it is seen to be", () => {
    const play = new Play({ raises: true }).see(areaBlind("area_blind", 1)).see(areaBlind("area_blind", 2));
    expect(play.states).toBe("A raised");
    expect(play.see(areaBlind("area_blind", 3, "Kitchen")).states).toBe("A raised, B raised");
    play.acknowledge("A").see(areaBlind("area_watched", 4));
    expect(play.states).toBe("B raised");
    play.see(houseNotice("wandering", 5)).see(houseNotice("inactivity", 5));
    expect(play.states).toBe("B raised, C raised, D raised");
  });

  it("is a new one when it happens after an answer", () => {
    const play = new Play({ raises: true }).see(houseNotice("inactivity", 1)).acknowledge("A");
    expect(play.see(houseNotice("inactivity", 2)).states).toBe("A acknowledged, B raised");
  });
});
