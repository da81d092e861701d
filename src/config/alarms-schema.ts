// The section about alarms: what raises one, who is told next while nobody answers, and what holds one back.
import { Type } from "typebox";
import { ALARM_CAUSES, type AlarmCause } from "../domain/alarm.ts";
import { MODES } from "../domain/care.ts";
import { SECTION, seconds } from "./schema-parts.ts";

const causes = (title: string, value: readonly AlarmCause[]) =>
  Type.Array(Type.Enum(ALARM_CAUSES), { title, uniqueItems: true, default: [...value] });

export const Alarms = Type.Object(
  {
    throttle_seconds: seconds(
      "Quiet after an event",
      "Seconds in which the same kind of event for the same person is not sent again. Alarms are never held back by it.",
      { min: 0, max: 3600, value: 20 },
    ),
    clear_on_recovery: Type.Boolean({
      title: "Clear when the person is up again",
      description: "Off: an alarm stays until somebody acknowledges it, even when the person got up.",
      default: false,
    }),
    clear_acknowledged_after_minutes: Type.Integer({
      title: "Put away after",
      description:
        "Minutes after which an acknowledged alarm leaves the list when nobody was seen to get up.",
      minimum: 1,
      maximum: 1440,
      default: 30,
    }),
    armed: Type.Object(
      {
        home: causes("At home", ["fall_confirmed"]),
        night: causes("At night", ["fall_confirmed", "bed_exit", "wandering"]),
        away: causes("Away", ["fall_confirmed", "unknown_person"]),
      },
      {
        ...SECTION,
        title: "Armed",
        description:
          "What raises an alarm in which mode. Somebody who lies on the floor for long always does.",
      },
    ),
    mode: Type.Enum(MODES, {
      title: "Mode",
      description:
        "The mode Haven begins in; from then on it is set from the panel or over MQTT. auto: home by day, night within the night hours.",
      default: "auto",
    }),
    escalation: Type.Array(
      Type.Object(
        {
          name: Type.String({ title: "Name", minLength: 1, maxLength: 80 }),
          after_seconds: Type.Number({
            title: "After",
            description: "Seconds after the alarm was raised.",
            minimum: 5,
            maximum: 86_400,
          }),
        },
        { additionalProperties: false },
      ),
      {
        title: "Escalation",
        description:
          "Levels in the order of their times: whom to turn to while nobody acknowledges. Each is an event automations can act on.",
        maxItems: 10,
        default: [
          { name: "Again", after_seconds: 60 },
          { name: "Others", after_seconds: 180 },
          { name: "Emergency contact", after_seconds: 300 },
        ],
      },
    ),
    escalation_repeat_seconds: seconds(
      "Repeat the last level",
      "Seconds after which the last level is told again until somebody acknowledges; 0 tells it once.",
      { min: 0, max: 86_400, value: 300 },
    ),
    snooze_by_carer: Type.Boolean({
      title: "Snooze while a carer is there",
      description:
        "While somebody known as a carer is in the room its alarms are held back, except for long lies.",
      default: true,
    }),
    snooze_max_minutes: Type.Integer({
      title: "Longest snooze",
      description: "Minutes a snooze by hand may last.",
      minimum: 1,
      maximum: 720,
      default: 120,
    }),
    blind_after_seconds: seconds("Area blind", "Seconds an area can not be watched before that is told.", {
      min: 0,
      max: 3600,
      value: 60,
    }),
    daily_summary_at: Type.String({
      title: "Daily summary",
      description: "Local time at which the day's summary is sent, such as 08:00; empty for none.",
      pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9])?$",
      remedy: 'must be a time in quotes, such as "08:00", or ""',
      default: "08:00",
    }),
  },
  { ...SECTION, title: "Alarms" },
);
