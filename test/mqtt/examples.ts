import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Alarm } from "../../src/domain/alarm.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { CameraStatus, RoomState } from "../../src/domain/camera-status.ts";
import type { AreaDay, CareState, DaySummary, Drill } from "../../src/domain/care.ts";
import type { EventOf } from "../../src/domain/events.ts";
import type { AreaPresence, PersonPresence } from "../../src/domain/identity.ts";
import type { Zone } from "../../src/domain/zone.ts";
import type { MqttCommand } from "../../src/mqtt/commands.ts";
import { HavenMqtt, type HavenMqttOptions } from "../../src/mqtt/haven-mqtt.ts";

export const AT = Date.parse("2026-11-20T08:01:02.345Z");

const BED: Zone = {
  id: "z1",
  name: "bed",
  kind: "bed",
  leadsTo: null,
  polygon: [
    { x: 0, y: 0.5 },
    { x: 1, y: 0.5 },
    { x: 1, y: 1 },
  ],
};

/** A zone with a door to somewhere nobody watches. */
export function door(leadsTo: string | null): Zone {
  return { ...BED, id: `door-${leadsTo}`, name: "door", kind: "door", leadsTo };
}

export function camera(changes: Partial<Camera> & { readonly bed?: boolean } = {}): Camera {
  const { bed = true, ...rest } = changes;
  return {
    id: "bedroom",
    name: "Bedroom camera",
    area: "Bedroom",
    source: "rtsp://camera.invalid/stream",
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: bed ? [BED] : [],
    overlaps: [],
    ...rest,
  };
}

export function status(changes: Partial<CameraStatus> = {}): CameraStatus {
  return {
    cameraId: "bedroom",
    availability: "online",
    reason: null,
    since: AT,
    stream: null,
    analysedFps: 9.96,
    dropped: 3,
    blind: null,
    pace: "full",
    inputSize: 256,
    decoder: "software",
    damagedPackets: 0,
    ...changes,
  };
}

export function room(changes: Partial<RoomState> = {}): RoomState {
  return {
    cameraId: "bedroom",
    occupied: true,
    personCount: 1,
    fall: false,
    bedOccupied: true,
    ...changes,
  };
}

export function fall(changes: Partial<EventOf<"fall_confirmed">> = {}): EventOf<"fall_confirmed"> {
  return {
    kind: "fall_confirmed",
    eventId: "01J0000000000000000000FALL",
    cameraId: "bedroom",
    area: "Bedroom",
    zone: "floor",
    trackId: 7,
    personId: "p_3f9c",
    personName: "Rosa",
    identityCue: "face",
    capturedAt: AT,
    mediaTimeS: 12.345,
    confidence: 0.93,
    evidence: {
      peakSpeed: 2.1,
      drop: 0.8,
      posture: "lying",
      signs: [],
      descentAtS: 10,
      groundAtS: 10.4,
      onGroundS: 2,
      box: { x1: 0.1, y1: 0.6, x2: 0.5, y2: 0.9 },
    },
    ...changes,
  };
}

export function alarm(changes: Partial<Alarm> = {}): Alarm {
  return {
    id: "01J000000000000000000ALARM",
    state: "raised",
    cause: "fall_confirmed",
    causeEventId: "01J0000000000000000000FALL",
    cameraId: "bedroom",
    area: "Bedroom",
    personName: "Rosa",
    raisedAt: AT,
    acknowledgedAt: null,
    acknowledgedBy: null,
    recoveredAt: null,
    clearedAt: null,
    level: 0,
    escalatedAt: null,
    answer: null,
    answeredAt: null,
    answeredBy: null,
    test: false,
    ...changes,
  };
}

export function care(changes: Partial<CareState> = {}): CareState {
  return {
    mode: "auto",
    effectiveMode: "home",
    armed: ["fall_confirmed", "long_lie"],
    snoozes: [],
    drill: null,
    ...changes,
  };
}

export function drill(changes: Partial<Drill> = {}): Drill {
  return {
    id: "01J000000000000000000DRILL",
    cameraId: "bedroom",
    by: "Carla",
    startedAt: AT,
    until: AT + 600_000,
    stages: [
      { stage: "started", at: AT, delayS: null },
      { stage: "fall_confirmed", at: AT + 9_000, delayS: 2.0449 },
    ],
    ...changes,
  };
}

export function areaDay(changes: Partial<AreaDay> = {}): AreaDay {
  return { area: "Bedroom", blindS: 0, occupiedS: 0, inBedS: 0, bedExits: 0, falls: 0, ...changes };
}

export function day(changes: Partial<DaySummary> = {}): DaySummary {
  return { date: "2026-11-20", areas: [areaDay()], doors: [], alarms: 0, falseAlarms: 0, ...changes };
}

/** A daemon's MQTT side with everything but the broker decided; `commands` collects what it was asked for. */
export function havenMqtt(
  credentials: HavenMqttOptions["credentials"],
  changes: Partial<HavenMqttOptions> = {},
): { readonly haven: HavenMqtt & AsyncDisposable; readonly commands: MqttCommand[] } {
  const commands: MqttCommand[] = [];
  const haven = new HavenMqtt({
    credentials,
    clientId: "haven-test",
    version: "1.2.3",
    panelUrl: null,
    onCommand: (command) => commands.push(command),
    clock: systemClock,
    random: () => 0,
    log: silentLogger,
    ...changes,
  });
  return {
    haven: Object.assign(haven, { [Symbol.asyncDispose]: () => haven.stop() }),
    commands,
  };
}

export function presence(changes: Partial<PersonPresence> = {}): PersonPresence {
  return {
    personId: "p_rosa",
    name: "Rosa",
    kind: "resident",
    named: true,
    area: "Bedroom",
    cameraId: "bedroom",
    visible: true,
    home: true,
    since: AT,
    lastSeenAt: AT,
    cue: "face",
    confidence: 0.876,
    ...changes,
  };
}

export function areaPresence(changes: Partial<AreaPresence> = {}): AreaPresence {
  return {
    area: "Bedroom",
    watched: true,
    occupied: true,
    count: 2,
    personIds: ["p_rosa"],
    unknownPresent: true,
    ...changes,
  };
}
