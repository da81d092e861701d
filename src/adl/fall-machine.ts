// One person's fall: watching -> descending -> down (suspected) -> confirmed -> up again. Pure: time is in the input,
// facts come out as effects. Not being seen is no evidence of being up: whoever went down stays down until seen up.
import { assertNever } from "../core/assert-never.ts";
import type { FallEvidence, Posture } from "../domain/activity.ts";
import type { Box } from "../domain/geometry.ts";
import type { AdlSettings } from "./adl-settings.ts";
import {
  beginDescent,
  continueDescent,
  type Descent,
  dropOf,
  fallConfidence,
  type GroundFrame,
  groundFrame,
  isConvincing,
  isLanding,
  isUp,
  rollOutOf,
  settle,
  type Top,
  topsOf,
} from "./fall-evidence.ts";
import type { BodyFeatures } from "./pose-features.ts";

/** Below this share of the falling speed the descent is over. */
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

interface Landing {
  readonly descent: Descent;
  readonly groundAtS: number;
  readonly upSinceS: number | null;
  readonly lastSeenS: number;
}

export type FallState =
  | { readonly kind: "watching"; readonly tops: readonly Top[] }
  | { readonly kind: "descending"; readonly descent: Descent; readonly sinceS: number }
  | (Landing & {
      readonly kind: "down";
      /** Those of the last `minGroundDurationS` in which the person was seen. */
      readonly frames: readonly GroundFrame[];
      readonly suspected: boolean;
    })
  | (Landing & { readonly kind: "confirmed" });

type State<K extends FallState["kind"]> = FallState & { readonly kind: K };

export interface FallInput {
  readonly timeS: number;
  /** Null when the person is not seen in this frame. */
  readonly body: BodyFeatures | null;
  readonly posture: Posture;
  /** Last known, normalised. */
  readonly box: Box;
  /** Rests in a bed or on a sofa: going down there is no fall. */
  readonly resting: boolean;
  /** Was in bed until a moment ago and lies beside it. */
  readonly rolledOut: boolean;
}

export interface FallEffect {
  readonly kind: "fall_suspected" | "fall_confirmed" | "fall_recovered";
  readonly confidence: number;
  readonly evidence: FallEvidence;
}

export interface FallStep {
  readonly state: FallState;
  readonly effects: readonly FallEffect[];
}

export const WATCHING: FallState = { kind: "watching", tops: [] };

export function stepFall(state: FallState, input: FallInput, settings: AdlSettings): FallStep {
  switch (state.kind) {
    case "watching":
      return watch(state, input, settings);
    case "descending":
      return descend(state, input, settings);
    case "down":
      return stayDown(state, input, settings);
    case "confirmed":
      return stayFallen(state, input);
    default:
      return assertNever(state);
  }
}

function quiet(state: FallState): FallStep {
  return { state, effects: [] };
}

function watch(state: State<"watching">, input: FallInput, settings: AdlSettings): FallStep {
  const { body, timeS } = input;
  if (body === null) return quiet(state);
  if (input.rolledOut) return land(rollOutOf(body), input, settings);
  const tops = topsOf(state.tops, body, input.posture);
  const descent = (body.headSpeed ?? 0) >= settings.fallSpeed ? beginDescent(tops, body) : null;
  return quiet(
    descent === null ? { kind: "watching", tops } : { kind: "descending", descent, sinceS: timeS },
  );
}

function descend(state: State<"descending">, input: FallInput, settings: AdlSettings): FallStep {
  const { body, timeS } = input;
  const descent = body === null ? state.descent : continueDescent(state.descent, body);
  if (body === null) {
    // Lost on the way down: judged by what was seen so far, or by where they are found again.
    if (isLanding(descent)) return land(descent, input, settings);
    return quiet(timeS - descent.lastS > FORGET_DESCENT_S ? WATCHING : state);
  }
  if ((body.headSpeed ?? 0) < settings.fallSpeed * END_SHARE) {
    return isLanding(descent) ? land(descent, input, settings) : quiet(WATCHING);
  }
  return quiet(timeS - state.sinceS > LONGEST_DESCENT_S ? WATCHING : { ...state, descent });
}

function land(descent: Descent, input: FallInput, settings: AdlSettings): FallStep {
  const landing = { descent, groundAtS: input.timeS, upSinceS: null, lastSeenS: input.timeS };
  return stayDown({ kind: "down", ...landing, frames: [], suspected: false }, input, settings);
}

function stayDown(state: State<"down">, input: FallInput, settings: AdlSettings): FallStep {
  const { body, timeS } = input;
  const onGroundS = timeS - state.groundAtS;
  const descent = body === null || onGroundS > SETTLING_S ? state.descent : settle(state.descent, body);
  const next = {
    ...state,
    descent,
    frames: addFrame(state.frames, descent, input, settings.minGroundDurationS),
    ...(body !== null && lookForUp(state, isUp(descent, body), timeS)),
  };
  if (next.upSinceS !== null && timeS - next.upSinceS >= UP_HOLD_S - DUST_S) {
    return { state: WATCHING, effects: state.suspected ? [effect("fall_recovered", next, input)] : [] };
  }
  const convincing = isConvincing(descent, next.frames, settings);
  if (convincing && onGroundS >= settings.minGroundDurationS - DUST_S) {
    const { groundAtS, lastSeenS } = next;
    return {
      state: { kind: "confirmed", descent, groundAtS, upSinceS: null, lastSeenS },
      effects: [effect("fall_confirmed", next, input)],
    };
  }
  const spent =
    body === null
      ? timeS - state.lastSeenS > FORGET_SUSPECT_S
      : onGroundS > settings.minGroundDurationS + GIVE_UP_S;
  if (spent) return quiet(WATCHING);
  if (!convincing || state.suspected || onGroundS < SUSPECT_AFTER_S - DUST_S) return quiet(next);
  return { state: { ...next, suspected: true }, effects: [effect("fall_suspected", next, input)] };
}

function stayFallen(state: State<"confirmed">, input: FallInput): FallStep {
  const { body, timeS, resting } = input;
  if (body === null) return quiet(timeS - state.lastSeenS > FORGET_FALLEN_S ? WATCHING : state);
  // Helped into bed, nobody regains their height; and an estimator that mistakes feet for a head lifts nobody.
  const up = isUp(state.descent, body) && input.posture !== "lying";
  const next = { ...state, ...lookForUp(state, up || resting, timeS) };
  const holdS = up ? RECOVERED_HOLD_S : RESTING_HOLD_S;
  if (next.upSinceS !== null && timeS - next.upSinceS >= holdS - DUST_S) {
    return { state: WATCHING, effects: [effect("fall_recovered", next, input)] };
  }
  return quiet(next);
}

function addFrame(
  frames: readonly GroundFrame[],
  descent: Descent,
  input: FallInput,
  windowS: number,
): readonly GroundFrame[] {
  const { body, timeS } = input;
  if (body === null) return frames;
  return [...frames, groundFrame(descent, body, input)].filter(
    (frame) => frame.timeS >= timeS - windowS - DUST_S,
  );
}

function lookForUp(
  { upSinceS }: Landing,
  up: boolean,
  timeS: number,
): Pick<Landing, "upSinceS" | "lastSeenS"> {
  return { upSinceS: up ? (upSinceS ?? timeS) : null, lastSeenS: timeS };
}

function effect(
  kind: FallEffect["kind"],
  { descent, groundAtS, frames = [] }: Landing & { readonly frames?: readonly GroundFrame[] },
  input: FallInput,
): FallEffect {
  return {
    kind,
    confidence: fallConfidence(descent, frames),
    evidence: {
      peakSpeed: descent.peakSpeed,
      drop: dropOf(descent),
      posture: input.posture,
      descentAtS: descent.startS,
      groundAtS,
      onGroundS: input.timeS - groundAtS,
      box: input.box,
    },
  };
}
