// The one place where nouns become the JSON of contract.ts.
import type { Millis } from "../core/clock.ts";
import { redactUrl } from "../core/logger.ts";
import type { Alarm } from "../domain/alarm.ts";
import type { CameraStatus, RoomState, StreamInfo } from "../domain/camera-status.ts";
import type { Zone } from "../domain/zone.ts";
import type {
  AlarmJson,
  CameraJson,
  CameraStatusJson,
  RoomJson,
  StreamJson,
  SystemJson,
  ZoneJson,
} from "./contract.ts";
import type { CameraView, SystemInfo } from "./deps.ts";

export function cameraToWire(view: CameraView): CameraJson {
  const { camera, status, room } = view;
  return {
    id: camera.id,
    name: camera.name,
    area: camera.area,
    source: redactUrl(camera.source),
    enabled: camera.enabled,
    privacy: camera.privacy,
    zones: camera.zones.map(zoneToWire),
    overlaps: camera.overlaps,
    status: statusToWire(status),
    room: roomToWire(room),
  };
}

export function statusToWire(status: CameraStatus): CameraStatusJson {
  return {
    camera_id: status.cameraId,
    availability: status.availability,
    reason: status.reason,
    since: isoTime(status.since),
    stream: status.stream === null ? null : streamToWire(status.stream),
    blind: status.blind,
    analysed_fps: Math.round(status.analysedFps * 10) / 10,
    dropped: status.dropped,
    pace: status.pace,
    detector_input: status.inputSize === 0 ? null : status.inputSize,
    decoder: status.decoder,
    damaged_packets: status.damagedPackets,
  };
}

export function streamToWire(stream: StreamInfo): StreamJson {
  const { width, height, fps, codec, durationS } = stream;
  return { width, height, fps, codec, duration_s: durationS };
}

export function roomToWire(room: RoomState): RoomJson {
  return {
    camera_id: room.cameraId,
    occupied: room.occupied,
    person_count: room.personCount,
    fall: room.fall,
    bed_occupied: room.bedOccupied,
  };
}

export function alarmToWire(alarm: Alarm): AlarmJson {
  return {
    id: alarm.id,
    state: alarm.state,
    cause: alarm.cause,
    cause_event_id: alarm.causeEventId,
    grown_to: alarm.grownTo ?? null,
    camera_id: alarm.cameraId,
    area: alarm.area,
    person_name: alarm.personName,
    raised_at: isoTime(alarm.raisedAt),
    acknowledged_at: isoTimeOrNull(alarm.acknowledgedAt),
    acknowledged_by: alarm.acknowledgedBy,
    recovered_at: isoTimeOrNull(alarm.recoveredAt),
    cleared_at: isoTimeOrNull(alarm.clearedAt),
    level: alarm.level,
    escalated_at: isoTimeOrNull(alarm.escalatedAt),
    answer: alarm.answer,
    answered_at: isoTimeOrNull(alarm.answeredAt),
    answered_by: alarm.answeredBy,
    test: alarm.test,
  };
}

export function systemToWire(info: SystemInfo, version: string, homeAssistant: boolean): SystemJson {
  return {
    version,
    started_at: isoTime(info.startedAt),
    home_assistant: homeAssistant,
    vision: {
      state: info.vision.state,
      provider: info.vision.provider,
      provider_reason: info.vision.providerReason,
      provider_since: isoTimeOrNull(info.vision.providerSince),
      workers: info.vision.workers,
    },
    mqtt: {
      state: info.mqtt.state,
      broker: info.mqtt.broker === null ? null : redactUrl(info.mqtt.broker),
    },
    database_bytes: info.databaseBytes,
    problems: info.problems,
  };
}

export function zoneToWire(zone: Zone): ZoneJson {
  return {
    id: zone.id,
    name: zone.name,
    kind: zone.kind,
    leads_to: zone.leadsTo,
    polygon: zone.polygon.map((corner) => [corner.x, corner.y] as const),
  };
}

export function isoTime(at: Millis): string {
  return new Date(at).toISOString();
}

export function isoTimeOrNull(at: Millis | null): string | null {
  return at === null ? null : isoTime(at);
}
