import { boxHeight } from "../domain/geometry.ts";
import { CUT_OFF } from "./body-shape.ts";
import type { BodyFeatures } from "./pose-features.ts";

// Measured over 2,007 frames of people lying on the floor and 11,839 of people doing anything else, in six rooms:
// `looksLying` holds for 87 % of the first and .8 % of the second, most of these on the way down to the floor;
// `looksFallen` for 92 and 1.8 %. Torso, box or keypoint spread alone find no more and alarm five times as often: on
// stooping, and on lounging in a chair with the legs stretched out, which is why a wide body must also be a flat one.

/** Degrees from the vertical. A torso lies at 66 (median); bent or lounging it stays below 50, 95 % of the time below 40. */
const FLAT_TORSO = 50;
const FLAT_AXIS = 60;
/** Width over height, of the box and of the keypoints; at .95 as much across as upright. */
const WIDE = 0.95;
/** So wide that no seated body is: lounging reaches 1.3. */
const VERY_WIDE = 1.55;
/** Height over the height before. Seated bodies keep .55 to .75. */
const LOW = 0.5;
const VERY_LOW = 0.42;
/** Shoulders this little above the hips and hips this little above the feet, body lengths: flat along the line of sight. */
const LEVEL_TORSO = 0.12;
const LEVEL_LEGS = 0.25;
/** Legs under a body, hips above feet; and a torso that no longer rises from it (.7 of the legs when upright). */
const UPRIGHT_LEGS = 0.3;
const UPRIGHT_LEG_ANGLE = 30;
/** Upright, the torso rises by .7 of the legs, and 90 % of those who do not lie are narrower than .66 of their height. */
const UPRIGHT_RISE = 0.5;
const UPRIGHT_WIDTH = 0.6;
const BENT_TORSO = 45;
const BENT_RISE = 0.35;
/** After a fast descent less is asked. */
const FALLEN_LOW = 0.5;
const FALLEN_WIDE = 1;
const FALLEN_TORSO = 55;
const FALLEN_HEIGHT = 0.65;
/** Shoulders hardly above the hips: six in seven of those who lie, 3 % of others. */
const FALLEN_RISE = 0.12;

/**
 * Whether somebody stands bent over, on upright legs: 86 % of those who bend, 2 % of those who lie. Lying along the line of
 * sight, legs seem to stand as well, but then the torso rises above the hips in proportion.
 */
export function isBentOnFeet(body: BodyFeatures): boolean {
  const { legDrop, legAngle, torsoRise, torsoAngle } = body;
  if (legDrop === null || legAngle === null || torsoRise === null || torsoAngle === null) return false;
  if (legDrop < UPRIGHT_LEGS || legAngle > UPRIGHT_LEG_ANGLE) return false;
  return torsoAngle > BENT_TORSO || torsoRise < BENT_RISE * legDrop;
}

/** Flat torso over thighs and arms that stand under it, L: .26 and .3 by their length, half of it seen from above. */
const LEVEL_BACK = 55;
const STANDING_THIGH = 0.14;
const STANDING_ARM = 0.14;
/** Shins on the ground: no higher than this against the thighs. */
const LYING_SHIN = 0.5;

/**
 * Whether somebody is on hands and knees: the back is level, thighs and arms stand under it and the shins do not. Who lies
 * has hips and shoulders on the ground; who bends over stands on shins as long as their thighs.
 */
export function isOnAllFours(body: BodyFeatures): boolean {
  const { torsoAngle, thighRise, shinRise, armRise, handsDown } = body;
  if (torsoAngle === null || thighRise === null || armRise === null || handsDown !== true) return false;
  if (torsoAngle < LEVEL_BACK || thighRise < STANDING_THIGH || armRise < STANDING_ARM) return false;
  return shinRise === null || shinRise < LYING_SHIN * thighRise;
}

/**
 * Seated on the floor, against the height standing: half as high in all, where a chair leaves .74; and hips that are no
 * higher above the feet than a thigh is thick, where a chair is .25.
 */
const SEATED_HEIGHT = 0.6;
const SEATED_LEGS = 0.15;

/**
 * Whether somebody sits on the ground. The feet have to be seen: behind a table everybody seems to end at the hips. Seen
 * from high in front, legs stretched towards the camera hide it.
 */
export function sitsOnGround(body: BodyFeatures, standingHeight: number): boolean {
  const { box, legDrop, shinRise, bodyLength } = body;
  if (legDrop === null || shinRise === null || box.y2 >= CUT_OFF) return false;
  const low = boxHeight(box) < SEATED_HEIGHT * standingHeight;
  return low && legDrop * bodyLength < SEATED_LEGS * standingHeight;
}

/** As tall as when standing, or nearly, and as narrow: standing is .3 to .45, lying is never below .6 at that height. */
const TALL = 0.75;
const NARROW = 0.55;

/** Whether a box is that of somebody upright, where there is no pose to go by. */
export function standsTall(body: BodyFeatures, standingHeight: number): boolean {
  return boxHeight(body.box) > TALL * standingHeight && body.widthOverHeight < NARROW;
}

/** Whether a body lies at full length across the picture: nobody who sits, kneels or crawls is so wide. */
export function isStretchedOut(body: BodyFeatures): boolean {
  return body.widthOverHeight > VERY_WIDE;
}

/**
 * Whether one frame shows a body lying, as far as its shape tells. `heightBefore` is the height of its box while it was
 * up, in picture heights.
 */
export function looksLying(body: BodyFeatures, heightBefore: number): boolean {
  if (isBentOnFeet(body) || isOnAllFours(body)) return false;
  const flat = (body.torsoAngle ?? 0) > FLAT_TORSO || (body.axisAngle ?? 0) > FLAT_AXIS;
  const spread = body.spread ?? 0;
  // Cut off by the lower edge of the picture, anybody near the camera is short.
  const height = body.box.y2 < CUT_OFF ? boxHeight(body.box) / heightBefore : 1;
  if (flat && (body.widthOverHeight > WIDE || spread > WIDE || height < LOW)) return true;
  if (body.widthOverHeight > VERY_WIDE || spread > VERY_WIDE || height < VERY_LOW) return true;
  return (body.torsoRise ?? 1) < LEVEL_TORSO && (body.legDrop ?? 1) < LEVEL_LEGS;
}

/**
 * The looser question, for somebody who has just come down fast: whether they are as low, as wide or as flat as on the
 * ground. A lounging body is as wide but keeps three quarters of its height; one bent double keeps its legs upright.
 */
export function looksFallen(body: BodyFeatures, heightBefore: number): boolean {
  if (isBentOnFeet(body)) return false;
  if (looksLying(body, heightBefore)) return true;
  const cutOff = body.box.y2 >= CUT_OFF;
  const height = boxHeight(body.box) / heightBefore;
  if ((!cutOff && height < FALLEN_LOW) || (body.torsoRise ?? 1) < FALLEN_RISE) return true;
  const wide =
    body.widthOverHeight > FALLEN_WIDE ||
    (body.spread ?? 0) > FALLEN_WIDE ||
    (body.torsoAngle ?? 0) > FALLEN_TORSO;
  return wide && (cutOff || height < FALLEN_HEIGHT);
}

/** Whether a body stands upright on its legs, whatever its height was before: narrow, torso and legs in one line. */
export function looksUpright(body: BodyFeatures): boolean {
  const { legDrop, legAngle, torsoRise, torsoAngle, widthOverHeight } = body;
  if (legDrop === null || legAngle === null || torsoRise === null || torsoAngle === null) return false;
  const straight = torsoAngle < UPRIGHT_LEG_ANGLE && legAngle < UPRIGHT_LEG_ANGLE;
  return straight && torsoRise > UPRIGHT_RISE * legDrop && widthOverHeight < UPRIGHT_WIDTH;
}
