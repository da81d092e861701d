// From text to configuration: YAML, `${NAME}` from the environment, schema with defaults, rules. Whatever is wrong is
// told at once, each mistake with its line.
import { Ajv } from "ajv";
import { type Document, LineCounter, parseDocument } from "yaml";
import { AppError, messageOf } from "../core/errors.ts";
import { type Config, configOf } from "./config.ts";
import { type Problem, problemsOf } from "./config-problem.ts";
import { brokenRules } from "./config-rules.ts";
import { type ConfigEntries, ConfigSchema } from "./config-schema.ts";
import { type Environment, interpolate } from "./environment.ts";
import { type ConfigPath, lineOf, pathText } from "./source-lines.ts";

const validate = new Ajv({ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true })
  .addVocabulary(["remedy"])
  .compile<ConfigEntries>(ConfigSchema);

export interface LoadOptions {
  /** The file's path: messages begin with it, and relative paths in it start at its folder. */
  readonly file: string;
  readonly env: Environment;
}

/** Throws AppError config.invalid: one line for each mistake, `haven.yaml:12 cameras[1].source: is missing; ...`. */
export function loadConfig(text: string, options: LoadOptions): Config {
  const { document, lines } = parseYaml(text, options.file);
  const { tree, touched, problems } = interpolate(withoutEmpty(document.toJS()), options.env, ConfigSchema);
  const checked = checkEntries(tree, {
    known: problems,
    // What the environment gave is not repeated: it may be a password in the wrong place.
    isSecret: (path) => touched.has(pathText(path)),
  });
  if (checked.kind === "sound") return configOf(checked.entries, options.file);
  throw new AppError(
    "config.invalid",
    checked.problems
      .map((problem) => ({ ...problem, line: lineOf(document, lines, problem.path) }))
      .sort((a, b) => a.line - b.line)
      .map(({ line, path, text }) => `${options.file}:${line} ${pathText(path)}: ${text}`)
      .join("\n"),
    { fields: { mistakes: checked.problems.length } },
  );
}

/** The same checks on values that came from elsewhere, such as the panel. Throws AppError config.invalid. */
export function checkedEntries(entries: ConfigEntries): ConfigEntries {
  const checked = checkEntries(entries, { known: [], isSecret: () => false });
  if (checked.kind === "sound") return checked.entries;
  throw new AppError(
    "config.invalid",
    checked.problems.map(({ path, text }) => `${pathText(path)}: ${text}`).join("\n"),
    { fields: { mistakes: checked.problems.length } },
  );
}

type Checked =
  | { readonly kind: "sound"; readonly entries: ConfigEntries }
  | { readonly kind: "broken"; readonly problems: readonly Problem[] };

function checkEntries(
  tree: unknown,
  options: { readonly known: readonly Problem[]; readonly isSecret: (path: ConfigPath) => boolean },
): Checked {
  // Ajv fills in defaults: not in the caller's tree.
  const entries: unknown = structuredClone(tree);
  const fits = validate(entries);
  const bySchema = fits ? [] : problemsOf(validate.errors ?? [], entries, options.isSecret);
  const isTold = (path: ConfigPath) => options.known.some((known) => startsWith(path, known.path));
  // An unresolved reference is one mistake, not another one for not being a number.
  const found = [...options.known, ...bySchema.filter(({ path }) => !isTold(path))];
  const isSound = (path: ConfigPath) => !found.some((problem) => startsWith(problem.path, path));
  const problems = [...found, ...brokenRules(entries, isSound)];
  return problems.length === 0
    ? { kind: "sound", entries: entries as ConfigEntries }
    : { kind: "broken", problems };
}

function startsWith(path: ConfigPath, prefix: ConfigPath): boolean {
  return prefix.every((step, index) => path[index] === step);
}

/** The parsed document, for reading and for writing back. Throws AppError config.invalid on what is not YAML. */
export function parseYaml(
  text: string,
  file: string,
): { readonly document: Document; readonly lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  // After a broken line the parser stumbles over all that follows: only the first of such mistakes is one.
  const isWhole = ({ code }: { readonly code: string }) => code === "DUPLICATE_KEY";
  const complaints = [
    ...document.errors.filter(isWhole),
    ...document.errors.filter((error) => !isWhole(error)).slice(0, 1),
    ...document.warnings,
  ].map(({ code, message, pos }) => ({ at: pos[0], text: yamlMistake(code, message) }));
  if (complaints.length > 0) {
    throw new AppError(
      "config.invalid",
      complaints.map(({ at, text }) => `${file}:${lines.linePos(at).line} ${text}`).join("\n"),
      { fields: { mistakes: complaints.length } },
    );
  }
  const root = plainTree(document, file);
  if (root !== null && (typeof root !== "object" || Array.isArray(root))) {
    throw new AppError("config.invalid", `${file}:1 must hold sections such as "cameras:"`);
  }
  return { document, lines };
}

function plainTree(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases (*name) that stand for nothing, or that unfold into millions of values.
    throw new AppError("config.invalid", `${file}:1 is not valid YAML: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function yamlMistake(code: string, message: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "has the same name twice in one section; remove one of them";
    case "TAG_RESOLVE_FAILED":
      return `has a tag that is not known here (${message}); for secrets write \${NAME}, taken from the environment`;
    case "TAB_AS_INDENT":
      return "is indented with a tab; use spaces";
    default:
      return `is not valid YAML: ${message}`;
  }
}

/** `cameras:` with nothing after it, as when all below is commented out, is the same as no `cameras:` at all. */
function withoutEmpty(value: unknown): unknown {
  if (value === null) return {};
  const strip = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(strip);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node)
        .filter(([, inner]) => inner !== null)
        .map(([key, inner]) => [key, strip(inner)]),
    );
  };
  return strip(value);
}
