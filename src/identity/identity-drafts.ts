// What is said of identities, as events.
import type { Millis } from "../core/clock.ts";
import type { EventDraft, EventOf } from "../domain/events.ts";
import type { IdentityDecision } from "../domain/identity.ts";
import { displayName, type Person } from "../domain/person.ts";
import { faceScore } from "./track-revision.ts";

export interface Occasion {
  readonly cameraId: string;
  readonly area: string | null;
  readonly trackId: number;
  /** null when the track is nobody any more. */
  readonly person: Person | null;
  readonly decision: IdentityDecision;
  readonly capturedAt: Millis;
  readonly mediaTimeS: number | null;
}

export function faceMatched(occasion: Occasion): EventDraft {
  const similarity = faceScore(occasion.decision) ?? 0;
  return { kind: "face_matched", ...fields(occasion), evidence: { similarity } };
}

export function unknownPerson(occasion: Occasion): EventDraft {
  return {
    kind: "unknown_person",
    ...fields(occasion),
    evidence: { similarity: faceScore(occasion.decision) },
  };
}

export function identityChanged(occasion: Occasion, previousPersonId: string | null): EventDraft {
  const { reasons } = occasion.decision;
  return { kind: "identity_changed", ...fields(occasion), evidence: { previousPersonId, reasons } };
}

function fields({ cameraId, area, trackId, person, decision, capturedAt, mediaTimeS }: Occasion) {
  return {
    cameraId,
    area,
    zone: null,
    trackId,
    personId: person?.id ?? null,
    personName: person === null ? null : displayName(person),
    identityCue: person === null ? null : decision.cue,
    capturedAt,
    mediaTimeS,
    confidence: decision.confidence,
  } satisfies Omit<EventOf<"face_matched">, "eventId" | "kind" | "evidence">;
}
