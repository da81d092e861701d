// One person's fall: watching -> descending -> on the ground -> suspected -> confirmed -> up again. Pure: time is in the
// input, facts come out as effects. Not being seen is no evidence of being up: whoever went down stays down until seen up.
import { assertNever } from "../core/assert-never.ts";
import { defineMachine, type Reachable } from "../core/transitions.ts";
import type { AdlSettings } from "./adl-settings.ts";
import {
  beginDescent,
  continueDescent,
  type Descent,
  dropOf,
  isLanding,
  isUp,
  rollOutOf,
  settle,
  topsOf,
} from "./fall-descent.ts";
import { fallConfidence, groundFrame, isConvincing, signsOf, withGroundFrame } from "./fall-evidence.ts";
import { rulesOf } from "./fall-rules.ts";
import { type FallEffect, type FallInput, type FallState, type Landing, WATCHING } from "./fall-state.ts";

/** Below this share of the speed it had, at most of the falling speed, the descent is over. */
const END_SHARE = 0.5;
/** Somebody who goes on sinking this long after the speed was reached walks towards the camera: falls take .5 to 1.5 s. */
const LONGEST_DESCENT_S = 1.5;
/** The head may come down further for so long after the landing. */
const SETTLING_S = 1;
/** Up again for this long is not the jitter of a pose. Calling off a confirmed fall takes more, and being in bed more still. */
const UP_HOLD_S = 0.5;
const RECOVERED_HOLD_S = 1;
const RESTING_HOLD_S = 5;
/** Down this long, a fall is suspected: enough to tell a landing from a stumble. */
const SUSPECT_AFTER_S = 0.4;
/** What has not convinced this long after it could have was sitting down, or bending for long. */
const GIVE_UP_S = 1;
/** Somebody unseen is waited for this long: suspected, they may have left; fallen, they have not. */
const FORGET_DESCENT_S = 5;
const FORGET_SUSPECT_S = 60;
const FORGET_FALLEN_S = 600;
/** Sums of frame times carry binary dust. */
const DUST_S = 1e-6;

export const FALL_MACHINE = defineMachine({
  name: "fall",
  about: "whether one person has fallen",
  initial: "watching",
  transitions: [
    { from: "watching", to: "descending", when: "head and shoulders come down fast" },
    { from: "watching", to: "grounded", when: "lies beside the bed they were in" },
    { from: "descending", to: "grounded", when: "the descent ends far enough down, or they are lost in it" },
    { from: "descending", to: "watching", when: "it was a nod, a walk towards the camera, or they are gone" },
    { from: "grounded", to: "descending", when: "goes on to fall faster than before" },
    { from: "grounded", to: "watching", when: "is up again, or it was sitting down or bending" },
    {
      from: "grounded",
      to: "suspected",
      when: "looks like a fall for 0.4 s",
      tells: ["fall_suspected"],
    },
    {
      from: "grounded",
      to: "confirmed",
      when: "looks like a fall only after min_ground_duration",
      tells: ["fall_suspected", "fall_confirmed"],
    },
    {
      from: "suspected",
      to: "confirmed",
      when: "is down for min_ground_duration",
      tells: ["fall_confirmed"],
    },
    {
      from: "suspected",
      to: "watching",
      when: "is up again for 0.5 s, or nothing bears it out",
      tells: ["fall_recovered"],
    },
    {
      from: "confirmed",
      to: "watching",
      when: "is up for 1 s, rests in bed for 5 s, or has not been seen for 10 minutes",
      tells: ["fall_recovered"],
    },
  ],
});

type State<K extends FallState["kind"]> = Extract<FallState, { readonly kind: K }>;

export interface FallStep<Next extends FallState = FallState> {
  readonly state: Next;
  readonly effects: readonly FallEffect[];
}

/** What a step out of a state may lead to. */
type StepFrom<K extends FallState["kind"]> = FallStep<State<Reachable<typeof FALL_MACHINE, K>>>;

export function stepFall(state: FallState, input: FallInput, settings: AdlSettings): FallStep {
  switch (state.kind) {
    case "watching":
      return watch(state, input, settings);
    case "descending":
      return descend(state, input, settings);
    case "grounded":
      return stayDown(state, input, settings);
    case "suspected":
      return staySuspected(state, input, settings);
    case "confirmed":
      return stayFallen(state, input, settings);
    default:
      return assertNever(state);
  }
}

function quiet<Next extends FallState>(state: Next): FallStep<Next> {
  return { state, effects: [] };
}

function watch(state: State<"watching">, input: FallInput, settings: AdlSettings): StepFrom<"watching"> {
  const { body, timeS } = input;
  const rules = rulesOf(settings);
  if (body === null) return quiet(state);
  if (input.rolledOut) return quiet(land(rollOutOf(body), input, settings));
  const tops = topsOf(state.tops, body, input.posture, rules);
  const counts = (body.headSpeed ?? 0) >= rules.slowSpeed * settings.fallSpeed;
  const descent = counts ? beginDescent(tops, body) : null;
  if (descent === null) return quiet({ kind: "watching", tops });
  return quiet({ kind: "descending", descent, sinceS: timeS });
}

function descend(
  state: State<"descending">,
  input: FallInput,
  settings: AdlSettings,
): StepFrom<"descending"> {
  const { body, timeS } = input;
  const rules = rulesOf(settings);
  if (body === null) {
    // Lost on the way down: judged by what was seen so far, or by where they are found again.
    const { descent } = state;
    if (isLanding(descent, rules) && descent.peakSpeed >= settings.fallSpeed) {
      return quiet(land(descent, input, settings));
    }
    return quiet(timeS - descent.lastS > FORGET_DESCENT_S ? WATCHING : state);
  }
  const descent = continueDescent(state.descent, body);
  const speed = body.headSpeed ?? 0;
  if (speed < END_SHARE * Math.min(settings.fallSpeed, descent.peakSpeed)) {
    return quiet(isLanding(descent, rules) ? land(descent, input, settings) : WATCHING);
  }
  // It was slow so far, and now is a fall: from here on counts how long that takes.
  const begins = state.descent.peakSpeed < settings.fallSpeed && speed >= settings.fallSpeed;
  const sinceS = begins ? timeS : state.sinceS;
  return quiet(timeS - sinceS > LONGEST_DESCENT_S ? WATCHING : { ...state, descent, sinceS });
}

function land(descent: Descent, input: FallInput, settings: AdlSettings): State<"grounded"> {
  const { timeS, body } = input;
  const landing: Landing = {
    descent,
    groundAtS: timeS,
    landedY: body?.head.y ?? descent.lastY,
    early: [],
    frames: [],
    coveredSinceS: null,
    onFloor: input.onFloor,
    upSinceS: null,
    lastSeenS: timeS,
  };
  return { ...look(landing, input, settings), kind: "grounded", tops: [] };
}

/** The landing with what this frame shows of it. */
function look(state: Landing, input: FallInput, settings: AdlSettings): Landing {
  const { body, timeS } = input;
  const rules = rulesOf(settings);
  if (body === null) {
    if (!input.stillThere) return { ...state, coveredSinceS: null };
    return { ...state, coveredSinceS: state.coveredSinceS ?? timeS, lastSeenS: timeS };
  }
  const settling = timeS - state.groundAtS <= SETTLING_S;
  const descent = settling ? settle(state.descent, body) : state.descent;
  const frame = groundFrame(descent, body, input, rules);
  const up = isUp(descent, body, rules);
  return {
    ...state,
    ...withGroundFrame({ ...state, descent }, frame, settings.minGroundDurationS + DUST_S),
    upSinceS: up ? (state.upSinceS ?? timeS) : null,
    lastSeenS: timeS,
    coveredSinceS: null,
    onFloor: input.onFloor ?? state.onFloor,
  };
}

function stayDown(state: State<"grounded">, input: FallInput, settings: AdlSettings): StepFrom<"grounded"> {
  const { body, timeS } = input;
  const rules = rulesOf(settings);
  const tops = body === null ? state.tops : topsOf(state.tops, body, input.posture, rules);
  const next = { ...state, ...look(state, input, settings), tops };
  const onGroundS = timeS - next.groundAtS;
  if (isUpFor(next, UP_HOLD_S, timeS)) return quiet({ kind: "watching", tops });
  if (isConvincing(next, settings)) {
    const suspected = effect("fall_suspected", next, input, settings);
    if (onGroundS >= settings.minGroundDurationS - DUST_S) {
      const confirmed = effect("fall_confirmed", next, input, settings);
      return { state: { ...landingOf(next), kind: "confirmed" }, effects: [suspected, confirmed] };
    }
    if (onGroundS >= SUSPECT_AFTER_S - DUST_S) {
      return { state: { ...landingOf(next), kind: "suspected" }, effects: [suspected] };
    }
    return quiet(next);
  }
  const speed = body?.headSpeed ?? 0;
  if (body !== null && speed >= settings.fallSpeed && speed > next.descent.peakSpeed) {
    const descent = beginDescent(tops, body);
    if (descent !== null) {
      return quiet({ kind: "descending", descent: { ...descent, inStages: true }, sinceS: timeS });
    }
  }
  return quiet(isSpent(next, input, settings) ? WATCHING : next);
}

/** Without what only a landing that has not convinced yet needs. */
function landingOf({ kind: _kind, tops: _tops, ...landing }: State<"grounded">): Landing {
  return landing;
}

function staySuspected(
  state: State<"suspected">,
  input: FallInput,
  settings: AdlSettings,
): StepFrom<"suspected"> {
  const { timeS } = input;
  const next = { ...state, ...look(state, input, settings) };
  if (isUpFor(next, UP_HOLD_S, timeS)) {
    return { state: WATCHING, effects: [effect("fall_recovered", next, input, settings)] };
  }
  const long = timeS - next.groundAtS >= settings.minGroundDurationS - DUST_S;
  if (long && isConvincing(next, settings)) {
    return {
      state: { ...next, kind: "confirmed" },
      effects: [effect("fall_confirmed", next, input, settings)],
    };
  }
  return quiet(isSpent(next, input, settings) ? WATCHING : next);
}

function stayFallen(
  state: State<"confirmed">,
  input: FallInput,
  settings: AdlSettings,
): StepFrom<"confirmed"> {
  const { body, timeS, resting } = input;
  if (body === null) {
    const lastSeenS = input.stillThere ? timeS : state.lastSeenS;
    return quiet(timeS - lastSeenS > FORGET_FALLEN_S ? WATCHING : { ...state, lastSeenS });
  }
  // Helped into bed, nobody regains their height; and an estimator that mistakes feet for a head lifts nobody.
  const up = isUp(state.descent, body, rulesOf(settings)) && input.posture !== "lying";
  const next = {
    ...state,
    upSinceS: up || resting ? (state.upSinceS ?? timeS) : null,
    lastSeenS: timeS,
  };
  if (isUpFor(next, up ? RECOVERED_HOLD_S : RESTING_HOLD_S, timeS)) {
    return { state: WATCHING, effects: [effect("fall_recovered", next, input, settings)] };
  }
  return quiet(next);
}

function isUpFor({ upSinceS }: Landing, holdS: number, timeS: number): boolean {
  return upSinceS !== null && timeS - upSinceS >= holdS - DUST_S;
}

function isSpent(
  { groundAtS, lastSeenS }: Landing,
  { body, timeS }: FallInput,
  { minGroundDurationS }: AdlSettings,
): boolean {
  if (body === null) return timeS - lastSeenS > FORGET_SUSPECT_S;
  return timeS - groundAtS > minGroundDurationS + GIVE_UP_S;
}

function effect(
  kind: FallEffect["kind"],
  landing: Landing,
  input: FallInput,
  settings: AdlSettings,
): FallEffect {
  const { descent, groundAtS } = landing;
  return {
    kind,
    confidence: fallConfidence(landing, rulesOf(settings)),
    evidence: {
      peakSpeed: descent.peakSpeed,
      drop: dropOf(descent),
      posture: input.posture,
      descentAtS: descent.startS,
      groundAtS,
      onGroundS: input.timeS - groundAtS,
      box: input.box,
      signs: signsOf(landing, settings),
    },
  };
}
