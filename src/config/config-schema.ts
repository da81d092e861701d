// The configuration, told once: names, types, defaults, ranges, titles. The daemon's types, the checks of haven.yaml and
// the panel's forms all come from here. Only what something reads has a place in it.
import { type Static, Type } from "typebox";
import { Alarms } from "./alarms-schema.ts";
import { CameraSchema } from "./camera-schema.ts";
import { Reid } from "./identity-schema.ts";
import { SECTION } from "./schema-parts.ts";
import { Api, Mqtt } from "./serving-schema.ts";
import { Adl, Inference, Presence, Tracker } from "./watching-schema.ts";

const General = Type.Object(
  {
    log_level: Type.Enum(["fatal", "error", "warn", "info", "debug", "trace"], {
      title: "Log level",
      description: "How much is logged: state changes at info, single frames at trace.",
      default: "info",
    }),
  },
  { ...SECTION, title: "General" },
);

const days = (title: string, description: string, value: number) =>
  Type.Integer({ title, description, minimum: 1, maximum: 3650, default: value });

const History = Type.Object(
  {
    event_retention_days: days(
      "Keep events",
      "Days events are kept. What raised an alarm nobody has acknowledged is kept in any case.",
      90,
    ),
    observation_retention_days: days("Keep whereabouts", "Days the second-by-second positions are kept.", 7),
    clip_retention_days: days(
      "Keep alarm clips",
      "Days the poses around an alarm are kept: stick figures, no pictures. Those somebody answered help to check the settings.",
      90,
    ),
  },
  { ...SECTION, title: "History" },
);

const Storage = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        title: "Database file",
        description:
          "haven.db in the data folder when left out; a relative path starts at this file's folder.",
        minLength: 1,
      }),
    ),
    max_mb: Type.Integer({
      title: "Largest size",
      description: "Megabytes. Over it the oldest positions go first, then the oldest events.",
      minimum: 10,
      maximum: 1_000_000,
      default: 1000,
    }),
    sync_seconds: Type.Number({
      title: "Write every",
      description:
        "Seconds for which positions are gathered before they are written. Events are written at once.",
      minimum: 1,
      maximum: 10,
      default: 5,
    }),
  },
  { ...SECTION, title: "Storage" },
);

export const ConfigSchema = Type.Object(
  {
    general: General,
    cameras: Type.Array(CameraSchema, { title: "Cameras", maxItems: 256, default: [] }),
    inference: Inference,
    tracker: Tracker,
    reid: Reid,
    adl: Adl,
    presence: Presence,
    history: History,
    storage: Storage,
    alarms: Alarms,
    mqtt: Mqtt,
    api: Api,
  },
  { title: "Haven", additionalProperties: false },
);

/** haven.yaml after parsing, with every default filled in: snake_case as in the file. */
export type ConfigEntries = Static<typeof ConfigSchema>;

/**
 * The schema as JSON Schema for forms. `required` names only what has no default and must be given; `writeOnly` marks
 * secrets, which are never sent out; `remedy` is a sentence for a value that does not fit.
 */
export function configJsonSchema(): object {
  return withoutDefaultedRequired(JSON.parse(JSON.stringify(ConfigSchema))) as object;
}

function withoutDefaultedRequired(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutDefaultedRequired);
  if (typeof node !== "object" || node === null) return node;
  const { required, ...rest } = node as { required?: unknown; properties?: Record<string, object> };
  const kept = Array.isArray(required)
    ? required.filter((key) => !("default" in (rest.properties?.[String(key)] ?? {})))
    : [];
  return Object.fromEntries([
    ...Object.entries(rest).map(([key, value]) => [key, withoutDefaultedRequired(value)]),
    ...(kept.length > 0 ? [["required", kept]] : []),
  ]);
}
