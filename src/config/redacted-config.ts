import { redactUrl } from "../core/logger.ts";
import { type Config, entriesOf } from "./config.ts";
import { type SchemaNode, schemaAt } from "./config-problem.ts";
import { type ConfigEntries, ConfigSchema } from "./config-schema.ts";
import type { ConfigPath } from "./source-lines.ts";

export const MASK = "********";

/** The configuration as the file names it, for API answers: addresses without credentials, other secrets masked. */
export function redactedConfig(config: Config): ConfigEntries {
  return redact(entriesOf(config), []) as ConfigEntries;
}

function redact(value: unknown, path: ConfigPath): unknown {
  if (Array.isArray(value)) return value.map((item, index) => redact(item, [...path, index]));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, redact(inner, [...path, key])]),
    );
  }
  const schema: SchemaNode | null = schemaAt(ConfigSchema, path);
  if (schema?.writeOnly !== true || typeof value !== "string") return value;
  // Addresses have a pattern, and are worth seeing without their credentials; other secrets are nothing but secret.
  return schema.pattern === undefined ? MASK : redactUrl(value);
}
