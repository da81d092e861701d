// Keeps one camera playing: opens its source, hands on the pictures that are due, reconnects with growing pauses, and
// in privacy closes the source so that nothing of it is decoded.
import { assertNever } from "../core/assert-never.ts";
import { RECONNECT } from "../core/back-off.ts";
import { type Clock, type Millis, wait } from "../core/clock.ts";
import { isAppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import {
  type CameraEffect,
  type CameraInput,
  type CameraReport,
  type CameraState,
  initialState,
  isSameReport,
  reportOf,
  step,
} from "./camera-machine.ts";
import { CameraSources, type ChosenStream, type StreamReturn } from "./camera-sources.ts";
import { ContinuousTime } from "./continuous-time.ts";
import type { Playback } from "./playback.ts";
import { SamplingGate } from "./sampling-gate.ts";
import type { OpenedStream, StreamFrame, StreamOpener } from "./stream-opener.ts";

/** A picture to be analysed, and when it was taken. */
export interface CapturedFrame<F> {
  /** The receiver's to dispose. */
  readonly frame: F;
  /** Seconds of the camera's time; goes on over reconnections and repetitions and never back. */
  readonly mediaTimeS: number;
  /** Wall time: now for live playback, the recording's start plus media time for a file played offline. */
  readonly capturedAt: Millis;
}

export interface CameraConnectionOptions<F extends StreamFrame<F>> {
  readonly camera: Pick<Camera, "id" | "source" | "substream" | "transport" | "enabled" | "privacy">;
  readonly playback: Playback;
  /** Pictures handed on per second of media time. */
  readonly fps: number;
  readonly open: StreamOpener<F>;
  readonly clock: Clock;
  /** 0..1, for the jitter of reconnections. */
  readonly random: () => number;
  readonly log: Logger;
  /** Every change, in order. A camera that is stopped or disabled says nothing. */
  readonly onState: (report: CameraReport) => void;
  /** Awaited before the next picture is decoded: an offline consumer sets the pace. A failure counts as a lost source. */
  readonly onFrame: (captured: CapturedFrame<F>) => void | Promise<void>;
}

interface Playing<F extends StreamFrame<F>> {
  readonly session: number;
  readonly signal: AbortSignal;
  /** Looks for the small stream while the large one plays; null while the right one plays. */
  readonly comeback: StreamReturn<F> | null;
}

/** A player that has fallen this far behind (the machine slept) goes on from here instead of hurrying after. */
const MAX_BEHIND_MS: Millis = 1000;

export class CameraConnection<F extends StreamFrame<F>> {
  readonly #options: CameraConnectionOptions<F>;
  readonly #time = new ContinuousTime();
  readonly #gate: SamplingGate;
  readonly #sources: CameraSources<F>;
  #state: CameraState;
  #stream: OpenedStream<F> | null = null;
  #abort: AbortController | null = null;
  #retry: Disposable | null = null;
  /** Settles when everything opened so far is closed. */
  #playing: Promise<void> = Promise.resolve();

  constructor(options: CameraConnectionOptions<F>) {
    this.#options = options;
    const { playback } = options;
    this.#gate = new SamplingGate(options.fps, playback.kind === "offline" ? playback.offsetS : 0);
    this.#sources = new CameraSources({ ...options, live: options.playback.kind === "live" });
    this.#state = initialState(options.camera);
  }

  /** How the stream that is open now is decoded; null while none is. */
  get stream(): Pick<OpenedStream<F>, "info" | "decoder" | "damagedPackets"> | null {
    return this.#stream;
  }

  /** What was last reported; null while stopped or disabled. */
  get report(): CameraReport | null {
    return reportOf(this.#state);
  }

  start(): void {
    this.#dispatch({ kind: "start", at: this.#now() });
  }

  /** Resolves, when switching on, once the source is closed. */
  async setPrivacy(on: boolean): Promise<void> {
    this.#dispatch({ kind: "privacy", on, at: this.#now() });
    if (on) await this.#playing;
  }

  /** Resolves once the source is closed and the last frame handed over. May be called twice. */
  async stop(): Promise<void> {
    this.#dispatch({ kind: "stop", at: this.#now() });
    await this.#playing;
  }

  #now(): Millis {
    return this.#options.clock.monotonic();
  }

  #dispatch(input: CameraInput): void {
    const { camera, playback, log, onState } = this.#options;
    const before = reportOf(this.#state);
    const next = step(this.#state, input, { backOff: RECONNECT, offline: playback.kind === "offline" });
    this.#state = next.state;
    for (const effect of next.effects) this.#run(effect);
    const report = reportOf(next.state);
    if (isSameReport(before, report)) return;
    const reason = report !== null && "reason" in report ? { reason: report.reason } : {};
    log.info({ camera: camera.id, state: report?.kind ?? "off", ...reason }, "camera changed");
    if (report === null) return;
    try {
      onState(report);
    } catch (error) {
      log.error({ err: error, camera: camera.id }, "a listener to a camera's state failed");
    }
  }

  #run(effect: CameraEffect): void {
    switch (effect.kind) {
      case "open": {
        const abort = new AbortController();
        this.#abort = abort;
        // One after the other: many cameras serve few viewers, and the old connection must be gone first.
        this.#playing = this.#playing.then(() => this.#play(effect.session, abort.signal));
        return;
      }
      case "close":
        this.#abort?.abort();
        this.#abort = null;
        return;
      case "schedule-retry":
        this.#retry = this.#options.clock.schedule(effect.after, () => {
          this.#retry = null;
          this.#dispatch({ kind: "retry", session: effect.session, at: this.#now() });
        });
        return;
      case "cancel-retry":
        this.#retry?.[Symbol.dispose]();
        this.#retry = null;
        return;
      default:
        assertNever(effect);
    }
  }

  /** Plays one opening of the source to its end and reports how it ended. Never rejects. */
  async #play(session: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#playOnce(session, signal);
      if (!signal.aborted) this.#dispatch({ kind: "ended", session, at: this.#now() });
    } catch (error) {
      if (signal.aborted) return;
      const { camera, log, random } = this.#options;
      if (!isAppError(error) || error.code === "internal") {
        log.error({ err: error, camera: camera.id }, "playing a camera failed");
      }
      this.#dispatch({
        kind: "lost",
        session,
        reason: messageOf(error),
        random: random(),
        at: this.#now(),
      });
    }
  }

  async #playOnce(session: number, signal: AbortSignal): Promise<void> {
    const { playback } = this.#options;
    let ready: ChosenStream<F> | null = null;
    for (let round = 0; ; round += 1) {
      const isSwitch = ready !== null;
      const { stream, isStandIn } = ready ?? (await this.#sources.open(signal));
      ready = null;
      // The pending read of a closed stream rejects: it must not wait for a picture that nobody wants.
      const close = () => void closeQuietly(stream);
      signal.addEventListener("abort", close, { once: true });
      const comeback = isStandIn ? this.#sources.return(signal) : null;
      try {
        if (signal.aborted) return;
        const kind = round === 0 ? "opened" : "reshaped";
        this.#dispatch({ kind, session, stream: stream.info, at: this.#now() });
        const gapS = round === 0 || isSwitch ? null : this.#frameS(stream);
        this.#time.restart(this.#now() / 1000, gapS);
        this.#stream = stream;
        if (playback.kind === "live") {
          const small = await this.#playLive(stream, { session, signal, comeback });
          ready = small === null ? null : { stream: small, isStandIn: false };
        } else await this.#playOffline(stream, playback.holdLastS, signal);
      } finally {
        this.#stream = null;
        signal.removeEventListener("abort", close);
        await comeback?.[Symbol.asyncDispose]();
        await stream[Symbol.asyncDispose]();
      }
      if (signal.aborted) {
        await ready?.stream[Symbol.asyncDispose]();
        return;
      }
      if (ready === null && (playback.kind !== "live" || !playback.loop)) return;
    }
  }

  /** Resolves at the end, or with the camera's small stream when that has come back meanwhile. */
  async #playLive(stream: OpenedStream<F>, playing: Playing<F>): Promise<OpenedStream<F> | null> {
    const { session, signal, comeback } = playing;
    const { clock, onFrame } = this.#options;
    let { info } = stream;
    // A live source sets the pace. A file knows no "now": its pictures wait for their time.
    let startAt = stream.startedAt === null ? null : this.#now();
    let endS = 0;
    const isDue = (streamTimeS: number) => {
      endS = streamTimeS + this.#frameS(stream);
      return this.#gate.picks(this.#time.at(streamTimeS, this.#now() / 1000));
    };
    for (;;) {
      const small = comeback?.take() ?? null;
      if (small !== null) return small;
      const frame = await stream.next(isDue);
      if (frame === null) break;
      if (stream.info !== info) {
        info = stream.info;
        this.#dispatch({ kind: "reshaped", session, stream: info, at: this.#now() });
      }
      if (startAt !== null) {
        const late = this.#now() - startAt - frame.mediaTimeS * 1000;
        if (late > MAX_BEHIND_MS) startAt += late;
        await this.#pause(-late, signal).catch(giveBack(frame));
      }
      const mediaTimeS = this.#time.at(frame.mediaTimeS, this.#now() / 1000);
      if (signal.aborted) frame[Symbol.dispose]();
      else await onFrame({ frame, mediaTimeS, capturedAt: clock.now() });
      if (signal.aborted) return null;
    }
    // The last picture of a file has its time too: a picture played in a loop must not spin.
    if (startAt !== null) await this.#pause(startAt + endS * 1000 - this.#now(), signal);
    return null;
  }

  async #playOffline(stream: OpenedStream<F>, holdLastS: number, signal: AbortSignal): Promise<void> {
    const { clock, onFrame } = this.#options;
    const startedAt = stream.startedAt ?? clock.now();
    const handOver = (frame: F, mediaTimeS: number) =>
      onFrame({ frame, mediaTimeS, capturedAt: startedAt + Math.round(mediaTimeS * 1000) });
    let last: F | null = null;
    let lastS = 0;
    try {
      for (;;) {
        const frame = await stream.next();
        if (frame === null) break;
        lastS = this.#time.at(frame.mediaTimeS, this.#now() / 1000);
        last?.[Symbol.dispose]();
        last = holdLastS > 0 ? frame.share() : null;
        if (signal.aborted || !this.#gate.picks(lastS)) frame[Symbol.dispose]();
        else await handOver(frame, lastS);
        if (signal.aborted) return;
      }
      if (last === null) return;
      for (let dueS = this.#gate.nextDueS; dueS <= lastS + holdLastS; dueS = this.#gate.nextDueS) {
        this.#gate.picks(dueS);
        await handOver(last.share(), dueS);
        if (signal.aborted) return;
      }
    } finally {
      last?.[Symbol.dispose]();
    }
  }

  async #pause(delay: Millis, signal: AbortSignal): Promise<void> {
    // Timers are no finer than a millisecond.
    const whole = Math.round(delay);
    if (whole > 0) await wait(this.#options.clock, whole, signal);
  }

  #frameS(stream: OpenedStream<F>): number {
    return 1 / (stream.info.fps ?? this.#options.fps);
  }
}

/** Nobody will see the frame: the wait for its time was cut short. */
function giveBack(frame: Disposable): (error: unknown) => never {
  return (error) => {
    frame[Symbol.dispose]();
    throw error;
  };
}

async function closeQuietly(stream: AsyncDisposable): Promise<void> {
  try {
    await stream[Symbol.asyncDispose]();
  } catch {
    // Whoever opened the stream closes it too, and hears of the failure.
  }
}
