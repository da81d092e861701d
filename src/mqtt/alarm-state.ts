import type { Alarm } from "../domain/alarm.ts";

/** What `haven/alarm/state` says: raised as long as one alarm waits for somebody, whatever the others do. */
export function alarmState(alarms: readonly Alarm[]): "idle" | "raised" | "acknowledged" {
  const open = openAlarms(alarms);
  if (open.some((alarm) => alarm.state === "raised")) return "raised";
  return open.length > 0 ? "acknowledged" : "idle";
}

/** The JSON on `haven/alarm/attributes`: the open alarms, those nobody has acknowledged first, oldest first. */
export function alarmAttributes(alarms: readonly Alarm[]) {
  const open = openAlarms(alarms).toSorted(
    (a, b) => Number(b.state === "raised") - Number(a.state === "raised") || a.raisedAt - b.raisedAt,
  );
  return {
    open: open.length,
    alarms: open.map((alarm) => ({
      alarm_id: alarm.id,
      state: alarm.state,
      cause: alarm.cause,
      event_id: alarm.causeEventId,
      camera_id: alarm.cameraId,
      area: alarm.area,
      person_name: alarm.personName,
      raised_at: new Date(alarm.raisedAt).toISOString(),
      acknowledged_at: alarm.acknowledgedAt === null ? null : new Date(alarm.acknowledgedAt).toISOString(),
      acknowledged_by: alarm.acknowledgedBy,
      recovered_at: alarm.recoveredAt === null ? null : new Date(alarm.recoveredAt).toISOString(),
    })),
  };
}

function openAlarms(alarms: readonly Alarm[]): readonly Alarm[] {
  return alarms.filter((alarm) => alarm.state !== "cleared");
}
