// A gallery over a real database file, and people whose looks are numbers: each a direction of their own, and examples of
// them at a cosine that is asked for.
import { randomNumbers } from "../../src/bench/random-numbers.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { type Logger, silentLogger } from "../../src/core/logger.ts";
import type { Cue } from "../../src/domain/tracklet.ts";
import { Gallery, type GalleryOptions } from "../../src/identity/gallery.ts";
import type { Example } from "../../src/identity/people.ts";
import type { TrackEvidence } from "../../src/reid/evidence.ts";
import { toUnit } from "../../src/reid/unit-vector.ts";
import type { TrackletRow } from "../../src/store/person-rows.ts";
import { openStore, type Store } from "../../src/store/store.ts";

export const AT = 1_700_000_000_000;
export const MODEL = "a face model";
export const FACE_LENGTH = 32;

export const SETTINGS: GalleryOptions["settings"] = {
  memory: { limit: 10, blend: 0.3, acceptFace: 0.42, appearanceTtl: 3_600_000 },
  keepPictures: true,
};

export interface RigOptions extends Partial<Omit<GalleryOptions, "store" | "clock">> {
  readonly vectorLibrary?: string;
  readonly now?: number;
}

export class GalleryRig implements Disposable {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly gallery: Gallery;

  constructor(path: string, { vectorLibrary, now = AT, log = silentLogger, ...options }: RigOptions = {}) {
    this.clock = new ManualClock(now);
    this.store = openStore({
      path,
      clock: this.clock,
      log,
      ...(vectorLibrary === undefined ? {} : { vectorLibrary }),
    });
    this.gallery = new Gallery({
      store: this.store,
      clock: this.clock,
      log: log as Logger,
      settings: SETTINGS,
      syncS: 5,
      ...options,
    });
    this.gallery.load();
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

/** A direction at random, the same from the same seed. */
export function direction(seed: number, length = FACE_LENGTH): Float32Array {
  const random = randomNumbers(seed * 7919 + 13);
  for (let skip = 0; skip < 20; skip += 1) random();
  const unit = toUnit(Float32Array.from({ length }, () => random() + random() + random() - 1.5));
  if (unit === null) throw new Error("no direction");
  return unit;
}

/** Of unit length, at this cosine to `to`; `seed` says to which side. */
export function at(cosine: number, to: Float32Array, seed: number): Float32Array {
  const other = direction(seed, to.length);
  const along = to.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  const across = toUnit(other.map((value, index) => value - along * (to[index] ?? 0)));
  const sine = Math.sqrt(1 - cosine ** 2);
  return to.map((value, index) => value * cosine + (across?.[index] ?? 0) * sine);
}

export function example(vector: Float32Array, over: Partial<Example> = {}): Example {
  return {
    cue: "face",
    modelId: MODEL,
    vector,
    quality: 0.8,
    facing: "front",
    source: "sighting",
    cameraId: "hall",
    trackletId: null,
    capturedAt: AT,
    picture: null,
    ...over,
  };
}

/** What a track shows by one cue. */
export function evidenceOf(vectors: Partial<Record<Cue, readonly Float32Array[]>>): TrackEvidence {
  const weighed = (all: readonly Float32Array[] = []) =>
    all.map((vector) => ({ modelId: MODEL, vector, quality: 0.8 }));
  return {
    faces: weighed(vectors.face).map((one) => ({ ...one, reference: true })),
    appearances: weighed(vectors.appearance).map((one) => ({ ...one, facing: "front" as const })),
    gait: weighed(vectors.gait)[0] ?? null,
    frames: 20,
    heightPx: 250,
  };
}

export function trackletRow(trackletId: string, over: Partial<TrackletRow> = {}): TrackletRow {
  return {
    trackletId,
    cameraId: "hall",
    trackId: 1,
    area: "Hall",
    firstAt: AT,
    lastAt: AT + 4000,
    frames: 20,
    quality: 0.7,
    personId: null,
    cue: null,
    confidence: null,
    decision: "{}",
    ...over,
  };
}
