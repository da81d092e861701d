// `${NAME}` in a string takes the environment's value, so that secrets need not stand in the file. `$${` is a plain `${`.
import type { TSchema } from "typebox";
import { type Problem, type SchemaNode, schemaAt } from "./config-problem.ts";
import { type ConfigPath, pathText } from "./source-lines.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /(\$?)\$\{([^}]*)\}?/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface Interpolated {
  readonly tree: unknown;
  /** Where the environment had a say, as `pathText` writes it: such values may be secrets. */
  readonly touched: ReadonlySet<string>;
  /** References that could not be resolved; they are left as they stand. */
  readonly problems: readonly Problem[];
}

export function interpolate(tree: unknown, env: Environment, schema: TSchema): Interpolated {
  const problems: Problem[] = [];
  const touched = new Set<string>();
  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key])]),
      );
    }
    if (typeof value !== "string" || !value.includes("${")) return value;
    touched.add(pathText(path));
    const resolved = value.replace(REFERENCE, (whole: string, escaped: string, name: string) => {
      if (escaped !== "") return whole.slice(1);
      if (!NAME.test(name) || !whole.endsWith("}")) {
        problems.push({
          path,
          text: `holds ${whole}, which names no environment variable; a plain \${ is written $\${`,
        });
        return whole;
      }
      const found = env[name];
      if (found === undefined) {
        problems.push({ path, text: `needs the environment variable ${name}, which is not set` });
        return whole;
      }
      return found;
    });
    return asSchemaWants(resolved, schemaAt(schema, path));
  };
  return { tree: walk(tree, []), touched, problems };
}

/** The environment knows only text: numbers and switches are read from it where the schema wants them. */
function asSchemaWants(text: string, schema: SchemaNode | null): unknown {
  if ((schema?.type === "integer" || schema?.type === "number") && /^-?\d+(\.\d+)?$/.test(text))
    return Number(text);
  const takesSwitch = schema?.type === "boolean" || schema?.enum?.includes(true) === true;
  return takesSwitch && (text === "true" || text === "false") ? text === "true" : text;
}

/** Text that reads back as itself: what a program writes is never taken for a reference. */
export function escapeReferences(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/**
 * `next` as it should stand in the file where `raw` stood before: what came from the environment goes back to being a
 * reference, so that changing a camera's path does not write its password into the file.
 */
export function keepReferences(raw: string, next: string, env: Environment): string {
  const references = [...raw.matchAll(REFERENCE)].flatMap(([, escaped, name = ""]) => {
    const value = env[name];
    return escaped === "" && value !== undefined && value !== "" ? [{ name, value }] : [];
  });
  // The longest first: one value may be part of another.
  references.sort((a, b) => b.value.length - a.value.length);
  const write = (text: string, left: readonly { name: string; value: string }[]): string => {
    const [first, ...rest] = left;
    if (first === undefined) return escapeReferences(text);
    return text
      .split(first.value)
      .map((part) => write(part, rest))
      .join(`\${${first.name}}`);
  };
  return write(next, references);
}
