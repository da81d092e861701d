// Where everybody was, to be kept over a restart: ids, areas and times, no names.
import type { Millis } from "../core/clock.ts";
import { NEVER_SEEN, type PersonPlace } from "./person-place.ts";

const VERSION = 1;

/** JSON. */
export function keptPlaces(places: ReadonlyMap<string, PersonPlace>): unknown {
  return {
    version: VERSION,
    persons: [...places].map(([id, { home, area, cameraId, lastSeenAt, since, leaving, unseen }]) => ({
      id,
      home,
      area,
      cameraId,
      lastSeenAt,
      since,
      leaving,
      unseen,
    })),
  };
}

/** What `keptPlaces` gave, nobody visible; entries that cannot be read are left out. `now` is wall time. */
export function parsePlaces(kept: unknown, now: Millis): ReadonlyMap<string, PersonPlace> {
  const { version, persons } = (kept ?? {}) as { readonly version?: unknown; readonly persons?: unknown };
  if (version !== VERSION || !Array.isArray(persons)) return new Map();
  return new Map((persons as readonly unknown[]).flatMap((entry) => entryOf(entry, now)));
}

function entryOf(value: unknown, now: Millis): readonly (readonly [string, PersonPlace])[] {
  if (typeof value !== "object" || value === null) return [];
  const { id, home, area, cameraId, lastSeenAt, since, leaving, unseen } = value as Readonly<
    Record<string, unknown>
  >;
  if (typeof id !== "string" || typeof home !== "boolean" || typeof leaving !== "boolean") return [];
  if (!isTextOrNull(area) || !isTextOrNull(cameraId)) return [];
  if (!isTime(unseen) || !isTimeOrNull(lastSeenAt) || !isTimeOrNull(since)) return [];
  const past = (at: Millis | null) => (at === null ? null : Math.min(at, now));
  const times = { lastSeenAt: past(lastSeenAt), since: past(since) };
  return [[id, { ...NEVER_SEEN, home, area, cameraId, ...times, leaving, unseen }]];
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isTimeOrNull(value: unknown): value is Millis | null {
  return value === null || isTime(value);
}

function isTime(value: unknown): value is Millis {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
