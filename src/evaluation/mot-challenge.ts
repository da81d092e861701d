// Reads the text files of the MOTChallenge benchmarks (motchallenge.net): ground truth, detections, a tracker's output
// and seqinfo.ini. They come from anywhere, so a mistake is told with file and line and nothing is guessed.
import { AppError } from "../core/errors.ts";

/** Pixels, from the picture's left and top edge; may reach past the edges. */
export interface MotBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface IdentifiedBox extends MotBox {
  readonly id: number;
}

export interface ScoredBox extends MotBox {
  /** On the detector's own scale: 0..1 in every public file. */
  readonly confidence: number;
}

/** By frame number, the first frame is 1. Frames without boxes are left out. */
export type BoxesByFrame<B extends MotBox> = ReadonlyMap<number, readonly B[]>;

export interface SequenceInfo {
  readonly name: string | null;
  readonly fps: number;
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Nine hours at 30 frames/s: a slip of the pen must not make an endless sequence. */
const MAX_FRAME = 1_000_000;
/** Far beyond any picture; areas stay exact. */
const MAX_PIXELS = 1_000_000;
/** From MOT16 on ground truth has nine columns: ..., whether it counts, class, visibility. MOT15 has ten, the last three unused. */
const CLASSED_COLUMNS = 9;
const PEDESTRIAN = 1;

interface Row {
  readonly line: number;
  readonly columns: readonly number[];
  readonly frame: number;
  readonly id: number;
  readonly box: MotBox;
}

/**
 * Ground truth. MOT15: every row counts. MOT16 and later (nine columns): rows that count (column 7 is 1) and show a
 * pedestrian (column 8 is 1).
 * @param source names the file in errors
 * @throws AppError `input.invalid` with file and line
 */
export function parseGroundTruth(text: string, source: string): BoxesByFrame<IdentifiedBox> {
  const rows = parseRows(text, source, 6);
  const counts = ({ columns }: Row) =>
    columns.length !== CLASSED_COLUMNS || (columns[6] === 1 && columns[7] === PEDESTRIAN);
  return identified(rows.filter(counts), source);
}

/** A tracker's output: frame, id, left, top, width, height; further columns are ignored. Throws as `parseGroundTruth`. */
export function parseTracks(text: string, source: string): BoxesByFrame<IdentifiedBox> {
  return identified(parseRows(text, source, 6), source);
}

/** Public detections: column 7 is the confidence, the id is ignored; rows may come in any order. Throws as `parseGroundTruth`. */
export function parseDetections(text: string, source: string): BoxesByFrame<ScoredBox> {
  return byFrame(
    parseRows(text, source, 7).map((row) => ({
      frame: row.frame,
      box: { ...row.box, confidence: row.columns[6] ?? 0 },
    })),
  );
}

/** seqinfo.ini: frame rate, length and picture size. Throws AppError `input.invalid` that names the file and the key. */
export function parseSequenceInfo(text: string, source: string): SequenceInfo {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value);
  }
  const positive = (key: string, most: number): number => {
    const value = Number(values.get(key));
    if (value > 0 && value <= most) return value;
    throw invalid(`${source}: ${key} is ${values.get(key) ?? "missing"}; give a number from 1 to ${most}`);
  };
  return {
    name: values.get("name") ?? null,
    fps: positive("frameRate", 1000),
    frames: positive("seqLength", MAX_FRAME),
    width: positive("imWidth", MAX_PIXELS),
    height: positive("imHeight", MAX_PIXELS),
  };
}

function parseRows(text: string, source: string, least: number): Row[] {
  const rows: Row[] = [];
  let width: number | null = null;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const line = raw.trim();
    if (line === "") continue;
    const place = `${source}:${index + 1}`;
    const columns = line.split(",").map((cell) => (cell.trim() === "" ? Number.NaN : Number(cell)));
    if (columns.length < least)
      throw invalid(`${place}: ${columns.length} columns separated by commas; ${least} or more are needed`);
    width ??= columns.length;
    if (columns.length !== width)
      throw invalid(`${place}: ${columns.length} columns, but the lines before have ${width}`);
    rows.push(parseRow(columns, index + 1, place));
  }
  return rows;
}

function parseRow(columns: readonly number[], line: number, place: string): Row {
  const wrong = columns.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw invalid(`${place}: column ${wrong + 1} is not a number`);
  const [frame = 0, id = 0, left = 0, top = 0, width = 0, height = 0] = columns;
  if (!Number.isInteger(frame) || frame < 1 || frame > MAX_FRAME)
    throw invalid(
      `${place}: the frame is ${frame}; frames are counted from 1, and ${MAX_FRAME} is the last one`,
    );
  if (width <= 0 || height <= 0)
    throw invalid(`${place}: the box is ${width} x ${height} pixels; both sides must be more than 0`);
  if ([left, top, width, height].some((value) => Math.abs(value) > MAX_PIXELS))
    throw invalid(`${place}: the box is not in pixels (more than ${MAX_PIXELS})`);
  return { line, columns, frame, id, box: { left, top, width, height } };
}

function identified(rows: readonly Row[], source: string): BoxesByFrame<IdentifiedBox> {
  const lines = new Map<string, number>();
  for (const { frame, id, line } of rows) {
    if (!Number.isInteger(id)) throw invalid(`${source}:${line}: the id is ${id}; ids are whole numbers`);
    const key = `${frame}/${id}`;
    const before = lines.get(key);
    if (before !== undefined)
      throw invalid(`${source}:${line}: id ${id} is in frame ${frame} already (line ${before})`);
    lines.set(key, line);
  }
  return byFrame(rows.map(({ frame, id, box }) => ({ frame, box: { ...box, id } })));
}

function byFrame<B extends MotBox>(boxes: readonly { frame: number; box: B }[]): BoxesByFrame<B> {
  const frames = new Map<number, B[]>();
  for (const { frame, box } of boxes) {
    const others = frames.get(frame);
    if (others === undefined) frames.set(frame, [box]);
    else others.push(box);
  }
  return frames;
}

function invalid(message: string): AppError {
  return new AppError("input.invalid", message);
}
