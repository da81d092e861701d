// One vision process from its fork to its end: messages in and out, signs of life, and, when it is gone, what it was at.
import { type ChildProcess, fork } from "node:child_process";
import type { Clock, Millis } from "../core/clock.ts";
import { entryPoint } from "../core/entry-point.ts";
import type { Logger } from "../core/logger.ts";
import type { NativePhase } from "../video/native-phase.ts";
import { NativeTrail, TRAIL_VARIABLE } from "./native-trail.ts";
import type { FromVision, ToVision } from "./vision-contract.ts";
import { type Ailment, describeAilment, type Heartbeat, VitalSigns } from "./vital-signs.ts";

export interface VisionProcessOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly logLevel: string;
  /** What is run, compiled; the vision process when left out. */
  readonly entry?: string | undefined;
  /** Of libuv's pool. */
  readonly threads: number;
  /** Resident bytes, on this provider, from which it is replaced. */
  readonly memoryLimitBytes: (ready: { readonly provider: string; readonly workers: number }) => number;
  /** Everything but heartbeats. Not called after `discard`. */
  readonly onMessage: (message: Exclude<FromVision, Heartbeat>) => void;
  /** Once, when it is gone. Not called after `discard`. */
  readonly onEnd: (end: ProcessEnd) => void;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it was ended; null when it ended by itself or by somebody else's hand. */
  readonly ailment: Ailment | null;
  readonly phases: ReadonlyMap<string, NativePhase>;
  /** An address was being tried out. */
  readonly probing: boolean;
  readonly livedMs: Millis;
}

/**
 * Vision beats every second and its event loop never runs inference. The longest it was seen to stand still is 0.3 s with
 * 16 cameras, on two cores with six times as much to do as they can, and 1.1 s while models load: five missed beats are a
 * hang on a much slower machine too.
 */
const BEAT_LIMIT: Millis = 5_000;
/** Model loading and the provider's self-test come before the first beat. */
const START_LIMIT: Millis = 60_000;
/** A watchdog that is itself this late was asleep: the whole machine or container was. */
const OVERSLEPT: Millis = 1_000;

export class VisionProcess {
  readonly #options: VisionProcessOptions;
  readonly #child: ChildProcess;
  readonly #trail: NativeTrail | null;
  readonly #vitals = new VitalSigns();
  readonly #startedAt: Millis;
  readonly exited: Promise<void>;
  /** Where models run now. */
  #provider = "cpu";
  /** As it was when it started. */
  #ready: { readonly provider: string; readonly workers: number } | null = null;
  #ailment: Ailment | null = null;
  #watchdog: Disposable | null = null;
  #discarded = false;

  constructor(options: VisionProcessOptions) {
    const { clock, log, threads, logLevel } = options;
    this.#options = options;
    this.#startedAt = clock.monotonic();
    this.#trail = NativeTrail.create(log);
    const child = fork(options.entry ?? entryPoint(import.meta.url, "../vision-main.ts"), [], {
      serialization: "advanced",
      // Its standard output is ours for answers: native libraries that print go to standard error.
      stdio: ["ignore", 2, 2, "ipc", this.#trail?.fd ?? "ignore"],
      execArgv: [],
      env: {
        ...withoutSecrets(process.env),
        UV_THREADPOOL_SIZE: String(threads),
        HAVEN_LOG_LEVEL: logLevel,
        ...(this.#trail === null ? {} : { [TRAIL_VARIABLE]: "4" }),
      },
    });
    this.#child = child;
    this.#expectBeat(START_LIMIT);
    // Both ends are one build; the version is checked by vision when it is configured.
    child.on("message", (message) => this.#receive(message as FromVision));
    child.on("error", (error) => log.error({ err: error }, "the vision process could not be started"));
    this.exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#end(code, signal);
        resolve();
      });
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  send(message: ToVision): void {
    if (!this.#child.connected) return;
    this.#child.send(message, (error) => {
      // Whoever started it deals with a child that is gone; the message is repeated to its successor.
      if (error !== null) this.#options.log.debug({ kind: message.kind }, "a message did not reach vision");
    });
  }

  /** Where each camera's stream is to be noted. */
  slotsFor(cameraIds: readonly string[]): Readonly<Record<string, number>> {
    return this.#trail?.slotsFor(cameraIds) ?? {};
  }

  /** Asks it to close in order, and ends it when it takes too long. */
  async close(grace: Millis): Promise<void> {
    this.#discarded = true;
    this.#watchdog?.[Symbol.dispose]();
    this.send({ kind: "shutdown" });
    using _ = this.#options.clock.schedule(grace, () => this.#child.kill("SIGKILL"));
    await this.exited;
  }

  /** Ends it; nothing is heard of it any more. */
  discard(): void {
    this.#discarded = true;
    this.#watchdog?.[Symbol.dispose]();
    this.#child.kill("SIGKILL");
  }

  #receive(message: FromVision): void {
    if (this.#discarded || this.#ailment !== null) return;
    if (message.kind === "heartbeat") {
      this.#beat(message);
      return;
    }
    if (message.kind === "ready") {
      this.#ready = { provider: message.provider, workers: message.workers };
      this.#expectBeat(BEAT_LIMIT);
      this.#provider = message.provider;
    } else if (message.kind === "provider") {
      // For its memory it stays what it was: drivers do not give back what lost graphics held.
      this.#provider = message.provider;
    }
    this.#options.onMessage(message);
  }

  #beat(beat: Heartbeat): void {
    if (this.#ready === null) return;
    this.#expectBeat(BEAT_LIMIT);
    const memoryBytes = this.#options.memoryLimitBytes(this.#ready);
    const ailment = this.#vitals.judge(beat, { memoryBytes, provider: this.#provider });
    if (ailment !== null) this.#giveUp(ailment);
  }

  #expectBeat(limit: Millis): void {
    const { clock } = this.#options;
    this.#watchdog?.[Symbol.dispose]();
    const due = clock.monotonic() + limit;
    this.#watchdog = clock.schedule(limit, () => {
      if (clock.monotonic() - due > OVERSLEPT) this.#expectBeat(BEAT_LIMIT);
      else this.#giveUp({ kind: "silent", forMs: limit });
    });
  }

  #giveUp(ailment: Ailment): void {
    this.#ailment = ailment;
    this.#watchdog?.[Symbol.dispose]();
    this.#options.log.error({ ...ailment }, `the vision process ${describeAilment(ailment)} and is ended`);
    this.#child.kill("SIGKILL");
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    this.#watchdog?.[Symbol.dispose]();
    using trail = this.#trail;
    if (this.#discarded) return;
    const livedMs = this.#options.clock.monotonic() - this.#startedAt;
    const { phases, probing } = trail?.read() ?? { phases: new Map(), probing: false };
    this.#options.onEnd({ code, signal, ailment: this.#ailment, phases, probing, livedMs });
  }
}

/** For people: how it ended, as the end of a sentence that begins with it. */
export function describeEnd({ ailment, code, signal }: ProcessEnd): string {
  if (ailment !== null) return describeAilment(ailment);
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}

/** What decodes strangers' streams has no business with the household's passwords. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/pass|token|secret|credential/i.test(name)),
  );
}
