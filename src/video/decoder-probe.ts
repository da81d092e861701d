// Finds out which of the graphics' video decoders work on this machine, by trying them: a small clip made on the spot,
// decoded and compared with software. It happens in a process of its own, because a bad driver does not throw but
// crashes or hangs, and because drivers write to stderr as they like.
import type { Clock, Millis } from "../core/clock.ts";
import { entryPoint } from "../core/entry-point.ts";
import { runProbe } from "../core/probe-process.ts";
import { type DecoderChoice, HARDWARE_DECODERS, type HardwareDecoder } from "./hardware-device.ts";

export interface DecoderReport {
  readonly decoder: HardwareDecoder;
  readonly works: boolean;
  /** Why not; null when it works. */
  readonly reason: string | null;
  /** Per picture, in the processor's memory again; null when it does not work. */
  readonly msPerFrame: number | null;
  /** Software's on one thread, measured at the same time; null when there was nothing to compare. */
  readonly softwareMsPerFrame: number | null;
  /** The processor's share of both: what hardware is there to save. */
  readonly cpuMsPerFrame: number | null;
  readonly softwareCpuMsPerFrame: number | null;
}

export interface DecoderProbeOptions {
  readonly decoders?: readonly HardwareDecoder[];
  /** For each decoder. Default 20 s: drivers may have to load firmware first. */
  readonly timeLimit?: Millis;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** What is run in the child; another one in tests. */
  readonly entry?: string;
}

const DEFAULT_LIMIT: Millis = 20_000;

/** One report per decoder, in the order asked for. Never throws for one that does not work. */
export async function probeDecoders(options: DecoderProbeOptions = {}): Promise<DecoderReport[]> {
  const reports: DecoderReport[] = [];
  // One process for each: what one driver leaves behind is nothing to the next.
  for (const decoder of options.decoders ?? HARDWARE_DECODERS) reports.push(await probe(decoder, options));
  return reports;
}

/** Slower than this for one picture of 720p, a device could not follow a camera of 30 a second with a large picture. */
const SLOWEST_MS = 10;

/** The one to be used: that costs the processor the least, less than software does, and is not slow itself. */
export function bestDecoder(reports: readonly DecoderReport[]): DecoderChoice {
  const saved = ({ works, msPerFrame, cpuMsPerFrame, softwareCpuMsPerFrame }: DecoderReport) =>
    works && (msPerFrame ?? Infinity) <= SLOWEST_MS ? (softwareCpuMsPerFrame ?? 0) - (cpuMsPerFrame ?? 0) : 0;
  const best = [...reports].sort((a, b) => saved(b) - saved(a))[0];
  return best === undefined || saved(best) <= 0 ? "software" : best.decoder;
}

export function brokenDecoder(decoder: HardwareDecoder, reason: string): DecoderReport {
  const measured = {
    msPerFrame: null,
    softwareMsPerFrame: null,
    cpuMsPerFrame: null,
    softwareCpuMsPerFrame: null,
  };
  return { decoder, works: false, reason, ...measured };
}

async function probe(decoder: HardwareDecoder, options: DecoderProbeOptions): Promise<DecoderReport> {
  let report: DecoderReport | null = null;
  const end = await runProbe<DecoderReport>({
    entry: options.entry ?? entryPoint(import.meta.url, "./decoder-probe-main.ts"),
    args: [decoder],
    timeLimit: options.timeLimit ?? DEFAULT_LIMIT,
    onReport: (message) => {
      report ??= message;
      return true;
    },
    clock: options.clock,
    signal: options.signal,
  });
  return report ?? brokenDecoder(decoder, end);
}
