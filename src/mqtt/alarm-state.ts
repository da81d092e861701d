import type { Alarm } from "../domain/alarm.ts";

/** What `haven/alarm/state` says: raised as long as one alarm waits for somebody, whatever the others do. */
export function alarmState(alarms: readonly Alarm[]): "idle" | "raised" | "acknowledged" {
  const open = openAlarms(alarms);
  if (open.some((alarm) => alarm.state === "raised")) return "raised";
  return open.length > 0 ? "acknowledged" : "idle";
}

/**
 * The JSON on `haven/alarm/attributes`: the open alarms, those nobody has acknowledged first, oldest first. `level` is the
 * highest level among those nobody has acknowledged, 0 when there are none; a drill's level does not count beside a real
 * alarm. `test` says that all the alarms behind the state come from a drill.
 */
export function alarmAttributes(alarms: readonly Alarm[]) {
  const open = openAlarms(alarms).toSorted(
    (a, b) => Number(b.state === "raised") - Number(a.state === "raised") || a.raisedAt - b.raisedAt,
  );
  const raised = open.filter((alarm) => alarm.state === "raised");
  const meant = raised.length > 0 ? raised : open;
  const test = meant.length > 0 && meant.every((alarm) => alarm.test);
  return {
    open: open.length,
    level: Math.max(0, ...raised.filter((alarm) => test || !alarm.test).map((alarm) => alarm.level)),
    test,
    alarms: open.map((alarm) => ({
      alarm_id: alarm.id,
      state: alarm.state,
      cause: alarm.cause,
      grown_to: alarm.grownTo ?? null,
      event_id: alarm.causeEventId,
      camera_id: alarm.cameraId,
      area: alarm.area,
      person_name: alarm.personName,
      raised_at: isoTime(alarm.raisedAt),
      level: alarm.level,
      escalated_at: isoTime(alarm.escalatedAt),
      acknowledged_at: isoTime(alarm.acknowledgedAt),
      acknowledged_by: alarm.acknowledgedBy,
      recovered_at: isoTime(alarm.recoveredAt),
      answer: alarm.answer,
      answered_at: isoTime(alarm.answeredAt),
      answered_by: alarm.answeredBy,
      test: alarm.test,
    })),
  };
}

function openAlarms(alarms: readonly Alarm[]): readonly Alarm[] {
  return alarms.filter((alarm) => alarm.state !== "cleared");
}

function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
