// Whether one area can be watched: watched -> failing -> blind -> returning -> watched. Both changes must last before they
// are told: a camera that comes and goes every few seconds is told once, as blind. Pure.
import { assertNever } from "../core/assert-never.ts";
import type { Millis } from "../core/clock.ts";
import { defineMachine, type Reachable } from "../core/transitions.ts";

/** Seen again for this long, it is watched: as long as a camera needs to find and follow whoever is there. */
const BACK_AFTER: Millis = 10_000;

export const SIGHT_MACHINE = defineMachine({
  name: "sight",
  about: "whether anybody in one area could be seen",
  initial: "watched",
  transitions: [
    { from: "watched", to: "failing", when: "none of its cameras can see" },
    {
      from: "watched",
      to: "blind",
      when: "none can see, and that is to be told at once",
      tells: ["area_blind"],
    },
    { from: "failing", to: "watched", when: "one can see again" },
    { from: "failing", to: "blind", when: "none could for blind_after", tells: ["area_blind"] },
    { from: "blind", to: "returning", when: "one can see again" },
    { from: "returning", to: "blind", when: "none can see once more" },
    { from: "returning", to: "watched", when: "one could for 10 s", tells: ["area_watched"] },
  ],
});

export type SightState =
  | { readonly kind: "watched" }
  | { readonly kind: "failing"; readonly since: Millis }
  | { readonly kind: "blind"; readonly since: Millis }
  | { readonly kind: "returning"; readonly since: Millis; readonly backSince: Millis };

export interface SightInput {
  readonly at: Millis;
  /** Why none of its cameras can see anybody, as a sentence; null when one can. */
  readonly blind: string | null;
}

export interface SightSettings {
  readonly blindAfter: Millis;
}

export type SightEffect =
  | { readonly kind: "area_blind"; readonly reason: string }
  /** Seconds from the first to the last moment nobody could have been seen. */
  | { readonly kind: "area_watched"; readonly blindS: number };

interface Stepped<S extends SightState> {
  readonly state: S;
  readonly effects: readonly SightEffect[];
}
type State<K extends SightState["kind"]> = Extract<SightState, { readonly kind: K }>;
type StepOf<From extends SightState["kind"]> = Stepped<State<Reachable<typeof SIGHT_MACHINE, From>>>;

export const WATCHED: State<"watched"> = { kind: "watched" };

export function stepSight(
  state: SightState,
  input: SightInput,
  settings: SightSettings,
): Stepped<SightState> {
  switch (state.kind) {
    case "watched":
      return stepWatched(input, settings);
    case "failing":
      return stepFailing(state, input, settings);
    case "blind":
      return stepBlind(state, input);
    case "returning":
      return stepReturning(state, input);
    default:
      return assertNever(state);
  }
}

function stepWatched({ at, blind }: SightInput, { blindAfter }: SightSettings): StepOf<"watched"> {
  if (blind === null) return { state: WATCHED, effects: [] };
  if (blindAfter > 0) return { state: { kind: "failing", since: at }, effects: [] };
  return { state: { kind: "blind", since: at }, effects: [{ kind: "area_blind", reason: blind }] };
}

function stepFailing(
  state: State<"failing">,
  { at, blind }: SightInput,
  { blindAfter }: SightSettings,
): StepOf<"failing"> {
  if (blind === null) return { state: WATCHED, effects: [] };
  const since = notAfter(at, state.since);
  if (at - since < blindAfter) return { state: { kind: "failing", since }, effects: [] };
  return { state: { kind: "blind", since }, effects: [{ kind: "area_blind", reason: blind }] };
}

function stepBlind(state: State<"blind">, { at, blind }: SightInput): StepOf<"blind"> {
  if (blind !== null) return { state, effects: [] };
  return { state: { kind: "returning", since: state.since, backSince: at }, effects: [] };
}

function stepReturning(state: State<"returning">, { at, blind }: SightInput): StepOf<"returning"> {
  if (blind !== null) return { state: { kind: "blind", since: state.since }, effects: [] };
  const backSince = notAfter(at, state.backSince);
  if (at - backSince < BACK_AFTER) return { state: { ...state, backSince }, effects: [] };
  const blindS = Math.max(0, backSince - state.since) / 1000;
  return { state: WATCHED, effects: [{ kind: "area_watched", blindS }] };
}

/** Where the clock was set back, waiting begins anew rather than lasts until the clock has caught up. */
function notAfter(at: Millis, since: Millis): Millis {
  return Math.min(at, since);
}
