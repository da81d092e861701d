// Scores fall alarms against labelled clips: what was detected, what was missed, what was a false alarm, and how long
// it took. Pure: the pipeline that makes the events runs elsewhere. An alarm is a fall_confirmed; the lower-grade
// notices on_floor and long_lie are counted beside it and decide nothing.
import type { FallClip, FallLabel, FallManifest } from "./fall-manifest.ts";
import type { LyingTime } from "./lying-watch.ts";

/** An alarm this long before the labelled start still counts: labels and "leaves balance" are not sharper. */
const EARLY_S = 1;
/** The last frame is held this long after the end of a clip that stops too early, and alarms then still count. */
const AFTER_END_S = 5;

export interface TimedEvent {
  readonly kind: string;
  readonly mediaTimeS: number;
}

/** What the pipeline made of one clip. `error` says why it could not be analysed; its events then count for nothing. */
export interface ClipOutcome {
  readonly file: string;
  readonly events: readonly TimedEvent[];
  /** Left out: not measured. */
  readonly lying?: LyingTime;
  readonly error?: string;
}

/** Counts of some clips, in the names of the JSON answer. Shares are 0..1, times are seconds; null where nothing can be counted. */
export interface FallScore {
  readonly clips: number;
  readonly falls: number;
  readonly detected: number;
  readonly sensitivity: number | null;
  readonly false_alarms: number;
  /** Per hour of counted footage, held frames not included. */
  readonly false_alarms_per_hour: number | null;
  /** From the labelled `ground_s` to the first alarm; nearest-rank percentiles. */
  readonly delay_median_s: number | null;
  readonly delay_p95_s: number | null;
  readonly on_floor_notices: number;
  readonly long_lie_notices: number;
  /** Of the time in which people are labelled to lie on the ground after a fall: for how much a track was on them. */
  readonly lying_seen_share: number | null;
  /** Files, once per missed fall or false alarm's clip. */
  readonly missed: readonly string[];
  readonly false_in: readonly string[];
}

export interface FallEvaluation extends FallScore {
  /** Clips that could not be analysed: their falls count as missed. */
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
  readonly sets: Readonly<Record<string, FallScore>>;
  readonly scenes: Readonly<Record<string, FallScore>>;
}

interface ClipScore {
  readonly clip: FallClip;
  readonly detected: number;
  readonly falseAlarms: number;
  readonly delaysS: readonly number[];
  readonly onFloor: number;
  readonly longLie: number;
  readonly lying: LyingTime;
}

const NOT_MEASURED: LyingTime = { lyingS: 0, seenS: 0 };

/**
 * Rule of scoring: an alarm from 1 s before a fall's `start_s` to the end of the clip + 5 s detects it; any other
 * alarm, and any alarm in a clip without a fall, is false. `start_s` null: any alarm in the clip detects it. `ignore`
 * clips count nowhere. Where a clip holds several falls, an alarm answers the latest one whose time has come.
 */
export function evaluateFalls(manifest: FallManifest, outcomes: readonly ClipOutcome[]): FallEvaluation {
  const byFile = new Map(outcomes.map((outcome) => [outcome.file, outcome]));
  const counted = manifest.clips.filter((clip) => !clip.ignore);
  const scores = counted.map((clip) => scoreClip(clip, byFile.get(clip.file)));
  const failed = counted.flatMap((clip) => {
    const outcome = byFile.get(clip.file);
    const reason = outcome === undefined ? "was not analysed" : outcome.error;
    return reason === undefined ? [] : [{ file: clip.file, reason }];
  });
  return {
    ...total(scores),
    failed,
    sets: totalsBy(scores, (clip) => clip.set),
    scenes: totalsBy(scores, (clip) => clip.scene),
  };
}

function scoreClip(clip: FallClip, outcome: ClipOutcome | undefined): ClipScore {
  const events = outcome === undefined || outcome.error !== undefined ? [] : outcome.events;
  const alarms = timesOf(events, "fall_confirmed").filter((atS) => atS <= clip.durationS + AFTER_END_S);
  const first = new Map<FallLabel, number>();
  let falseAlarms = timesOf(events, "fall_confirmed").length - alarms.length;
  for (const atS of alarms) {
    const answered = clip.falls.findLast((fall) => fall.startS === null || atS >= fall.startS - EARLY_S);
    if (answered === undefined) falseAlarms += 1;
    else if (!first.has(answered)) first.set(answered, atS);
  }
  const delaysS = [...first].flatMap(([fall, atS]) => (fall.groundS === null ? [] : [atS - fall.groundS]));
  return {
    clip,
    detected: first.size,
    falseAlarms,
    delaysS,
    onFloor: timesOf(events, "on_floor").length,
    longLie: timesOf(events, "long_lie").length,
    lying: outcome?.error === undefined ? (outcome?.lying ?? NOT_MEASURED) : NOT_MEASURED,
  };
}

function timesOf(events: readonly TimedEvent[], kind: string): number[] {
  return events
    .filter((event) => event.kind === kind)
    .map((event) => event.mediaTimeS)
    .sort((a, b) => a - b);
}

function totalsBy(scores: readonly ClipScore[], key: (clip: FallClip) => string): Record<string, FallScore> {
  const names = [...new Set(scores.map((score) => key(score.clip)))].sort();
  return Object.fromEntries(
    names.map((name) => [name, total(scores.filter((score) => key(score.clip) === name))]),
  );
}

function total(scores: readonly ClipScore[]): FallScore {
  const falls = sum(scores, (score) => score.clip.falls.length);
  const detected = sum(scores, (score) => score.detected);
  const falseAlarms = sum(scores, (score) => score.falseAlarms);
  const hours = sum(scores, (score) => score.clip.durationS) / 3600;
  const lyingS = sum(scores, (score) => score.lying.lyingS);
  const delays = scores.flatMap((score) => score.delaysS).sort((a, b) => a - b);
  return {
    clips: scores.length,
    falls,
    detected,
    sensitivity: falls === 0 ? null : detected / falls,
    false_alarms: falseAlarms,
    false_alarms_per_hour: hours === 0 ? null : falseAlarms / hours,
    delay_median_s: percentile(delays, 0.5),
    delay_p95_s: percentile(delays, 0.95),
    on_floor_notices: sum(scores, (score) => score.onFloor),
    long_lie_notices: sum(scores, (score) => score.longLie),
    lying_seen_share: lyingS === 0 ? null : sum(scores, (score) => score.lying.seenS) / lyingS,
    missed: scores.flatMap((score) =>
      Array<string>(score.clip.falls.length - score.detected).fill(score.clip.file),
    ),
    false_in: scores.filter((score) => score.falseAlarms > 0).map((score) => score.clip.file),
  };
}

function sum(scores: readonly ClipScore[], of: (score: ClipScore) => number): number {
  return scores.reduce((all, score) => all + of(score), 0);
}

/** Nearest rank; rounded to the millisecond, so that answers do not carry binary dust. */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}
