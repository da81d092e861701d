import type { FallEvaluation, FallScore } from "./fall-evaluation.ts";
import { textTable } from "./text-table.ts";

/** The evaluation as text for people: one table row for all, each set and each scene, then every miss by file. */
export function formatFallReport(evaluation: FallEvaluation): string {
  const rows = [
    [
      "",
      "clips",
      "falls",
      "detected",
      "share",
      "false",
      "per hour",
      "delay s",
      "p95 s",
      "on floor",
      "long lie",
      "lying seen",
    ],
    row("all", evaluation),
    ...Object.entries(evaluation.sets).map(([name, score]) => row(`set ${name}`, score)),
    ...Object.entries(evaluation.scenes).map(([name, score]) => row(`scene ${name}`, score)),
  ];
  return [
    ...textTable(rows),
    "",
    list("Missed", evaluation.missed),
    list("False alarms in", evaluation.false_in),
    ...evaluation.failed.map(({ file, reason }) => `Not analysed: ${file}: ${reason}`),
  ].join("\n");
}

function row(name: string, score: FallScore): string[] {
  return [
    name,
    String(score.clips),
    String(score.falls),
    String(score.detected),
    percent(score.sensitivity),
    String(score.false_alarms),
    decimals(score.false_alarms_per_hour, 1),
    decimals(score.delay_median_s, 2),
    decimals(score.delay_p95_s, 2),
    String(score.on_floor_notices),
    String(score.long_lie_notices),
    percent(score.lying_seen_share),
  ];
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)} %`;
}

function decimals(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits);
}

function list(title: string, files: readonly string[]): string {
  return `${title}: ${files.length === 0 ? "none" : files.join(", ")}`;
}
