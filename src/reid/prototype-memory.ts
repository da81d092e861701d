// What is remembered of one person by one cue and model: a few good examples that differ from one another, and a running
// mean of all of them. Pure: who keeps the memory writes down what was added and removed.
import type { Millis } from "../core/clock.ts";
import type { Cue } from "../domain/tracklet.ts";
import type { WeighedVector } from "./evidence.ts";
import { dot, isUnit, meanDirection } from "./unit-vector.ts";

export interface Prototype extends WeighedVector {
  readonly facing: string | null;
  /** A photo was chosen by somebody: it stays whatever a camera sees. */
  readonly source: "photo" | "sighting";
  readonly capturedAt: Millis;
}

/** Of one person, cue and model. */
export interface PrototypeMemory<P extends Prototype> {
  readonly cue: Cue;
  readonly prototypes: readonly P[];
  /** Of unit length; null while there is nothing. */
  readonly mean: Float32Array | null;
}

export interface MemoryRules {
  /** Prototypes that stay. */
  readonly limit: number;
  /** Weight of a new example in the running mean, 0..1. */
  readonly blend: number;
  /** Cosine to what is remembered from which on a face that was seen may join it. */
  readonly acceptFace: number;
  /** How long clothes are remembered. */
  readonly appearanceTtl: Millis;
}

/**
 * unusable: not of unit length, or of another model or length. unlike: not like enough to what is remembered; a photo is
 * believed all the same. worse: all that are kept are better, or one that is as good shows the same.
 */
export const REFUSALS = ["unusable", "unlike", "worse"] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface Learned<P extends Prototype> {
  readonly memory: PrototypeMemory<P>;
  /** The example, when it is kept as a prototype. */
  readonly added: readonly P[];
  readonly removed: readonly P[];
  /** null when it was added, or went into the mean. */
  readonly refused: Refusal | null;
}

/**
 * Two that are as like as this show the same moment of the same side: the better one is enough. Faces of one video are .9 and
 * more from one second to the next; ten of one second would leave no room for a second light.
 */
const SAME_VIEW: Readonly<Record<Cue, number>> = { face: 0.92, gait: 0.97, appearance: 0.92 };
/** Of these similarity to the likest other costs a prototype its place before quality does: see `worth`. */
const LIKENESS_COST = 0.5;

export function emptyMemory<P extends Prototype>(cue: Cue): PrototypeMemory<P> {
  return { cue, prototypes: [], mean: null };
}

/** Takes an example in where it is good enough, and lets go of what has expired. `now` is of the same clock as `capturedAt`. */
export function learn<P extends Prototype>(
  memory: PrototypeMemory<P>,
  example: P,
  now: Millis,
  rules: MemoryRules,
): Learned<P> {
  const { memory: fresh, removed: expired } = expire(memory, now, rules);
  const unchanged = (refused: Refusal): Learned<P> => ({
    memory: fresh,
    added: [],
    removed: expired,
    refused,
  });
  if (!isUsable(fresh, example) || isExpired(fresh.cue, example, now, rules)) return unchanged("unusable");
  if (!mayJoin(fresh, example, rules)) return unchanged("unlike");
  const mean = blended(fresh.mean, example.vector, rules.blend);
  const { kept, dropped } = chosen(fresh, example, Math.max(1, rules.limit));
  const isKept = kept.includes(example);
  return {
    memory: { ...fresh, prototypes: kept, mean },
    added: isKept ? [example] : [],
    removed: [...expired, ...dropped.filter((one) => one !== example)],
    refused: isKept ? null : "worse",
  };
}

/**
 * Without what has been remembered for too long: clothes change, faces do not. The mean of clothes goes with the last of
 * them; otherwise it stays, as the newest of what went into it weigh most.
 */
export function expire<P extends Prototype>(
  memory: PrototypeMemory<P>,
  now: Millis,
  rules: Pick<MemoryRules, "appearanceTtl">,
): { readonly memory: PrototypeMemory<P>; readonly removed: readonly P[] } {
  const removed = memory.prototypes.filter((one) => isExpired(memory.cue, one, now, rules));
  if (removed.length === 0) return { memory, removed };
  const prototypes = memory.prototypes.filter((one) => !removed.includes(one));
  return { memory: { ...memory, prototypes, mean: prototypes.length === 0 ? null : memory.mean }, removed };
}

function isExpired(
  cue: Cue,
  { capturedAt }: Prototype,
  now: Millis,
  rules: Pick<MemoryRules, "appearanceTtl">,
): boolean {
  return cue === "appearance" && now - capturedAt >= rules.appearanceTtl;
}

function isUsable({ prototypes, mean }: PrototypeMemory<Prototype>, example: Prototype): boolean {
  if (!isUnit(example.vector) || !(example.quality >= 0 && example.quality <= 1)) return false;
  if (!Number.isFinite(example.capturedAt)) return false;
  if (mean !== null && mean.length !== example.vector.length) return false;
  return prototypes.every(
    ({ modelId, vector }) => modelId === example.modelId && vector.length === example.vector.length,
  );
}

/**
 * Becoming a reference is harder than being recognised: one wrong face would bring in the next. Clothes may differ, they are
 * what changes.
 */
function mayJoin(
  { cue, prototypes, mean }: PrototypeMemory<Prototype>,
  example: Prototype,
  { acceptFace }: MemoryRules,
): boolean {
  if (cue !== "face" || example.source === "photo" || prototypes.length === 0) return true;
  const known = mean === null ? prototypes : [...prototypes, { vector: mean }];
  return known.some(({ vector }) => dot(vector, example.vector) >= acceptFace);
}

function blended(mean: Float32Array | null, vector: Float32Array, blend: number): Float32Array {
  if (mean === null) return vector;
  return (
    meanDirection([
      { vector: mean, weight: 1 - blend },
      { vector, weight: blend },
    ]) ?? vector
  );
}

function chosen<P extends Prototype>(
  { cue, prototypes }: PrototypeMemory<P>,
  example: P,
  limit: number,
): { readonly kept: readonly P[]; readonly dropped: readonly P[] } {
  const twin = prototypes.find((one) => dot(one.vector, example.vector) >= SAME_VIEW[cue]);
  if (twin !== undefined) {
    // Clothes are also kept alive by being seen: the newer of two alike.
    const isBetter =
      cue === "appearance" ? example.quality >= twin.quality / 2 : example.quality > twin.quality;
    if (!isBetter || isFixed(twin)) return { kept: prototypes, dropped: [example] };
    return { kept: prototypes.map((one) => (one === twin ? example : one)), dropped: [twin] };
  }
  const all = [...prototypes, example];
  const dropped: P[] = [];
  while (all.length > limit) {
    const weakest = leastWorth(all);
    all.splice(all.indexOf(weakest), 1);
    dropped.push(weakest);
  }
  return { kept: all, dropped };
}

function isFixed({ source }: Prototype): boolean {
  return source === "photo";
}

/** Photos go last; then whoever is worth least: quality, less half of how like it is to the likest other. */
function leastWorth<P extends Prototype>(all: readonly P[]): P {
  const seen = all.filter((one) => !isFixed(one));
  const among = seen.length > 0 ? seen : all;
  const worths = among.map((one) => ({ one, worth: worth(one, all) }));
  const weakest = worths.reduce((least, next) => (next.worth < least.worth ? next : least));
  return weakest.one;
}

function worth(one: Prototype, all: readonly Prototype[]): number {
  const likest = all.reduce(
    (most, other) => (other === one ? most : Math.max(most, dot(one.vector, other.vector))),
    0,
  );
  return one.quality - LIKENESS_COST * likest;
}
