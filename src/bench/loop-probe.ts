// Loaded into a process before its program (`node --import`): measures how late its event loop runs, and tells whoever
// forked it when asked. It keeps nothing alive, and ends the program when nobody listens any more.
import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late timers came, milliseconds. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type LoopQuestion = "forget" | "delay";

/**
 * Milliseconds between two looks. Node's own default; a finer one would find the same delays among more good looks, and so a
 * smaller 99th percentile.
 */
const RESOLUTION = 10;
const NS_PER_MS = 1e6;

const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
histogram.enable();

/** The histogram holds the time from one look to the next, the planned pause included. */
function lateness(ns: number): number {
  return Math.max(0, ns / NS_PER_MS - RESOLUTION);
}

process.on("message", (question: LoopQuestion) => {
  if (question === "forget") histogram.reset();
  else {
    const delay: LoopDelay = {
      p50: lateness(histogram.percentile(50)),
      p99: lateness(histogram.percentile(99)),
      max: lateness(histogram.max),
    };
    process.send?.(delay);
  }
});
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
