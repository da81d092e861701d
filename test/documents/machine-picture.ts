import { instance } from "@viz-js/viz";
import type { Machine, Transition } from "../../src/core/transitions.ts";

const viz = await instance();

/** Where most of the other states lead to one in the same way, one arrow says so. */
const ANY = "any other";
const MOST = 4;

/** Longer labels are broken into lines of about this many letters. */
const LABEL_WIDTH = 30;
const FONT = { fontname: "Helvetica", fontsize: 12 };

/** The machine as an SVG: states as boxes, transitions as arrows with what has to be seen, and in bold what is told. */
export function machinePicture(machine: Machine): string {
  const kinds = [...new Set(machine.transitions.flatMap(({ from, to }) => [from, to]))];
  const edges = gathered(machine.transitions, kinds);
  const many = [...new Set(edges.map(({ from }) => from).filter((from) => from.startsWith(ANY)))];
  const svg = viz.renderString(
    {
      directed: true,
      graphAttributes: { rankdir: "TB", bgcolor: "white", nodesep: 0.5, ranksep: 0.6, pad: 0.2 },
      nodeAttributes: {
        ...FONT,
        shape: "box",
        style: "rounded,filled",
        fillcolor: "#eef3fa",
        color: "#35506b",
        margin: "0.15,0.08",
      },
      edgeAttributes: { ...FONT, fontsize: 10, color: "#35506b", arrowsize: 0.7 },
      nodes: [
        {
          name: "begin",
          attributes: { shape: "circle", style: "filled", fillcolor: "#35506b", label: "", width: 0.15 },
        },
        ...many.map((name) => ({
          name,
          attributes: { label: words(name), style: "rounded,dashed", fontcolor: "#35506b" },
        })),
        ...kinds.map((name) => ({ name, attributes: { label: words(name) } })),
      ],
      edges: [
        { tail: "begin", head: machine.initial, attributes: {} },
        ...edges.map(({ from, to, when, tells = [] }) => ({
          tail: from,
          head: to,
          attributes: { label: { html: label(when, tells) } },
        })),
      ],
    },
    { format: "svg" },
  );
  // Without the program's version; one title for who cannot see it, instead of one for each box and arrow.
  return svg
    .replace(/<!--[\s\S]*?-->\n?/g, "")
    .replace(/<title>[\s\S]*?<\/title>\n?/g, "")
    .replace(/(<svg[^>]*>)/, `$1\n<title>The machine of: ${escaped(machine.name)}</title>`);
}

function gathered(transitions: readonly Transition[], kinds: readonly string[]): readonly Transition[] {
  const nameOf = ({ to, when, tells = [] }: Transition) => JSON.stringify([to, when, tells]);
  const ways = new Map<string, Transition[]>();
  for (const row of transitions) ways.set(nameOf(row), [...(ways.get(nameOf(row)) ?? []), row]);
  return [...ways.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined || rows.length < MOST) return rows;
    const missing = kinds.filter((kind) => kind !== first.to && !rows.some(({ from }) => from === kind));
    if (missing.length > rows.length) return rows;
    return [{ ...first, from: missing.length === 0 ? ANY : `${ANY} but ${missing.join(" and ")}` }];
  });
}

function label(when: string, tells: readonly string[]): string {
  const told = tells.map((kind) => `<b>${escaped(kind)}</b>`);
  const lines = [...broken(when).map(escaped), ...told].join("<br/>");
  return `<table border="0" cellpadding="3"><tr><td>${lines}</td></tr></table>`;
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function broken(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= LABEL_WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
