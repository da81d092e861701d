import type { Fault } from "./plan.ts";
import type { RoundResult } from "./round.ts";

export interface FaultRow {
  readonly fault: string;
  readonly rounds: number;
  readonly lost: number;
  readonly doubled: number;
  /** Old messages told as new after a restart. */
  readonly oldAsNew: number;
  /** Anything else that was not as it has to be. */
  readonly wrong: number;
  readonly lateCopies: number;
  /** Alarms by a long lie, as no daemon saw the fall. */
  readonly foundLater: number;
  readonly slowestS: number | null;
}

/** One row a fault, and all of them. */
export function rowsOf(results: readonly RoundResult[], faults: readonly Fault[]): readonly FaultRow[] {
  const rows = faults.map((fault) =>
    row(
      fault,
      results.filter(({ plan }) => plan.fault === fault),
    ),
  );
  return [...rows.filter(({ rounds }) => rounds > 0), row("all", results)];
}

function row(fault: string, results: readonly RoundResult[]): FaultRow {
  const having = (...kinds: readonly string[]) =>
    results.filter(({ complaints }) => complaints.some(({ kind }) => kinds.includes(kind))).length;
  const times = results.flatMap(({ deliveryMs }) => deliveryMs ?? []);
  return {
    fault,
    rounds: results.length,
    lost: having("lost"),
    doubled: having("doubled"),
    oldAsNew: having("old as new"),
    wrong: having("late", "order", "state", "answer"),
    lateCopies: results.reduce((sum, { lateCopies }) => sum + lateCopies, 0),
    foundLater: results.filter(({ cause }) => cause === "long_lie").length,
    slowestS: times.length === 0 ? null : Math.round(Math.max(...times) / 10) / 100,
  };
}

export function tableOf(rows: readonly FaultRow[]): string {
  const lines = rows.map(
    ({ fault, rounds, lost, doubled, oldAsNew, wrong, lateCopies, foundLater, slowestS }) =>
      `| ${fault.padEnd(27)} | ${[rounds, lost, doubled, oldAsNew, wrong, lateCopies, foundLater]
        .map((count) => String(count).padStart(6))
        .join(" | ")} | ${(slowestS === null ? "-" : `${slowestS.toFixed(2)} s`).padStart(8)} |`,
  );
  return [
    "| fault                       | rounds |   lost | twice  | old as | wrong  |   late | found  |  slowest |",
    "|                             |        |        | as new | new    |        | copies | lying  | delivery |",
    "|-----------------------------|--------|--------|--------|--------|--------|--------|--------|----------|",
    ...lines,
  ].join("\n");
}
