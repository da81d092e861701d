// What others may ask of the daemon over MQTT, parsed once at the edge.
import { cameraOfPrivacyCommand, TOPICS } from "./topics.ts";

export type MqttCommand =
  | {
      readonly kind: "acknowledge";
      /** Who did it, as they call themselves; "mqtt" when they do not say. */
      readonly by: string;
      /** null: every alarm that is raised. */
      readonly alarmId: string | null;
    }
  | { readonly kind: "privacy"; readonly cameraId: string; readonly on: boolean };

export type ParsedCommand = MqttCommand | { readonly kind: "malformed"; readonly expected: string };

const ANONYMOUS = "mqtt";
/** Home Assistant's MQTT button sends this unless told otherwise. */
const PRESS = "PRESS";
/** A command is a word or a small object; nothing longer is read. */
const MAX_BYTES = 1024;
const MAX_NAME_LENGTH = 80;

/** The command a packet holds; null when its topic is no command topic. */
export function parseCommand(topic: string, payload: Buffer): ParsedCommand | null {
  const text = payload.length > MAX_BYTES ? null : payload.toString("utf8").trim();
  if (topic === TOPICS.alarmAcknowledge) return parseAcknowledge(text);
  const cameraId = cameraOfPrivacyCommand(topic);
  if (cameraId === null) return null;
  const word = text?.toUpperCase();
  if (word !== "ON" && word !== "OFF") return { kind: "malformed", expected: "ON or OFF" };
  return { kind: "privacy", cameraId, on: word === "ON" };
}

function parseAcknowledge(text: string | null): ParsedCommand {
  const malformed = { kind: "malformed", expected: 'PRESS or {"by":"name","alarm_id":"id"}' } as const;
  if (text === null) return malformed;
  if (text === PRESS) return { kind: "acknowledge", by: ANONYMOUS, alarmId: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return malformed;
  const { by, alarm_id: alarmId } = value as { readonly by?: unknown; readonly alarm_id?: unknown };
  if (by !== undefined && typeof by !== "string") return malformed;
  // An id that was given but is not one must not widen the command to every alarm.
  if (alarmId !== undefined && alarmId !== null && (typeof alarmId !== "string" || alarmId === ""))
    return malformed;
  return { kind: "acknowledge", by: nameOf(by), alarmId: alarmId ?? null };
}

function nameOf(by: string | undefined): string {
  const name = (by ?? "")
    .replace(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, MAX_NAME_LENGTH);
  return name === "" ? ANONYMOUS : name;
}
