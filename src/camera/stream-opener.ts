import type { Millis } from "../core/clock.ts";
import type { Transport } from "../domain/camera.ts";
import type { StreamInfo } from "../domain/camera-status.ts";

/** A decoded picture. Whoever holds it disposes it. */
export interface StreamFrame<Self> extends Disposable {
  /** Seconds from the stream's first frame; strictly increasing. */
  readonly mediaTimeS: number;
  /** A second hold on the same pixels, to be disposed on its own. */
  share(): Self;
}

/** An opened source: the video room's streams are such. */
export interface OpenedStream<F extends StreamFrame<F>> extends AsyncDisposable {
  /** Another object when the picture changes its size in mid-stream. */
  readonly info: StreamInfo;
  /** Wall time of the first frame; null for live sources. */
  readonly startedAt: Millis | null;
  /** What decodes: "software", or the name of a hardware decoder. May change when the hardware is lost. */
  readonly decoder: string;
  /** Packets that could not be read or decoded and were skipped, so far. */
  readonly damagedPackets: number;
  /**
   * The next picture for whose time `wanted` says so; it is asked of every picture, in order. Null at the end of a file.
   * Rejects when a live source falls silent or breaks off, or when disposed meanwhile.
   */
  next(wanted?: (mediaTimeS: number) => boolean): Promise<F | null>;
}

/** Opens a source, and rejects at once when aborted. Its errors are sentences for people, without passwords. */
export type StreamOpener<F extends StreamFrame<F>> = (request: {
  readonly source: string;
  readonly transport: Transport;
  readonly live: boolean;
  /** Pictures wanted per second: sources that give one at a time are asked so often. */
  readonly fps: number;
  readonly signal: AbortSignal;
}) => Promise<OpenedStream<F>>;
