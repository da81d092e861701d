// Scores fall alarms against labelled clips: what was detected, what was missed, what was a false alarm, and how long
// it took. Pure: the pipeline that makes the events runs elsewhere. An alarm is a fall_confirmed. The lower-grade notice
// on_floor detects nothing, but a fall that got one at least did not go unnoticed.
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
  /** Falls that were confirmed, or that somebody on the floor was asked after for. */
  readonly noticed: number;
  readonly noticed_share: number | null;
  readonly false_alarms: number;
  /** on_floor where nobody had fallen. */
  readonly false_notices: number;
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
  readonly unnoticed: readonly string[];
  readonly false_notices_in: readonly string[];
}

export interface FallEvaluation extends FallScore {
  /** Clips that could not be analysed: their falls count as missed. */
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
  readonly sets: Readonly<Record<string, FallScore>>;
  readonly scenes: Readonly<Record<string, FallScore>>;
}

/** What became of one labelled fall: media time of its first alarm and its first notice of either grade. */
export interface FallVerdict {
  readonly label: FallLabel;
  readonly alarmAtS: number | null;
  readonly noticeAtS: number | null;
}

/** What became of one clip. */
export interface ClipVerdict {
  readonly clip: FallClip;
  readonly falls: readonly FallVerdict[];
  /** Media times of alarms and of notices that no fall explains. */
  readonly falseAlarmsS: readonly number[];
  readonly falseNoticesS: readonly number[];
  readonly onFloor: number;
  readonly longLie: number;
  readonly lying: LyingTime;
}

const NOT_MEASURED: LyingTime = { lyingS: 0, seenS: 0 };

/**
 * Rule of scoring: an alarm from 1 s before a fall's `start_s` to the end of the clip + 5 s detects it; any other
 * alarm, and any alarm in a clip without a fall, is false. `start_s` null: any alarm in the clip detects it. `ignore`
 * clips count nowhere. Where a clip holds several falls, an alarm answers the latest one whose time has come. Notices of
 * somebody on the floor are held to the same times.
 */
export function evaluateFalls(manifest: FallManifest, outcomes: readonly ClipOutcome[]): FallEvaluation {
  const byFile = new Map(outcomes.map((outcome) => [outcome.file, outcome]));
  const failed = manifest.clips.flatMap((clip) => {
    const outcome = byFile.get(clip.file);
    const reason = outcome === undefined ? "was not analysed" : outcome.error;
    return clip.ignore || reason === undefined ? [] : [{ file: clip.file, reason }];
  });
  const verdicts = judgeClips(manifest, outcomes);
  return {
    ...scoreClips(verdicts),
    failed,
    sets: totalsBy(verdicts, (clip) => clip.set),
    scenes: totalsBy(verdicts, (clip) => clip.scene),
  };
}

/** By the rule of scoring, every clip that counts; one without an outcome had no alarm. */
export function judgeClips(manifest: FallManifest, outcomes: readonly ClipOutcome[]): readonly ClipVerdict[] {
  const byFile = new Map(outcomes.map((outcome) => [outcome.file, outcome]));
  return manifest.clips
    .filter((clip) => !clip.ignore)
    .map((clip) => judge(clip, byFile.get(clip.file) ?? { file: clip.file, events: [] }));
}

function judge(clip: FallClip, outcome: ClipOutcome): ClipVerdict {
  const events = outcome.error === undefined ? outcome.events : [];
  const alarms = answer(clip, timesOf(events, "fall_confirmed"));
  const notices = answer(clip, timesOf(events, "on_floor"));
  return {
    clip,
    falls: clip.falls.map((label): FallVerdict => {
      const alarmAtS = alarms.first.get(label) ?? null;
      const noticeAtS = notices.first.get(label) ?? null;
      return {
        label,
        alarmAtS,
        noticeAtS:
          alarmAtS === null || noticeAtS === null ? (alarmAtS ?? noticeAtS) : Math.min(alarmAtS, noticeAtS),
      };
    }),
    falseAlarmsS: alarms.unexplained,
    falseNoticesS: notices.unexplained,
    onFloor: timesOf(events, "on_floor").length,
    longLie: timesOf(events, "long_lie").length,
    lying: outcome.error === undefined ? (outcome.lying ?? NOT_MEASURED) : NOT_MEASURED,
  };
}

/** Which falls of the clip something said at these times answers, the first time for each, and what none explains. */
function answer(
  clip: FallClip,
  timesS: readonly number[],
): { readonly first: ReadonlyMap<FallLabel, number>; readonly unexplained: readonly number[] } {
  const first = new Map<FallLabel, number>();
  const unexplained: number[] = [];
  for (const atS of timesS) {
    const answered =
      atS > clip.durationS + AFTER_END_S
        ? undefined
        : clip.falls.findLast((fall) => fall.startS === null || atS >= fall.startS - EARLY_S);
    if (answered === undefined) unexplained.push(atS);
    else if (!first.has(answered)) first.set(answered, atS);
  }
  return { first, unexplained };
}

function timesOf(events: readonly TimedEvent[], kind: string): number[] {
  return events
    .filter((event) => event.kind === kind)
    .map((event) => event.mediaTimeS)
    .sort((a, b) => a - b);
}

function totalsBy(
  verdicts: readonly ClipVerdict[],
  key: (clip: FallClip) => string,
): Record<string, FallScore> {
  const names = [...new Set(verdicts.map(({ clip }) => key(clip)))].sort();
  return Object.fromEntries(
    names.map((name) => [name, scoreClips(verdicts.filter(({ clip }) => key(clip) === name))]),
  );
}

/** The counts of some clips together. */
export function scoreClips(verdicts: readonly ClipVerdict[]): FallScore {
  const falls = sum(verdicts, (verdict) => verdict.falls.length);
  const missed = sum(verdicts, (verdict) => verdict.falls.filter(isMissed).length);
  const unnoticed = sum(verdicts, (verdict) => verdict.falls.filter(isUnnoticed).length);
  const falseAlarms = sum(verdicts, (verdict) => verdict.falseAlarmsS.length);
  const hours = sum(verdicts, (verdict) => verdict.clip.durationS) / 3600;
  const lyingS = sum(verdicts, (verdict) => verdict.lying.lyingS);
  const delays = verdicts.flatMap((verdict) => verdict.falls.flatMap(delayOf)).sort((a, b) => a - b);
  const files = (some: readonly ClipVerdict[]) => some.map(({ clip }) => clip.file);
  return {
    clips: verdicts.length,
    falls,
    detected: falls - missed,
    sensitivity: falls === 0 ? null : (falls - missed) / falls,
    noticed: falls - unnoticed,
    noticed_share: falls === 0 ? null : (falls - unnoticed) / falls,
    false_alarms: falseAlarms,
    false_notices: sum(verdicts, (verdict) => verdict.falseNoticesS.length),
    false_alarms_per_hour: hours === 0 ? null : falseAlarms / hours,
    delay_median_s: percentile(delays, 0.5),
    delay_p95_s: percentile(delays, 0.95),
    on_floor_notices: sum(verdicts, (verdict) => verdict.onFloor),
    long_lie_notices: sum(verdicts, (verdict) => verdict.longLie),
    lying_seen_share: lyingS === 0 ? null : sum(verdicts, (verdict) => verdict.lying.seenS) / lyingS,
    missed: files(verdicts.flatMap((verdict) => verdict.falls.filter(isMissed).map(() => verdict))),
    false_in: files(verdicts.filter((verdict) => verdict.falseAlarmsS.length > 0)),
    unnoticed: files(verdicts.flatMap((verdict) => verdict.falls.filter(isUnnoticed).map(() => verdict))),
    false_notices_in: files(verdicts.filter((verdict) => verdict.falseNoticesS.length > 0)),
  };
}

function isMissed({ alarmAtS }: FallVerdict): boolean {
  return alarmAtS === null;
}

function isUnnoticed({ noticeAtS }: FallVerdict): boolean {
  return noticeAtS === null;
}

function delayOf({ label, alarmAtS }: FallVerdict): readonly number[] {
  return alarmAtS === null || label.groundS === null ? [] : [alarmAtS - label.groundS];
}

function sum(verdicts: readonly ClipVerdict[], of: (verdict: ClipVerdict) => number): number {
  return verdicts.reduce((all, verdict) => all + of(verdict), 0);
}

/** Nearest rank; rounded to the millisecond, so that answers do not carry binary dust. */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}
