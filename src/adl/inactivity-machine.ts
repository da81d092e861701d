// Whether somebody who is at home has not moved for long: nobody home -> moving about -> quiet -> told. The clock runs only
// while movement would be seen, and not while everybody lies in bed at night. Pure.
import { assertNever } from "../core/assert-never.ts";
import type { Millis } from "../core/clock.ts";
import { defineMachine, type Reachable } from "../core/transitions.ts";
import { OUTSIDE } from "../domain/zone.ts";
import type { HouseGlance } from "./area-glance.ts";

/** Without a door that leads outside, who has been seen is taken to be at home for so long. */
const SEEN_LATELY: Millis = 24 * 3_600_000;
/** Nobody has moved for so long: what comes is a quiet spell. Its beginning is the last movement. */
const QUIET_AFTER: Millis = 60_000;
/** Occupancy counts somebody who left for up to so long. */
const GONE_FROM_SIGHT: Millis = 10_000;
/** A longer gap between glances (the machine slept, the clock was set) is no time in which anybody was watched. */
const LONGEST_STEP: Millis = 30_000;

export const INACTIVITY_MACHINE = defineMachine({
  name: "inactivity",
  about: "whether somebody who is at home has not moved for long",
  initial: "nobody",
  transitions: [
    { from: "nobody", to: "moving", when: "somebody is seen" },
    { from: "moving", to: "quiet", when: "nobody has moved for a minute" },
    { from: "moving", to: "nobody", when: "the last one went out by a door that leads outside" },
    { from: "quiet", to: "moving", when: "somebody moves" },
    { from: "quiet", to: "told", when: "has been quiet for inactivity_after", tells: ["inactivity"] },
    {
      from: "quiet",
      to: "nobody",
      when: "went outside, or, with no such door drawn, was not seen for a day",
    },
    { from: "told", to: "moving", when: "somebody moves" },
    { from: "told", to: "nobody", when: "went outside, or, with no such door drawn, was not seen for a day" },
  ],
});

interface Somebody {
  readonly at: Millis;
  readonly lastMovedAt: Millis;
  readonly lastSeenAt: Millis;
  /** Where somebody was last seen to move: while it cannot be watched, the clock stands. */
  readonly area: string | null;
  /** Milliseconds without movement in which it would have been seen. */
  readonly quiet: Millis;
  /** When somebody went out by a door that leads outside, until it is clear whether somebody else is in. */
  readonly wentOutAt: Millis | null;
}

export type InactivityState =
  | { readonly kind: "nobody" }
  | (Somebody & { readonly kind: "moving" })
  | (Somebody & { readonly kind: "quiet" })
  | (Somebody & { readonly kind: "told" });

export interface InactivityInput extends HouseGlance {
  readonly night: boolean;
  /** Whether a door that leads outside is drawn anywhere. */
  readonly outsideDrawn: boolean;
}

export interface InactivitySettings {
  /** Milliseconds; 0 gives no notice. */
  readonly inactivityAfter: Millis;
}

export interface InactivityEffect {
  readonly kind: "inactivity";
  readonly lastMovedAt: Millis;
  /** Seconds without movement in which it would have been seen. */
  readonly quietS: number;
  readonly area: string | null;
}

interface Stepped<S extends InactivityState> {
  readonly state: S;
  readonly effects: readonly InactivityEffect[];
}
type State<K extends InactivityState["kind"]> = Extract<InactivityState, { readonly kind: K }>;
type StepOf<From extends InactivityState["kind"]> = Stepped<
  State<Reachable<typeof INACTIVITY_MACHINE, From>>
>;

export const NOBODY_HOME: State<"nobody"> = { kind: "nobody" };

export function stepInactivity(
  state: InactivityState,
  input: InactivityInput,
  settings: InactivitySettings,
): Stepped<InactivityState> {
  switch (state.kind) {
    case "nobody":
      return { state: stepNobody(input), effects: [] };
    case "moving":
      return stepMoving(state, input);
    case "quiet":
      return stepQuiet(state, input, settings);
    case "told":
      return stepTold(state, input);
    default:
      return assertNever(state);
  }
}

function stepNobody(input: InactivityInput): State<Reachable<typeof INACTIVITY_MACHINE, "nobody">> {
  const area = input.areas.find(({ people }) => people > 0)?.area;
  if (area === undefined) return NOBODY_HOME;
  const { at } = input;
  const wentOutAt = outAfter(null, input);
  return { kind: "moving", at, lastMovedAt: at, lastSeenAt: at, area, quiet: 0, wentOutAt };
}

function stepMoving(state: State<"moving">, input: InactivityInput): StepOf<"moving"> {
  const now = pass(state, input);
  if (now === null) return { state: NOBODY_HOME, effects: [] };
  const kind = now.quiet >= QUIET_AFTER ? "quiet" : "moving";
  return { state: { ...now, kind }, effects: [] };
}

function stepQuiet(
  state: State<"quiet">,
  input: InactivityInput,
  { inactivityAfter }: InactivitySettings,
): StepOf<"quiet"> {
  const now = pass(state, input);
  if (now === null) return { state: NOBODY_HOME, effects: [] };
  if (now.quiet < QUIET_AFTER) return { state: { ...now, kind: "moving" }, effects: [] };
  const due = inactivityAfter > 0 && now.quiet >= inactivityAfter && clockRuns(now, input);
  if (!due) return { state: { ...now, kind: "quiet" }, effects: [] };
  const { lastMovedAt, quiet, area } = now;
  return {
    state: { ...now, kind: "told" },
    effects: [{ kind: "inactivity", lastMovedAt, quietS: quiet / 1000, area }],
  };
}

function stepTold(state: State<"told">, input: InactivityInput): StepOf<"told"> {
  const now = pass(state, input);
  if (now === null) return { state: NOBODY_HOME, effects: [] };
  const kind = now.quiet < QUIET_AFTER ? "moving" : "told";
  return { state: { ...now, kind }, effects: [] };
}

/** What time and the glance make of somebody at home; null when nobody is any more. */
function pass(before: Somebody, input: InactivityInput): Somebody | null {
  const { at, areas } = input;
  const seen = areas.some(({ people }) => people > 0);
  const lastSeenAt = seen ? at : before.lastSeenAt;
  const wentOutAt = outAfter(before.wentOutAt, input);
  if (wentOutAt !== null && !seen) return null;
  if (!input.outsideDrawn && at - lastSeenAt > SEEN_LATELY) return null;
  const moved = areas.find(({ moving }) => moving > 0);
  if (moved !== undefined) return { at, lastMovedAt: at, lastSeenAt, area: moved.area, quiet: 0, wentOutAt };
  const passed = at - before.at;
  const counts = passed > 0 && passed <= LONGEST_STEP && clockRuns(before, input);
  return { ...before, at, lastSeenAt, wentOutAt, quiet: before.quiet + (counts ? passed : 0) };
}

/** Somebody went out, nobody has come in since, and others are not seen long enough after to be others. */
function outAfter(wentOutAt: Millis | null, { doors, areas, at }: InactivityInput): Millis | null {
  const last = doors.filter(({ leadsTo }) => leadsTo === OUTSIDE).at(-1);
  if (last !== undefined) return last.kind === "went" ? at : null;
  const others = areas.some(({ people }) => people > 0);
  return wentOutAt !== null && others && Math.abs(at - wentOutAt) > GONE_FROM_SIGHT ? null : wentOutAt;
}

/** Where somebody last moved, movement would be seen; and nobody who is known of is in bed at night. */
function clockRuns({ area }: Pick<Somebody, "area">, { areas, night }: InactivityInput): boolean {
  const there = areas.filter((glance) => area === null || glance.area === area);
  // An area that is no longer configured is no reason to wait for ever.
  const watched = (there.length > 0 ? there : areas).some((glance) => glance.watched);
  const people = areas.reduce((sum, glance) => sum + glance.people, 0);
  const inBed = areas.reduce((sum, glance) => sum + (glance.inBed ?? 0), 0);
  return watched && !(night && inBed > 0 && inBed >= people);
}
