// Where the next vision process is to run its models: where the household says, but on the processor for some hours after
// the graphics may have ended one. A driver that crashes or hangs takes its process with it.
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { distrust, FULL_TRUST, isDistrusted, type ProviderTrust } from "./provider-trust.ts";
import type { VisionSettings } from "./vision-contract.ts";
import type { ProcessEnd } from "./vision-process.ts";

type Provider = VisionSettings["inference"]["provider"];

export interface ProviderChoiceOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** The graphics are worth another try. */
  readonly onRetry: () => void;
}

export class ProviderChoice implements Disposable {
  readonly #options: ProviderChoiceOptions;
  #trust: ProviderTrust = FULL_TRUST;
  #chosen: Provider = "auto";
  /** Where models of the process that runs have been running; null before it said so. */
  #running: string | null = null;
  /** `auto` settled on the processor before: a restart need not find that out again. */
  #settledOnCpu = false;
  #retry: Disposable | null = null;

  constructor(options: ProviderChoiceOptions) {
    this.#options = options;
  }

  /** What the running process was told. */
  get current(): Provider {
    return this.#chosen;
  }

  /** Of a process that is about to be started. */
  choose(wanted: Provider): void {
    const distrusted = isDistrusted(this.#trust, this.#options.clock.monotonic());
    this.#chosen = distrusted || (wanted === "auto" && this.#settledOnCpu) ? "cpu" : wanted;
    this.#running = null;
  }

  /** The process says where its models run. */
  ready(provider: string): void {
    this.#running = provider;
    if (this.#chosen === "auto" && provider === "cpu") this.#settledOnCpu = true;
  }

  /** It runs its models elsewhere from now on; that holds for this process only. */
  moved(provider: string): void {
    this.#running = provider;
  }

  /** The household chose anew. */
  reset(): void {
    this.#trust = FULL_TRUST;
    this.#settledOnCpu = false;
    this.#retry?.[Symbol.dispose]();
    this.#retry = null;
  }

  /** The process is gone. */
  died({ ailment, signal }: ProcessEnd, camerasSuspected: boolean): void {
    const { clock, log, onRetry } = this.#options;
    const provider = this.#running ?? this.#chosen;
    const stuck = ailment?.kind === "inference-stuck";
    // Killed from outside tells nothing: that is the kernel short of memory, or somebody's hand.
    const crashed = ailment === null && signal !== null && signal !== "SIGKILL";
    if (provider === "cpu" || !(stuck || crashed)) return;
    const at = clock.monotonic();
    // Before it was ready it is not known where models ran: one death is no proof then.
    const othersSuspected = camerasSuspected || provider === "auto";
    const before = this.#trust;
    this.#trust = distrust(before, { at, othersSuspected });
    if (this.#trust.givenUp === before.givenUp || this.#trust.until === null) return;
    const pause = this.#trust.until - at;
    const forHours = Math.round(pause / 3_600_000);
    log.warn(
      { provider, forHours },
      "models run on the processor because the vision process died on the graphics",
    );
    this.#retry?.[Symbol.dispose]();
    this.#retry = clock.schedule(pause, onRetry);
  }

  [Symbol.dispose](): void {
    this.#retry?.[Symbol.dispose]();
  }
}
