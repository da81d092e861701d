import type { CareState, Drill, Snooze } from "../domain/care.ts";

/** The JSON on `haven/mode/attributes`: what the mode amounts to just now. */
export function modeAttributes({ effectiveMode, armed }: CareState) {
  return { effective_mode: effectiveMode, armed };
}

/**
 * The JSON on `haven/snooze/attributes`. `until` is the time at which nothing is snoozed any more; null while that is open,
 * as with a carer in the room, and when nothing is.
 */
export function snoozeAttributes(snoozes: readonly Snooze[]) {
  const ends = snoozes.map(({ until }) => until);
  const known = ends.filter((until) => until !== null);
  return {
    snoozes: snoozes.map(({ area, reason, by, since, until }) => ({
      area,
      reason,
      by,
      since: isoTime(since),
      until: until === null ? null : isoTime(until),
    })),
    until: known.length === 0 || known.length < ends.length ? null : isoTime(Math.max(...known)),
  };
}

/** The JSON on `haven/drill/attributes`: of the drill under way, or of the last one, so that its result can be read. */
export function drillAttributes(drill: Drill | null) {
  if (drill === null) return { stages: [] };
  return {
    drill_id: drill.id,
    camera_id: drill.cameraId,
    by: drill.by,
    started_at: isoTime(drill.startedAt),
    until: isoTime(drill.until),
    stages: drill.stages.map(({ stage, at, delayS }) => ({
      stage,
      at: isoTime(at),
      delay_s: delayS === null ? null : Math.round(delayS * 100) / 100,
    })),
  };
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
