// The drawn parts of a contact sheet, as SVG: skeletons and boxes over a picture, and what the machines saw over time.
import { KEYPOINT_FLOOR, SKELETON } from "../domain/pose.ts";
import type { ClipTrace, FrameTrace, SubjectTrace, TraceScale } from "./fall-trace.ts";

/** Text as it may stand in HTML and SVG. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** To be laid over a picture of this size: one box and skeleton for each person, dashed where the place is only known from before. */
export function overlay({ subjects }: FrameTrace, width: number, height: number): string {
  const shapes = subjects.map((subject) => body(subject, width, height)).join("");
  return `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">${shapes}</svg>`;
}

function body({ box, pose, seen, trackId, fall }: SubjectTrace, width: number, height: number): string {
  const at = (value: number, size: number) => (value * size).toFixed(1);
  const kind = `${seen ? "seen" : "unseen"} ${escaped(fall)}`;
  const frame = `<rect class="box ${kind}" x="${at(box.x1, width)}" y="${at(box.y1, height)}" width="${at(box.x2 - box.x1, width)}" height="${at(box.y2 - box.y1, height)}"/>`;
  const label = `<text x="${at(box.x1, width)}" y="${Math.max(9, box.y1 * height - 2).toFixed(1)}">${trackId}</text>`;
  const bones = SKELETON.map(([from, to]) => {
    const [a, b] = [pose?.[from], pose?.[to]];
    if (a === undefined || b === undefined) return "";
    if (a.confidence < KEYPOINT_FLOOR || b.confidence < KEYPOINT_FLOOR) return "";
    return `<line class="${kind}" x1="${at(a.x, width)}" y1="${at(a.y, height)}" x2="${at(b.x, width)}" y2="${at(b.y, height)}"/>`;
  }).join("");
  return frame + bones + label;
}

const WIDTH = 1000;
const PLOT_HEIGHT = 180;
const BAND_HEIGHT = 14;
const LEFT = 34;
/** L/s at the top of the curve; what is faster is cut off there. */
const TOP_SPEED = 2;

export interface CurveMarks {
  readonly fromS: number;
  readonly untilS: number;
  /** Labels and events, each a line with a word. */
  readonly at: readonly { readonly timeS: number; readonly word: string; readonly kind: "label" | "event" }[];
}

/**
 * Descent of head and shoulders over time, a line for each track, against the falling speed; below it, how far they are
 * down; and a band for each track that is in any state but watching.
 */
export function curve({ frames }: ClipTrace, scale: TraceScale, marks: CurveMarks): string {
  const shown = frames.filter(({ timeS }) => timeS >= marks.fromS && timeS <= marks.untilS);
  const ids = [...new Set(shown.flatMap(({ subjects }) => subjects.map(({ trackId }) => trackId)))];
  const height = PLOT_HEIGHT + 16 + ids.length * BAND_HEIGHT;
  const x = (timeS: number) =>
    LEFT + ((timeS - marks.fromS) / Math.max(0.1, marks.untilS - marks.fromS)) * (WIDTH - LEFT);
  const y = (speed: number) => PLOT_HEIGHT * (1 - Math.min(TOP_SPEED, Math.max(0, speed)) / TOP_SPEED);
  const grid = [0, 0.5, 1, 1.5].map(
    (speed) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(speed)}" y2="${y(speed)}"/><text x="2" y="${y(speed) + 4}">${speed}</text>`,
  );
  const threshold = `<line class="threshold" x1="${LEFT}" x2="${WIDTH}" y1="${y(scale.fallSpeed).toFixed(1)}" y2="${y(scale.fallSpeed).toFixed(1)}"/>`;
  const drop = `<line class="least" x1="${LEFT}" x2="${WIDTH}" y1="${y(scale.minDrop).toFixed(1)}" y2="${y(scale.minDrop).toFixed(1)}"/>`;
  const lines = ids.map((id, index) => {
    const speed = path(shown, id, (one) => one.headSpeed, x, y);
    const way = path(shown, id, (one) => one.drop, x, y);
    return `<path class="drop" d="${way}"/><path class="speed track${index % 4}" d="${speed}"/>${band(shown, id, PLOT_HEIGHT + 16 + index * BAND_HEIGHT, x)}`;
  });
  const signs = marks.at.map(
    ({ timeS, word, kind }, index) =>
      `<line class="${kind}" x1="${x(timeS).toFixed(1)}" x2="${x(timeS).toFixed(1)}" y1="0" y2="${height}"/><text class="${kind}" x="${(x(timeS) + 3).toFixed(1)}" y="${10 + 11 * (index % 4)}">${escaped(word)} ${timeS.toFixed(1)}</text>`,
  );
  return `<svg class="curve" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Descent of head and shoulders over time">${grid.join("")}${threshold}${drop}${lines.join("")}${signs.join("")}</svg>`;
}

function path(
  frames: readonly FrameTrace[],
  id: number,
  of: (one: SubjectTrace) => number | null,
  x: (timeS: number) => number,
  y: (value: number) => number,
): string {
  let open = false;
  return frames
    .map(({ timeS, subjects }) => {
      const one = subjects.find(({ trackId }) => trackId === id);
      const value = one === undefined ? null : of(one);
      const step = value === null ? "" : `${open ? "L" : "M"}${x(timeS).toFixed(1)} ${y(value).toFixed(1)}`;
      open = value !== null;
      return step;
    })
    .join("");
}

/** Neighbouring frames in the same state are one stretch. */
function band(frames: readonly FrameTrace[], id: number, top: number, x: (timeS: number) => number): string {
  const stretches: { state: string; fromS: number; toS: number }[] = [];
  for (const [index, { timeS, subjects }] of frames.entries()) {
    const one = subjects.find(({ trackId }) => trackId === id);
    const nextS = frames[index + 1]?.timeS ?? timeS;
    const state = one === undefined ? "absent" : stateOf(one);
    const last = stretches.at(-1);
    if (last?.state === state) last.toS = nextS;
    else stretches.push({ state, fromS: timeS, toS: nextS });
  }
  const bars = stretches
    .filter(({ state }) => state !== "absent")
    .map(
      ({ state, fromS, toS }) =>
        `<rect class="state ${escaped(state)}" x="${x(fromS).toFixed(1)}" y="${top}" width="${(x(toS) - x(fromS)).toFixed(1)}" height="${BAND_HEIGHT - 3}"><title>${escaped(state)}</title></rect>`,
    );
  return `<text x="2" y="${top + 9}">${id}</text>${bars.join("")}`;
}

/** The graver of what the two machines say. */
export function stateOf({ fall, floor, seen }: SubjectTrace): string {
  if (fall !== "watching") return fall;
  if (floor !== "off") return "floor";
  return seen ? "watching" : "unseen";
}
