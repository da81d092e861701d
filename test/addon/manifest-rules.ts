// Home Assistant's rules for an app's manifest and its translations, as its Supervisor and the common app linter apply them.
import { Ajv, type ErrorObject } from "ajv";

/** The Supervisor's pattern of one option's type in `schema`. */
const OPTION_TYPE =
  /^(?:bool|email|url|port|device(?:\(subsystem=[a-z]+\))?|str(?:\(\d*,\d*\))?|password(?:\(\d*,\d*\))?|int(?:\(-?\d*,-?\d*\))?|float(?:\(-?[\d.]*,-?[\d.]*\))?|match\(.*\)|list\(.+\))\??$/;

/** Values the Supervisor assumes anyway: its linter wants them left out. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  apparmor: true,
  backup: "hot",
  boot: "auto",
  hassio_api: false,
  hassio_role: "default",
  homeassistant_api: false,
  host_network: false,
  ingress: false,
  ingress_port: 8099,
  ingress_stream: false,
  init: true,
  panel_admin: true,
  panel_icon: "mdi:puzzle",
  stage: "stable",
  startup: "application",
  timeout: 10,
  video: false,
};

const text = { type: "string", minLength: 1 };
const flag = { type: "boolean" };

const manifestSchema = {
  type: "object",
  required: ["name", "version", "slug", "description", "arch"],
  additionalProperties: false,
  properties: {
    name: text,
    version: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.]+)?$" },
    slug: { type: "string", pattern: "^[-_.A-Za-z0-9]+$" },
    description: text,
    url: { type: "string", pattern: "^https?://" },
    // 32-bit architectures are deprecated.
    arch: { type: "array", minItems: 1, uniqueItems: true, items: { enum: ["aarch64", "amd64"] } },
    image: { type: "string", pattern: "^([a-zA-Z\\-.:\\d{}]+/)*?([-\\w{}]+)/([-\\w{}]+)$" },
    stage: { enum: ["stable", "experimental", "deprecated"] },
    startup: { enum: ["initialize", "system", "services", "application", "once"] },
    boot: { enum: ["auto", "manual", "manual_only"] },
    init: flag,
    homeassistant: { type: "string", pattern: "^\\d{4}\\.\\d{1,2}\\.\\d+$" },
    ingress: flag,
    ingress_port: { type: "integer", minimum: 1, maximum: 65535 },
    ingress_entry: text,
    ingress_stream: flag,
    panel_icon: { type: "string", pattern: "^mdi:[a-z0-9-]+$" },
    panel_title: text,
    panel_admin: flag,
    services: { type: "array", items: { type: "string", pattern: "^(mqtt|mysql):(provide|want|need)$" } },
    hassio_api: flag,
    homeassistant_api: flag,
    hassio_role: { enum: ["default", "homeassistant", "backup", "manager", "admin"] },
    video: flag,
    devices: { type: "array", items: { type: "string", pattern: "^/dev/[^:]+$" } },
    map: {
      type: "array",
      items: {
        type: "object",
        required: ["type"],
        additionalProperties: false,
        properties: {
          // A type the Supervisor does not know makes it refuse the app: only those that older ones have, too.
          type: {
            enum: ["data", "ssl", "share", "media", "backup", "homeassistant_config", "addon_config"],
          },
          read_only: flag,
          path: text,
        },
      },
    },
    ports: { type: "object", additionalProperties: { type: ["integer", "null"] } },
    ports_description: { type: "object", additionalProperties: text },
    backup: { enum: ["hot", "cold"] },
    backup_pre: text,
    backup_post: text,
    backup_exclude: { type: "array", items: text },
    apparmor: flag,
    timeout: { type: "integer", minimum: 10, maximum: 300 },
    environment: { type: "object", additionalProperties: { type: "string" } },
    options: { type: "object" },
    schema: { type: "object" },
  },
};

const translationsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    configuration: {
      type: "object",
      additionalProperties: {
        type: "object",
        required: ["name"],
        additionalProperties: false,
        properties: { name: text, description: text, fields: { type: "object" } },
      },
    },
    network: { type: "object", additionalProperties: text },
  },
};

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const fitsManifest = ajv.compile<Manifest>(manifestSchema);
const fitsTranslations = ajv.compile<Translations>(translationsSchema);

export interface Manifest {
  readonly version: string;
  readonly slug: string;
  readonly arch: readonly string[];
  readonly backup?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

interface Translations {
  readonly configuration?: Readonly<Record<string, { readonly name: string }>>;
}

/** One sentence per offence. */
export function manifestFaults(manifest: unknown): string[] {
  if (!fitsManifest(manifest)) return sentences(fitsManifest.errors);
  const needless = Object.entries(DEFAULTS)
    .filter(([key, value]) => manifest[key] === value)
    .map(([key]) => `${key}: has its default and is to be left out`);
  const cold = ["backup_pre", "backup_post"]
    .filter((key) => manifest.backup === "cold" && key in manifest)
    .map((key) => `${key}: does nothing with a cold backup`);
  return [...needless, ...cold, ...optionFaults(manifest)];
}

function optionFaults({ options = {}, schema = {} }: Manifest): string[] {
  const types = Object.entries(schema)
    .filter(([, type]) => typeof type !== "string" || !OPTION_TYPE.test(type))
    .map(([key, type]) => `schema.${key}: ${JSON.stringify(type)} is no type the Supervisor knows`);
  const unknown = Object.keys(options)
    .filter((key) => !(key in schema))
    .map((key) => `options.${key}: is not in schema`);
  const defaults = Object.entries(schema).flatMap(([key, type]) => {
    if (typeof type !== "string") return [];
    if (type.endsWith("?"))
      return key in options ? [`options.${key}: an optional option has no default`] : [];
    if (!(key in options)) return [`options.${key}: a required option needs a default to start with`];
    return fitsType(type, options[key]) ? [] : [`options.${key}: does not fit ${type}`];
  });
  return [...types, ...unknown, ...defaults];
}

function fitsType(type: string, value: unknown): boolean {
  if (type.startsWith("list(")) return type.slice(5, -1).split("|").includes(String(value));
  if (type.startsWith("bool")) return typeof value === "boolean";
  if (type.startsWith("port")) return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
  if (type.startsWith("int")) return Number.isInteger(value);
  if (type.startsWith("float")) return typeof value === "number";
  return typeof value === "string";
}

/** Every option has a name for people, and nothing else is translated. */
export function translationFaults(translations: unknown, { schema = {} }: Manifest): string[] {
  if (!fitsTranslations(translations)) return sentences(fitsTranslations.errors);
  const named = Object.keys(translations.configuration ?? {});
  return [
    ...Object.keys(schema)
      .filter((key) => !named.includes(key))
      .map((key) => `${key}: has no translation`),
    ...named.filter((key) => !(key in schema)).map((key) => `${key}: is translated but no option`),
  ];
}

function sentences(errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath.slice(1).replaceAll("/", ".") || "it"}: ${message} ${JSON.stringify(params)}`,
  );
}
