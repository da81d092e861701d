// The configuration as the daemon uses it, and its mapping from and to the file's own names: snake_case there,
// camelCase here, told once, for the types and for the values.
import { dirname, isAbsolute, join } from "node:path";
import type { Camera, HeightMark } from "../domain/camera.ts";
import type { Zone } from "../domain/zone.ts";
import type { CameraEntry, HeightMarkEntry, ZoneEntry } from "./camera-schema.ts";
import type { ConfigEntries } from "./config-schema.ts";
import { uniqueSlug } from "./slug.ts";

/** `lost_seconds` becomes `lostS`: inside, names end in their unit. */
type CamelKey<Key extends string> = Key extends "min_ground_duration"
  ? "minGroundDurationS"
  : Key extends `${infer Head}_seconds`
    ? `${CamelKey<Head>}S`
    : Key extends `${infer Head}_${infer Tail}`
      ? `${Head}${Capitalize<CamelKey<Tail>>}`
      : Key;

type Camel<T> = T extends readonly (infer Item)[]
  ? readonly Camel<Item>[]
  : T extends object
    ? { readonly [Key in keyof T as Key extends string ? CamelKey<Key> : never]: Camel<T[Key]> }
    : T;

export type Config = Camel<Omit<ConfigEntries, "cameras">> & { readonly cameras: readonly Camera[] };

/** Words whose inner name does not follow from the rule. */
const RENAMED: readonly (readonly [string, string])[] = [["min_ground_duration", "minGroundDurationS"]];

function camelKey(key: string): string {
  const renamed = RENAMED.find(([outer]) => outer === key)?.[1];
  return (
    renamed ??
    key.replace(/_seconds$/, "_s").replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  );
}

function snakeKey(key: string): string {
  const renamed = RENAMED.find(([, inner]) => inner === key)?.[0];
  return renamed ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/_s$/, "_seconds");
}

function mapKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapKeys(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [rename(key), mapKeys(inner, rename)]),
  );
}

/** `file` is the configuration file's path: relative paths in it start at its folder. */
export function configOf(entries: ConfigEntries, file: string): Config {
  const { cameras, storage, inference, reid, ...sections } = entries;
  const folder = dirname(file);
  return {
    ...(mapKeys(sections, camelKey) as Camel<
      Omit<ConfigEntries, "cameras" | "storage" | "inference" | "reid">
    >),
    reid: {
      ...(mapKeys(reid, camelKey) as Camel<ConfigEntries["reid"]>),
      faceDetector: modelOf(reid.face_detector, folder),
      faceModel: modelOf(reid.face_model, folder),
      appearanceModel: modelOf(reid.appearance_model, folder),
    },
    inference: {
      ...(mapKeys(inference, camelKey) as Camel<ConfigEntries["inference"]>),
      detector: modelOf(inference.detector, folder),
    },
    storage: {
      ...(mapKeys(storage, camelKey) as Camel<ConfigEntries["storage"]>),
      ...(storage.path === undefined ? {} : { path: absolute(storage.path, folder) }),
    },
    cameras: cameras.map((entry) => cameraOf(entry, folder)),
  };
}

function cameraOf(entry: CameraEntry, folder: string): Camera {
  return {
    id: entry.id,
    name: entry.name ?? entry.id,
    area: entry.area ?? null,
    source: sourceOf(entry.source, folder),
    substream: entry.substream === undefined ? null : sourceOf(entry.substream, folder),
    transport: entry.transport,
    enabled: entry.enabled,
    privacy: entry.privacy,
    zones: zonesOf(entry.zones),
    overlaps: entry.overlaps,
    ...(entry.region === undefined ? {} : { region: entry.region }),
    ...heightMarksOf(entry.height_marks),
  };
}

function heightMarksOf(marks: CameraEntry["height_marks"]): Pick<Camera, "heightMarks"> {
  const [near, far] = marks ?? [];
  return near === undefined || far === undefined ? {} : { heightMarks: [markOf(near), markOf(far)] };
}

function markOf({ foot, head, metres }: HeightMarkEntry): HeightMark {
  const point = ([x, y]: readonly [number, number]) => ({ x, y });
  return { foot: point(foot), head: point(head), metres };
}

function sourceOf(source: string, folder: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source) ? source : absolute(source, folder);
}

/** The id of a model stays as it is; what ends in .json or has a slash is a manifest file. */
function modelOf(reference: string, folder: string): string {
  return /[/\\]|\.json$/i.test(reference) ? absolute(reference, folder) : reference;
}

function zonesOf(entries: readonly ZoneEntry[]): readonly Zone[] {
  // Ids that were given come first, so that an id made from a name never takes one of them.
  const taken = new Set(entries.flatMap((entry) => (entry.id === undefined ? [] : [entry.id])));
  return entries.map((entry) => {
    const id = entry.id ?? uniqueSlug(entry.name, taken, entry.kind);
    taken.add(id);
    return {
      id,
      name: entry.name,
      kind: entry.kind,
      polygon: entry.polygon.map(([x, y]) => ({ x, y })),
      leadsTo: entry.leads_to ?? null,
    };
  });
}

function absolute(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** The way back: every setting, defaults included, as it would stand in the file. */
export function entriesOf(config: Config): ConfigEntries {
  const { cameras, ...sections } = config;
  return {
    ...(mapKeys(sections, snakeKey) as Omit<ConfigEntries, "cameras">),
    cameras: cameras.map((camera) => ({
      id: camera.id,
      name: camera.name,
      ...(camera.area === null ? {} : { area: camera.area }),
      source: camera.source,
      ...(camera.substream === null ? {} : { substream: camera.substream }),
      transport: camera.transport,
      enabled: camera.enabled,
      privacy: camera.privacy,
      zones: camera.zones.map((zone) => ({
        id: zone.id,
        name: zone.name,
        kind: zone.kind,
        ...(zone.leadsTo === null ? {} : { leads_to: zone.leadsTo }),
        polygon: zone.polygon.map(({ x, y }) => [x, y] as const),
      })),
      overlaps: [...camera.overlaps],
      ...(camera.region === undefined ? {} : { region: camera.region }),
      ...(camera.heightMarks === undefined
        ? {}
        : {
            height_marks: camera.heightMarks.map(({ foot, head, metres }) => ({
              foot: [foot.x, foot.y] as const,
              head: [head.x, head.y] as const,
              metres,
            })),
          }),
    })),
  };
}
