// What a round must have come to. Pure: what the clients heard and what the database holds go in, complaints come out.
//
// In every round one person falls and stays on the floor. Whatever fails meanwhile:
// - The house hears of it: an `alarm_raised` and the event that caused it. That event is `fall_confirmed`; where no running
//   daemon saw the fall (daemon or vision was killed before it was confirmed) it may be the `long_lie` that finds whoever
//   lies there. Lost is a round in which neither comes within a minute and a half of the fault's end, and every message that a
//   database holds at the end of the round and no client has heard.
// - It hears of it once as news. Doubled is every event of which two copies do not say that they are late (a copy that the
//   broker itself repeats, marked as its protocol does, is not counted), and every new alarm for the same body.
// - Late copies are for doubt only: none where neither daemon nor disk nor the way to the broker failed, and a copy that says
//   it is late comes never before the news.
// - A late copy tells its age rightly, to 5 s, where nobody set the clock.
// - Messages come in the order in which they were recorded.
import type { StoredMessage } from "./household.ts";
import type { Fault, RoundPlan } from "./plan.ts";
import type { HeardEvent } from "./recorder.ts";

export interface RoundFacts {
  readonly plan: RoundPlan;
  readonly events: readonly HeardEvent[];
  readonly stored: readonly StoredMessage[];
  /** When the daemon was restarted at the end, milliseconds of machine time: a crash that leaves doubt of its own. */
  readonly restartedAt: number;
  /** What was seen to be wrong while the round went on. */
  readonly complaints: readonly Complaint[];
}

export type ComplaintKind = "lost" | "doubled" | "late" | "order" | "state" | "answer" | "old as new";

export interface Complaint {
  readonly kind: ComplaintKind;
  readonly text: string;
}

export interface Verdict {
  readonly plan: RoundPlan;
  readonly complaints: readonly Complaint[];
  /** Copies that said that they were late. */
  readonly lateCopies: number;
  /** The event that raised the alarm; null when none did. */
  readonly cause: string | null;
  /** From the frame that confirms to the first client, milliseconds. */
  readonly deliveryMs: number | null;
}

/** Nothing between the daemon and the broker fails, and nothing the daemon has to remember: every message is news. */
const WITHOUT_DOUBT: ReadonlySet<Fault> = new Set(["vision killed", "clock forward", "clock back"]);
const CLOCK_FAULTS: ReadonlySet<Fault> = new Set(["clock forward", "clock back"]);
const AGE_OFF_S = 5;

export function judge({ plan, events, stored, restartedAt, complaints }: RoundFacts): Verdict {
  const raised = events.find(({ kind }) => kind === "alarm_raised");
  const cause = events.find(({ id }) => id === raised?.causeEventId);
  return {
    plan,
    complaints: [
      ...complaints,
      ...lost(events, stored, cause),
      ...doubled(events),
      ...falselyLate(plan, events),
      ...(WITHOUT_DOUBT.has(plan.fault) ? doubtful(events.filter(({ at }) => at < restartedAt)) : []),
      ...outOfOrder(events, stored),
    ],
    lateCopies: events.filter(({ late }) => late).length,
    cause: cause?.kind ?? null,
    deliveryMs: cause === undefined || cause.mediaTimeS === null ? null : cause.at - cause.mediaTimeS * 1000,
  };
}

function lost(
  events: readonly HeardEvent[],
  stored: readonly StoredMessage[],
  cause: HeardEvent | undefined,
): readonly Complaint[] {
  const heard = new Set(events.map(({ id }) => id));
  const complaints: Complaint[] = stored
    .filter(({ id }) => !heard.has(id))
    .map(({ id, kind }) => ({ kind: "lost", text: `${kind} ${id} is in the database and was never heard` }));
  for (const { id, kind, deliveredAt } of stored)
    if (deliveredAt === null)
      complaints.push({ kind: "state", text: `${kind} ${id} still waits to be sent` });
  if (cause === undefined)
    complaints.push({ kind: "lost", text: "no alarm with the event that caused it was heard" });
  return complaints;
}

function doubled(events: readonly HeardEvent[]): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const [id, copies] of copiesOf(events)) {
    const news = copies.filter(({ late }) => !late).length;
    if (news > 1)
      complaints.push({ kind: "doubled", text: `${copies[0]?.kind} ${id} came ${news} times as news` });
  }
  const alarms = new Set(events.filter(({ kind }) => kind === "alarm_raised").map(({ alarmId }) => alarmId));
  if (alarms.size > 1) complaints.push({ kind: "doubled", text: `${alarms.size} alarms for one body` });
  return complaints;
}

/** Where nothing is in doubt every message comes once, and as news. */
function doubtful(events: readonly HeardEvent[]): readonly Complaint[] {
  return [...copiesOf(events)].flatMap(([id, copies]): Complaint[] => {
    if (copies.length === 1 && copies[0]?.late === false) return [];
    const how = copies.map(({ late }) => (late ? "late" : "news")).join(", ");
    return [{ kind: "late", text: `nothing was in doubt, and ${copies[0]?.kind} ${id} came as ${how}` }];
  });
}

function falselyLate(plan: RoundPlan, events: readonly HeardEvent[]): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const [id, copies] of copiesOf(events)) {
    const [first, ...more] = copies;
    if (first?.late === true && more.some(({ late }) => !late))
      complaints.push({ kind: "late", text: `${first.kind} ${id} came as news after a late copy` });
    for (const { late, ageS, at, mediaTimeS, kind } of copies) {
      if (!late || mediaTimeS === null || CLOCK_FAULTS.has(plan.fault)) continue;
      const trueAgeS = at / 1000 - mediaTimeS;
      if (ageS === null || Math.abs(ageS - trueAgeS) > AGE_OFF_S)
        complaints.push({
          kind: "late",
          text: `${kind} ${id} says that it is ${ageS} s old, and is ${trueAgeS.toFixed(1)}`,
        });
    }
  }
  return complaints;
}

function outOfOrder(events: readonly HeardEvent[], stored: readonly StoredMessage[]): readonly Complaint[] {
  const place = new Map(stored.map(({ id }, index) => [id, index]));
  const first = [...copiesOf(events).keys()].flatMap((id) => place.get(id) ?? []);
  const wrong = first.findIndex((index, at) => at > 0 && index < (first[at - 1] ?? 0));
  if (wrong === -1) return [];
  const [before, after] = [stored[first[wrong] ?? 0], stored[first[wrong - 1] ?? 0]];
  return [{ kind: "order", text: `${before?.kind} was recorded before ${after?.kind} and heard after it` }];
}

/** In the order in which they were first heard. */
function copiesOf(events: readonly HeardEvent[]): ReadonlyMap<string, readonly HeardEvent[]> {
  const copies = new Map<string, HeardEvent[]>();
  for (const event of events) copies.set(event.id, [...(copies.get(event.id) ?? []), event]);
  return copies;
}
