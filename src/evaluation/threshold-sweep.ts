// What each threshold does by itself: its values one after the other, everything else as it is. A threshold that is physics
// lies on a plateau; one that was fitted sits on a peak.
import { scoreClips } from "./fall-evaluation.ts";
import type { FallClip } from "./fall-manifest.ts";
import { type Judge, judgeAll, NOTHING_CHANGED, type Threshold, withValue } from "./fall-thresholds.ts";
import { samplingSpread } from "./sampling-spread.ts";
import { textTable } from "./text-table.ts";

/** Means over the shifts of the sampling. */
export interface SweepRow {
  readonly value: number;
  readonly in_force: boolean;
  readonly falls: number;
  readonly detected: number;
  readonly noticed: number;
  readonly false_alarms: number;
  readonly false_notices: number;
  readonly delay_median_s: number | null;
}

export interface ThresholdSweep {
  readonly name: string;
  readonly reason: string;
  readonly rows: readonly SweepRow[];
}

export async function sweepThresholds(
  thresholds: readonly Threshold[],
  judge: Judge,
  clips: readonly FallClip[],
): Promise<readonly ThresholdSweep[]> {
  const sweeps: ThresholdSweep[] = [];
  for (const threshold of thresholds) {
    const rows: SweepRow[] = [];
    for (const value of [...threshold.values].sort((a, b) => a - b)) {
      const choice = withValue(NOTHING_CHANGED, threshold, value);
      const scores = (await judgeAll(judge, choice, clips)).map(scoreClips);
      const spread = samplingSpread(scores);
      rows.push({
        value,
        in_force: value === threshold.inForce,
        falls: scores[0]?.falls ?? 0,
        detected: spread.detected.mean,
        noticed: spread.noticed.mean,
        false_alarms: spread.false_alarms.mean,
        false_notices: spread.false_notices.mean,
        delay_median_s: spread.delay_median_s?.mean ?? null,
      });
    }
    sweeps.push({ name: threshold.name, reason: threshold.reason, rows });
  }
  return sweeps;
}

export function formatSweeps(sweeps: readonly ThresholdSweep[]): string {
  return sweeps
    .map(({ name, reason, rows }) =>
      [
        `${name}: ${reason}`,
        ...textTable([
          ["", "detected", "noticed", "false", "notices", "delay s"],
          ...rows.map((row) => [
            `${row.in_force ? "> " : "  "}${row.value}`,
            row.detected.toFixed(1),
            row.noticed.toFixed(1),
            row.false_alarms.toFixed(1),
            row.false_notices.toFixed(1),
            row.delay_median_s === null ? "-" : row.delay_median_s.toFixed(2),
          ]),
        ]),
      ].join("\n"),
    )
    .join("\n\n");
}
