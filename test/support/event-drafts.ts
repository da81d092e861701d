import type { FallEvidence } from "../../src/domain/activity.ts";
import type { EventDraft, EventOf } from "../../src/domain/events.ts";

type Base = Omit<EventOf<"person_in">, "eventId" | "kind" | "evidence">;

export interface Over extends Partial<Base> {
  /** Media time at which somebody reached the ground. */
  readonly groundAtS?: number;
}

const BASE: Base = {
  cameraId: "bedroom",
  area: "Bedroom",
  zone: null,
  trackId: 1,
  personId: null,
  personName: null,
  identityCue: null,
  capturedAt: 1_000_000,
  mediaTimeS: 12.345,
  confidence: 0.9,
};

const BOX = { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 };

export function fall(
  kind: "fall_suspected" | "fall_confirmed" | "fall_recovered" | "on_floor" | "long_lie",
  { groundAtS = 10, ...over }: Over = {},
): EventDraft {
  const evidence: FallEvidence = {
    peakSpeed: 1.2,
    drop: 0.6,
    posture: "lying",
    signs: [],
    descentAtS: groundAtS - 0.5,
    groundAtS,
    onGroundS: 2,
    box: BOX,
  };
  return { ...BASE, ...over, kind, evidence };
}

export function personIn(over: Over = {}): EventDraft {
  const { groundAtS: _, ...base } = over;
  return { ...BASE, ...base, kind: "person_in", evidence: { box: BOX } };
}

export function bedExit(over: Over = {}): EventDraft {
  const { groundAtS: _, ...base } = over;
  return { ...BASE, ...base, kind: "bed_exit", evidence: { box: BOX, previousS: 3600, night: true } };
}

export function cameraOffline(over: Over = {}): EventDraft {
  const { groundAtS: _, ...base } = over;
  return { ...BASE, trackId: null, ...base, kind: "camera_offline", evidence: { reason: "no answer" } };
}

export function bed(kind: "bed_entry" | "bed_edge", over: Over = {}): EventDraft {
  const { groundAtS: _, ...base } = over;
  return { ...BASE, ...base, kind, evidence: { box: BOX, previousS: 3600, night: true } };
}

/** Of the whole house: no camera, no body. */
export function houseNotice(kind: "inactivity" | "wandering", capturedAt: number): EventDraft {
  const base = { ...BASE, cameraId: null, area: null, trackId: null, mediaTimeS: null, capturedAt };
  return kind === "inactivity"
    ? { ...base, kind, evidence: { lastMovedAt: capturedAt - 3_600_000, quietS: 3600 } }
    : { ...base, kind, evidence: { upSince: capturedAt - 1_200_000, upS: 1200, areas: ["Bedroom"] } };
}

export function areaBlind(
  kind: "area_blind" | "area_watched",
  capturedAt: number,
  area = "Hall",
): EventDraft {
  const base = { ...BASE, cameraId: null, area, trackId: null, mediaTimeS: null, capturedAt };
  return kind === "area_blind"
    ? { ...base, kind, evidence: { reason: "offline" } }
    : { ...base, kind, evidence: { blindS: 90 } };
}
