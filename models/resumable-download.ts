// Loads one file over HTTP into a `.part` file and goes on where it stopped: after a broken connection, and after the
// whole process was interrupted. What was loaded is checked by the caller, by hash.
import { type FileHandle, open, stat } from "node:fs/promises";
import { backOffDelay, RECONNECT } from "../src/core/back-off.ts";
import { type Clock, type Millis, wait } from "../src/core/clock.ts";
import { AppError, messageOf } from "../src/core/errors.ts";
import { unwritable } from "./cache-files.ts";

export interface DownloadOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** `totalBytes` is null while the server has not said how long the file is. */
  readonly progress: (doneBytes: number, totalBytes: number | null) => void;
}

export type DownloadResult =
  /** `resumed`: the part file was not empty at the start, so that its beginning is of an earlier day. */
  | { readonly kind: "complete"; readonly resumed: boolean }
  /** Nothing at all could be loaded: a proxy or credentials that npm knows about and we do not. */
  | { readonly kind: "refused"; readonly reason: string };

/** Attempts in a row that bring no byte. */
const MAX_FRUITLESS = 4;
/** The same when there never was one: behind a proxy every attempt takes long to fail, and npm knows the way. */
const MAX_FRUITLESS_AT_FIRST = 2;
/** A connection over which nothing has come for this long is given up. */
const STALL: Millis = 30_000;

type Attempt =
  | { readonly kind: "complete" }
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Throws AppError `model.missing` when the connection keeps breaking or the disk cannot be written. */
export async function downloadResumable(
  url: string,
  part: string,
  options: DownloadOptions,
): Promise<DownloadResult> {
  const before = await sizeOf(part);
  let fruitless = 0;
  for (;;) {
    const offset = await sizeOf(part);
    const attempt = await tryOnce(url, part, offset, options);
    if (attempt.kind === "complete") return { kind: "complete", resumed: before > 0 };
    const loaded = await sizeOf(part);
    fruitless = loaded > offset ? 0 : fruitless + 1;
    if (attempt.kind === "refused" || fruitless >= (loaded === 0 ? MAX_FRUITLESS_AT_FIRST : MAX_FRUITLESS)) {
      if (loaded === 0) return { kind: "refused", reason: attempt.reason };
      throw new AppError(
        "model.missing",
        `The download broke off after ${(loaded / 1e6).toFixed(1)} MB (${attempt.reason}): run \`haven models fetch\` again, it goes on from there.`,
      );
    }
    await wait(options.clock, backOffDelay(RECONNECT, fruitless, Math.random()), options.signal);
  }
}

async function tryOnce(
  url: string,
  part: string,
  offset: number,
  options: DownloadOptions,
): Promise<Attempt> {
  const stalled = new AbortController();
  const watchdog = new Watchdog(options.clock, STALL, () => stalled.abort());
  try {
    const response = await fetch(url, {
      // Ranges count bytes of the file itself, not of a compressed form of it.
      headers: { "accept-encoding": "identity", ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
      signal: AbortSignal.any([options.signal, stalled.signal]),
    });
    const plan = planOf(response, offset);
    if (plan.kind !== "write") {
      await response.body?.cancel();
      if (plan.kind === "restart") await truncate(part);
      return plan.kind === "restart" ? { kind: "broken", reason: plan.reason } : plan;
    }
    if (response.body === null) return { kind: "broken", reason: "the answer was empty" };
    await using file = await openPart(part, plan.from);
    const end = await copy(response.body, file, { part, watchdog, plan, options });
    if (plan.total === null || end === plan.total) return { kind: "complete" };
    return { kind: "broken", reason: `${end} of ${plan.total} bytes came` };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof AppError) throw error;
    return {
      kind: "broken",
      reason: stalled.signal.aborted ? "the server fell silent" : networkReason(error),
    };
  } finally {
    watchdog.stop();
  }
}

type Plan =
  | { readonly kind: "write"; readonly from: number; readonly total: number | null }
  | { readonly kind: "restart"; readonly reason: string }
  | { readonly kind: "complete" }
  | { readonly kind: "broken" | "refused"; readonly reason: string };

/** What a response to a request from `offset` on means (RFC 9110, sections 14 and 15). */
function planOf(response: Response, offset: number): Plan {
  const { status, headers } = response;
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  const whole = range?.[2] === undefined || range[2] === "*" ? null : Number(range[2]);
  if (status === 206) {
    if (Number(range?.[1]) !== offset) return { kind: "restart", reason: "the server sent another part" };
    return { kind: "write", from: offset, total: whole };
  }
  if (status === 200) {
    // The server does not do ranges: from the beginning.
    const length = headers.get("content-length");
    return { kind: "write", from: 0, total: length === null ? null : Number(length) };
  }
  if (status === 416) {
    // Nothing lies behind what we have: either that is all, or it is not this file.
    return whole === offset ? { kind: "complete" } : { kind: "restart", reason: "the part did not fit" };
  }
  const reason = `HTTP status ${status}`;
  return status === 429 || status >= 500 ? { kind: "broken", reason } : { kind: "refused", reason };
}

async function copy(
  body: ReadableStream<Uint8Array>,
  file: FileHandle,
  {
    part,
    watchdog,
    plan,
    options,
  }: {
    part: string;
    watchdog: Watchdog;
    plan: { from: number; total: number | null };
    options: DownloadOptions;
  },
): Promise<number> {
  let done = plan.from;
  options.progress(done, plan.total);
  for await (const chunk of body) {
    watchdog.feed();
    try {
      await file.writeFile(chunk);
    } catch (error) {
      throw unwritable(part, error);
    }
    done += chunk.byteLength;
    options.progress(done, plan.total);
  }
  return done;
}

async function openPart(part: string, from: number): Promise<FileHandle> {
  try {
    return await open(part, from === 0 ? "w" : "a");
  } catch (error) {
    throw unwritable(part, error);
  }
}

async function truncate(part: string): Promise<void> {
  await (await openPart(part, 0)).close();
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** fetch hides the reason ("fetch failed") in its cause. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code ?? messageOf(cause ?? error);
}

class Watchdog {
  readonly #clock: Clock;
  readonly #limit: Millis;
  readonly #bark: () => void;
  #timer: Disposable;

  constructor(clock: Clock, limit: Millis, bark: () => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#bark = bark;
    this.#timer = clock.schedule(limit, bark);
  }

  feed(): void {
    this.#timer[Symbol.dispose]();
    this.#timer = this.#clock.schedule(this.#limit, this.#bark);
  }

  stop(): void {
    this.#timer[Symbol.dispose]();
  }
}
