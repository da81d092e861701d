// How a camera's status begins, and what is told when it changes.
import type { Millis } from "../core/clock.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import { type CameraHealth, type CameraStatus, NO_HEALTH } from "../domain/camera-status.ts";
import type { EventDraft } from "../domain/events.ts";

/** Before vision has said anything. */
export function firstStatus(camera: Camera, now: Millis): CameraStatus {
  const waiting = camera.enabled ? "connecting" : "the camera is switched off";
  return {
    cameraId: camera.id,
    availability: camera.privacy ? "privacy" : "offline",
    reason: camera.privacy ? "privacy is on" : waiting,
    since: now,
    blind: null,
    stream: null,
    ...NO_HEALTH,
  };
}

/** What is told of a status that has just come about; nothing of privacy, which somebody chose. */
export function availabilityDraft(
  camera: Camera,
  status: CameraStatus,
  { offlineS, at }: { readonly offlineS: number | null; readonly at: Millis },
): EventDraft | null {
  const base = {
    cameraId: camera.id,
    area: areaOf(camera),
    zone: null,
    trackId: null,
    personId: null,
    personName: null,
    identityCue: null,
    capturedAt: at,
    mediaTimeS: null,
    confidence: null,
  };
  const reason = status.reason ?? "unknown";
  switch (status.availability) {
    case "online":
      return { ...base, kind: "camera_online", evidence: { offlineS } };
    case "blind":
      return { ...base, kind: "camera_blind", evidence: { reason } };
    case "offline":
      return { ...base, kind: "camera_offline", evidence: { reason } };
    case "privacy":
      return null;
  }
}

export function healthOf(status: CameraStatus): CameraHealth {
  const { analysedFps, dropped, pace, inputSize, decoder, damagedPackets } = status;
  return { analysedFps, dropped, pace, inputSize, decoder, damagedPackets };
}
