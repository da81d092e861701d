// A walk-through test: who is to see a fall, the alarm and the answer reach everybody, and how long each took. Pure. It
// ends by itself, so that no real alarm is taken for a test the day after.
import type { Millis } from "../core/clock.ts";
import { defineMachine } from "../core/transitions.ts";
import type { Drill, DrillStage } from "../domain/care.ts";
import type { HavenEvent } from "../domain/events.ts";
import type { RunTime } from "./alarm-life.ts";
import { BY_RECOVERY } from "./alarm-machine.ts";
import { subjectOf } from "./alarm-subject.ts";

export const DRILL_MACHINE = defineMachine({
  name: "Drill",
  about: "A walk-through test of the whole chain. Its alarms are marked as tests; it ends by itself.",
  initial: "idle",
  transitions: [
    { from: "idle", to: "under_way", when: "somebody starts it", tells: ["drill_started"] },
    {
      from: "under_way",
      to: "idle",
      when: "its alarm is acknowledged and the person up again, its ten minutes are over, or somebody ends it",
      tells: ["drill_ended"],
    },
  ],
});

/** Long enough to walk in, lie down, be alarmed about and answered; short enough not to be forgotten. */
export const DRILL_MS = 600_000;

export interface RunningDrill {
  readonly drill: Drill;
  /** Wall time at which the body reached the ground; null before it did. */
  readonly groundAt: Millis | null;
  /** The alarm it raised first. */
  readonly alarmId: string | null;
  /** Whether that alarm is over. */
  readonly isAlarmOver: boolean;
  /** Monotonic. */
  readonly endsRunAt: Millis;
}

export function startedDrill(
  request: { readonly id: string; readonly cameraId: string | null; readonly by: string },
  { now, run }: RunTime,
): RunningDrill {
  return {
    drill: {
      ...request,
      startedAt: now,
      until: now + DRILL_MS,
      stages: [{ stage: "started", at: now, delayS: null }],
    },
    groundAt: null,
    alarmId: null,
    isAlarmOver: false,
    endsRunAt: run + DRILL_MS,
  };
}

/** The same drill after a restart, for what is left of its time. */
export function resumedDrill(
  { drill, ...rest }: Omit<RunningDrill, "endsRunAt">,
  { now, run }: RunTime,
): RunningDrill {
  const left = Math.max(0, Math.min(drill.until - now, DRILL_MS));
  return { drill: { ...drill, until: now + left }, ...rest, endsRunAt: run + left };
}

/** Whether what a camera sees belongs to the drill. */
export function isPartOf({ drill }: RunningDrill, cameraId: string | null): boolean {
  return drill.cameraId === null || drill.cameraId === cameraId;
}

/** The drill after an event was recorded; `at`: when that was done. The same object when nothing changed. */
export function drillAfter(running: RunningDrill, event: HavenEvent, at: Millis): RunningDrill {
  if (event.kind === "alarm_acknowledged" || event.kind === "alarm_cleared")
    return afterAnswer(running, event, at);
  if (!isPartOf(running, event.cameraId)) return running;
  switch (event.kind) {
    case "person_in":
      return reached(running, "person_seen", at);
    case "fall_suspected":
    case "fall_confirmed":
      return reached(grounded(reached(running, "person_seen", at), event), event.kind, at);
    case "on_floor":
    case "long_lie":
      return grounded(reached(running, "person_seen", at), event);
    case "alarm_raised":
      return event.evidence.test && running.alarmId === null
        ? reached({ ...running, alarmId: event.evidence.alarmId }, "alarm_raised", at)
        : running;
    case "fall_recovered":
      return running.groundAt === null ? running : reached(running, "recovered", at);
    default:
      return running;
  }
}

/** Somebody is in view who may have been there before it began. */
export function drillSeeing(running: RunningDrill, cameraId: string, at: Millis): RunningDrill {
  return isPartOf(running, cameraId) ? reached(running, "person_seen", at) : running;
}

/** The broker has confirmed an event. */
export function drillDelivered(running: RunningDrill, event: HavenEvent, at: Millis): RunningDrill {
  const isIts = event.kind === "alarm_raised" && event.evidence.alarmId === running.alarmId;
  return isIts ? reached(running, "delivered", at) : running;
}

export function isOver({ drill, isAlarmOver, endsRunAt }: RunningDrill, { run }: RunTime): boolean {
  const stages = new Set(drill.stages.map(({ stage }) => stage));
  return endsRunAt <= run || isAlarmOver || (stages.has("acknowledged") && stages.has("recovered"));
}

function afterAnswer(
  running: RunningDrill,
  event: Extract<HavenEvent, { readonly kind: "alarm_acknowledged" | "alarm_cleared" }>,
  at: Millis,
): RunningDrill {
  const { alarmId, by } = event.evidence;
  if (running.alarmId === null || alarmId !== running.alarmId) return running;
  if (event.kind === "alarm_acknowledged") return reached(running, "acknowledged", at);
  return { ...(by === BY_RECOVERY ? reached(running, "recovered", at) : running), isAlarmOver: true };
}

/** What is said of the ground first stands: the delays of all stages have to begin at the same moment. */
function grounded(running: RunningDrill, event: HavenEvent): RunningDrill {
  const { at } = subjectOf(event);
  return running.groundAt === null && Number.isFinite(at) ? { ...running, groundAt: at } : running;
}

function reached(running: RunningDrill, stage: DrillStage, at: Millis): RunningDrill {
  const { drill, groundAt } = running;
  if (drill.stages.some((known) => known.stage === stage)) return running;
  const delayS =
    groundAt === null || groundAt > at || stage === "person_seen" ? null : (at - groundAt) / 1000;
  return { ...running, drill: { ...drill, stages: [...drill.stages, { stage, at, delayS }] } };
}
