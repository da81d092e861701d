import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from "yaml";

/** Keys and indices from the root of the file: `["cameras", 1, "source"]`. */
export type ConfigPath = readonly (string | number)[];

/** `cameras[1].source`, as messages name it. */
export function pathText(path: ConfigPath): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}

/** The line on which a value, or the nearest thing that holds it, begins in the file; 1 for an empty file. */
export function lineOf(document: Document, lines: LineCounter, path: ConfigPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else {
      break;
    }
  }
  return lines.linePos(offset).line;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
