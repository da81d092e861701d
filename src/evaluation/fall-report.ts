// The evaluation as text for people.
import type { FallEvaluation, FallScore } from "./fall-evaluation.ts";
import type { Finding, FindingKind } from "./fall-findings.ts";
import { textTable } from "./text-table.ts";

const TITLES: Readonly<Record<FindingKind, string>> = {
  missed: "Missed",
  false_alarm: "False alarms",
  false_notice: "False notices",
};

/** One table row for all, each set and each scene, then every miss and false alarm by file, with its reason. */
export function formatFallReport(evaluation: FallEvaluation, findings: readonly Finding[] = []): string {
  return [
    ...fallTable([
      ["all", evaluation],
      ...Object.entries(evaluation.sets).map(([name, score]) => [`set ${name}`, score] as const),
      ...Object.entries(evaluation.scenes).map(([name, score]) => [`scene ${name}`, score] as const),
    ]),
    "",
    list("missed", evaluation.missed, findings),
    list("false_alarm", evaluation.false_in, findings),
    list("false_notice", evaluation.false_notices_in, findings),
    ...evaluation.failed.map(({ file, reason }) => `Not analysed: ${file}: ${reason}`),
  ].join("\n");
}

/** Scores as lines of a table, under the names of its columns. */
export function fallTable(rows: readonly (readonly [string, FallScore])[]): readonly string[] {
  return textTable([
    [
      "",
      "clips",
      "falls",
      "detected",
      "share",
      "noticed",
      "false",
      "per hour",
      "notices",
      "delay s",
      "p95 s",
      "lying seen",
    ],
    ...rows.map(([name, score]) => row(name, score)),
  ]);
}

function row(name: string, score: FallScore): string[] {
  return [
    name,
    String(score.clips),
    String(score.falls),
    String(score.detected),
    percent(score.sensitivity),
    percent(score.noticed_share),
    String(score.false_alarms),
    decimals(score.false_alarms_per_hour, 1),
    String(score.false_notices),
    decimals(score.delay_median_s, 2),
    decimals(score.delay_p95_s, 2),
    percent(score.lying_seen_share),
  ];
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)} %`;
}

function decimals(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits);
}

function list(kind: FindingKind, files: readonly string[], findings: readonly Finding[]): string {
  if (files.length === 0) return `${TITLES[kind]}: none`;
  const explained = findings.filter((finding) => finding.kind === kind);
  if (explained.length === 0) return `${TITLES[kind]}: ${files.join(", ")}`;
  return [
    `${TITLES[kind]}:`,
    ...explained.map((finding) => `  ${finding.file}${when(finding)}: ${finding.reason}`),
  ].join("\n");
}

function when({ at_s }: Finding): string {
  return at_s === null ? "" : ` at ${at_s.toFixed(1)} s`;
}
