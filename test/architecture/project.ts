// What the rules look at: every file's path, and the imports of every source file as a real parser sees them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { parseSync, Visitor } from "vite";
import { ROOTS } from "./rooms.ts";

export interface Import {
  /** As written; null when it is computed, which no rule can judge. */
  readonly specifier: string | null;
  /** entry: not imported but started, as a worker or a process of its own. */
  readonly kind: "value" | "type" | "entry";
}

export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Nothing but re-exports: a barrel, whatever its name. */
  readonly onlyReExports: boolean;
}

export interface Project {
  readonly paths: readonly string[];
  readonly sources: readonly SourceFile[];
}

const SKIPPED = new Set(["node_modules", "dist", "coverage", ".git", ".cache"]);

export function readProject(root: string): Project {
  const paths = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
    SKIPPED.has(entry.name)
      ? []
      : entry.isDirectory()
        ? readdirSync(join(root, entry.name), { recursive: true, withFileTypes: true })
            .filter((inner) => inner.isFile())
            .map((inner) => join(inner.parentPath, inner.name).slice(root.length + 1))
            .filter((path) => !path.split("/").some((part) => SKIPPED.has(part)))
        : [entry.name],
  );
  return projectOf(paths, (path) => readFileSync(join(root, path), "utf8"));
}

export function projectOf(paths: readonly string[], read: (path: string) => string): Project {
  const sources = paths
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path) && ROOTS.some((root) => path.startsWith(`${root}/`)))
    .map((path) => parse(path, read(path)));
  return { paths, sources };
}

function parse(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const imports: Import[] = [];
  const add = (source: unknown, kind: Import["kind"]) =>
    void imports.push({ specifier: literal(source), kind });
  const kindOf = (kind: string | undefined) => (kind === "type" ? "type" : "value");
  new Visitor({
    ImportDeclaration(node) {
      const names = node.specifiers;
      const onlyTypes =
        names.length > 0 &&
        names.every((name) => name.type === "ImportSpecifier" && name.importKind === "type");
      add(node.source, onlyTypes ? "type" : kindOf(node.importKind));
    },
    ExportAllDeclaration: (node) => add(node.source, kindOf(node.exportKind)),
    ExportNamedDeclaration(node) {
      if (node.source !== null) add(node.source, kindOf(node.exportKind));
    },
    ImportExpression: (node) => add(node.source, "value"),
    TSImportType: (node) => add(node.source, "type"),
    TSExternalModuleReference: (node) => add(node.expression, "value"),
    CallExpression(node) {
      if (node.callee.type !== "Identifier") return;
      if (node.callee.name === "require") add(node.arguments[0], "value");
      if (node.callee.name === "entryPoint") add(node.arguments[1], "entry");
    },
  }).visit(program);
  return {
    path,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports,
    onlyReExports:
      program.body.length > 0 &&
      program.body.every(
        (node) =>
          node.type === "ExportAllDeclaration" ||
          (node.type === "ExportNamedDeclaration" && node.source !== null),
      ),
  };
}

function literal(node: unknown): string | null {
  if (typeof node !== "object" || node === null) return null;
  const { type, value, quasis } = node as {
    type?: string;
    value?: unknown;
    quasis?: { value: { cooked: string } }[];
  };
  if (type === "Literal" && typeof value === "string") return value;
  return type === "TemplateLiteral" && quasis?.length === 1 ? (quasis[0]?.value.cooked ?? null) : null;
}
