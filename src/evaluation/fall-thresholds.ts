// Chooses thresholds by what they make of labelled clips, and says what each does by itself. Pure but for the trying, which
// whoever calls brings along: replaying poses takes seconds, so every trial is remembered.
import type { ClipVerdict } from "./fall-evaluation.ts";
import type { FallClip } from "./fall-manifest.ts";

/** A number that decides a fall, with values around it. The value in force is among them. */
export interface Threshold {
  readonly name: string;
  readonly values: readonly number[];
  /** Why it is what it is: physics, literature, or a plateau. */
  readonly reason: string;
  readonly inForce: number;
}

/** Values other than those in force, by the threshold's name. */
export type Choice = ReadonlyMap<string, number>;

export const NOTHING_CHANGED: Choice = new Map();

/** The verdicts on one clip under a choice, one for each shift of the sampling. */
export type Judge = (choice: Choice, clip: FallClip) => Promise<readonly ClipVerdict[]>;

/** Compared from the first number on: the lower is the better. */
export type Cost = readonly number[];

/** More false alarms than this in one round through the clips, and no threshold is good. */
const FALSE_ALARMS_BORNE = 1;

interface Wrongs {
  readonly missed: number;
  readonly unnoticed: number;
  readonly falseAlarms: number;
}

const NOTHING_WRONG: Wrongs = { missed: 0, unnoticed: 0, falseAlarms: 0 };

function withClip(wrongs: Wrongs, verdicts: readonly ClipVerdict[]): Wrongs {
  return verdicts.reduce(
    (sum, { falls, falseAlarmsS }) => ({
      missed: sum.missed + falls.filter(({ alarmAtS }) => alarmAtS === null).length,
      unnoticed: sum.unnoticed + falls.filter(({ noticeAtS }) => noticeAtS === null).length,
      falseAlarms: sum.falseAlarms + falseAlarmsS.length,
    }),
    wrongs,
  );
}

/**
 * What is wrong with an outcome, worst first: false alarms beyond the one that is borne; falls missed and false alarms
 * together; falls that went unnoticed. Means over the shifts of the sampling. False notices are no part of it: a question
 * too many must not make the alarm less sensitive where the clips cannot tell two values apart.
 */
function costOf({ missed, unnoticed, falseAlarms }: Wrongs, shifts: number): Cost {
  return [
    Math.max(0, falseAlarms / shifts - FALSE_ALARMS_BORNE),
    (missed + falseAlarms) / shifts,
    unnoticed / shifts,
  ];
}

/** Means of counts carry binary dust. */
const DUST = 1e-9;

export function isBetter(a: Cost, b: Cost): boolean {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (Math.abs(value - other) > DUST) return value < other;
  }
  return false;
}

/** Each threshold is gone through so often at most: by then nothing changes any more. */
const ROUNDS = 3;

/**
 * Coordinate descent from the values in force: one threshold after the other is set to the first of its values that is
 * strictly better than what was, until a round changes nothing. On a plateau nothing moves.
 *
 * No cost falls as clips are added, so a value is given up with the first clip by which it cannot be better any more; the
 * clips that go wrong as it is come first. The choice is the same as if every clip had been replayed.
 */
export async function chooseThresholds(
  thresholds: readonly Threshold[],
  judge: Judge,
  clips: readonly FallClip[],
): Promise<Choice> {
  let order = clips;
  let choice = NOTHING_CHANGED;
  let best: Cost | null = null;
  const attempt = async (tried: Choice) => {
    let wrongs = NOTHING_WRONG;
    let cost: Cost = [];
    const wrong = new Set<FallClip>();
    for (const clip of order) {
      const verdicts = await judge(tried, clip);
      const next = withClip(wrongs, verdicts);
      cost = costOf(next, Math.max(1, verdicts.length));
      if (best !== null && !isBetter(cost, best)) return;
      if (Object.values(next).join() !== Object.values(wrongs).join()) wrong.add(clip);
      wrongs = next;
    }
    choice = tried;
    best = cost;
    order = [...clips.filter((clip) => wrong.has(clip)), ...clips.filter((clip) => !wrong.has(clip))];
  };
  await attempt(NOTHING_CHANGED);
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = choice;
    for (const threshold of thresholds) {
      for (const value of threshold.values) {
        const tried = withValue(choice, threshold, value);
        if (keyOf(tried) !== keyOf(choice)) await attempt(tried);
      }
    }
    if (choice === before) break;
  }
  return choice;
}

/** All clips under one choice, one list for each shift. */
export async function judgeAll(
  judge: Judge,
  choice: Choice,
  clips: readonly FallClip[],
): Promise<readonly (readonly ClipVerdict[])[]> {
  const verdicts: (readonly ClipVerdict[])[] = [];
  for (const clip of clips) verdicts.push(await judge(choice, clip));
  const shifts = verdicts[0]?.length ?? 0;
  return Array.from({ length: shifts }, (_, shift) => verdicts.flatMap((one) => one[shift] ?? []));
}

/** The choice with one more value; the value in force is no choice, so that equal choices have equal keys. */
export function withValue(choice: Choice, { name, inForce }: Threshold, value: number): Choice {
  const others = [...choice].filter(([other]) => other !== name);
  const next: readonly (readonly [string, number])[] =
    value === inForce ? others : [...others, [name, value]];
  return new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function keyOf(choice: Choice): string {
  return JSON.stringify([...choice]);
}

/** Replays each clip once under each choice. */
export function remembered(judge: Judge): Judge {
  const known = new Map<string, ReturnType<Judge>>();
  return (choice, clip) => {
    const key = `${keyOf(choice)} ${clip.file}`;
    const found = known.get(key) ?? judge(choice, clip);
    known.set(key, found);
    return found;
  };
}
