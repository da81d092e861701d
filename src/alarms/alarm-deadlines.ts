// What becomes due for alarms by the passing of time alone. Pure.
import type { Millis } from "../core/clock.ts";
import type { EventDraft } from "../domain/events.ts";
import { dueEscalation, type Escalation, nextEscalationAt } from "./alarm-escalation.ts";
import { escalationEvent, lifeEvent } from "./alarm-events.ts";
import type { OpenAlarm, RunTime } from "./alarm-life.ts";
import { type AlarmBoard, BY_RECOVERY, UP_AGAIN_MS } from "./alarm-machine.ts";

export const BY_EXPIRY = "expired";

export interface AlarmTimes {
  readonly escalation: Escalation;
  /** Whether getting up again clears an alarm nobody has acknowledged. */
  readonly clearOnRecovery: boolean;
  /** An acknowledged alarm leaves the board after this. */
  readonly keepMs: Millis;
}

/**
 * What has become due: levels nobody answered within, recoveries that hold, alarms whose time on the board is over. Of
 * several levels that are due at once only the highest is told.
 */
export function dueAlarms(
  board: AlarmBoard,
  times: AlarmTimes,
  { now, run }: RunTime,
): readonly EventDraft[] {
  return board.flatMap((open): readonly EventDraft[] => {
    const occasion = { capturedAt: now };
    const endsAt = clearsAt(open, times);
    if (endsAt !== null && endsAt <= run) {
      const by = open.phase === "acknowledged" ? BY_EXPIRY : BY_RECOVERY;
      return [lifeEvent("alarm_cleared", open, occasion, by)];
    }
    const due = dueEscalation(open, times.escalation, run);
    return due === null ? [] : [escalationEvent(open, due, occasion)];
  });
}

/** When anything becomes due next, in run time; null for never. */
export function nextDueAt(board: AlarmBoard, times: AlarmTimes): Millis | null {
  const moments = board
    .flatMap((open) => [clearsAt(open, times), nextEscalationAt(open, times.escalation)])
    .filter((moment) => moment !== null);
  return moments.length === 0 ? null : Math.min(...moments);
}

function clearsAt({ phase, run }: OpenAlarm, { clearOnRecovery, keepMs }: AlarmTimes): Millis | null {
  if (phase === "acknowledged") return (run.acknowledgedAt ?? 0) + keepMs;
  return clearOnRecovery && run.recoveredAt !== null ? run.recoveredAt + UP_AGAIN_MS : null;
}
