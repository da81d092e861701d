// The order in which cameras are opened after a death of the vision process: first those that nobody suspects; when they
// play, half of the suspects, then half of the rest, until the last is tried alone. A second death then tells whose it
// was, and n suspects are all back after log2(n) + 1 trials. Pure; the supervisor runs it.
import type { Millis } from "../core/clock.ts";

export interface CarefulStart {
  /** Opened with the others, and not heard of yet. */
  readonly unsettled: readonly string[];
  /** Not opened yet, in the order of their turn. */
  readonly waiting: readonly string[];
  /** Opened last: a death now is theirs. */
  readonly trial: readonly string[];
  /** Of the trial, those that are still to show that they play or cannot be reached. */
  readonly unproven: readonly string[];
  /** Whether any of the trial plays. */
  readonly playing: boolean;
  /** When the next step is taken whatever was heard; null until vision is ready. */
  readonly until: Millis | null;
}

export type CarefulInput = { readonly at: Millis } & (
  | { readonly kind: "ready" }
  /** A camera said for the first time that it plays, or that it cannot. */
  | { readonly kind: "heard"; readonly cameraId: string; readonly playing: boolean }
  /** This one is to be tried too. */
  | { readonly kind: "admit"; readonly cameraId: string }
  /** Only these are wanted any more. */
  | { readonly kind: "keep"; readonly cameraIds: ReadonlySet<string> }
  | { readonly kind: "time" }
);

export interface CarefulStep {
  readonly state: CarefulStart;
  /** Have been tried and did no harm. */
  readonly cleared: readonly string[];
}

/** Connecting gives up after 8 s; the first picture comes with the next keyframe. */
const HEARD_LIMIT: Millis = 12_000;
/** A stream that kills its decoder does so with one of its first pictures; some seconds of playing prove it. */
const PROOF: Millis = 3_000;

/** Nobody is waited for, and nobody waits. */
export function isOver({ unsettled, waiting, trial }: CarefulStart): boolean {
  return unsettled.length === 0 && waiting.length === 0 && trial.length === 0;
}

/** `last`: to be opened after the others, by their turn. */
export function beginCarefully(cameras: readonly string[], last: readonly string[]): CarefulStart {
  const waiting = last.filter((id) => cameras.includes(id));
  const unsettled = cameras.filter((id) => !waiting.includes(id));
  return { unsettled, waiting, trial: [], unproven: [], playing: false, until: null };
}

export function stepCarefully(state: CarefulStart, input: CarefulInput): CarefulStep {
  switch (input.kind) {
    case "ready":
      return advance({ ...state, until: input.at + HEARD_LIMIT }, input.at);
    case "heard":
      return advance(hear(state, input), input.at);
    case "admit":
      if (state.waiting.includes(input.cameraId) || state.trial.includes(input.cameraId)) {
        return { state, cleared: [] };
      }
      return advance({ ...state, waiting: [...state.waiting, input.cameraId] }, input.at);
    case "keep": {
      const keep = (ids: readonly string[]) => ids.filter((id) => input.cameraIds.has(id));
      const { unsettled, waiting, trial, unproven } = state;
      const kept = { unsettled: keep(unsettled), waiting: keep(waiting), trial: keep(trial) };
      return advance({ ...state, ...kept, unproven: keep(unproven) }, input.at);
    }
    case "time":
      return advance(state, input.at);
  }
}

function hear(state: CarefulStart, input: Extract<CarefulInput, { kind: "heard" }>): CarefulStart {
  const { at, cameraId } = input;
  const without = (ids: readonly string[]) => ids.filter((id) => id !== cameraId);
  if (!state.unproven.includes(cameraId)) return { ...state, unsettled: without(state.unsettled) };
  const unproven = without(state.unproven);
  const playing = state.playing || input.playing;
  if (unproven.length > 0) return { ...state, unproven, playing };
  // Those that cannot be reached prove nothing, and are tried again and again later: nobody waits for them.
  return { ...state, unproven, playing, until: playing ? at + PROOF : at };
}

function advance(state: CarefulStart, at: Millis): CarefulStep {
  if (state.until === null) return { state, cleared: [] };
  const late = at >= state.until;
  if (state.trial.length > 0) {
    if (!late) return { state, cleared: [] };
    return { state: turn(state, at), cleared: state.trial };
  }
  if (state.unsettled.length > 0 && !late) return { state, cleared: [] };
  return { state: turn(state, at), cleared: [] };
}

function turn(state: CarefulStart, at: Millis): CarefulStart {
  const trial = state.waiting.slice(0, Math.ceil(state.waiting.length / 2));
  const waiting = state.waiting.slice(trial.length);
  return { unsettled: [], waiting, trial, unproven: trial, playing: false, until: at + HEARD_LIMIT };
}
