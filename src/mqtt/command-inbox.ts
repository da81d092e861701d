import type { Logger } from "../core/logger.ts";
import { type MqttCommand, parseCommand } from "./commands.ts";
import type { MqttMessage } from "./mqtt-connection.ts";

export interface Household {
  hasCamera(cameraId: string): boolean;
  /** The area's name as the household writes it; null when there is no such area. */
  areaNamed(name: string): string | null;
}

/**
 * Lets through the commands that are meant for now and for something that exists. Whoever sends anything else sends it
 * again and again: one line of each kind is enough.
 */
export class CommandInbox {
  readonly #household: Household;
  readonly #log: Logger;
  readonly #warned = new Set<string>();

  constructor(household: Household, log: Logger) {
    this.#household = household;
    this.#log = log;
  }

  /** The command to carry out; null for everything else, which is complained of where it looks like a command. */
  read({ topic, payload, retained }: MqttMessage): MqttCommand | null {
    const command = parseCommand(topic, payload);
    if (command === null) return null;
    // It was meant for some moment in the past; now it would fire at every connect.
    if (retained) return this.#ignore("retained", { topic }, "a retained command was ignored");
    if (command.kind === "malformed") {
      const { expected } = command;
      return this.#ignore(`malformed ${expected}`, { topic, expected }, "a malformed command was ignored");
    }
    if ("cameraId" in command && command.cameraId !== null && !this.#household.hasCamera(command.cameraId))
      return this.#ignore("unknown camera", { topic }, "a command for an unknown camera was ignored");
    if (command.kind !== "snooze" || command.area === null) return command;
    const area = this.#household.areaNamed(command.area);
    if (area === null)
      return this.#ignore("unknown area", { topic }, "a command for an unknown area was ignored");
    return { ...command, area };
  }

  #ignore(key: string, fields: object, text: string): null {
    if (!this.#warned.has(key)) this.#log.warn(fields, text);
    this.#warned.add(key);
    return null;
  }
}
