/** What a benchmark is started with. */
export interface BenchFlags {
  readonly json: boolean;
  /** A video to watch instead of the footage that is made for it. */
  readonly video?: string;
  /** A model's id or the path of a manifest; default: the default detector. */
  readonly detector?: string;
  /** Long side of the detector's input, pixels. */
  readonly inputSize?: number;
  /** Numbers of cameras that are measured, one after another; each benchmark has its own when left out. */
  readonly cameras?: readonly number[];
  /** How many alarms are raised and timed. */
  readonly alarms: number;
  /** Of each measurement. */
  readonly seconds: number;
  readonly rounds: number;
}

export interface BenchContext {
  readonly flags: BenchFlags;
  /** `share` is 0..1 of the whole benchmark. */
  readonly progress: (share: number, label: string) => void;
  readonly signal: AbortSignal;
}

/** One benchmark's answer. */
export interface BenchReport {
  /** For people: sentences and columns. */
  readonly lines: readonly string[];
  /** The same as data; names as on every wire in snake_case. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** The one figure that sums it up, measured within one run; null when nothing can be compared. */
  readonly ratio: number | null;
}

export type Benchmark = (context: BenchContext) => Promise<BenchReport>;

/** So many decimals and no more: a measurement has no others. */
export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
