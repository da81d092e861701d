// What an event was seen by, in one short sentence.
import type { FallSign } from "../../../src/domain/activity.ts";
import type { EventKind, WireEvent } from "../../../src/domain/events.ts";
import { ANSWER_WORDS, MODE_WORDS } from "./care-words.ts";
import { eventWords } from "./event-words.ts";
import { clockTime, duration } from "./time-words.ts";

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
    case "bed_edge":
    case "bed_exit":
      return after("Was in bed for", evidence.previous_s);
    case "inactivity":
      return after("No movement for", evidence.quiet_s);
    case "wandering":
      return sentence(
        [after("Up for", evidence.up_s).replace(/\.$/, ""), list(evidence.areas)]
          .filter((part) => part !== "")
          .join(", in "),
      );
    case "area_watched":
      return after("Could not be watched for", evidence.blind_s);
    case "mode_changed":
      return modeSentence(evidence);
    case "snooze_started":
    case "snooze_ended":
      return snoozeSentence(event);
    case "drill_started":
    case "drill_ended":
      return by(evidence);
    case "daily_summary":
      return daySentence(evidence);
    case "camera_online":
      return after("Was offline for", evidence.offline_s);
    case "camera_offline":
    case "camera_blind":
    case "area_blind":
      return typeof evidence.reason === "string" ? evidence.reason : "";
    case "alarm_acknowledged":
    case "alarm_cleared":
    case "alarm_raised":
    case "alarm_escalated":
    case "alarm_answered":
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

/** What speaks for a fall beyond speed and time, where it says something to people who were not there. */
const SIGN_WORDS: Readonly<Partial<Record<FallSign, string>>> = {
  two_stages: "went down in two steps",
  vanished: "out of sight on the way down",
  rolled_out: "rolled out of bed",
  seated: "sits on the floor",
  still_there: "out of sight since, but somebody or something still lies there",
  second_camera: "seen by another camera too",
};

/** Speeds in body lengths: a fall is faster than 1 a second, lying down on purpose slower (see the fall machine). */
function fallSentence({ on_ground_s: onGround, peak_speed: speed, signs }: Evidence): string {
  const parts = [
    isNumber(onGround) && onGround >= 1 ? `on the floor for ${duration(onGround)}` : "",
    isNumber(speed) && speed > 0 ? `came down at ${speed.toFixed(1)} body lengths a second` : "",
    ...(Array.isArray(signs) ? signs.map((sign) => named(SIGN_WORDS, sign, "")) : []),
  ];
  return sentence(parts.filter((part) => part !== "").join("; "));
}

function alarmSentence({ kind, evidence }: WireEvent): string {
  const cause = typeof evidence.cause === "string" ? eventWords(evidence.cause as EventKind).title : "";
  const who = typeof evidence.by === "string" ? evidence.by : "";
  if (kind === "alarm_cleared" && who === "recovered") return "The person is up again.";
  const parts = [
    cause,
    lowerFirst(typeof evidence.grown_to === "string" ? eventWords(evidence.grown_to as EventKind).title : ""),
    kind === "alarm_escalated" && typeof evidence.name === "string" ? `to ${evidence.name}` : "",
    kind === "alarm_answered" ? lowerFirst(named(ANSWER_WORDS, evidence.answer)) : "",
    who === "" ? "" : `by ${who}`,
    evidence.test === true ? "a test" : "",
  ];
  return sentence(parts.filter((part) => part !== "").join(", "));
}

function modeSentence({ mode, effective_mode: effective, by: who }: Evidence): string {
  const name = named(MODE_WORDS, mode);
  const now = mode === "auto" ? `: ${lowerFirst(named(MODE_WORDS, effective))}` : "";
  return sentence(`${name}${now}${typeof who === "string" && who !== "" ? `, by ${who}` : ""}`);
}

function snoozeSentence({ kind, evidence, captured_at }: WireEvent): string {
  const who = typeof evidence.by === "string" ? evidence.by : "somebody";
  if (evidence.reason === "carer") return kind === "snooze_started" ? `${who} is there.` : `${who} has left.`;
  const { until } = evidence;
  const end =
    kind === "snooze_started" && typeof until === "string"
      ? `, until ${clockTime(Date.parse(until), Date.parse(captured_at))}`
      : "";
  return `By ${who}${end}.`;
}

function daySentence({ alarms, false_alarms: wrong, areas }: Evidence): string {
  const blind = Array.isArray(areas)
    ? areas.reduce<number>(
        (sum, area: { blind_s?: unknown }) => sum + (isNumber(area.blind_s) ? area.blind_s : 0),
        0,
      )
    : 0;
  const parts = [
    isNumber(alarms) ? countAlarms(alarms) : "",
    isNumber(wrong) && wrong > 0 ? `${wrong} of them false` : "",
    blind >= 60 ? `${duration(blind)} in which a room could not be watched` : "",
  ];
  return sentence(parts.filter((part) => part !== "").join(", "));
}

function countAlarms(count: number): string {
  return count === 0 ? "no alarms" : count === 1 ? "1 alarm" : `${count} alarms`;
}

function by({ by: who }: Evidence): string {
  return typeof who === "string" && who !== "" ? `By ${who}.` : "";
}

/** A page that was opened before the daemon was updated may hear of names it does not know. */
function named(words: Readonly<Partial<Record<string, string>>>, name: unknown, unknown = name): string {
  const word = typeof name === "string" ? (words[name] ?? unknown) : "";
  return typeof word === "string" ? word : "";
}

function list(names: unknown): string {
  return Array.isArray(names) ? names.filter((name) => typeof name === "string").join(", ") : "";
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
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
