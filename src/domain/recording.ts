// An event after it was recorded: back from the database, and on its way to those who want to know.
import { EVENT_KINDS, type EventKind, type HavenEvent } from "./events.ts";

/**
 * How far an event is carried. `durable`: until the broker has confirmed it, over outages and restarts. `live`: to whoever
 * listens now. `logged`: nowhere but into the log, as the same was said a moment ago.
 */
export type Delivery = "durable" | "live" | "logged";

export interface RecordedEvent {
  readonly event: HavenEvent;
  readonly delivery: Delivery;
  /** false while the database cannot be written: it was announced all the same and is written as soon as that works. */
  readonly stored: boolean;
}

/** An event as a database holds it: the same fields, nothing known about them. */
export interface EventFields {
  readonly eventId: string;
  readonly kind: string;
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly zone: string | null;
  readonly trackId: number | null;
  readonly personId: string | null;
  readonly personName: string | null;
  readonly identityCue: string | null;
  readonly capturedAt: number;
  readonly mediaTimeS: number | null;
  readonly confidence: number | null;
  readonly evidence: object;
}

/**
 * The event these fields were written from; null for a kind that this version does not know. The evidence is trusted to
 * be its kind's: only this program writes it, and always with its event.
 */
export function eventFromFields(fields: EventFields): HavenEvent | null {
  const { identityCue } = fields;
  const isCue =
    identityCue === null || identityCue === "face" || identityCue === "gait" || identityCue === "appearance";
  if (!EVENT_KINDS.includes(fields.kind as EventKind) || !isCue) return null;
  return { ...fields, identityCue } as HavenEvent;
}
