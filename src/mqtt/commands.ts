// What others may ask of the daemon over MQTT, parsed once at the edge. A command is a word that Home Assistant's switches,
// selects and buttons can send, or a JSON object for who wants to say more: who asks, and for what exactly. Something that
// was given but makes no sense never widens a command to everything.
import { ALARM_ANSWERS, type AlarmAnswer } from "../domain/alarm.ts";
import { MODES, type Mode } from "../domain/care.ts";
import { cameraOfPrivacyCommand, TOPICS } from "./topics.ts";

/** `by`: who did it, as they call themselves; "mqtt" when they do not say. */
export type MqttCommand =
  | {
      readonly kind: "acknowledge";
      readonly by: string;
      /** null: every alarm that is raised. */
      readonly alarmId: string | null;
    }
  | {
      readonly kind: "answer";
      readonly alarmId: string;
      readonly answer: AlarmAnswer;
      readonly by: string;
    }
  | { readonly kind: "privacy"; readonly cameraId: string; readonly on: boolean }
  | { readonly kind: "mode"; readonly mode: Mode; readonly by: string }
  | {
      readonly kind: "snooze";
      /** At most a day; 0 ends what was snoozed by hand. */
      readonly minutes: number;
      /** null: the whole house; with 0 minutes, every area's too. */
      readonly area: string | null;
      readonly by: string;
    }
  | {
      readonly kind: "drill";
      readonly on: boolean;
      /** null: any camera. */
      readonly cameraId: string | null;
      readonly by: string;
    };

export type ParsedCommand = MqttCommand | { readonly kind: "malformed"; readonly expected: string };

const ANONYMOUS = "mqtt";
/** Home Assistant's MQTT button sends this unless told otherwise. */
const PRESS = "PRESS";
/** A command is a word or a small object; nothing longer is read. */
const MAX_BYTES = 1024;
const MAX_NAME_LENGTH = 80;
/** No snooze is longer than a day, whatever the household's own limit is. */
const MAX_SNOOZE_MINUTES = 24 * 60;

const EXPECTED = {
  acknowledge: 'PRESS or {"by":"name","alarm_id":"id"}',
  answer: `{"alarm_id":"id","answer":"${ALARM_ANSWERS.join("|")}","by":"name"}`,
  privacy: "ON or OFF",
  mode: `${MODES.join(", ")} or {"mode":"home","by":"name"}`,
  snooze: `minutes from 0 (end it) to ${MAX_SNOOZE_MINUTES}, or {"minutes":30,"area":"name","by":"name"}`,
  drill: 'ON, OFF or {"on":true,"camera_id":"id","by":"name"}',
} as const satisfies Readonly<Record<MqttCommand["kind"], string>>;

/** The command a packet holds; null when its topic is no command topic. */
export function parseCommand(topic: string, payload: Buffer): ParsedCommand | null {
  const kind = commandKind(topic);
  if (kind === null) return null;
  const text = payload.length > MAX_BYTES ? null : payload.toString("utf8").trim();
  const command = text === null ? null : parse(kind, topic, text);
  return command ?? { kind: "malformed", expected: EXPECTED[kind] };
}

function commandKind(topic: string): MqttCommand["kind"] | null {
  switch (topic) {
    case TOPICS.alarmAcknowledge:
      return "acknowledge";
    case TOPICS.alarmAnswer:
      return "answer";
    case TOPICS.modeCommand:
      return "mode";
    case TOPICS.snoozeCommand:
      return "snooze";
    case TOPICS.drillCommand:
      return "drill";
    default:
      return cameraOfPrivacyCommand(topic) === null ? null : "privacy";
  }
}

function parse(kind: MqttCommand["kind"], topic: string, text: string): MqttCommand | null {
  const fields = objectOf(text);
  const by = fields === null ? ANONYMOUS : nameOf(fields.by);
  if (by === null) return null;
  switch (kind) {
    case "acknowledge": {
      if (text === PRESS) return { kind, by, alarmId: null };
      const alarmId = optionalText(fields?.alarm_id);
      return fields === null || alarmId === undefined ? null : { kind, by, alarmId };
    }
    case "answer": {
      const alarmId = optionalText(fields?.alarm_id) ?? null;
      const answer = oneOf(ALARM_ANSWERS, fields?.answer);
      return alarmId === null || answer === null ? null : { kind, alarmId, answer, by };
    }
    case "privacy": {
      const cameraId = cameraOfPrivacyCommand(topic);
      const on = switched(text);
      return cameraId === null || on === null ? null : { kind, cameraId, on };
    }
    case "mode": {
      const mode = oneOf(MODES, fields === null ? text.toLowerCase() : fields.mode);
      return mode === null ? null : { kind, mode, by };
    }
    case "snooze": {
      const minutes = fields === null ? numberOf(text) : fields.minutes;
      const area = optionalText(fields?.area);
      if (typeof minutes !== "number" || area === undefined) return null;
      return minutes >= 0 && minutes <= MAX_SNOOZE_MINUTES ? { kind, minutes, area, by } : null;
    }
    case "drill": {
      const on = fields === null ? switched(text) : fields.on;
      const cameraId = optionalText(fields?.camera_id);
      return typeof on !== "boolean" || cameraId === undefined ? null : { kind, on, cameraId, by };
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** null for anything but a JSON object. */
function objectOf(text: string): Fields | null {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return null;
  }
}

/** null for what was left out, undefined for what was given and is no text. */
function optionalText(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function oneOf<T extends string>(words: readonly T[], value: unknown): T | null {
  return words.find((word) => word === value) ?? null;
}

function switched(text: string): boolean | null {
  const word = text.toUpperCase();
  return word === "ON" ? true : word === "OFF" ? false : null;
}

/** Digits, as a template or a button gives them; not what JavaScript also takes for a number, such as "" or "0x1f". */
function numberOf(text: string): number | null {
  return /^\d{1,4}(\.\d{1,6})?$/.test(text) ? Number(text) : null;
}

/** null when it was given and is no text. */
function nameOf(by: unknown): string | null {
  if (by !== undefined && by !== null && typeof by !== "string") return null;
  const name = (by ?? "")
    .replace(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, MAX_NAME_LENGTH);
  return name === "" ? ANONYMOUS : name;
}
