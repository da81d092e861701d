// Where the floor is in one camera's picture, and how tall somebody stands on it there: learned from the feet of people
// who walk, without calibration. Where people only ever sit is furniture, not floor. Forgets over weeks, since furniture
// is moved. Decides nothing: it is asked.
import { AppError } from "../core/errors.ts";
import type { Posture } from "../domain/activity.ts";
import { boxHeight, isInside, type Point } from "../domain/geometry.ts";
import { KEYPOINTS, type Pose } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import { FLOOR, FLOOR_COLUMNS, FLOOR_ROWS, FURNITURE, floorCells } from "./floor-shape.ts";
import { createHeightLine, type HeightBin, type HeightLine } from "./height-line.ts";

/** What a map is kept as; JSON keeps it, in less than 10 kB. */
export interface FloorMapRecord {
  readonly version: 1;
  readonly aspect: number;
  /** Visits and sittings of each cell, by rows. */
  readonly feet: readonly number[];
  readonly seats: readonly number[];
  /** For each row of cells the usual height of who stands there, picture heights, and of how many sights. */
  readonly heights: readonly HeightBin[];
}

/** The ankles must be as sure as this: MoveNet's are .5 to .8 where feet are seen, below .3 where it guesses. */
const SURE = 0.35;
/** Ankles higher above the lower edge of the box than this share of it belong to legs cut off or to a wrong pose. */
const ANKLES_WITHIN = 0.15;
/** A standing body is taller than wide by this much; estimators call stooping ones standing at times. */
const SLENDER = 1.5;
/** A box that reaches this close to the picture's lower edge is cut off. */
const CUT_OFF = 0.985;
/** Soles are below the ankles by this share of the body (anthropometry: .039 of the stature). */
const SOLE = 0.039;
/** The same track counts again in the same cell only after this, seconds: who stands there all day has walked there once. */
const AGAIN_S = 5;
/** Seconds somebody sits in a place before it is one sitting; it counts once, however long: who slid to the floor sits, too. */
const SITTING_S = 60;
/** Counts end here: what was learned over months must be unlearned within weeks. */
const MOST = 31;
/** To 37 % after so many days. */
const FORGET_S = 21 * 24 * 3600;
const FORGET_EVERY_S = 3600;
/** A picture of another shape is another picture. */
const SAME_ASPECT = 0.02;
/** Tracks remembered for `AGAIN_S`, seconds. */
const REMEMBER_S = 30;

interface Sight {
  readonly cell: number;
  readonly sinceS: number;
  readonly timeS: number;
  readonly counted: boolean;
}

export class FloorMap {
  #aspect = 0;
  readonly #feet = new Float32Array(FLOOR_COLUMNS * FLOOR_ROWS);
  readonly #seats = new Float32Array(FLOOR_COLUMNS * FLOOR_ROWS);
  #heights: HeightLine = createHeightLine(FLOOR_ROWS);
  #floor: Uint8Array | null = null;
  readonly #steps = new Map<number, Sight>();
  readonly #sitting = new Map<number, Sight>();
  #lastS: number | null = null;
  #agedS = 0;

  /**
   * Takes one seen track of a frame.
   * @param aspect width over height of the picture
   * @param timeS media time, seconds; a step back in it is another recording of the same room
   */
  learn(track: Track, posture: Posture, aspect: number, timeS: number): void {
    if (!track.detected || track.state !== "confirmed" || track.pose === null) return;
    if (Math.abs(aspect - this.#aspect) > SAME_ASPECT * aspect) this.#begin(aspect);
    this.#age(timeS);
    if (posture === "standing" || posture === "walking") this.#learnFeet(track, track.pose, timeS);
    else if (posture === "sitting") this.#learnSeat(track, track.pose, timeS);
  }

  /** Whether a normalised point is on the floor; null where nothing is known of it. */
  isFloor({ x, y }: Point): boolean | null {
    const cell = cellAt(x, y);
    if (cell === null) return null;
    this.#floor ??= floorCells(this.#feet, this.#seats, (row) => this.#reach(row));
    const kind = this.#floor[cell];
    return kind === FLOOR ? true : kind === FURNITURE ? false : null;
  }

  /** How tall somebody stands whose feet are at this height of the picture, picture heights; null where it is not known. */
  expectedHeight(footY: number): number | null {
    return this.#heights.at(footY);
  }

  /** Null while nothing has been learned. */
  record(): FloorMapRecord | null {
    if (this.#aspect === 0) return null;
    return {
      version: 1,
      aspect: this.#aspect,
      feet: rounded(this.#feet),
      seats: rounded(this.#seats),
      heights: this.#heights.bins(),
    };
  }

  /** Of JSON that was kept; null for null. Throws AppError input.invalid for what is no record of a floor. */
  static parse(value: unknown): FloorMap | null {
    if (value === null) return null;
    if (!isRecord(value)) throw damaged();
    return FloorMap.restore(value);
  }

  /** Throws AppError input.invalid for a record that is damaged. */
  static restore(record: FloorMapRecord): FloorMap {
    const map = new FloorMap();
    const { version, aspect, feet, seats, heights } = record;
    const isWhole =
      version === 1 && aspect > 0 && feet.length === map.#feet.length && seats.length === map.#seats.length;
    const numbers = [...feet, ...seats, ...heights.flatMap((bin) => [bin.footY, bin.height, bin.count])];
    if (!isWhole || heights.length !== FLOOR_ROWS || !numbers.every((number) => number >= 0)) {
      throw damaged();
    }
    map.#aspect = aspect;
    map.#feet.set(feet);
    map.#seats.set(seats);
    map.#heights = createHeightLine(FLOOR_ROWS, heights);
    return map;
  }

  #begin(aspect: number): void {
    this.#aspect = aspect;
    this.#feet.fill(0);
    this.#seats.fill(0);
    this.#heights = createHeightLine(FLOOR_ROWS);
    this.#floor = null;
  }

  #age(timeS: number): void {
    const stepS = Math.max(0, timeS - (this.#lastS ?? timeS));
    if (this.#lastS !== null && timeS < this.#lastS) {
      this.#steps.clear();
      this.#sitting.clear();
    }
    this.#lastS = timeS;
    this.#agedS += stepS;
    if (this.#agedS < FORGET_EVERY_S) return;
    const left = Math.exp(-this.#agedS / FORGET_S);
    this.#agedS = 0;
    for (let at = 0; at < this.#feet.length; at += 1) {
      this.#feet[at] = (this.#feet[at] ?? 0) * left;
      this.#seats[at] = (this.#seats[at] ?? 0) * left;
    }
    this.#heights.forget(left);
    this.#floor = null;
    for (const known of [this.#steps, this.#sitting]) {
      for (const [id, sight] of known) if (timeS - sight.timeS > REMEMBER_S) known.delete(id);
    }
  }

  #learnFeet({ id, box }: Track, pose: Pose, timeS: number): void {
    this.#sitting.delete(id);
    const left = pose[LEFT_ANKLE];
    const right = pose[RIGHT_ANKLE];
    const height = boxHeight(box);
    if (left === undefined || right === undefined || height <= 0) return;
    if (left.confidence < SURE || right.confidence < SURE || box.y2 > CUT_OFF || box.y1 < 0) return;
    const ankleY = Math.max(left.y, right.y);
    if (box.y2 - ankleY > ANKLES_WITHIN * height) return;
    if (height < SLENDER * (box.x2 - box.x1) * this.#aspect) return;
    const cell = cellAt((left.x + right.x) / 2, ankleY + SOLE * height);
    if (cell === null) return;
    const last = this.#steps.get(id);
    if (last?.cell === cell && timeS - last.sinceS < AGAIN_S) return;
    this.#steps.set(id, { cell, sinceS: timeS, timeS, counted: true });
    this.#feet[cell] = Math.min(MOST, (this.#feet[cell] ?? 0) + 1);
    this.#heights.learn(ankleY + SOLE * height, height);
    this.#floor = null;
  }

  /** Where hips rest for a while. */
  #learnSeat({ id }: Track, pose: Pose, timeS: number): void {
    const left = pose[LEFT_HIP];
    const right = pose[RIGHT_HIP];
    if (left === undefined || right === undefined) return;
    if (left.confidence < SURE || right.confidence < SURE) return;
    const cell = cellAt((left.x + right.x) / 2, (left.y + right.y) / 2);
    if (cell === null) return;
    const last = this.#sitting.get(id);
    if (last === undefined || !isNextTo(last.cell, cell)) {
      this.#sitting.set(id, { cell, sinceS: timeS, timeS, counted: false });
      return;
    }
    const counts = !last.counted && timeS - last.sinceS >= SITTING_S;
    this.#sitting.set(id, { ...last, timeS, counted: last.counted || counts });
    if (!counts) return;
    this.#seats[cell] = Math.min(MOST, (this.#seats[cell] ?? 0) + 1);
    this.#floor = null;
  }

  /** Rows of cells nearer to the camera that a body with its feet in this row may cover lying: half of its height. */
  #reach(row: number): number {
    const height = this.#heights.at((row + 0.5) / FLOOR_ROWS);
    return height === null ? 1 : Math.max(1, Math.round((height / 2) * FLOOR_ROWS));
  }
}

export function createFloorMap(): FloorMap {
  return new FloorMap();
}

function damaged(): AppError {
  return new AppError(
    "input.invalid",
    "What was learned of a room's floor is damaged: let it be learned anew.",
  );
}

function isRecord(value: unknown): value is FloorMapRecord {
  if (typeof value !== "object" || value === null) return false;
  const { version, aspect, feet, seats, heights } = value as Readonly<Record<string, unknown>>;
  const areNumbers = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === "number");
  const areBins =
    Array.isArray(heights) &&
    heights.every(
      (bin: unknown) => typeof bin === "object" && bin !== null && areNumbers(Object.values(bin)),
    );
  return version === 1 && typeof aspect === "number" && areNumbers(feet) && areNumbers(seats) && areBins;
}

/** What the falls' rules ask of a floor. */
export interface KnownFloor {
  isFloor(point: Point): boolean | null;
  expectedHeight(footY: number): number | null;
}

/** What was learned, under what was drawn: a drawn floor is floor, drawn beds and sofas are not, ignored places are unknown. */
export function floorWithZones(map: KnownFloor, zones: readonly Zone[]): KnownFloor {
  return {
    isFloor: (point) => {
      const within = zones.filter(({ polygon }) => isInside(point, polygon)).map(({ kind }) => kind);
      // A bed stands on the floor that was drawn around it.
      if (within.includes("bed") || within.includes("sofa")) return false;
      if (within.includes("floor")) return true;
      return within.includes("ignore") ? null : map.isFloor(point);
    },
    expectedHeight: (footY) => map.expectedHeight(footY),
  };
}

const LEFT_HIP = KEYPOINTS.indexOf("left_hip");
const RIGHT_HIP = KEYPOINTS.indexOf("right_hip");
const LEFT_ANKLE = KEYPOINTS.indexOf("left_ankle");
const RIGHT_ANKLE = KEYPOINTS.indexOf("right_ankle");

function cellAt(x: number, y: number): number | null {
  if (!(x >= 0 && x < 1 && y >= 0 && y < 1)) return null;
  return Math.floor(y * FLOOR_ROWS) * FLOOR_COLUMNS + Math.floor(x * FLOOR_COLUMNS);
}

function isNextTo(a: number, b: number): boolean {
  const across = Math.abs((a % FLOOR_COLUMNS) - (b % FLOOR_COLUMNS));
  const down = Math.abs(Math.floor(a / FLOOR_COLUMNS) - Math.floor(b / FLOOR_COLUMNS));
  return across <= 1 && down <= 1;
}

function rounded(counts: Float32Array): readonly number[] {
  return Array.from(counts, (count) => Math.round(count * 100) / 100);
}
