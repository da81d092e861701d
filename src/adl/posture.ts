// What a body's shape says about its posture, and how that becomes a posture that does not flicker: another one must
// win for half a second, and getting out of lying takes more than getting into it did. Pure.
import { defineMachine } from "../core/transitions.ts";
import type { Posture } from "../domain/activity.ts";
import { boxHeight } from "../domain/geometry.ts";
import { isOnAllFours, looksLying, standsTall } from "./lying-shape.ts";
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
/** Thighs under a kneeling body are as upright as under a standing one; seated on the heels they are not, which is sitting. */
const KNEELING_THIGHS = { enter: 0.5, stay: 0.4 };
/**
 * L/s over a second; 1 L/s is about 1.7 m/s. Frail people walk at .4 m/s and more (Studenski 2011: below .6 m/s is the
 * slowest group), which is .24 L/s across the picture; shifting one's weight stays below .1.
 */
const WALKING_SPEED = { enter: 0.22, stay: 0.12 };

const upright = "is upright, and does not move from the spot";
const sits = "the thighs are level";
const bends = "the torso leans more than 45 degrees over standing legs";
const kneels = "the shins lie on the ground under upright thighs";
const crawls = "the torso is level over knees and hands";
const lies = "is flat, wide or low on the ground";
const lost = "has not been seen for 3 s, or shows nothing that tells";

type Known = Exclude<Posture, "unknown">;

const COMES_TO: Readonly<Record<Known, string>> = {
  standing: upright,
  walking: "is upright and moves by 0.22 body lengths a second",
  sitting: sits,
  bending: bends,
  kneeling: kneels,
  on_all_fours: crawls,
  lying: lies,
};

/**
 * Walking begins with standing, whatever was before, and getting up from lying is having the torso up: bending over comes
 * after that. Everything else may follow anything.
 */
function rows<From extends Posture, To extends Known>(from: From, ...tos: readonly To[]) {
  return [
    ...tos.map((to) => ({ from, to, when: COMES_TO[to] })),
    ...(from === "unknown" ? [] : [{ from, to: "unknown" as const, when: lost }]),
  ];
}

export const POSTURE_MACHINE = defineMachine({
  name: "posture",
  about: "what one person's body does, without flickering: each change has to last half a second",
  initial: "unknown",
  transitions: [
    ...rows("unknown", "standing", "sitting", "bending", "kneeling", "on_all_fours", "lying"),
    ...rows("standing", "walking", "sitting", "bending", "kneeling", "on_all_fours", "lying"),
    ...rows("walking", "standing", "sitting", "bending", "kneeling", "on_all_fours", "lying"),
    ...rows("sitting", "standing", "bending", "kneeling", "on_all_fours", "lying"),
    ...rows("bending", "standing", "sitting", "kneeling", "on_all_fours", "lying"),
    ...rows("kneeling", "standing", "sitting", "bending", "on_all_fours", "lying"),
    ...rows("on_all_fours", "standing", "sitting", "bending", "kneeling", "lying"),
    ...rows("lying", "standing", "sitting", "kneeling", "on_all_fours"),
  ],
});

export interface PostureState {
  readonly posture: Posture;
  /** The posture that would replace it, and since when it has been seen. */
  readonly rival: { readonly posture: Posture; readonly sinceS: number } | null;
  readonly lastSeenS: number | null;
  /** Height of the box before this person lay down, picture heights: what getting up is measured by. Null otherwise. */
  readonly heightBefore: number | null;
  /** Height of the box when this person last stood, picture heights; null before they did. */
  readonly standingHeight: number | null;
}

export const NO_POSTURE: PostureState = {
  posture: "unknown",
  rival: null,
  lastSeenS: null,
  heightBefore: null,
  standingHeight: null,
};

export function isUpright(posture: Posture): boolean {
  return posture === "standing" || posture === "walking";
}

/** `body` is null when the person is not seen in this frame. */
export function stepPosture(state: PostureState, body: BodyFeatures | null, timeS: number): PostureState {
  if (body === null) {
    const gone = state.lastSeenS !== null && timeS - state.lastSeenS > FORGET_S;
    if (!gone || state.posture === "lying") return state;
    return { ...NO_POSTURE, lastSeenS: state.lastSeenS, standingHeight: state.standingHeight };
  }
  const seen = classify(body, state);
  const next = { ...state, lastSeenS: timeS };
  // A frame that shows nothing usable is no evidence against the posture so far.
  if (seen === null) return next;
  if (seen === state.posture) {
    const standingHeight = isUpright(seen) ? boxHeight(body.box) : state.standingHeight;
    return { ...next, rival: null, standingHeight };
  }
  const sinceS = state.rival?.posture === seen ? state.rival.sinceS : timeS;
  // Any posture is better than none, but lying is not said of a first glimpse.
  const wins = timeS - sinceS >= DWELL_S - DUST_S || (state.posture === "unknown" && seen !== "lying");
  if (!wins) return { ...next, rival: { posture: seen, sinceS } };
  const heightBefore = seen === "lying" ? body.tallest : null;
  return { ...next, posture: seen, rival: null, heightBefore };
}

/** What this frame shows, with the hysteresis of what was before; null for nothing that tells. */
function classify(
  body: BodyFeatures,
  { posture, heightBefore, standingHeight }: PostureState,
): Posture | null {
  if (isOnAllFours(body)) return "on_all_fours";
  if (heightBefore !== null && posture === "lying") {
    if (!hasRisen(body, heightBefore)) return "lying";
  } else if (looksLying(body, body.tallest)) {
    return "lying";
  }
  if (body.torsoAngle === null) return classifyBox(body, posture, standingHeight ?? heightBefore);
  const level = (of: Posture, levels: { readonly enter: number; readonly stay: number }) =>
    posture === of ? levels.stay : levels.enter;
  if (isKneeling(body, level("kneeling", KNEELING_THIGHS))) return "kneeling";
  if (body.torsoAngle > level("bending", BENDING_TORSO)) return "bending";
  if (body.thighDrop === null) return null;
  if (body.thighDrop < level("sitting", SITTING_THIGHS)) return "sitting";
  return walksOrStands(body, posture);
}

function walksOrStands(body: BodyFeatures, posture: Posture): "standing" | "walking" {
  if (!isUpright(posture)) return "standing";
  const level = posture === "walking" ? WALKING_SPEED.stay : WALKING_SPEED.enter;
  return (body.travelSpeed ?? 0) >= level ? "walking" : "standing";
}

function isKneeling(body: BodyFeatures, thighs: number): boolean {
  const { kneesDown, thighDrop, torsoAngle } = body;
  return kneesDown === true && (thighDrop ?? 0) >= thighs && (torsoAngle ?? 90) <= BENDING_TORSO.enter;
}

function hasRisen(body: BodyFeatures, heightBefore: number): boolean {
  // Without a torso to go by, a body as tall and narrow as nobody lies.
  if (body.torsoAngle === null) return standsTall(body, heightBefore);
  const high = boxHeight(body.box) > RISEN_HEIGHT * heightBefore && body.torsoAngle < RISEN_TORSO;
  return high && !looksLying(body, heightBefore);
}

/** A body without a pose tells little: whether it is as tall as when it stood. */
function classifyBox(body: BodyFeatures, posture: Posture, tall: number | null): Posture | null {
  if (tall !== null && standsTall(body, tall)) return walksOrStands(body, posture);
  // It lay, and has risen to something.
  return posture === "lying" ? "unknown" : null;
}
