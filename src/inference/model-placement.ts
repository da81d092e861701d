// Decides what a model runs on: what was asked for, if it works here and gives the CPU's results; with `auto` the first
// candidate that does and is faster.
import type { Clock, Millis } from "../core/clock.ts";
import type { ExecutionProvider, GpuProvider, ProviderChoice } from "./execution-provider.ts";
import { type ProviderReport, probeProviders } from "./provider-probe.ts";

export interface Placement {
  readonly provider: ExecutionProvider;
  /** Why it is not on graphics although it could have been; null when it is, or when nobody asked for that. */
  readonly reason: string | null;
}

export interface PlacementRequest {
  readonly modelPath: string;
  /** What to look at, best first. */
  readonly candidates: readonly GpuProvider[];
  readonly choice: ProviderChoice;
  readonly clock: Clock;
}

/**
 * A driver that hangs is given up on after this. Two candidates that both hang must not use up the minute after which the
 * vision process counts as one that does not start.
 */
const PROBE_LIMIT: Millis = 20_000;

/** Tries the candidates in a process of its own. A machine without any costs a quarter of a second (measured). */
export async function placeModel(request: PlacementRequest): Promise<Placement> {
  const { modelPath, candidates, choice, clock } = request;
  if (choice === "cpu" || candidates.length === 0) return { provider: "cpu", reason: null };
  const reports = await probeProviders({ modelPath, providers: candidates, timeLimit: PROBE_LIMIT, clock });
  return placementBy(reports, choice);
}

/** `reports` on the candidates, best first. */
export function placementBy(reports: readonly ProviderReport[], choice: ProviderChoice): Placement {
  const reasons: string[] = [];
  for (const report of reports) {
    const objection = objectionTo(report, choice);
    if (objection === null) return { provider: report.provider, reason: null };
    reasons.push(`${report.provider}: ${objection}`);
  }
  return { provider: "cpu", reason: reasons.length === 0 ? null : reasons.join("; ") };
}

function objectionTo(report: ProviderReport, choice: ProviderChoice): string | null {
  const { works, reason, msPerRun, cpuMsPerRun } = report;
  if (!works) return reason ?? "It does not work here";
  if (choice !== "auto" || msPerRun === null || cpuMsPerRun === null || msPerRun < cpuMsPerRun) return null;
  return `It is slower than the processor (${msPerRun.toFixed(0)} against ${cpuMsPerRun.toFixed(0)} ms a run)`;
}
