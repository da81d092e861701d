// What `haven bench alarm` says, for people and as data.
import type { HeardAlarms } from "./alarm-client.ts";
import type { AlarmTrace } from "./alarm-stages.ts";
import { type BenchReport, rounded } from "./bench-report.ts";

export interface AlarmRun {
  readonly broker: string;
  readonly cameras: number;
  /** Falls that were acted. */
  readonly wanted: number;
  /** Share of all cores' time that somebody used, this benchmark included: where it nears 1, the times are those of waiting. */
  readonly busy: number;
  readonly traces: readonly AlarmTrace[];
  readonly heard: HeardAlarms;
  /** What cannot be done without, alone: the disk securing a page, the broker carrying a message. Milliseconds each. */
  readonly bare: { readonly syncMs: readonly number[]; readonly mqttMs: readonly number[] };
}

interface Quantiles {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

type Stage = readonly [label: string, wire: string, of: (trace: AlarmTrace, heardAt: number) => number];

const STAGES: readonly Stage[] = [
  ["from the vision process to the daemon", "ipc", (trace) => trace.arrivedAt - trace.frameAt],
  ["fall machine", "adl", (trace) => trace.decidedAt - trace.arrivedAt],
  ["event, alarm, messages to the disk", "commit", (trace) => trace.recordedAt - trace.decidedAt],
  ["until it is the outbox's turn", "outbox_wait", (trace) => trace.takenAt - trace.recordedAt],
  ["noting to the disk that it is sent", "outbox_note", (trace) => trace.sentAt - trace.takenAt],
  ["through the broker to the client", "mqtt", (trace, heardAt) => heardAt - trace.sentAt],
];

export function alarmReport(runs: readonly AlarmRun[]): BenchReport {
  const measured = runs.map(measuredOf);
  const [first] = measured;
  return {
    lines: measured.flatMap(linesOf),
    figures: { runs: measured.map(figuresOf) },
    ratio: first === undefined ? null : rounded(first.confirmed.median / first.bareMs, 2),
  };
}

interface Measured {
  readonly run: AlarmRun;
  readonly heardFalls: number;
  readonly confirmed: Quantiles;
  readonly raised: Quantiles;
  readonly latched: Quantiles;
  readonly stages: readonly (readonly [Stage, Quantiles])[];
  /** Two secured pages and one message. */
  readonly bareMs: number;
}

function measuredOf(run: AlarmRun): Measured {
  const { traces, heard, bare } = run;
  const since = (times: ReadonlyMap<string, number>) =>
    quantilesOf(
      traces.flatMap(({ eventId, frameAt }) => {
        const at = times.get(eventId);
        return at === undefined ? [] : [at - frameAt];
      }),
    );
  return {
    run,
    heardFalls: heard.confirmed.size,
    confirmed: since(heard.confirmed),
    raised: since(heard.raised),
    latched: since(heard.latched),
    stages: STAGES.map((stage) => {
      const times = traces.flatMap((trace) => {
        const heardAt = heard.confirmed.get(trace.eventId);
        return heardAt === undefined ? [] : [stage[2](trace, heardAt)];
      });
      return [stage, quantilesOf(times)] as const;
    }),
    bareMs: 2 * quantilesOf(bare.syncMs).median + quantilesOf(bare.mqttMs).median,
  };
}

function linesOf({ run, heardFalls, confirmed, raised, latched, stages, bareMs }: Measured): string[] {
  const { wanted, cameras, broker, heard } = run;
  return [
    `${cameras} cameras at 10 observations/s with people, ${broker}: ${heardFalls} of ${wanted} falls heard, ${heard.doubled} doubled, ${heard.late} late copies`,
    "  milliseconds from the frame that confirms to the MQTT client (median, 99 %, most)",
    ...(
      [
        ["fall_confirmed", confirmed],
        ["alarm_raised", raised],
        ["the camera's fall sensor is on", latched],
      ] as const
    ).map(([label, times]) => `  ${label.padEnd(38)} ${columns(times)}`),
    "  of it, for fall_confirmed",
    ...stages.map(([[label], times]) => `    ${label.padEnd(36)} ${columns(times)}`),
    `  the disk securing two pages and the broker carrying one message, alone: ${bareMs.toFixed(1)} ms; the machine was ${Math.round(100 * run.busy)} % busy`,
    "",
  ];
}

function figuresOf({ run, heardFalls, confirmed, raised, latched, stages, bareMs }: Measured) {
  return {
    broker: run.broker,
    cameras: run.cameras,
    falls: run.wanted,
    heard: heardFalls,
    doubled: run.heard.doubled,
    late: run.heard.late,
    machine_busy: rounded(run.busy, 2),
    confirmed_ms: wireOf(confirmed),
    raised_ms: wireOf(raised),
    latched_ms: wireOf(latched),
    stages_ms: Object.fromEntries(stages.map(([[, wire], times]) => [wire, wireOf(times)])),
    bare_ms: rounded(bareMs, 2),
  };
}

function wireOf({ median, p99, max }: Quantiles) {
  return { median: rounded(median, 2), p99: rounded(p99, 2), max: rounded(max, 2) };
}

function columns({ median, p99, max }: Quantiles): string {
  return [median, p99, max].map((value) => value.toFixed(1).padStart(7)).join("");
}

/** The nearest rank: of 300 the 99th percentile is the third highest. NaN of nothing. */
function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
