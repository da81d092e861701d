// Everything wrong with a configuration, each as one sentence that says what to write instead. Values of secrets, and
// values that came from the environment, are never repeated.
import type { ErrorObject } from "ajv";
import type { TSchema } from "typebox";
import { didYouMean } from "./did-you-mean.ts";
import type { ConfigPath } from "./source-lines.ts";

export interface Problem {
  readonly path: ConfigPath;
  /** Reads on after the path: "is missing; ...". */
  readonly text: string;
}

/** What the checks need of a JSON Schema node. */
export interface SchemaNode {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly writeOnly?: boolean;
  readonly pattern?: string;
  readonly remedy?: string;
}

/** The schema of the value at `path`; null where the schema knows none. */
export function schemaAt(schema: TSchema, path: ConfigPath): SchemaNode | null {
  let node: SchemaNode | undefined = schema as SchemaNode;
  for (const step of path) {
    node = typeof step === "number" ? node.items : node.properties?.[step];
    if (node === undefined) return null;
  }
  return node;
}

/** `isSecret` says of a path whether its value may be repeated in a message. */
export function problemsOf(
  errors: readonly ErrorObject[],
  root: unknown,
  isSecret: (path: ConfigPath) => boolean,
): readonly Problem[] {
  // Mistyped and therefore missing is one mistake.
  const mistyped = new Set(
    errors.flatMap((error) => {
      const known = Object.keys((error.parentSchema as SchemaNode | undefined)?.properties ?? {});
      const meant = didYouMean(String(error.params.additionalProperty ?? ""), known);
      return meant === null ? [] : [`${error.instancePath}/${meant}`];
    }),
  );
  const problems = errors
    .filter((error) => !mistyped.has(`${error.instancePath}/${error.params.missingProperty}`))
    .map((error) => problemOf(error, root, isSecret));
  // A number below its minimum may also be no multiple: one sentence a value is enough.
  const seen = new Set<string>();
  return problems.filter(({ path }) => {
    const key = JSON.stringify(path);
    return !seen.has(key) && seen.add(key);
  });
}

function problemOf(error: ErrorObject, root: unknown, isSecret: (path: ConfigPath) => boolean): Problem {
  const path = pathOf(error.instancePath, root);
  const schema = (error.parentSchema ?? {}) as SchemaNode;
  const but = schema.writeOnly || isSecret(path) ? "" : `, not ${shown(error.data)}`;
  switch (error.keyword) {
    case "required": {
      const key = String(error.params.missingProperty);
      return { path: [...path, key], text: `is missing${remedy(schema.properties?.[key], "; ")}` };
    }
    case "additionalProperties": {
      const key = String(error.params.additionalProperty);
      return {
        path: [...path, key],
        text: `is not known${suggestion(key, Object.keys(schema.properties ?? {}))}`,
      };
    }
    case "enum": {
      const allowed = (schema.enum ?? []).map(String);
      const guess = typeof error.data === "string" ? didYouMean(error.data, allowed) : null;
      const hint = guess === null || but === "" ? "" : `; did you mean ${guess}?`;
      return { path, text: `must be one of ${allowed.join(", ")}${but}${hint}` };
    }
    case "type":
      return { path, text: `must be ${nameOfType(schema.type)}${but}` };
    case "minimum":
    case "maximum":
      return { path, text: `must be ${rangeOf(schema)}${but}` };
    case "multipleOf":
      return { path, text: `must be a multiple of ${error.params.multipleOf}${but}` };
    case "minLength":
      return {
        path,
        text: error.params.limit === 1 ? "must not be empty" : (schema.remedy ?? "is too short"),
      };
    case "maxLength":
      return { path, text: `must not be longer than ${error.params.limit} characters` };
    case "maxItems":
      return { path, text: schema.remedy ?? `must not have more than ${error.params.limit} entries` };
    default:
      // pattern and minItems: the schema says it better than a regular expression does.
      return {
        path,
        text: `${schema.remedy ?? `does not fit (${error.message})`}${schema.type === "string" ? but : ""}`,
      };
  }
}

function remedy(schema: SchemaNode | undefined, before: string): string {
  if (schema?.remedy !== undefined) return before + schema.remedy;
  return schema?.enum === undefined ? "" : `${before}give one of ${schema.enum.map(String).join(", ")}`;
}

function suggestion(key: string, known: readonly string[]): string {
  const guess = didYouMean(key, known);
  return guess === null ? `; known here: ${known.join(", ")}` : `; did you mean ${guess}?`;
}

function nameOfType(type: string | undefined): string {
  switch (type) {
    case "integer":
      return "a whole number";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "array":
      return 'a list, each entry begun with "- "';
    case "object":
      return 'a section with "name: value" lines';
    default:
      return "text (put it in quotes)";
  }
}

function rangeOf({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return `at most ${maximum}`;
  return maximum === undefined ? `at least ${minimum}` : `from ${minimum} to ${maximum}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a section";
  const text = typeof value === "string" ? `"${value}"` : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

/** Ajv's JSON pointer as a path; whether a step is an index shows in the data. */
function pathOf(pointer: string, root: unknown): ConfigPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(value) ? Number(key) : key);
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  return path;
}
