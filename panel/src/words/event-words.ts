// Events in plain words: a title, a picture, and how loud it is. What was seen is told by evidence-words.ts.
import type { EventKind } from "../../../src/domain/events.ts";
import type { IconName } from "../components/icon-paths.ts";

/** alarm: somebody has to look now; notice: worth a look; good: something ended well; plain: for the log. */
export type Tone = "alarm" | "notice" | "good" | "plain";

export interface EventWords {
  readonly title: string;
  readonly icon: IconName;
  readonly tone: Tone;
}

const EVENT_WORDS: Readonly<Record<EventKind, EventWords>> = {
  person_in: { title: "Somebody came in", icon: "person", tone: "plain" },
  person_out: { title: "Somebody left", icon: "person", tone: "plain" },
  face_matched: { title: "A face was recognised", icon: "person", tone: "plain" },
  unknown_person: { title: "An unknown person", icon: "person", tone: "notice" },
  fall_suspected: { title: "Maybe a fall", icon: "fall", tone: "notice" },
  fall_confirmed: { title: "Fall", icon: "fall", tone: "alarm" },
  fall_recovered: { title: "Up again after a fall", icon: "check", tone: "good" },
  on_floor: { title: "On the floor", icon: "fall", tone: "notice" },
  long_lie: { title: "Lying on the floor for long", icon: "fall", tone: "alarm" },
  bed_entry: { title: "Went to bed", icon: "bed", tone: "plain" },
  bed_edge: { title: "Sits on the edge of the bed", icon: "bed", tone: "notice" },
  bed_exit: { title: "Got out of bed", icon: "bed", tone: "notice" },
  inactivity: { title: "Nobody has moved for long", icon: "still", tone: "notice" },
  wandering: { title: "Up and about at night", icon: "moon", tone: "notice" },
  identity_changed: { title: "Recognised as somebody else", icon: "person", tone: "plain" },
  camera_online: { title: "Camera is back", icon: "check", tone: "good" },
  camera_offline: { title: "Camera is offline", icon: "offline", tone: "notice" },
  camera_blind: { title: "Camera sees nothing", icon: "blind", tone: "notice" },
  area_blind: { title: "A room cannot be watched", icon: "blind", tone: "notice" },
  area_watched: { title: "A room is watched again", icon: "check", tone: "good" },
  mode_changed: { title: "Mode changed", icon: "care", tone: "plain" },
  snooze_started: { title: "Alarms snoozed", icon: "snooze", tone: "notice" },
  snooze_ended: { title: "Alarms no longer snoozed", icon: "check", tone: "good" },
  drill_started: { title: "Drill begun", icon: "drill", tone: "plain" },
  drill_ended: { title: "Drill over", icon: "drill", tone: "plain" },
  daily_summary: { title: "Summary of the day", icon: "care", tone: "plain" },
  alarm_raised: { title: "Alarm", icon: "alarm", tone: "alarm" },
  alarm_acknowledged: { title: "Alarm acknowledged", icon: "check", tone: "good" },
  alarm_escalated: { title: "Alarm passed on", icon: "alarm", tone: "alarm" },
  alarm_answered: { title: "Alarm answered", icon: "check", tone: "good" },
  alarm_cleared: { title: "Alarm over", icon: "check", tone: "good" },
};

/** A page that was opened before the daemon was updated may hear of kinds it does not know. */
export function eventWords(kind: EventKind): EventWords {
  const known: Readonly<Partial<Record<string, EventWords>>> = EVENT_WORDS;
  return known[kind] ?? { title: kind.replaceAll("_", " "), icon: "events", tone: "plain" };
}

/** What "Alarms only" shows: what raises an alarm, and what became of it. */
export const ALARM_KINDS: readonly EventKind[] = [
  "fall_confirmed",
  "long_lie",
  "fall_recovered",
  "alarm_raised",
  "alarm_acknowledged",
  "alarm_escalated",
  "alarm_answered",
  "alarm_cleared",
];
