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
  /** Why models run on the processor although the household would have them elsewhere; null when they do not. */
  #reason: string | null = null;
  #retry: Disposable | null = null;

  constructor(options: ProviderChoiceOptions) {
    this.#options = options;
  }

  /** What the running process was told. */
  get current(): Provider {
    return this.#chosen;
  }

  /** Why models run on the processor although graphics were asked for; null when they do not, or nobody asked. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Of a process that is about to be started. */
  choose(wanted: Provider): void {
    const distrusted = isDistrusted(this.#trust, this.#options.clock.monotonic());
    this.#chosen = distrusted || (wanted === "auto" && this.#settledOnCpu) ? "cpu" : wanted;
    this.#running = null;
  }

  /** The process says where its models run. */
  ready(provider: string, reason: string | null = null): void {
    this.#running = provider;
    if (this.#chosen === "auto" && provider === "cpu") this.#settledOnCpu = true;
    // One that was told to use the processor does not know why.
    if (this.#chosen !== "cpu") this.#reason = reason;
  }

  /** The process lost its graphics and goes on without. They get another try after some hours, in another process. */
  moved(provider: string, reason: string): void {
    const before = this.#running;
    this.#running = provider;
    this.#reason = reason;
    if (before !== null && before !== "cpu" && provider === "cpu") this.#leaveAlone(before, false, reason);
  }

  /** The household chose anew. */
  reset(): void {
    this.#trust = FULL_TRUST;
    this.#settledOnCpu = false;
    this.#reason = null;
    this.#retry?.[Symbol.dispose]();
    this.#retry = null;
  }

  /** The process is gone. */
  died({ ailment, signal }: ProcessEnd, camerasSuspected: boolean): void {
    const provider = this.#running ?? this.#chosen;
    const stuck = ailment?.kind === "inference-stuck";
    // Killed from outside tells nothing: that is the kernel short of memory, or somebody's hand.
    const crashed = ailment === null && signal !== null && signal !== "SIGKILL";
    if (provider === "cpu" || !(stuck || crashed)) return;
    // Before it was ready it is not known where models ran: one death is no proof then.
    const othersSuspected = camerasSuspected || provider === "auto";
    this.#leaveAlone(provider, othersSuspected, `${provider} is left alone: the vision process died on it`);
  }

  [Symbol.dispose](): void {
    this.#retry?.[Symbol.dispose]();
  }

  #leaveAlone(provider: string, othersSuspected: boolean, reason: string): void {
    const { clock, log, onRetry } = this.#options;
    const at = clock.monotonic();
    const before = this.#trust;
    this.#trust = distrust(before, { at, othersSuspected });
    if (this.#trust.givenUp === before.givenUp || this.#trust.until === null) return;
    const pause = this.#trust.until - at;
    const forHours = Math.round(pause / 3_600_000);
    this.#reason = reason;
    log.warn({ provider, forHours, reason }, "models run on the processor for some hours");
    this.#retry?.[Symbol.dispose]();
    this.#retry = clock.schedule(pause, onRetry);
  }
}
