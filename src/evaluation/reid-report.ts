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

/** One visit of a body to a camera's picture. */
export interface VisitReport {
  /** In the ground truth. */
  readonly id: number;
  readonly outcome: string;
  /** Earlier visits it is taken to be by the same person. */
  readonly linked_to: readonly number[];
  /** Whether the person had been there before, and whether all that it is linked to are theirs; null where that is not known. */
  readonly came_back: boolean;
  readonly right: boolean | null;
  /** Cosine to the likest entry, and what it had to reach. */
  readonly score: number | null;
  readonly threshold: number;
}

export interface ReEntryReport {
  readonly visits: readonly VisitReport[];
  readonly came_back: number;
  readonly relinked: number;
  readonly false_links: number;
  /** Whether somebody has said who is who; otherwise nothing can be right or wrong. */
  readonly people_known: boolean;
}

/** The same for people. */
export function formatReEntries({
  visits,
  came_back,
  relinked,
  false_links,
  people_known,
}: ReEntryReport): string {
  const rows = visits.map(({ id, outcome, linked_to, right, score, threshold }) => [
    String(id),
    outcome,
    linked_to.length === 0 ? "-" : linked_to.join(", "),
    right === null ? "" : right ? "right" : "wrong",
    score === null ? "-" : score.toFixed(2),
    threshold.toFixed(2),
  ]);
  const table = textTable([["visit", "outcome", "linked to", "", "likest", "needed"], ...rows]);
  const sum = people_known
    ? `${came_back} came back: ${relinked} linked rightly, ${false_links} falsely`
    : "Who is who was not said (--people): nothing can be right or wrong";
  return `${[...table, "", sum].join("\n")}\n`;
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
