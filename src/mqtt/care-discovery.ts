import { MODES } from "../domain/care.ts";
import { type Component, livingEntity } from "./discovery.ts";
import { TOPICS } from "./topics.ts";

/** As long as a carer's visit or a repair takes; other times by the command's JSON. */
const SNOOZE_MINUTES = 30;

/** How the household is cared for: what is armed, what is held back, and the drill. */
export function careComponents(): Readonly<Record<string, Component>> {
  const snoozeButton = (key: string, name: string, minutes: number, icon: string) => ({
    ...livingEntity("button", key, name),
    platform: "button" as const,
    command_topic: TOPICS.snoozeCommand,
    payload_press: String(minutes),
    qos: 1 as const,
    icon,
  });
  return {
    mode: {
      ...livingEntity("select", "mode", "Mode"),
      platform: "select",
      state_topic: TOPICS.mode,
      json_attributes_topic: TOPICS.modeAttributes,
      command_topic: TOPICS.modeCommand,
      options: MODES,
      qos: 1,
      icon: "mdi:home-switch",
    },
    snoozed: {
      ...livingEntity("binary_sensor", "snoozed", "Snoozed"),
      platform: "binary_sensor",
      state_topic: TOPICS.snooze,
      json_attributes_topic: TOPICS.snoozeAttributes,
      icon: "mdi:bell-sleep",
    },
    snooze: snoozeButton("snooze", `Snooze ${SNOOZE_MINUTES} minutes`, SNOOZE_MINUTES, "mdi:bell-sleep"),
    end_snooze: snoozeButton("end_snooze", "End snooze", 0, "mdi:bell-ring"),
    drill: {
      ...livingEntity("switch", "drill", "Drill"),
      platform: "switch",
      state_topic: TOPICS.drill,
      json_attributes_topic: TOPICS.drillAttributes,
      command_topic: TOPICS.drillCommand,
      qos: 1,
      // Keeps it from being switched along with a room's lights: a real fall would pass for a test.
      entity_category: "config",
      icon: "mdi:run-fast",
    },
  };
}
