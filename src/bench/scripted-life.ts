// Who does what when before a camera that is only acted: people come in, walk about, some fall, lie, get up and leave. Told
// in the machine's own monotonic time, so that every process of a trial is at the same moment of the same story. Pure.
import { FALL_TAKES_S, type Figure, figureOf, leanOfFall } from "./falling-figure.ts";
import { randomNumbers } from "./random-numbers.ts";

/** Milliseconds of the machine's monotonic clock (see `machineTime`); null is never. */
export interface ScriptedLife {
  readonly entersAt: number;
  readonly fallsAt: number | null;
  readonly risesAt: number | null;
  readonly leavesAt: number | null;
}

/** What a camera's source names: a file with this as JSON, read again whenever it has changed. */
export interface ScriptedScene {
  readonly lives: readonly ScriptedLife[];
}

/** From losing balance to lying, milliseconds. */
export const FALL_TAKES = FALL_TAKES_S * 1000;
/** Getting up unaided takes healthy adults some two seconds. */
const RISE_TAKES = 2_000;
/** Strolling indoors: picture heights and steps per second. */
const WALK_SPEED = 0.3;
const STEPS_PER_S = 1.8;
/** The feet stay between these, picture heights: whoever falls to either side stays in the picture. */
const WALK_FROM = 0.6;
const WALK_WIDTH = 0.6;
/** Keypoints are found with an error of about half a percent of the picture's height. */
const JITTER = 0.005;

/** Milliseconds on a clock that all processes of this machine share (CLOCK_MONOTONIC); starts anew only when it boots. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The person at a moment; null while they are not in the picture. `seed` makes the noise. */
export function figureAt(life: ScriptedLife, at: number, seed: number): Figure | null {
  const { entersAt, fallsAt, risesAt, leavesAt } = life;
  if (at < entersAt || (leavesAt !== null && at >= leavesAt)) return null;
  const random = randomNumbers(Math.round(at) * 31 + seed);
  // The first numbers of neighbouring seeds are neighbours.
  for (let skipped = 0; skipped < 3; skipped += 1) random();
  const jitter = () => JITTER * (2 * random() - 1);
  const fallen = fallsAt !== null && at >= fallsAt;
  const walkedS = ((fallen ? fallsAt : at) - entersAt) / 1000;
  const feetX = strolledTo(walkedS);
  if (!fallen) return figureOf({ feetX, lean: 0, gait: Math.PI * STEPS_PER_S * walkedS }, jitter);
  // Towards the middle of the picture.
  const side = feetX > WALK_FROM + WALK_WIDTH / 2 ? -1 : 1;
  const fall = leanOfFall((at - fallsAt) / 1000);
  const rise = risesAt === null ? 0 : Math.min(1, Math.max(0, (at - risesAt) / RISE_TAKES));
  // Under control: slow at both ends.
  const lean = (fall * (1 + Math.cos(Math.PI * rise))) / 2;
  return figureOf({ feetX, lean: side * lean, gait: null }, jitter);
}

/** To and fro. */
function strolledTo(seconds: number): number {
  const way = (seconds * WALK_SPEED) % (2 * WALK_WIDTH);
  return WALK_FROM + (way < WALK_WIDTH ? way : 2 * WALK_WIDTH - way);
}
