// What holds alarms back for a while: somebody's hand, or a carer in the room. Pure. Each ends by itself: one by hand after
// its minutes, a carer's when they have left, or when nobody has said for a while that they are still there.
import type { Millis } from "../core/clock.ts";
import { defineMachine, type Reachable } from "../core/transitions.ts";
import type { Snooze } from "../domain/care.ts";
import type { RunTime } from "./alarm-life.ts";

export const SNOOZE_MACHINE = defineMachine({
  name: "Snooze",
  about: "What holds the alarms of an area back for a while. Always visible, always ending by itself.",
  initial: "awake",
  transitions: [
    { from: "awake", to: "by_hand", when: "somebody asks for some minutes", tells: ["snooze_started"] },
    { from: "by_hand", to: "by_hand", when: "somebody asks again", tells: ["snooze_started"] },
    {
      from: "by_hand",
      to: "awake",
      when: "the minutes are over, or somebody ends it",
      tells: ["snooze_ended"],
    },
    {
      from: "awake",
      to: "carer_there",
      when: "somebody known as a carer is in the room",
      tells: ["snooze_started"],
    },
    {
      from: "carer_there",
      to: "carer_left",
      when: "no carer is seen any more, or nobody says so for a minute",
    },
    { from: "carer_left", to: "carer_there", when: "a carer is back before the hold is over" },
    { from: "carer_left", to: "awake", when: "the hold is over", tells: ["snooze_ended"] },
    {
      from: "carer_there",
      to: "awake",
      when: "the household no longer lets carers snooze",
      tells: ["snooze_ended"],
    },
    {
      from: "carer_left",
      to: "awake",
      when: "the household no longer lets carers snooze",
      tells: ["snooze_ended"],
    },
  ],
});

/** Times in `run` are on this run's monotonic clock. */
export type HeldSnooze =
  | { readonly kind: "by_hand"; readonly snooze: Snooze; readonly endsRunAt: Millis }
  | { readonly kind: "carer_there"; readonly snooze: Snooze; readonly seenRunAt: Millis }
  | { readonly kind: "carer_left"; readonly snooze: Snooze; readonly endsRunAt: Millis };

/** What a snooze in a state may be after one step; gone where the table says awake. */
type After<Kind extends string> = Extract<
  HeldSnooze,
  { readonly kind: Reachable<typeof SNOOZE_MACHINE, Kind> }
>;
type In<Kind extends HeldSnooze["kind"]> = Extract<HeldSnooze, { readonly kind: Kind }>;

export type SnoozeInput =
  | {
      readonly kind: "by_hand";
      /** null: the whole house. */
      readonly area: string | null;
      readonly by: string;
      readonly forMs: Millis;
    }
  /** Ends the one by hand of exactly this area, or of the whole house. */
  | { readonly kind: "end"; readonly area: string | null }
  /** Who is there as a carer now; none when nobody is. */
  | { readonly kind: "carers"; readonly area: string; readonly names: readonly string[] }
  | { readonly kind: "carers_ignored" }
  | { readonly kind: "time" };

export interface SnoozeEffect {
  readonly kind: "snooze_started" | "snooze_ended";
  readonly snooze: Snooze;
}

export interface SnoozeStep {
  readonly state: readonly HeldSnooze[];
  readonly effects: readonly SnoozeEffect[];
}

/**
 * A carer who turns away, bends down or is behind the door for a moment is not gone. Longer than the gaps in which a face
 * is not recognised, shorter than it takes to leave somebody alone who then gets up.
 */
export const CARER_HOLD_MS = 30_000;
/** Whoever tells of carers repeats it more often than this; else they may be dead, and nobody is watching the carer. */
export const CARER_CONFIRMED_MS = 60_000;

export function stepSnoozes(state: readonly HeldSnooze[], input: SnoozeInput, time: RunTime): SnoozeStep {
  switch (input.kind) {
    case "by_hand":
      return byHand(state, input, time);
    case "end":
      return ended(state, (held) => held.kind === "by_hand" && held.snooze.area === input.area);
    case "carers":
      return carers(state, input, time);
    case "carers_ignored":
      return ended(state, (held) => held.kind !== "by_hand");
    case "time":
      return passed(state, time);
  }
}

function byHand(
  state: readonly HeldSnooze[],
  { area, by, forMs }: Extract<SnoozeInput, { readonly kind: "by_hand" }>,
  { now, run }: RunTime,
): SnoozeStep {
  const snooze: Snooze = { area, reason: "hand", by, since: now, until: now + forMs };
  const others = state.filter((held) => held.kind !== "by_hand" || held.snooze.area !== area);
  const next: After<"awake" | "by_hand"> = { kind: "by_hand", snooze, endsRunAt: run + forMs };
  return {
    state: [...others, next],
    effects: [{ kind: "snooze_started", snooze }],
  };
}

function carers(
  state: readonly HeldSnooze[],
  { area, names }: Extract<SnoozeInput, { readonly kind: "carers" }>,
  { now, run }: RunTime,
): SnoozeStep {
  const known = state.find(
    (held): held is In<"carer_there" | "carer_left"> => held.kind !== "by_hand" && held.snooze.area === area,
  );
  const others = state.filter((held) => held !== known);
  if (names.length > 0) {
    const since = known?.snooze.since ?? now;
    const snooze: Snooze = { area, reason: "carer", by: names.join(", "), since, until: null };
    const next: After<"awake" | "carer_left"> = { kind: "carer_there", snooze, seenRunAt: run };
    return {
      state: [...others, next],
      effects: known === undefined ? [{ kind: "snooze_started", snooze }] : [],
    };
  }
  if (known?.kind !== "carer_there") return { state, effects: [] };
  return { state: [...others, left(known, { now, run })], effects: [] };
}

function left({ snooze }: In<"carer_there">, { now, run }: RunTime): After<"carer_there"> {
  const until = now + CARER_HOLD_MS;
  return { kind: "carer_left", snooze: { ...snooze, until }, endsRunAt: run + CARER_HOLD_MS };
}

function passed(state: readonly HeldSnooze[], time: RunTime): SnoozeStep {
  const next = state.map(
    (held): HeldSnooze =>
      held.kind === "carer_there" && held.seenRunAt + CARER_CONFIRMED_MS <= time.run
        ? left(held, time)
        : held,
  );
  return ended(next, (held) => held.kind !== "carer_there" && held.endsRunAt <= time.run);
}

function ended(state: readonly HeldSnooze[], isOver: (held: HeldSnooze) => boolean): SnoozeStep {
  return {
    state: state.filter((held) => !isOver(held)),
    effects: state.filter(isOver).map(({ snooze }) => ({ kind: "snooze_ended", snooze })),
  };
}

/** When time alone changes something next, in run time; null for never. */
export function nextSnoozeChangeAt(state: readonly HeldSnooze[]): Millis | null {
  const moments = state.map((held) =>
    held.kind === "carer_there" ? held.seenRunAt + CARER_CONFIRMED_MS : held.endsRunAt,
  );
  return moments.length === 0 ? null : Math.min(...moments);
}

/** Whether the alarms of an area are held back; null: of what happens in no area. */
export function isSnoozed(state: readonly HeldSnooze[], area: string | null): boolean {
  return state.some(({ snooze }) => snooze.area === null || snooze.area === area);
}

/**
 * What is left of the snoozes of an earlier run: those by hand, for no longer than they were asked for, whatever became of
 * the wall clock. A carer is there again when somebody has seen them again: `state` has the others too, as over.
 */
export function resumedSnoozes(snoozes: readonly Snooze[], { now, run }: RunTime): readonly HeldSnooze[] {
  return snoozes.map((snooze): HeldSnooze => {
    const { since, until } = snooze;
    if (snooze.reason === "carer" || until === null) return { kind: "carer_left", snooze, endsRunAt: run };
    const rest = Math.min(until - now, until - since);
    return { kind: "by_hand", snooze: { ...snooze, until: now + rest }, endsRunAt: run + Math.max(0, rest) };
  });
}
