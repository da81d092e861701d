import { availableParallelism } from "node:os";

/**
 * Inference workers when the configuration leaves it to us. Live, one core stays free for decoding and for the alarm
 * path; offline the machine has nothing better to do. Each worker runs one thread: batching and more threads per
 * session do not help on a processor (measured: eight at once cost as much as one after another).
 */
export function defaultWorkers(use: "live" | "offline"): number {
  const cores = availableParallelism();
  return use === "offline" ? cores : Math.max(1, cores - 1);
}
