import { textTable } from "./text-table.ts";
import type { TrackingScore } from "./tracking-evaluation.ts";

/** The evaluation as text for people: one table row for each sequence and, where there are several, one for all. */
export function formatTrackingReport(
  sequences: readonly (TrackingScore & { readonly name: string })[],
  combined: TrackingScore,
  framesPerS: number | null,
): string {
  const rows = [
    ["", "people", "MOTA", "IDF1", "switches", "fragments", "FP", "FN", "IDTP", "IDFP", "IDFN"],
    ...sequences.map((sequence) => row(sequence.name, sequence)),
    ...(sequences.length > 1 ? [row("combined", combined)] : []),
  ];
  const speed = framesPerS === null ? [] : ["", `Tracking alone: ${Math.round(framesPerS)} frames a second`];
  return `${[...textTable(rows), ...speed].join("\n")}\n`;
}

function row(name: string, score: TrackingScore): string[] {
  return [
    name,
    String(score.gt),
    percent(score.mota),
    percent(score.idf1),
    String(score.id_switches),
    String(score.fragmentations),
    String(score.fp),
    String(score.fn),
    String(score.idtp),
    String(score.idfp),
    String(score.idfn),
  ];
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(2)} %`;
}
