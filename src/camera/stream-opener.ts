import type { Millis } from "../core/clock.ts";
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
  readonly info: StreamInfo;
  /** Wall time of the first frame; null for live sources. */
  readonly startedAt: Millis | null;
  /** Null at the end of a file. Rejects when a live source falls silent or breaks off, or when disposed meanwhile. */
  next(): Promise<F | null>;
}

/** Opens a source, and rejects at once when aborted. Its errors are sentences for people, without passwords. */
export type StreamOpener<F extends StreamFrame<F>> = (request: {
  readonly source: string;
  readonly live: boolean;
  readonly signal: AbortSignal;
}) => Promise<OpenedStream<F>>;
