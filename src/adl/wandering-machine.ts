// Whether somebody is up and about at night for long: settled -> up -> told. Short rests do not end it, a visit to the
// bathroom does not count, and the evening before going to bed is no night yet. Pure.
import { assertNever } from "../core/assert-never.ts";
import type { Millis } from "../core/clock.ts";
import { defineMachine, type Reachable } from "../core/transitions.ts";
import type { AreaGlance, HouseGlance } from "./area-glance.ts";

/**
 * Sitting down for less than this on the way is no rest: as long as a glass of water or a look out of the window takes.
 * Who sits for longer has settled, in a chair or elsewhere.
 */
const REST: Millis = 5 * 60_000;
/** Somebody behind a door for up to so long is at the toilet, not about: they are waited for, and the time does not count. */
const VISIT: Millis = 15 * 60_000;

export const WANDERING_MACHINE = defineMachine({
  name: "wandering",
  about: "whether somebody is up and about at night for long",
  initial: "settled",
  transitions: [
    { from: "settled", to: "up", when: "somebody stands or walks at night" },
    {
      from: "up",
      to: "settled",
      when: "went to bed, rests for 5 minutes, is behind a door for 15, or the night is over",
    },
    { from: "up", to: "told", when: "has been up and about for wandering_after", tells: ["wandering"] },
    {
      from: "told",
      to: "settled",
      when: "went to bed, rests for 5 minutes, is behind a door for 15, or the night is over",
    },
  ],
});

interface Spell {
  readonly at: Millis;
  readonly upSince: Millis;
  readonly lastUpAt: Millis;
  /** Milliseconds up and about, short rests included, time behind doors not. */
  readonly up: Millis;
  /** In the order they were walked through. */
  readonly areas: readonly string[];
  /** Since when somebody is behind a door; null when nobody is. */
  readonly behindDoorSince: Millis | null;
  /** Fewest people in bed since then: one more of them, and who was up lies down. */
  readonly leastInBed: number;
}

export type WanderingState =
  | { readonly kind: "settled" }
  | (Spell & { readonly kind: "up" })
  | (Spell & { readonly kind: "told" });

export interface WanderingInput extends HouseGlance {
  /** Within the household's night hours, and no longer the evening before anybody went to bed. */
  readonly night: boolean;
}

export interface WanderingSettings {
  /** Milliseconds; 0 gives no notice. */
  readonly wanderingAfter: Millis;
}

export interface WanderingEffect {
  readonly kind: "wandering";
  readonly upSince: Millis;
  readonly upS: number;
  readonly areas: readonly string[];
}

interface Stepped<S extends WanderingState> {
  readonly state: S;
  readonly effects: readonly WanderingEffect[];
}
type State<K extends WanderingState["kind"]> = Extract<WanderingState, { readonly kind: K }>;
type StepOf<From extends WanderingState["kind"]> = Stepped<State<Reachable<typeof WANDERING_MACHINE, From>>>;

export const SETTLED: State<"settled"> = { kind: "settled" };

export function stepWandering(
  state: WanderingState,
  input: WanderingInput,
  settings: WanderingSettings,
): Stepped<WanderingState> {
  switch (state.kind) {
    case "settled":
      return stepSettled(input);
    case "up":
      return stepUp(state, input, settings);
    case "told":
      return stepTold(state, input);
    default:
      return assertNever(state);
  }
}

function stepSettled({ at, areas, night }: WanderingInput): StepOf<"settled"> {
  const upright = uprightIn(areas);
  if (!night || upright.length === 0) return { state: SETTLED, effects: [] };
  const began = { at, upSince: at, lastUpAt: at, up: 0, behindDoorSince: null };
  return { state: { kind: "up", ...began, areas: upright, leastInBed: inBedIn(areas) }, effects: [] };
}

function stepUp(
  state: State<"up">,
  input: WanderingInput,
  { wanderingAfter }: WanderingSettings,
): StepOf<"up"> {
  const spell = pass(state, input);
  if (spell === null) return { state: SETTLED, effects: [] };
  // Said of somebody who is up at that moment.
  const due = wanderingAfter > 0 && spell.up >= wanderingAfter && uprightIn(input.areas).length > 0;
  if (!due) return { state: { ...spell, kind: "up" }, effects: [] };
  const { upSince, up, areas } = spell;
  return {
    state: { ...spell, kind: "told" },
    effects: [{ kind: "wandering", upSince, upS: up / 1000, areas }],
  };
}

function stepTold(state: State<"told">, input: WanderingInput): StepOf<"told"> {
  const spell = pass(state, input);
  return { state: spell === null ? SETTLED : { ...spell, kind: "told" }, effects: [] };
}

/** The spell as it goes on; null when it is over. */
function pass(spell: Spell, { at, areas, doors, night }: WanderingInput): Spell | null {
  if (!night) return null;
  // Where the clock was set back, waiting begins anew.
  const before = {
    ...spell,
    lastUpAt: Math.min(at, spell.lastUpAt),
    behindDoorSince: spell.behindDoorSince === null ? null : Math.min(at, spell.behindDoorSince),
  };
  const passed = Math.max(0, at - before.at);
  const waited = before.behindDoorSince !== null;
  if (!waited && at - before.lastUpAt > REST) return null;
  const inBed = inBedIn(areas);
  const leastInBed = Math.min(before.leastInBed, inBed);
  // Time behind a door is left out.
  const next = { ...before, at, leastInBed, up: before.up + (waited ? 0 : passed) };
  const upright = uprightIn(areas);
  if (upright.length > 0) {
    const more = upright.filter((area) => !before.areas.includes(area));
    return { ...next, lastUpAt: at, areas: [...before.areas, ...more], behindDoorSince: null };
  }
  // One more in bed, and nobody up. A partner who sleeps on all the while ends no spell.
  if (inBed > leastInBed) return null;
  const door = doors.at(-1)?.kind;
  if (door === "came") return { ...next, lastUpAt: at, behindDoorSince: null };
  if (door === "went") return { ...next, behindDoorSince: at };
  return before.behindDoorSince !== null && at - before.behindDoorSince > VISIT ? null : next;
}

function uprightIn(areas: readonly AreaGlance[]): readonly string[] {
  return areas.filter((glance) => glance.upright > 0).map((glance) => glance.area);
}

function inBedIn(areas: readonly AreaGlance[]): number {
  return areas.reduce((sum, glance) => sum + (glance.inBed ?? 0), 0);
}
