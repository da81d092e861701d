// Everything that comes in over HTTP and WebSocket is parsed here, once. Each parser returns what it was told in our own
// types or throws AppError input.invalid with one sentence about the first thing that is wrong.
import { EVENT_KINDS, type EventKind } from "../domain/events.ts";
import type { Point } from "../domain/geometry.ts";
import { ZONE_KINDS, type Zone } from "../domain/zone.ts";
import type { ViewerMessage } from "./contract.ts";
import type { CameraInput, CameraPatch, EventQuery, ZoneInput } from "./deps.ts";
import {
  type Fields,
  flag,
  invalid,
  isFields,
  isShare,
  knownFields,
  oneOf,
  optionalText,
  single,
  slug,
  text,
} from "./field-parsers.ts";

const MAX_ZONES = 32;
const MAX_CORNERS = 64;
const MAX_EVENTS = 200;
const MAX_OVERLAPS = 16;
const CAMERA_FIELDS = ["name", "area", "source", "enabled", "privacy", "zones", "overlaps"] as const;

/** A zone whose `leadsTo` is undefined did not say where it leads: one that is known goes on leading there. */
export type ZoneChange = Omit<ZoneInput, "leadsTo"> & { readonly leadsTo: string | null | undefined };
export type CameraChange = Omit<CameraPatch, "zones"> & { readonly zones?: readonly ZoneChange[] };

export function parseNewCamera(body: unknown): CameraInput {
  const { name, source, zones = [], ...rest } = parseCameraPatch(body);
  if (name === undefined) throw invalid("A camera needs a name.");
  if (source === undefined) throw invalid("A camera needs an address (source).");
  const defaults = { area: null, substream: null, transport: "auto", enabled: true, privacy: false } as const;
  return { ...defaults, overlaps: [], ...rest, zones: settledZones(zones, []), name, source };
}

/** Where each zone leads, also of those that did not say. */
export function settledZones(zones: readonly ZoneChange[], known: readonly Zone[]): readonly ZoneInput[] {
  return zones.map((zone) => {
    const before = known.find((other) => other.id === zone.id)?.leadsTo ?? null;
    return { ...zone, leadsTo: zone.leadsTo === undefined ? before : zone.leadsTo };
  });
}

export function parseCameraPatch(body: unknown): CameraChange {
  const fields = knownFields(body, CAMERA_FIELDS, "a camera");
  return {
    ...(fields.name === undefined ? {} : { name: text(fields.name, "name", 80) }),
    ...(fields.area === undefined ? {} : { area: optionalText(fields.area, "area", 80) }),
    ...(fields.source === undefined ? {} : { source: parseSource(fields.source) }),
    ...(fields.enabled === undefined ? {} : { enabled: flag(fields.enabled, "enabled") }),
    ...(fields.privacy === undefined ? {} : { privacy: flag(fields.privacy, "privacy") }),
    ...(fields.zones === undefined ? {} : { zones: parseZones(fields.zones) }),
    ...(fields.overlaps === undefined ? {} : { overlaps: parseOverlaps(fields.overlaps) }),
  };
}

export type TestTarget =
  | { readonly kind: "source"; readonly source: string }
  | { readonly kind: "camera"; readonly cameraId: string };

export function parseCameraTest(body: unknown): TestTarget {
  const fields = knownFields(body, ["source", "camera_id"], "a test");
  if (fields.camera_id !== undefined) {
    return { kind: "camera", cameraId: text(fields.camera_id, "camera_id", 64) };
  }
  return { kind: "source", source: parseSource(fields.source) };
}

export function parseEventQuery(query: Fields): EventQuery {
  const limit = single(query, "limit") ?? "50";
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_EVENTS) {
    throw invalid(`limit is a whole number from 1 to ${MAX_EVENTS}.`);
  }
  const before = single(query, "before");
  if (before !== null && !/^[0-9A-Za-z_-]{1,64}$/.test(before))
    throw invalid("before is the id of an event.");
  const cameraId = single(query, "camera_id");
  const personId = single(query, "person_id");
  return { kinds: parseKinds(query.kind), cameraId, personId, before, limit: Number(limit) };
}

/** null for what no viewer of ours would say. */
export function parseViewerMessage(data: string): ViewerMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isFields(message)) return null;
  const { kind, camera_id: cameraId, picture } = message;
  if (kind === "alive") return { kind };
  if (typeof cameraId !== "string" || cameraId === "" || cameraId.length > 64) return null;
  if (kind === "watch") return { kind, camera_id: cameraId, picture: picture !== false };
  if (kind === "unwatch" || kind === "shown") return { kind, camera_id: cameraId };
  return null;
}

/**
 * FFmpeg knows many more protocols (concat:, subfile:, data:, ...), most of which read files or reach into the network
 * in ways nobody expects of a camera: only those of cameras pass, and plain paths.
 */
function parseSource(value: unknown): string {
  const source = text(value, "source", 2048);
  if (/^(rtsps?|https?):\/\/[^/]/i.test(source)) return source;
  if (/^([a-z][a-z0-9+.-]*:|subfile,)/i.test(source)) {
    throw invalid("source is an rtsp://, http:// or https:// address, or the path of a video file.");
  }
  return source;
}

function parseOverlaps(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw invalid("overlaps is a list of cameras' ids.");
  if (value.length > MAX_OVERLAPS) throw invalid(`A camera overlaps with at most ${MAX_OVERLAPS} others.`);
  return [...new Set(value.map((id: unknown, index) => slug(id, `overlaps[${index}]`)))];
}

function parseZones(value: unknown): readonly ZoneChange[] {
  if (!Array.isArray(value)) throw invalid("zones is a list.");
  if (value.length > MAX_ZONES) throw invalid(`A camera has at most ${MAX_ZONES} zones.`);
  const taken = new Set<string>();
  return value.map((entry: unknown, index) => {
    const at = `zones[${index}]`;
    const fields = knownFields(entry, ["id", "name", "kind", "leads_to", "polygon"], "a zone");
    const name = text(fields.name, `${at}.name`, 80);
    const kind = oneOf(fields.kind, `${at}.kind`, ZONE_KINDS);
    const id = fields.id === undefined ? null : slug(fields.id, `${at}.id`);
    if (id !== null && taken.has(id)) throw invalid(`${at}.id "${id}" is there twice.`);
    if (id !== null) taken.add(id);
    const leadsTo =
      fields.leads_to === undefined ? undefined : optionalText(fields.leads_to, `${at}.leads_to`, 80);
    return { id, name, kind, leadsTo, polygon: parsePolygon(fields.polygon, `${at}.polygon`) };
  });
}

function parsePolygon(value: unknown, at: string): readonly Point[] {
  if (!Array.isArray(value) || value.length < 3 || value.length > MAX_CORNERS) {
    throw invalid(`${at} is a list of 3 to ${MAX_CORNERS} corners.`);
  }
  return value.map((corner: unknown) => {
    if (!Array.isArray(corner) || corner.length !== 2) throw invalid(`A corner of ${at} is a pair [x, y].`);
    const [x, y] = corner as readonly unknown[];
    if (!isShare(x) || !isShare(y)) throw invalid(`Corners of ${at} lie between 0 and 1.`);
    return { x, y };
  });
}

function parseKinds(value: unknown): readonly EventKind[] | null {
  if (value === undefined) return null;
  const names = (Array.isArray(value) ? value : [value]).flatMap((part: unknown) => String(part).split(","));
  return [...new Set(names)].map((name) => {
    const kind = EVENT_KINDS.find((known) => known === name);
    if (kind === undefined) throw invalid(`kind is one of ${EVENT_KINDS.join(", ")}.`);
    return kind;
  });
}
