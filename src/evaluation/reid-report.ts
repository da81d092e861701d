import type { PairScore, ReidCounts, ReidScore } from "./reid-evaluation.ts";
import { textTable } from "./text-table.ts";

export interface HouseholdShares {
  readonly visits_before: number;
  readonly residents: Readonly<Record<"relinked" | "wrong" | "new" | "unknown", number>>;
  readonly strangers: Readonly<Record<"taken_for_somebody" | "new" | "unknown", number>>;
}

export interface ReidReport extends ReidCounts {
  readonly model: string;
  /** People of one gallery, and crops of one mean. */
  readonly gallery: number;
  readonly mean_of: number;
  /** By whose statistics the descriptors are made comparable: of the people not measured, as a house learns them, as shipped. */
  readonly statistics: Readonly<Record<"others" | "lived" | "shipped", ReidScore>>;
  readonly households: readonly HouseholdShares[];
}

/** The evaluation as text for people. */
export function formatReidReport(report: ReidReport): string {
  const { others, lived, shipped } = report.statistics;
  const header = ["", "rank-1", "mAP", "AUC", "TAR@1%", "TAR@.1%", "one threshold: @1%", "@.1%"];
  const rows = (name: string, { rank1, map, single, mean }: ReidScore) => [
    [`${name}: single crops`, percent(rank1), percent(map), ...pairCells(single)],
    [`${name}: means of ${report.mean_of}`, percent(mean.rank1), "-", ...pairCells(mean)],
  ];
  const table = textTable([
    header,
    ...rows("others' statistics", others),
    ...rows("as a house learns them", lived),
    ...rows("as shipped", shipped),
  ]);
  const lines = [
    `${report.people} people, ${report.cameras} cameras, ${report.crops} crops; galleries of ${report.gallery}; ${report.model}`,
    "",
    ...table,
    ...report.households.flatMap(householdLines),
  ];
  return `${lines.join("\n")}\n`;
}

function pairCells(score: PairScore): string[] {
  return [
    score.auc.toFixed(3),
    percent(score.tar_at_far_1pct),
    percent(score.tar_at_far_01pct),
    percent(score.tar_one_threshold_1pct),
    percent(score.tar_one_threshold_01pct),
  ];
}

function householdLines({ visits_before, residents, strangers }: HouseholdShares): string[] {
  return [
    "",
    `Households of five, by clothes alone, each resident seen ${visits_before} times before by each camera:`,
    `  residents in another camera: re-linked ${percent(residents.relinked)}, taken for another ${percent(residents.wrong)}, taken for new ${percent(residents.new)}, unknown ${percent(residents.unknown)}`,
    `  strangers: taken for somebody ${percent(strangers.taken_for_somebody)}, new ${percent(strangers.new)}, unknown ${percent(strangers.unknown)}`,
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
