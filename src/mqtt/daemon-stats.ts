import type { Millis } from "../core/clock.ts";

/** Diagnostics of the daemon as a whole, as often as they are worth a message (every 30 s or so). */
export interface DaemonStats {
  readonly startedAt: Millis;
  readonly cameras: number;
  readonly camerasOnline: number;
  /** Frames analysed per second, all cameras together. */
  readonly analysedFps: number;
  /** Frames replaced by newer ones before they were analysed, since the start. */
  readonly dropped: number;
  /** Events in the outbox that no broker has confirmed yet. */
  readonly eventsWaiting: number;
  /** What the models run on: cpu, webgpu, cuda or tensorrt; null while vision does not run. */
  readonly provider: string | null;
  /** How late the daemon's event loop was at worst (99th percentile) since the statistics before; null at first. */
  readonly eventLoopDelayMs: Millis | null;
  /** Resident memory of the daemon's processes, bytes. */
  readonly memoryBytes: number;
}

/** The JSON on `haven/stats`. */
export function statsToWire(stats: DaemonStats) {
  return {
    started_at: new Date(stats.startedAt).toISOString(),
    cameras: stats.cameras,
    cameras_online: stats.camerasOnline,
    analysed_fps: round(stats.analysedFps),
    dropped_frames: stats.dropped,
    events_waiting: stats.eventsWaiting,
    provider: stats.provider,
    event_loop_delay_ms: stats.eventLoopDelayMs === null ? null : round(stats.eventLoopDelayMs),
    memory_mib: round(stats.memoryBytes / 1_048_576),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
