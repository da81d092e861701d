// One person's fall as several cameras tell it: who sees it, what has been told of it, and who has seen the person up.
import type { Millis } from "../core/clock.ts";
import { defineMachine, type KindOf } from "../core/transitions.ts";
import type { ActivityFact } from "../domain/activity.ts";

/** Facts about somebody on the ground. */
export type GroundFact = ActivityFact & {
  readonly kind: "fall_suspected" | "fall_confirmed" | "fall_recovered" | "on_floor" | "long_lie";
};

export const JOINT_MACHINE = defineMachine({
  name: "one fall, several cameras",
  about: "what cameras that see the same place make of one person's fall",
  initial: "unseen",
  transitions: [
    { from: "unseen", to: "suspected", when: "a camera suspects a fall", tells: ["fall_suspected"] },
    {
      from: "unseen",
      to: "fallen",
      when: "a camera confirms a fall at once",
      tells: ["fall_confirmed", "long_lie"],
    },
    { from: "unseen", to: "noticed", when: "a camera sees somebody on the floor", tells: ["on_floor"] },
    {
      from: "suspected",
      to: "fallen",
      when: "a camera confirms it, or another sees somebody newly lying there",
      tells: ["fall_confirmed", "long_lie"],
    },
    { from: "suspected", to: "noticed", when: "it was slow, and they are still there", tells: ["on_floor"] },
    { from: "suspected", to: "over", when: "no camera suspects it any more", tells: ["fall_recovered"] },
    { from: "suspected", to: "doubted", when: "one camera sees them up, another lying" },
    { from: "noticed", to: "fallen", when: "it grows into an alarm", tells: ["fall_confirmed", "long_lie"] },
    { from: "noticed", to: "doubted", when: "one camera sees them up, another lying" },
    { from: "noticed", to: "over", when: "they are seen up", tells: ["fall_recovered"] },
    { from: "fallen", to: "doubted", when: "one camera sees them up, another lying" },
    {
      from: "fallen",
      to: "over",
      when: "they are seen up, and by no camera lying",
      tells: ["fall_recovered"],
    },
    {
      from: "doubted",
      to: "fallen",
      when: "it grows worse for another camera",
      tells: ["fall_confirmed", "long_lie"],
    },
    { from: "doubted", to: "noticed", when: "they go on lying for another camera", tells: ["on_floor"] },
    { from: "doubted", to: "over", when: "no camera sees them lying any more", tells: ["fall_recovered"] },
  ],
});

export type IncidentKind = Exclude<KindOf<typeof JOINT_MACHINE>, "unseen">;

/** The person of one camera that it is about. */
export interface Member {
  readonly cameraId: string;
  readonly trackId: number;
  readonly groundAt: Millis;
  /** Has been seen up by this camera. */
  readonly up: boolean;
}

export interface Incident {
  readonly kind: IncidentKind;
  /** The first; what is told is told of the first one's camera and track, so that it is one alarm. */
  readonly members: readonly [Member, ...Member[]];
  /** Kinds that have been told. */
  readonly told: readonly GroundFact["kind"][];
  /** Of the first member: what is told later says the same of the way down. */
  readonly fact: GroundFact;
  /** When any of its cameras last held somebody for fallen. */
  readonly activeAt: Millis;
}

const RANK = { fall_recovered: -1, fall_suspected: 0, on_floor: 1, fall_confirmed: 2, long_lie: 3 } as const;

/** What an incident becomes when this is told of it. */
const BECOMES = {
  fall_suspected: "suspected",
  on_floor: "noticed",
  fall_confirmed: "fallen",
  long_lie: "fallen",
  fall_recovered: "over",
} as const satisfies Record<GroundFact["kind"], IncidentKind>;

export function beginIncident(member: Member, fact: GroundFact, at: Millis): Incident {
  return { kind: BECOMES[fact.kind], members: [member], told: [fact.kind], fact, activeAt: at };
}

/** Whether what was told of it so far says as much as this kind does. */
export function isTold({ told }: Incident, kind: GroundFact["kind"]): boolean {
  return told.some((other) => RANK[other] >= RANK[kind]);
}

/** As graver as told; what was graver stays. */
export function withTold(incident: Incident, kind: GroundFact["kind"]): Incident {
  return { ...incident, kind: BECOMES[kind], told: [...incident.told, kind] };
}

export function memberOf({ members }: Incident, cameraId: string): Member | undefined {
  return members.find((member) => member.cameraId === cameraId);
}

export function withMember(incident: Incident, member: Member): Incident {
  const [first, ...rest] = incident.members;
  if (first.cameraId === member.cameraId) return { ...incident, members: [member, ...rest] };
  return {
    ...incident,
    members: [first, ...rest.filter(({ cameraId }) => cameraId !== member.cameraId), member],
  };
}

/** When the ground was reached, on the clock of the wall. */
export function groundAtOf(fact: GroundFact, at: Millis): Millis {
  return at - fact.evidence.onGroundS * 1000;
}
