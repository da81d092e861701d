// What a body's shape says about its posture, and how that becomes a posture that does not flicker: another one must
// win for half a second, and getting out of lying takes more than getting into it did. Pure.
import type { Posture } from "../domain/activity.ts";
import { boxHeight } from "../domain/geometry.ts";
import { looksLying } from "./lying-shape.ts";
import type { BodyFeatures } from "./pose-features.ts";

/** A new posture must have been seen this long: shorter than sitting down takes, longer than a bad pose lasts. */
const DWELL_S = 0.5;
/** Sums of frame times carry binary dust. */
const DUST_S = 1e-6;
/** Not seen for this long, nothing is known any more; whoever was lying is taken to lie on. */
const FORGET_S = 3;
/** Getting up from lying: the height of the box against that before, and the torso's angle. */
const RISEN_HEIGHT = 0.6;
const RISEN_TORSO = 40;
/** Two levels each: to become so, and to stay so. Degrees. */
const BENDING_TORSO = { enter: 45, stay: 35 };
/** Thighs against the torso: .88 standing; 0 seated, or up to .6 seen from high in front. */
const SITTING_THIGHS = { enter: 0.6, stay: 0.7 };

export interface PostureState {
  readonly posture: Posture;
  /** The posture that would replace it, and since when it has been seen. */
  readonly rival: { readonly posture: Posture; readonly sinceS: number } | null;
  readonly lastSeenS: number | null;
  /** Height of the box before this person lay down, picture heights: what getting up is measured by. Null otherwise. */
  readonly heightBefore: number | null;
}

export const NO_POSTURE: PostureState = {
  posture: "unknown",
  rival: null,
  lastSeenS: null,
  heightBefore: null,
};

/** `body` is null when the person is not seen in this frame. */
export function stepPosture(state: PostureState, body: BodyFeatures | null, timeS: number): PostureState {
  if (body === null) {
    const gone = state.lastSeenS !== null && timeS - state.lastSeenS > FORGET_S;
    return gone && state.posture !== "lying" ? { ...NO_POSTURE, lastSeenS: state.lastSeenS } : state;
  }
  const seen = classify(body, state);
  // A frame that shows nothing usable is no evidence against the posture so far.
  if (seen === "unknown") return { ...state, lastSeenS: timeS };
  if (seen === state.posture) return { ...state, rival: null, lastSeenS: timeS };
  const sinceS = state.rival?.posture === seen ? state.rival.sinceS : timeS;
  // Any posture is better than none, but lying is not said of a first glimpse.
  const wins = timeS - sinceS >= DWELL_S - DUST_S || (state.posture === "unknown" && seen !== "lying");
  if (!wins) return { ...state, rival: { posture: seen, sinceS }, lastSeenS: timeS };
  const heightBefore = seen === "lying" ? body.tallest : null;
  return { posture: seen, rival: null, lastSeenS: timeS, heightBefore };
}

function classify(body: BodyFeatures, { posture, heightBefore }: PostureState): Posture {
  if (heightBefore !== null && posture === "lying") {
    const risen = boxHeight(body.box) > RISEN_HEIGHT * heightBefore && (body.torsoAngle ?? 90) < RISEN_TORSO;
    if (!risen || looksLying(body, heightBefore)) return "lying";
  } else if (looksLying(body, body.tallest)) {
    return "lying";
  }
  if (body.torsoAngle === null) return "unknown";
  const level = (of: Posture, levels: { readonly enter: number; readonly stay: number }) =>
    posture === of ? levels.stay : levels.enter;
  if (body.torsoAngle > level("bending", BENDING_TORSO)) return "bending";
  if (body.thighDrop === null) return "unknown";
  return body.thighDrop < level("sitting", SITTING_THIGHS) ? "sitting" : "standing";
}
