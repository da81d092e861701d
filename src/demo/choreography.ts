// What the dancer does when: he comes in from the side, dances, falls, lies still, gets up after all and walks out again,
// so that the clip can start over.
import { smooth } from "./canvas.ts";

export const DURATION_S = 29;

/** When he is first in the picture, stands in the room, falls, begins to get up, stands again, walks out and is gone. */
const ENTERS_S = 1;
const ARRIVES_S = 5;
export const FALLS_S = 8.2;
export const RISES_S = 18.6;
const STANDS_S = 21.2;
const LEAVES_S = 22.4;
const GONE_S = 26.4;

/**
 * His body's length in the room, pixels: 68 % of the picture's height, a man some 3 m from the camera. Large enough, with the
 * way he lies below, for MoveNet MultiPose at 256 pixels to see him lying too.
 */
export const BODY_LENGTH = 262;

/** Pictures of the source clip per second: .7 of its own speed, which makes a wild dance a lively one. */
const DANCE_RATE = 24.5;
const WALK_RATE = 15;
/** Both arms away from his body, one knee bent: how he falls. */
const FALLING_PICTURE = 16;

export interface Stance {
  /** Picture of the source clip, 0..19. */
  readonly picture: number;
  /** Where his feet stand, pixels. */
  readonly x: number;
  readonly y: number;
  /** Radians from upright, clockwise; he falls to the left. */
  readonly lean: number;
  /** Of his outline, up and down in the picture: a little less when it lies on the floor, and it breathes there. */
  readonly breadth: number;
}

/** null while the room is empty. Time in seconds from the start of the clip. */
export function stanceAt(time: number): Stance | null {
  if (time < ENTERS_S || time >= GONE_S) return null;
  const way = (time - ENTERS_S) / (ARRIVES_S - ENTERS_S);
  // He slows down only at the end of his way.
  const arrived = way >= 1 ? 1 : way < 0.7 ? way / 0.85 : 1 - (1 - way) ** 2 / 0.51;
  // Nobody jumps up after a fall: he takes his time.
  const lean = leanAt(time - FALLS_S) * (1 - smooth((time - RISES_S) / (STANDS_S - RISES_S)));
  const left = Math.max(0, time - LEAVES_S) / (GONE_S - LEAVES_S);
  const swing =
    time < FALLS_S ? 5 * Math.sin((time - ENTERS_S) * 2.1) : 5 * Math.sin((FALLS_S - ENTERS_S) * 2.1);
  return {
    picture: pictureAt(time),
    x: -80 + 480 * (arrived - left) + swing,
    // Lying, his feet are one behind the other: the nearer one must not leave the picture.
    y: 344 - 16 * smooth((lean - 0.4) / 0.8),
    lean: -lean,
    breadth: 1 - 0.05 * smooth((lean - 0.9) / 0.6) + 0.004 * Math.sin(Math.max(0, time - FALLS_S - 2) * 1.6),
  };
}

function pictureAt(time: number): number {
  const walked = (Math.min(time, ARRIVES_S) - ENTERS_S) * WALK_RATE;
  const danced = Math.max(0, Math.min(time, FALLS_S) - ARRIVES_S) * DANCE_RATE;
  const atFall = walked + danced;
  if (time < FALLS_S) return Math.floor(atFall) % 20;
  if (time > LEAVES_S) return (FALLING_PICTURE + Math.floor((time - LEAVES_S) * WALK_RATE)) % 20;
  // The movement he is in runs out into the picture he falls in.
  const untilThen = (((FALLING_PICTURE - Math.floor(atFall)) % 20) + 20) % 20;
  const moved = Math.min(untilThen, Math.floor((time - FALLS_S) * DANCE_RATE));
  return (Math.floor(atFall) + moved) % 20;
}

const GRAVITY = 9.81;
const HEIGHT_M = 1.75;
/** What tips him over: radians and radians per second. */
const START = { lean: 0.02, speed: 0.8 };
const LYING = 1.45;

/**
 * The lean of a rigid rod that tips over its foot under gravity, a'' = 3 g / (2 L) sin a (textbook physical pendulum), stepped
 * at 1 ms; it hits the floor, and bounces once, a little. The head comes down faster the longer it falls, as real heads do.
 */
export function leanAt(sinceFall: number): number {
  let lean = 0;
  let speed = 0;
  for (let time = 0; time < sinceFall && time < 3; time += 0.001) {
    if (time === 0) [lean, speed] = [START.lean, START.speed];
    speed += ((3 * GRAVITY) / (2 * HEIGHT_M)) * Math.sin(lean) * 0.001;
    lean += speed * 0.001;
    if (lean > LYING) {
      lean = LYING;
      speed = speed > 0.5 ? -0.12 * speed : 0;
    }
  }
  return lean;
}
