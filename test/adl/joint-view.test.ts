import { describe, expect, it } from "vitest";
import type { CameraView, SeenPerson } from "../../src/adl/joint-camera.ts";
import { type GroundFact, JOINT_MACHINE } from "../../src/adl/joint-incident.ts";
import {
  type AttachedFact,
  type JointState,
  NO_JOINT_VIEW,
  stepJoint,
  type ToldFact,
} from "../../src/adl/joint-view.ts";
import { allows } from "../../src/core/transitions.ts";
import type { Posture } from "../../src/domain/activity.ts";
import { randomOf } from "../support/synthetic-room.ts";

type Kind = GroundFact["kind"];

const RULES = { overlap: () => true, minGround: 2000 };
const T0 = 1_800_000_000_000;

function fact(kind: Kind, trackId: number, onGroundS: number): GroundFact {
  const evidence = {
    peakSpeed: 1,
    drop: 0.6,
    posture: "lying",
    descentAtS: 0,
    groundAtS: 1,
    onGroundS,
    box: { x1: 0, y1: 0, x2: 0.1, y2: 0.1 },
    signs: ["fast"],
  } as const;
  return { kind, trackId, mediaTimeS: 1, confidence: 0.8, zone: null, evidence };
}

interface Says {
  readonly facts?: readonly GroundFact[];
  readonly lying?: readonly number[];
  readonly standing?: readonly number[];
  readonly resting?: readonly number[];
  readonly falls?: Readonly<Record<number, "suspected" | "confirmed">>;
}

/** Cameras that see one room; seconds after some moment. */
class Room {
  state: JointState = NO_JOINT_VIEW;
  readonly told: (ToldFact & { readonly atS: number })[] = [];
  readonly attached: AttachedFact[] = [];
  /** Changes of incidents that are not in the machine's table, and alarms of which nothing came. */
  readonly forbidden: string[] = [];
  readonly #rules: typeof RULES;

  constructor(rules = RULES) {
    this.#rules = rules;
  }

  see(cameraId: string, atS: number, says: Says = {}): void {
    const people = (ids: readonly number[] | undefined, posture: Posture, resting = false) =>
      (ids ?? []).map((trackId): SeenPerson => ({ trackId, posture, resting }));
    const view: CameraView = {
      cameraId,
      at: T0 + atS * 1000,
      mediaTimeS: atS + (cameraId === "a" ? 100 : 7),
      facts: says.facts ?? [],
      people: [
        ...people(says.lying, "lying"),
        ...people(says.standing, "standing"),
        ...people(says.resting, "lying", true),
      ],
      falls: new Map(Object.entries(says.falls ?? {}).map(([id, stage]) => [Number(id), stage])),
    };
    const before = this.state.incidents;
    const step = stepJoint(this.state, view, this.#rules);
    this.state = step.state;
    this.told.push(...step.told.map((told) => ({ ...told, atS })));
    this.attached.push(...step.attached);
    const isAlarm = ({ fact: { kind } }: { fact: { kind: string } }) =>
      kind === "fall_confirmed" || kind === "long_lie";
    const heard = [...step.told, ...step.attached].filter(isAlarm).length;
    if (heard < view.facts.filter((given) => isAlarm({ fact: given })).length)
      this.forbidden.push("swallowed");
    for (const incident of before) {
      const after = step.state.incidents.find(({ fact: same }) => same === incident.fact) ?? incident;
      if (!allows(JOINT_MACHINE, incident.kind, after.kind)) {
        this.forbidden.push(`${incident.kind} -> ${after.kind}`);
      }
    }
  }

  kinds(): string[] {
    return this.told.map(({ cameraId, fact: told }) => `${cameraId} ${told.kind}`);
  }
}

/** Suspects it, and confirms it two seconds after the landing; others of whom this camera has told lie there still. */
function fall(
  room: Room,
  cameraId: string,
  trackId: number,
  groundS: number,
  others: readonly number[] = [],
): void {
  const still = Object.fromEntries(others.map((id) => [id, "confirmed" as const]));
  const lying = [...others, trackId];
  room.see(cameraId, groundS + 0.4, {
    facts: [fact("fall_suspected", trackId, 0.4)],
    falls: { ...still, [trackId]: "suspected" },
    lying,
  });
  room.see(cameraId, groundS + 2, {
    facts: [fact("fall_confirmed", trackId, 2)],
    falls: { ...still, [trackId]: "confirmed" },
    lying,
  });
}

describe("one fall seen by two cameras", () => {
  it("is told once, as of the first camera, and attached for the second", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    fall(room, "b", 5, 11);
    expect(room.kinds()).toEqual(["a fall_suspected", "a fall_confirmed"]);
    expect(room.attached.map(({ fact: { kind }, to }) => [kind, to.cameraId, to.trackId])).toEqual([
      ["fall_suspected", "a", 1],
      ["fall_confirmed", "a", 1],
    ]);
  });

  it("rises once for whichever camera is first, on the first one's clock", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    fall(room, "b", 5, 10.5);
    room.see("b", 70.5, { facts: [fact("long_lie", 5, 60)], falls: { 5: "confirmed" }, lying: [5] });
    room.see("a", 71, { facts: [fact("long_lie", 1, 61)], falls: { 1: "confirmed" } });
    expect(room.kinds()).toEqual(["a fall_suspected", "a fall_confirmed", "a long_lie"]);
    const last = room.told.at(-1);
    expect(last?.fact).toMatchObject({ trackId: 1, evidence: { signs: ["fast", "second_camera"] } });
    expect(last?.fact.mediaTimeS).toBeCloseTo(170.5, 3);
    expect(last?.seenBy).toEqual(["a", "b"]);
  });

  it("is told by each of two cameras that do not see the same place", () => {
    const room = new Room({ ...RULES, overlap: () => false });
    fall(room, "a", 1, 10);
    fall(room, "b", 5, 10.5);
    expect(room.kinds().filter((kind) => kind.endsWith("confirmed"))).toEqual([
      "a fall_confirmed",
      "b fall_confirmed",
    ]);
  });

  it("is another fall ten seconds later", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    fall(room, "b", 5, 20);
    expect(room.kinds().filter((kind) => kind.endsWith("confirmed"))).toHaveLength(2);
  });
});

describe("two people who fall at once", () => {
  it("are two alarms however the cameras take turns", () => {
    for (const [first, second] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      const room = new Room();
      fall(room, first, 1, 10);
      fall(room, second, 7, 10.8);
      fall(room, first, 2, 11.5, [1]);
      fall(room, second, 8, 12, [7]);
      expect(room.kinds().filter((kind) => kind.endsWith("confirmed"))).toHaveLength(2);
    }
  });

  it("are two alarms though only one camera sees both", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    fall(room, "b", 7, 10.5);
    fall(room, "a", 2, 11, [1]);
    expect(room.kinds().filter((kind) => kind.endsWith("confirmed"))).toHaveLength(2);
  });

  it("are not taken for one when one of them lay unseen already", () => {
    const room = new Room();
    room.see("a", 40, { facts: [fact("on_floor", 1, 30)], lying: [1] });
    room.see("a", 100, { facts: [fact("on_floor", 2, 30)], lying: [2] });
    expect(room.kinds()).toEqual(["a on_floor", "a on_floor"]);
  });
});

describe("a fall that one camera only suspects", () => {
  const suspect = (room: Room, atS: number, falls: Says["falls"] = { 1: "suspected" }) =>
    room.see("a", atS, { falls: falls ?? {} });

  function suspected(lying: Says["lying"], options: Says = {}): Room {
    const room = new Room();
    room.see("b", 9, { standing: [5] });
    room.see("a", 10.4, { facts: [fact("fall_suspected", 1, 0.4)], falls: { 1: "suspected" } });
    for (let atS = 10.5; atS < 14; atS += 0.1) {
      room.see("b", atS, { ...(lying !== undefined && { lying }), ...options });
      suspect(room, atS + 0.05);
    }
    return room;
  }

  it("is confirmed by another that sees somebody newly lying, after the time a fall must last", () => {
    const room = suspected([5]);
    expect(room.kinds()).toEqual(["a fall_suspected", "a fall_confirmed"]);
    const confirmed = room.told.at(-1);
    expect(confirmed?.fact).toMatchObject({ trackId: 1, evidence: { signs: ["fast", "second_camera"] } });
    expect(confirmed?.atS).toBeGreaterThan(11.99);
    expect(confirmed?.atS).toBeLessThan(12.3);
  });

  it("is not told again when the first confirms it after all, nor when the second does", () => {
    const room = suspected([5]);
    room.see("a", 14.5, { facts: [fact("fall_confirmed", 1, 4.5)], falls: { 1: "confirmed" } });
    room.see("b", 14.6, { facts: [fact("fall_confirmed", 5, 4)], falls: { 5: "confirmed" }, lying: [5] });
    expect(room.kinds()).toEqual(["a fall_suspected", "a fall_confirmed"]);
  });

  it("is not confirmed by who rests in bed, stands, or has lain there for long", () => {
    expect(suspected(undefined, { resting: [5] }).kinds()).toEqual(["a fall_suspected"]);
    expect(suspected(undefined, { standing: [5] }).kinds()).toEqual(["a fall_suspected"]);
    const room = new Room();
    for (let atS = 0; atS < 14; atS += 0.1) {
      room.see("b", atS, { lying: [5] });
      const facts = Math.abs(atS - 10.4) < 0.01 ? [fact("fall_suspected", 1, 0.4)] : [];
      room.see("a", atS, { facts, falls: atS > 10.3 ? { 1: "suspected" } : {} });
    }
    expect(room.kinds()).toEqual(["a fall_suspected"]);
  });

  it("is not confirmed once the first sees them up", () => {
    const room = new Room();
    room.see("a", 10.4, { facts: [fact("fall_suspected", 1, 0.4)], falls: { 1: "suspected" } });
    room.see("a", 11, { facts: [fact("fall_recovered", 1, 1)], standing: [1] });
    for (let atS = 11; atS < 14; atS += 0.1) room.see("b", atS, { lying: [5] });
    expect(room.kinds()).toEqual(["a fall_suspected", "a fall_recovered"]);
  });
});

describe("getting up", () => {
  it("is told at once when no other camera sees them lying, and not again by the other", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    fall(room, "b", 5, 10.5);
    room.see("b", 30, { standing: [5], falls: { 5: "confirmed" } });
    room.see("a", 31, { facts: [fact("fall_recovered", 1, 21)], standing: [1] });
    room.see("b", 31.5, { facts: [fact("fall_recovered", 5, 21)], standing: [5] });
    expect(room.kinds()).toEqual(["a fall_suspected", "a fall_confirmed", "a fall_recovered"]);
  });

  it("waits while the other camera still sees them lying, and comes when it does not", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    fall(room, "b", 5, 10.5);
    room.see("b", 19, { lying: [5], falls: { 5: "confirmed" } });
    room.see("a", 20, { facts: [fact("fall_recovered", 1, 10)], standing: [1] });
    for (let atS = 20; atS < 70; atS += 0.5) room.see("b", atS, { lying: [5], falls: { 5: "confirmed" } });
    expect(room.kinds()).toEqual(["a fall_suspected", "a fall_confirmed"]);
    room.see("b", 70.5, { facts: [fact("long_lie", 5, 60)], lying: [5], falls: { 5: "confirmed" } });
    expect(room.kinds().at(-1)).toBe("a long_lie");
    for (let atS = 71; atS < 76; atS += 0.5) room.see("b", atS, { standing: [5], falls: { 5: "confirmed" } });
    room.see("b", 76, { facts: [fact("fall_recovered", 5, 65)], standing: [5] });
    expect(room.kinds().at(-1)).toBe("a fall_recovered");
    expect(room.kinds().filter((kind) => kind.endsWith("recovered"))).toHaveLength(1);
  });

  it("is told of a person whose track has another id by then", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    room.see("a", 20, { falls: { 9: "confirmed" }, lying: [9] });
    room.see("a", 30, { facts: [fact("fall_recovered", 9, 20)], standing: [9] });
    expect(room.told.at(-1)?.fact).toMatchObject({ kind: "fall_recovered", trackId: 9 });
    expect(room.state.incidents.map(({ kind }) => kind)).toEqual(["over"]);
  });

  it("and falling again is another fall", () => {
    const room = new Room();
    fall(room, "a", 1, 10);
    room.see("a", 13, { facts: [fact("fall_recovered", 1, 3)], standing: [1] });
    fall(room, "a", 1, 14);
    expect(room.kinds().filter((kind) => kind.endsWith("confirmed"))).toHaveLength(2);
  });
});

describe("whatever two or three cameras say", () => {
  type Person = { stage: "up" | "suspected" | "confirmed"; groundS: number; lying: boolean };

  /** Cameras with people of their own who fall and rise at random. */
  function play(seed: number, steps: number) {
    const random = randomOf(seed);
    const cameras = ["a", "b", "c"].slice(0, 2 + Math.floor(random() * 2));
    const people = new Map<string, Person>();
    const room = new Room();
    let atS = 0;
    for (let step = 0; step < steps; step += 1) {
      atS += random() < 0.1 ? random() * 30 : random();
      const cameraId = cameras[Math.floor(random() * cameras.length)] ?? "a";
      const facts: GroundFact[] = [];
      const falls: Record<number, "suspected" | "confirmed"> = {};
      const lying: number[] = [];
      const standing: number[] = [];
      for (const trackId of [1, 2, 3]) {
        const key = `${cameraId}${trackId}`;
        const person = people.get(key) ?? { stage: "up", groundS: 0, lying: false };
        const chance = random();
        if (person.stage === "up" && chance < 0.15) {
          person.stage = "suspected";
          person.groundS = atS - 0.4;
          person.lying = true;
          facts.push(fact("fall_suspected", trackId, 0.4));
        } else if (person.stage === "suspected" && chance < 0.5) {
          person.stage = "confirmed";
          facts.push(fact("fall_confirmed", trackId, atS - person.groundS));
        } else if (person.stage !== "up" && chance < 0.6) {
          facts.push(fact("fall_recovered", trackId, atS - person.groundS));
          person.stage = "up";
          person.lying = false;
        } else if (person.stage === "confirmed" && chance < 0.7) {
          facts.push(fact("long_lie", trackId, atS - person.groundS));
        }
        people.set(key, person);
        if (person.stage !== "up") falls[trackId] = person.stage;
        if (random() < 0.7) (person.lying ? lying : standing).push(trackId);
      }
      room.see(cameraId, atS, { facts, falls, lying, standing });
    }
    return { room };
  }

  it("incidents change only as the machine's table says", () => {
    for (let seed = 1; seed <= 150; seed += 1) expect(play(seed, 80).room.forbidden).toEqual([]);
  });

  it("no confirmed fall is swallowed: each is told, or attached to one that was told and is not over", () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const { room } = play(seed, 80);
      expect(room.forbidden).toEqual([]);
      const attached = room.attached.filter(({ fact: { kind } }) => kind === "fall_confirmed");
      for (const { to } of attached) {
        const alarms = room.told.filter(
          ({ cameraId, fact: { kind } }) =>
            cameraId === to.cameraId && (kind === "fall_confirmed" || kind === "long_lie"),
        );
        expect(alarms.length).toBeGreaterThan(0);
      }
    }
  });

  it("as many falls are told as the camera that sees the most of them confirms, while nobody gets up", () => {
    const random = randomOf(77);
    for (let round = 0; round < 300; round += 1) {
      const room = new Room();
      const falls = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, index) => ({
        cameraId: ["a", "b", "c"][Math.floor(random() * 3)] ?? "a",
        trackId: index + 1,
        groundS: 10 + random() * 6,
      }));
      const moments = falls
        .flatMap((one) => [
          { ...one, atS: one.groundS + 0.4, kind: "fall_suspected" as const },
          { ...one, atS: one.groundS + 2, kind: "fall_confirmed" as const },
        ])
        .sort((one, other) => one.atS - other.atS);
      for (const { cameraId, trackId, groundS, atS, kind } of moments) {
        const now = falls.filter((one) => one.cameraId === cameraId && one.groundS + 0.4 <= atS);
        const stages = now.map((one) => [one.trackId, atS >= one.groundS + 2 ? "confirmed" : "suspected"]);
        room.see(cameraId, atS, {
          facts: [fact(kind, trackId, atS - groundS)],
          falls: Object.fromEntries(stages),
          lying: now.map((one) => one.trackId),
        });
      }
      const most = Math.max(
        ...["a", "b", "c"].map((id) => falls.filter(({ cameraId }) => cameraId === id).length),
      );
      const told = room.told.filter(({ fact: { kind } }) => kind === "fall_confirmed").length;
      expect(told).toBeGreaterThanOrEqual(most);
      expect(told).toBeLessThanOrEqual(falls.length);
    }
  });

  it("each getting up that is told follows an alarm or a suspicion, once", () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const { room } = play(seed, 80);
      const open = new Map<string, number>();
      for (const { cameraId, fact: told } of room.told) {
        const whose = `${cameraId}${told.trackId}`;
        const count = (open.get(whose) ?? 0) + (told.kind === "fall_recovered" ? -1 : 1);
        open.set(whose, count);
        expect(count).toBeGreaterThanOrEqual(0);
      }
    }
  });
});
