// The further questions `eval fall` can be asked of the same footage: how much the sampling matters, what the rules are
// worth on a set they were not tuned on, and what each threshold does by itself.
import { SWEEPABLE } from "../../adl/sweepable.ts";
import { AppError } from "../../core/errors.ts";
import { scoreClips } from "../../evaluation/fall-evaluation.ts";
import type { FallManifest } from "../../evaluation/fall-manifest.ts";
import { judgeAll, NOTHING_CHANGED, remembered, type Threshold } from "../../evaluation/fall-thresholds.ts";
import { formatLeaveOneSetOut, leaveOneSetOut } from "../../evaluation/leave-one-set-out.ts";
import { samplingSpread, spreadLines } from "../../evaluation/sampling-spread.ts";
import { formatSweeps, sweepThresholds } from "../../evaluation/threshold-sweep.ts";
import type { ActivitySettings } from "../../pipeline/camera-activity.ts";
import { createProgressBar } from "../progress-bar.ts";
import type { FallFootage } from "./fall-footage.ts";
import { judgeOf, thresholdsOf } from "./fall-replay.ts";

export interface FallQuestions {
  readonly manifest: FallManifest;
  /** One for each shift of the sampling. */
  readonly footage: readonly FallFootage[];
  readonly settings: ActivitySettings;
  readonly leaveOneSetOut: boolean;
  /** All thresholds, none, or those named, separated by commas. */
  readonly sweep: boolean | string;
  readonly signal: AbortSignal;
}

export interface FurtherAnswers {
  /** Keys of the JSON answer. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly texts: readonly string[];
}

/** Of the clips, that a value is tried on before it is given up: most are no better on the first few. */
const USUAL_SHARE = 0.15;

export async function furtherAnswers(questions: FallQuestions): Promise<FurtherAnswers> {
  const { manifest, footage, settings, signal } = questions;
  const clips = manifest.clips.filter(({ ignore }) => !ignore);
  const thresholds = thresholdsOf(SWEEPABLE, settings);
  const swept = sweptOf(thresholds, questions.sweep);
  const sets = new Set(clips.map(({ set }) => set)).size;
  const rounds =
    1 + (questions.leaveOneSetOut ? 2 * sets * USUAL_SHARE * values(thresholds) : 0) + values(swept);
  using bar = createProgressBar("replays");
  let count = 0;
  const replayed = () => {
    count += 1;
    bar.update(Math.min(0.99, count / (rounds * clips.length)), `${count} clips replayed`);
  };
  const judge = remembered(judgeOf(footage, settings, { signal, replayed }));
  const json: Record<string, unknown> = {};
  const texts: string[] = [];
  if (footage.length > 1) {
    const spread = samplingSpread((await judgeAll(judge, NOTHING_CHANGED, clips)).map(scoreClips));
    json.sampling = spread;
    texts.push(spreadLines(spread).join("\n"));
  }
  if (questions.leaveOneSetOut) {
    const chosen = thresholds.filter(({ name }) => !FIXED.includes(name));
    const result = await leaveOneSetOut(chosen, judge, clips);
    json.leave_one_set_out = result;
    texts.push(formatLeaveOneSetOut(result));
  }
  if (swept.length > 0) {
    const sweeps = await sweepThresholds(swept, judge, clips);
    json.sweep = sweeps;
    texts.push(formatSweeps(sweeps));
  }
  return { json, texts };
}

/** A household's patience, not physics: shorter finds more and says it sooner, whatever the clips. */
const FIXED: readonly string[] = ["minGroundDurationS"];

function values(thresholds: readonly Threshold[]): number {
  return thresholds.reduce((sum, threshold) => sum + threshold.values.length, 0);
}

/** Throws AppError input.invalid for a name that there is not. */
function sweptOf(thresholds: readonly Threshold[], wanted: FallQuestions["sweep"]): readonly Threshold[] {
  if (wanted === false) return [];
  if (wanted === true) return thresholds;
  const names = wanted.split(",");
  const unknown = names.filter((name) => !thresholds.some((threshold) => threshold.name === name));
  if (unknown.length > 0)
    throw new AppError(
      "input.invalid",
      `there is no threshold ${unknown.join(", ")} to sweep; there are ${thresholds.map(({ name }) => name).join(", ")}`,
    );
  return thresholds.filter(({ name }) => names.includes(name));
}
