// What others ask for over MQTT. A command that cannot be carried out is one line in the log; what it changed comes back
// as state.

import type { AlarmService } from "./alarms/alarm-service.ts";
import type { CareService } from "./alarms/care-service.ts";
import { assertNever } from "./core/assert-never.ts";
import { isAppError, messageOf } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { MqttCommand } from "./mqtt/commands.ts";

export interface CommandParts {
  readonly alarms: AlarmService;
  readonly care: CareService;
  readonly log: Logger;
  readonly setPrivacy: (cameraId: string, on: boolean) => void;
}

export function obey(command: MqttCommand, parts: CommandParts): void {
  try {
    carryOut(command, parts);
  } catch (error) {
    if (!isAppError(error)) throw error;
    parts.log.warn(
      { command: command.kind, reason: messageOf(error) },
      "a command over MQTT cannot be carried out",
    );
  }
}

function carryOut(command: MqttCommand, { alarms, care, setPrivacy }: CommandParts): void {
  switch (command.kind) {
    case "acknowledge":
      if (command.alarmId === null) alarms.acknowledgeAll(command.by);
      else alarms.acknowledge(command.alarmId, command.by);
      return;
    case "answer":
      alarms.answer(command.alarmId, command.answer, command.by);
      return;
    case "privacy":
      setPrivacy(command.cameraId, command.on);
      return;
    case "mode":
      care.setMode(command.mode, command.by);
      return;
    case "snooze":
      // Ending it for the whole house ends that of every area too.
      if (command.minutes > 0 || command.area !== null) care.snooze(command);
      else
        for (const { area, reason } of care.state().snoozes)
          if (reason === "hand") care.endSnooze(area, command.by);
      return;
    case "drill":
      if (command.on) care.startDrill(command.cameraId, command.by);
      else care.endDrill(command.by);
      return;
    default:
      assertNever(command);
  }
}
