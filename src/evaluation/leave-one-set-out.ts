// What the rules are worth where they were not tuned: every threshold is chosen on all sets but one, and measured on that
// one. A rule that was fitted to a room shows here; one that is physics does not notice.
import { type ClipVerdict, type FallScore, scoreClips } from "./fall-evaluation.ts";
import type { FallClip } from "./fall-manifest.ts";
import { fallTable } from "./fall-report.ts";
import { type Choice, chooseThresholds, type Judge, judgeAll, type Threshold } from "./fall-thresholds.ts";
import { type SamplingSpread, samplingSpread, spreadLines } from "./sampling-spread.ts";

export interface LeftOutSet {
  readonly set: string;
  /** What the other sets chose to change; nothing where the values in force stood. */
  readonly chosen: Readonly<Record<string, number>>;
  /** Of the set itself, without a shift of the sampling. */
  readonly score: FallScore;
}

export interface LeaveOneSetOut {
  readonly sets: readonly LeftOutSet[];
  /** All sets together, each with the thresholds that were chosen without it. */
  readonly union: FallScore;
  /** Of the union, over the shifts of the sampling. */
  readonly spread: SamplingSpread;
}

/** @param clips those that count */
export async function leaveOneSetOut(
  thresholds: readonly Threshold[],
  judge: Judge,
  clips: readonly FallClip[],
): Promise<LeaveOneSetOut> {
  const folds: Fold[] = [];
  for (const set of [...new Set(clips.map((clip) => clip.set))].sort()) {
    const others = clips.filter((clip) => clip.set !== set);
    const chosen = await chooseThresholds(thresholds, judge, others);
    const own = clips.filter((clip) => clip.set === set);
    folds.push({ set, chosen, verdicts: await judgeAll(judge, chosen, own) });
  }
  const shifts = folds[0]?.verdicts ?? [];
  const unions = shifts.map((_, shift) => scoreClips(folds.flatMap(({ verdicts }) => verdicts[shift] ?? [])));
  return {
    sets: folds.map(({ set, chosen, verdicts }) => ({
      set,
      chosen: Object.fromEntries(chosen),
      score: scoreClips(verdicts[0] ?? []),
    })),
    union: unions[0] ?? scoreClips([]),
    spread: samplingSpread(unions),
  };
}

interface Fold {
  readonly set: string;
  readonly chosen: Choice;
  /** One list for each shift. */
  readonly verdicts: readonly (readonly ClipVerdict[])[];
}

export function formatLeaveOneSetOut({ sets, union, spread }: LeaveOneSetOut): string {
  return [
    "Every threshold chosen without the set it is measured on:",
    ...fallTable([
      ...sets.map(({ set, score }) => [`without ${set}`, score] as const),
      ["all of them", union],
    ]),
    ...sets.map(({ set, chosen }) => `Chosen without ${set}: ${words(chosen)}`),
    `Missed: ${union.missed.length === 0 ? "none" : union.missed.join(", ")}`,
    `False alarms: ${union.false_in.length === 0 ? "none" : union.false_in.join(", ")}`,
    ...(spread.offsets > 1 ? spreadLines(spread) : []),
  ].join("\n");
}

function words(chosen: Readonly<Record<string, number>>): string {
  const pairs = Object.entries(chosen).map(([name, value]) => `${name} ${value}`);
  return pairs.length === 0 ? "nothing changed" : pairs.join(", ");
}
