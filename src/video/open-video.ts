// Opens what a camera's source names, a file or a stream, for decoding. The only room that knows FFmpeg; others see
// pictures with times.
import { stat } from "node:fs/promises";
import { AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Transport } from "../domain/camera.ts";
import type { DecoderChoice } from "./hardware-device.ts";
import { isTcpRefused, MediaInput } from "./media-input.ts";
import type { NativePhaseListener } from "./native-phase.ts";
import { parseSource, type SourceAddress } from "./source-address.ts";
import { StillsInput } from "./stills-input.ts";
import { VideoStream } from "./video-stream.ts";

export interface OpenVideoOptions {
  /** A path, file://, rtsp(s):// or http(s)://. */
  readonly source: string;
  /** Whether it goes on for ever and its end is a disconnect. A file is played as a file either way. */
  readonly live: boolean;
  /** Until the stream is known. */
  readonly connectTimeoutMs: Millis;
  /** A network source that sends no video packet for so long has stalled. */
  readonly stallTimeoutMs: Millis;
  readonly clock: Clock;
  /** Aborting rejects at once with the signal's reason, and closes whatever was being opened. */
  readonly signal: AbortSignal;
  /** How an RTSP camera sends its packets. Default auto: over TCP, and over UDP where it refuses TCP. */
  readonly transport?: Transport;
  /** Default software. Hardware only where decoder-probe found it to work; what it does not take is decoded in software. */
  readonly decoder?: DecoderChoice;
  /** How often a second a source that gives one picture at a time is asked. Default 5. */
  readonly fps?: number;
  /** Told just before and after every call into FFmpeg that parses the source's bytes. */
  readonly onNative?: NativePhaseListener | undefined;
}

/**
 * Opens a source and decodes its first picture.
 * @throws AppError input.invalid, source.missing, source.unreadable, source.unreachable, source.stalled.
 */
export async function openVideo(options: OpenVideoOptions): Promise<VideoStream> {
  options.signal.throwIfAborted();
  // FFmpeg would print addresses with their passwords to stderr.
  Log.setLevel(AV_LOG_QUIET);
  const source = parseSource(options.source);
  const modifiedAt = source.kind === "file" ? await checkFile(source) : null;
  if (source.kind === "http") {
    const stills = await StillsInput.open(source, { ...options, fps: options.fps ?? 5 });
    // Pictures without an end, whatever the caller had in mind.
    const endless = { ...options, source, live: true, startedAt: null };
    if (stills !== null) return await VideoStream.create(stills, endless, options.signal);
  }
  const input = await openMedia(source, options);
  const live = options.live && source.kind !== "file";
  return await VideoStream.create(
    input,
    { ...options, source, live, startedAt: live ? null : (createdAt(input) ?? modifiedAt) },
    options.signal,
  );
}

async function openMedia(source: SourceAddress, options: OpenVideoOptions): Promise<MediaInput> {
  const { transport = "auto" } = options;
  if (transport !== "auto") return await MediaInput.open(source, { ...options, transport });
  try {
    return await MediaInput.open(source, { ...options, transport: "tcp" });
  } catch (error) {
    if (source.kind !== "rtsp" || !isTcpRefused(error)) throw error;
    return await MediaInput.open(source, { ...options, transport: "udp" });
  }
}

/** When the file was last written, milliseconds since 1970. */
async function checkFile(source: SourceAddress): Promise<Millis> {
  try {
    const found = await stat(source.address);
    if (found.isDirectory()) {
      throw new AppError("source.unreadable", `${source.shown} is a folder; name a video file in it.`);
    }
    return Math.round(found.mtimeMs);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof Error && "code" in error && error.code === "EACCES") {
      throw new AppError("source.unreadable", `${source.shown} may not be read: check its permissions.`);
    }
    throw new AppError("source.missing", `There is no file ${source.shown}; check the path.`, {
      cause: error,
    });
  }
}

/** Encoders without a clock write the epoch of their format (1904, 1970): that is no date. */
function createdAt(input: MediaInput): Millis | null {
  const written = Date.parse(input.metadata("creation_time") ?? "");
  return written > Date.UTC(1990, 0, 1) ? written : null;
}
