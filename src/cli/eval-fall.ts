// `haven eval fall`: the pipeline over labelled clips, scored. The clips are watched once for each shift of the sampling;
// everything else is a matter of replaying what was seen.
import { dirname, resolve } from "node:path";
import { activitySettings } from "../app-settings.ts";
import { AppError } from "../core/errors.ts";
import { type ClipVerdict, evaluateFalls, judgeClips } from "../evaluation/fall-evaluation.ts";
import { type Finding, findingsOf } from "../evaluation/fall-findings.ts";
import { formatFallReport } from "../evaluation/fall-report.ts";
import type { ActivitySettings } from "../pipeline/camera-activity.ts";
import { traceClip, traceScale } from "./fall/clip-trace.ts";
import { writeContactSheets } from "./fall/contact-sheets.ts";
import { evalAnswered } from "./fall/eval-answered.ts";
import { type FallFootage, loadFootage, samplingOffsets } from "./fall/fall-footage.ts";
import { furtherAnswers } from "./fall/fall-questions.ts";
import { replayClip } from "./fall/fall-replay.ts";
import { readManifest } from "./fall/manifest-file.ts";
import { readConfig } from "./offline-session.ts";

export interface EvalFallFlags {
  /** Labelled clips. */
  readonly manifest?: string;
  /** Instead of them: the data folder of a household that has answered its alarms. */
  readonly data?: string;
  readonly config?: string;
  readonly json: boolean;
  /** Seconds. */
  readonly holdLast: number;
  /** Folder in which what vision saw is kept and found again. */
  readonly observations?: string;
  readonly samplingOffsets: number;
  readonly leaveOneSetOut: boolean;
  /** All thresholds, or those named. */
  readonly sweep: boolean | string;
  /** Folder for contact sheets. */
  readonly sheets?: string;
  readonly sheetsAll: boolean;
}

export async function evalFall(flags: EvalFallFlags, signal: AbortSignal): Promise<number> {
  const { manifest, data } = flags;
  if (data !== undefined && manifest === undefined) return await evalAnswered({ ...flags, data }, signal);
  if (manifest !== undefined && data === undefined) return await evalManifest(manifest, flags, signal);
  throw new AppError(
    "input.invalid",
    "say what to measure: labelled clips with --manifest FILE, or a household's answered alarms with --data DIR",
  );
}

async function evalManifest(file: string, flags: EvalFallFlags, signal: AbortSignal): Promise<number> {
  const manifest = await readManifest(file);
  const config = await readConfig(flags.config);
  const settings = activitySettings(config);
  const footage = await loadFootage({
    clips: manifest.clips,
    folder: dirname(resolve(file)),
    config,
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
    holdLastS: flags.holdLast,
    offsetsS: samplingOffsets(flags.samplingOffsets, config.inference.fps),
    ...(flags.observations === undefined ? {} : { observations: flags.observations }),
    signal,
  });
  const [unshifted] = footage;
  if (unshifted === undefined) throw new AppError("internal", "no shift of the sampling was asked for");
  const outcomes = unshifted.clips.map((clip) => replayClip(clip, settings));
  const evaluation = evaluateFalls(manifest, outcomes);
  const verdicts = judgeClips(manifest, outcomes);
  const findings = explain(verdicts, unshifted, settings);
  const report = formatFallReport(evaluation, findings);
  if (flags.sheets !== undefined)
    await writeContactSheets({
      dir: flags.sheets,
      all: flags.sheetsAll,
      footage: unshifted,
      verdicts,
      findings,
      settings,
      summary: report,
      signal,
    });
  const more = await furtherAnswers({ ...flags, manifest, footage, settings, signal });
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ ...evaluation, findings, ...more.json })}\n`
      : `${[report, ...more.texts].join("\n\n")}\n`,
  );
  return evaluation.failed.length > 0 ? 2 : 0;
}

/** What went wrong, and why, in the order of the manifest. */
function explain(
  verdicts: readonly ClipVerdict[],
  { clips }: FallFootage,
  settings: ActivitySettings,
): readonly Finding[] {
  const scale = traceScale(settings);
  return verdicts.flatMap((verdict) => {
    const wrong =
      verdict.falls.some(({ alarmAtS }) => alarmAtS === null) ||
      verdict.falseAlarmsS.length + verdict.falseNoticesS.length > 0;
    const footage = wrong ? clips.find(({ clip }) => clip === verdict.clip) : undefined;
    return footage === undefined ? [] : findingsOf(verdict, traceClip(footage, settings), scale);
  });
}
