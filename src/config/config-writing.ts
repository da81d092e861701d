// Writes changed settings into the text of haven.yaml and leaves everything else of it alone: comments, order, quotes,
// `${NAME}` references, settings nobody ever wrote down.
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isScalar, isSeq, type Node, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { ConfigEntries } from "./config-schema.ts";
import { type Environment, escapeReferences, keepReferences } from "./environment.ts";

type Tree = Readonly<Record<string, unknown>>;

/** Changes `document` so that it says `after` where `before` and `after` differ. */
export function writeDifferences(
  document: Document,
  change: { readonly before: ConfigEntries; readonly after: ConfigEntries; readonly env: Environment },
): void {
  if (!isMap(document.contents)) {
    const { comment, commentBefore } = document;
    document.contents = new YAMLMap(document.schema);
    Object.assign(document, { comment, commentBefore });
  }
  if (isMap(document.contents)) {
    new DocumentWriter(document, change.env).writeMap(document.contents, change.before, change.after);
  }
}

class DocumentWriter {
  readonly #document: Document;
  readonly #env: Environment;

  constructor(document: Document, env: Environment) {
    this.#document = document;
    this.#env = env;
  }

  writeMap(map: YAMLMap, before: Tree, after: Tree): void {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const old = before[key];
      const next = after[key];
      if (isDeepStrictEqual(old, next)) continue;
      if (next === undefined) {
        map.delete(key);
        continue;
      }
      const node: unknown = map.get(key, true);
      if (isMap(node) && isTree(next)) this.writeMap(node, isTree(old) ? old : {}, next);
      else if (isListOfNamed(next) && (next.length > 0 || isSeq(node)))
        this.#writeNamed(this.#sequence(map, key), isListOfNamed(old) ? old : [], next);
      else if (isScalar(node) && typeof next !== "object") node.value = this.#scalar(node, next);
      // A section that was not written down yet gets only what is new in it.
      else map.set(key, this.#node(isTree(old) && isTree(next) ? differing(old, next) : next));
    }
  }

  /** Cameras and zones are told apart by their id, so that each keeps its own comments. */
  #writeNamed(sequence: YAMLSeq, before: readonly Named[], after: readonly Named[]): void {
    const nodes = new Map(before.map((item, index) => [item.id, { item, node: sequence.items[index] }]));
    sequence.items = after.map((item) => {
      const known = nodes.get(item.id);
      if (known === undefined || !isMap(known.node)) return this.#node(terse(item));
      if (!isDeepStrictEqual(known.item, item)) {
        this.writeMap(known.node, known.item, item);
        // An id that was made from the name must not change with the name.
        if (!known.node.has("id")) known.node.items.unshift(this.#document.createPair("id", item.id));
      }
      return known.node;
    });
    sequence.flow = false;
  }

  #sequence(map: YAMLMap, key: string): YAMLSeq {
    const node: unknown = map.get(key, true);
    if (isSeq(node)) return node;
    const created = new YAMLSeq(this.#document.schema);
    map.set(key, created);
    return created;
  }

  #scalar(node: Scalar, next: unknown): unknown {
    if (typeof next !== "string") return next;
    const raw = typeof node.value === "string" ? node.value : "";
    return raw.includes("${") ? keepReferences(raw, next, this.#env) : escapeReferences(next);
  }

  #node(value: unknown): Node {
    if (Array.isArray(value)) {
      const sequence = new YAMLSeq<Node>(this.#document.schema);
      sequence.items = value.map((item) => this.#node(item));
      // Corners read best as [x, y].
      sequence.flow = value.every((item) => typeof item === "number");
      return sequence;
    }
    if (isTree(value)) {
      const map = new YAMLMap<string, Node>(this.#document.schema);
      for (const [key, inner] of Object.entries(value))
        if (inner !== undefined) map.set(key, this.#node(inner));
      return map;
    }
    return new Scalar(typeof value === "string" ? escapeReferences(value) : value);
  }
}

interface Named extends Tree {
  readonly id: string;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isListOfNamed(value: unknown): value is readonly Named[] {
  return Array.isArray(value) && value.every((item) => isTree(item) && typeof item.id === "string");
}

function differing(before: Tree, after: Tree): Tree {
  return Object.fromEntries(
    Object.entries(after).flatMap(([key, next]) => {
      const old = before[key];
      if (isDeepStrictEqual(old, next)) return [];
      return [[key, isTree(old) && isTree(next) ? differing(old, next) : next]];
    }),
  );
}

/** A new entry without what it would be anyway: nobody wants to read `privacy: false` in every camera. */
function terse(item: Named): Tree {
  const { id, transport, enabled, privacy, zones, overlaps, name, ...rest } = item;
  return {
    id,
    ...(name === id ? {} : { name }),
    ...rest,
    ...(transport === "auto" ? {} : { transport }),
    ...(enabled === false ? { enabled } : {}),
    ...(privacy === true ? { privacy } : {}),
    ...(Array.isArray(zones) && zones.length > 0 ? { zones } : {}),
    ...(Array.isArray(overlaps) && overlaps.length > 0 ? { overlaps } : {}),
  };
}
