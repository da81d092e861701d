// Which cameras vision is not given for the moment, and why: those that keep killing it, and those that wait for their
// turn after it died. Runs the crash ledger and the careful start on the clock.

import type { CameraReport } from "../camera/camera-machine.ts";
import type { Clock, Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import {
  beginCarefully,
  type CarefulInput,
  type CarefulStart,
  isOver,
  stepCarefully,
} from "./careful-start.ts";
import {
  type CrashLedger,
  EMPTY_LEDGER,
  type LedgerCamera,
  nextRelease,
  opensLast,
  type Quarantine,
  quarantinedAt,
  reconcile,
  recordCleared,
  recordDeath,
} from "./crash-ledger.ts";
import type { CameraJob } from "./vision-contract.ts";
import type { ProcessEnd } from "./vision-process.ts";

export interface CameraIsolationOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Other cameras are withheld than before. */
  readonly onChange: () => void;
}

/** Signals by which the kernel and the runtimes end a process whose native code went wrong. */
const FAULTS: ReadonlySet<string> = new Set([
  "SIGSEGV",
  "SIGBUS",
  "SIGILL",
  "SIGFPE",
  "SIGABRT",
  "SIGTRAP",
  "SIGSYS",
]);

export class CameraIsolation implements Disposable {
  readonly #options: CameraIsolationOptions;
  /** Live cameras that are switched on; files played offline have a rule of their own. */
  #cameras: readonly Camera[] = [];
  #ledger: CrashLedger = EMPTY_LEDGER;
  /** Null while every camera may be opened. */
  #careful: CarefulStart | null = null;
  #closed: ReadonlyMap<string, Quarantine> = new Map();
  #timer: Disposable | null = null;

  constructor(options: CameraIsolationOptions) {
    this.#options = options;
  }

  configure(jobs: readonly CameraJob[]): void {
    this.#cameras = jobs
      .filter(({ camera, playback }) => playback.kind === "live" && camera.enabled)
      .map(({ camera }) => camera);
    this.#ledger = reconcile(this.#ledger, this.#cameras.map(asLedgerCamera), this.#now());
    this.#closed = quarantinedAt(this.#ledger, this.#now());
    this.#step({ kind: "keep", cameraIds: new Set(this.#cameras.map(({ id }) => id)) });
  }

  /** A vision process is started. */
  begin(): void {
    const now = this.#now();
    this.#closed = quarantinedAt(this.#ledger, now);
    const watched = this.#cameras.filter((camera) => !camera.privacy).map(({ id }) => id);
    const last = opensLast(this.#ledger, now).filter((id) => watched.includes(id));
    const open = watched.filter((id) => !this.#closed.has(id));
    this.#careful = last.length === 0 ? null : beginCarefully(open, last);
    this.#schedule();
  }

  ready(): void {
    this.#step({ kind: "ready" });
  }

  heard(cameraId: string, { kind }: CameraReport): void {
    if (kind !== "connecting") this.#step({ kind: "heard", cameraId, playing: kind === "online" });
  }

  /** It died. Returns the cameras it is laid to, and whether one of them is closed now because of it. */
  died(end: ProcessEnd): { readonly suspects: readonly string[]; readonly quarantined: boolean } {
    const { log } = this.#options;
    const now = this.#now();
    // An address that was being tried out is the likeliest cause, and will not be tried again by itself.
    const watched = this.#cameras.filter((camera) => !camera.privacy);
    const none = { suspects: [], quarantined: false };
    // What exits with a code ended itself: an error in our own code, or models that cannot be loaded.
    if (end.signal === null || end.probing || watched.length === 0) return none;
    if (end.ailment?.kind === "grown" || end.ailment?.kind === "inference-stuck") return none;
    const { ledger, quarantined, suspects } = recordDeath(
      this.#ledger,
      {
        at: now,
        fault: end.ailment === null && FAULTS.has(end.signal),
        phases: new Map([...end.phases].filter(([id]) => watched.some((camera) => camera.id === id))),
        trial: this.#careful?.trial ?? [],
        stuck: end.ailment?.kind === "decoder-stuck" ? end.ailment.cameraId : null,
      },
      watched.map(asLedgerCamera),
    );
    this.#ledger = ledger;
    this.#closed = quarantinedAt(ledger, now);
    for (const cameraId of quarantined) {
      const forMinutes = Math.round((this.#closed.get(cameraId)?.pause ?? 0) / 60_000);
      log.error(
        { cameraId, forMinutes },
        "a camera keeps crashing the video decoder and is closed for a while",
      );
    }
    return { suspects, quarantined: quarantined.length > 0 };
  }

  /** Cameras that vision must not be given now, each with a sentence for people. Those in privacy are left out. */
  withheld(): ReadonlyMap<string, string> {
    const withheld = new Map<string, string>();
    for (const { id, privacy } of this.#cameras) {
      if (privacy) continue;
      const quarantine = this.#closed.get(id);
      if (quarantine !== undefined) withheld.set(id, this.#explain(quarantine));
      else if (this.#careful?.waiting.includes(id) === true) withheld.set(id, WAITING);
    }
    return withheld;
  }

  /** Those of them that are closed because they keep killing the process. */
  quarantined(): readonly string[] {
    return [...this.#closed.keys()];
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#careful = null;
  }

  #explain({ deaths, until }: Quarantine): string {
    const { clock } = this.#options;
    const at = new Date(clock.now() + until - clock.monotonic());
    const time = [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
    return `its stream crashed or hung the video decoder ${deaths} times; it is tried again at ${time}, or at once when its address is changed`;
  }

  #step(input: DistributiveOmit<CarefulInput, "at">): void {
    if (this.#careful === null) {
      this.#schedule();
      return;
    }
    const before = this.#careful;
    const { state, cleared } = stepCarefully(before, { ...input, at: this.#now() });
    this.#ledger = recordCleared(this.#ledger, cleared);
    this.#careful = isOver(state) ? null : state;
    this.#schedule();
    if (before.waiting.length !== state.waiting.length) this.#options.onChange();
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    const now = this.#now();
    const times = [this.#careful?.until ?? null, nextRelease(this.#ledger, now)].filter((at) => at !== null);
    if (times.length === 0) return;
    const delay = Math.max(0, Math.min(...times) - now);
    this.#timer = this.#options.clock.schedule(delay, () => this.#look());
  }

  #look(): void {
    const now = this.#now();
    const due = [...this.#closed].filter(([, { until }]) => now >= until).map(([id]) => id);
    this.#closed = quarantinedAt(this.#ledger, now);
    for (const cameraId of due) {
      this.#options.log.info(
        { cameraId },
        "a camera that was closed for crashing the video decoder is tried again",
      );
      this.#careful ??= { ...beginCarefully([], []), until: now };
      this.#step({ kind: "admit", cameraId });
    }
    this.#step({ kind: "time" });
    if (due.length > 0) this.#options.onChange();
  }

  #now(): Millis {
    return this.#options.clock.monotonic();
  }
}

const WAITING =
  "the vision process ended while this camera's stream was being decoded; it is opened after the others";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function asLedgerCamera({ id, source, substream, transport }: Camera): LedgerCamera {
  return { id, address: JSON.stringify([source, substream, transport]) };
}
