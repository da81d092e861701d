// Events in plain words: a title, what was seen, and how loud it is.
import type { EventKind, WireEvent } from "../../../src/domain/events.ts";
import type { IconName } from "../components/icon-paths.ts";
import { duration } from "./time-words.ts";

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
  bed_exit: { title: "Got out of bed", icon: "bed", tone: "notice" },
  identity_changed: { title: "Recognised as somebody else", icon: "person", tone: "plain" },
  camera_online: { title: "Camera is back", icon: "check", tone: "good" },
  camera_offline: { title: "Camera is offline", icon: "offline", tone: "notice" },
  camera_blind: { title: "Camera sees nothing", icon: "blind", tone: "notice" },
  alarm_raised: { title: "Alarm", icon: "alarm", tone: "alarm" },
  alarm_acknowledged: { title: "Alarm acknowledged", icon: "check", tone: "good" },
  alarm_escalated: { title: "Alarm passed on", icon: "alarm", tone: "alarm" },
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
  "alarm_cleared",
];

/** What was seen, as one short sentence; empty when the title says it all. */
export function evidenceSentence(event: WireEvent): string {
  const { evidence } = event;
  switch (event.kind) {
    case "person_out":
      return after("Was here for", evidence.duration_s);
    case "face_matched":
      return percent("Similarity", evidence.similarity);
    case "fall_suspected":
    case "fall_confirmed":
    case "on_floor":
    case "long_lie":
      return fallSentence(evidence);
    case "fall_recovered":
      return after("Was on the floor for", evidence.on_ground_s);
    case "bed_entry":
      return after("Was up for", evidence.previous_s);
    case "bed_exit":
      return after("Was in bed for", evidence.previous_s);
    case "camera_online":
      return after("Was offline for", evidence.offline_s);
    case "camera_offline":
    case "camera_blind":
      return typeof evidence.reason === "string" ? evidence.reason : "";
    case "alarm_acknowledged":
    case "alarm_cleared":
    case "alarm_escalated":
    case "alarm_raised":
      return alarmSentence(event);
    case "person_in":
    case "unknown_person":
    case "identity_changed":
      return "";
    default:
      return "";
  }
}

type Evidence = WireEvent["evidence"];

/** Speeds in body lengths: a fall is faster than 1 a second, lying down on purpose slower (see the fall machine). */
function fallSentence({ on_ground_s: onGround, peak_speed: speed }: Evidence): string {
  const parts = [
    isNumber(onGround) && onGround >= 1 ? `on the floor for ${duration(onGround)}` : "",
    isNumber(speed) && speed > 0 ? `came down at ${speed.toFixed(1)} body lengths a second` : "",
  ];
  return sentence(parts.filter((part) => part !== "").join("; "));
}

function alarmSentence({ kind, evidence }: WireEvent): string {
  const cause = typeof evidence.cause === "string" ? eventWords(evidence.cause as EventKind).title : "";
  const by = typeof evidence.by === "string" ? evidence.by : "";
  if (kind === "alarm_cleared" && by === "recovered") return "The person is up again.";
  const who = by === "" ? "" : `by ${by}`;
  return sentence([cause, who].filter((part) => part !== "").join(", "));
}

function after(words: string, seconds: unknown): string {
  return isNumber(seconds) && seconds >= 1 ? `${words} ${duration(seconds)}.` : "";
}

function percent(words: string, share: unknown): string {
  return isNumber(share) ? `${words} ${percentOf(share)}.` : "";
}

function percentOf(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function sentence(text: string): string {
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
