// How well crops of bodies are told apart between two cameras: rank-1, mean average precision, and what share of the same people
// is recognised when one, or a tenth, in a hundred of the others may be taken for them.
import { standardised } from "../domain/appearance.ts";

/** One picture of one body. */
export interface BodyCrop {
  readonly personId: string;
  readonly cameraId: string;
  /** As the model gives it; NaN where nothing of the body was seen. */
  readonly descriptor: Float32Array;
}

/** Ready to be compared: of unit length. */
export type Comparable = (crop: BodyCrop) => Float32Array;

/** What is learned from people who are not measured, for those who are. */
export type Recipe = (others: readonly BodyCrop[]) => Comparable;

export interface ReidProtocol {
  /** People of one gallery; the rest of the people gives the statistics. */
  readonly gallery: number;
  /** Crops of one mean. */
  readonly mean: number;
  /** Random divisions of all people into galleries. */
  readonly rounds: number;
  readonly random: () => number;
}

export interface PairScore {
  /** Share of pairs of the same that is liker than a pair of others. */
  readonly auc: number;
  /** Share of the same above the threshold that one in a hundred, or in a thousand, of its gallery's others reach. */
  readonly tar_at_far_1pct: number;
  readonly tar_at_far_01pct: number;
  /** Likewise with one threshold for all galleries, which is what a household gets: it has none of its own. */
  readonly tar_one_threshold_1pct: number;
  readonly tar_one_threshold_01pct: number;
}

export interface ReidScore {
  /** Share of crops whose likest crop of the other camera is of the same person. */
  readonly rank1: number;
  readonly map: number;
  readonly single: PairScore;
  readonly mean: PairScore & { readonly rank1: number };
}

export interface ReidCounts {
  readonly people: number;
  readonly cameras: number;
  readonly crops: number;
}

export function countCrops(crops: readonly BodyCrop[]): ReidCounts {
  return {
    people: new Set(crops.map(({ personId }) => personId)).size,
    cameras: new Set(crops.map(({ cameraId }) => cameraId)).size,
    crops: crops.length,
  };
}

/** Each number of the descriptor standardised by camera, over the people who are not measured. */
export const STATISTICS_OF_OTHERS: Recipe = (others) => {
  const statistics = new Map(
    [...groupBy(others, ({ cameraId }) => cameraId)].map(([cameraId, crops]) => [
      cameraId,
      statisticsOf(crops.map(({ descriptor }) => descriptor)),
    ]),
  );
  return ({ cameraId, descriptor }) =>
    standardised(descriptor, statistics.get(cameraId) ?? { mean: [], deviation: [] });
};

/** Means over all rounds and galleries; every gallery's people are measured with what was learned from all others. */
export function evaluateReid(
  crops: readonly BodyCrop[],
  recipe: Recipe,
  { gallery, mean, rounds, random }: ReidProtocol,
): ReidScore {
  const people = [...groupBy(crops, ({ personId }) => personId)];
  const folds = Math.max(2, Math.floor(people.length / gallery));
  const ranks = new Ranks();
  const meanRanks = new Ranks();
  const single = new Pairs();
  const means = new Pairs();
  for (let round = 0; round < rounds; round += 1) {
    const order = shuffled(people, random);
    for (let fold = 0; fold < folds; fold += 1) {
      const measured = order.filter((_, index) => index % folds === fold).slice(0, gallery);
      const ids = new Set(measured.map(([personId]) => personId));
      const comparable = recipe(crops.filter(({ personId }) => !ids.has(personId)));
      const looks = measured.flatMap(([, own]) => own.map((crop) => lookOf(crop, comparable)));
      compare(looks, ranks, single);
      compare(meanLooks(looks, mean, random), meanRanks, means);
    }
  }
  return {
    rank1: ranks.rank1,
    map: ranks.map,
    single: single.score,
    mean: { rank1: meanRanks.rank1, ...means.score },
  };
}

interface Look {
  readonly personId: string;
  readonly cameraId: string;
  readonly vector: Float32Array;
}

function lookOf(crop: BodyCrop, comparable: Comparable): Look {
  return { personId: crop.personId, cameraId: crop.cameraId, vector: comparable(crop) };
}

/** Crops of one person and camera in random groups of `size`, each as one mean; what is left over is left out. */
function meanLooks(looks: readonly Look[], size: number, random: () => number): Look[] {
  const groups = groupBy(looks, ({ personId, cameraId }) => `${personId} ${cameraId}`);
  return [...groups.values()].flatMap((group) => {
    const order = shuffled(group, random);
    return Array.from({ length: Math.floor(order.length / size) }, (_, index) =>
      meanLook(order.slice(index * size, (index + 1) * size)),
    ).flat();
  });
}

function meanLook(group: readonly Look[]): Look[] {
  const [first] = group;
  if (first === undefined) return [];
  const sum = first.vector.map((_, at) => group.reduce((total, { vector }) => total + (vector[at] ?? 0), 0));
  const length = Math.hypot(...sum);
  return length > 0 ? [{ ...first, vector: sum.map((value) => value / length) }] : [];
}

/** Every look against all of other cameras. */
function compare(looks: readonly Look[], ranks: Ranks, pairs: Pairs): void {
  const compared = looks.map((query) =>
    looks
      .filter(({ cameraId }) => cameraId !== query.cameraId)
      .map((other) => ({
        same: other.personId === query.personId,
        score: cosine(query.vector, other.vector),
      }))
      .sort((a, b) => b.score - a.score),
  );
  for (const scored of compared) ranks.add(scored.map(({ same }) => same));
  pairs.add(compared.flat());
}

class Ranks {
  #queries = 0;
  #first = 0;
  #precision = 0;

  /** Whether each of the gallery, likest first, is of the same person. */
  add(ranked: readonly boolean[]): void {
    let found = 0;
    let precision = 0;
    for (const [index, same] of ranked.entries()) {
      if (!same) continue;
      found += 1;
      precision += found / (index + 1);
    }
    if (found === 0) return;
    this.#queries += 1;
    if (ranked[0] === true) this.#first += 1;
    this.#precision += precision / found;
  }

  get rank1(): number {
    return this.#first / Math.max(1, this.#queries);
  }

  get map(): number {
    return this.#precision / Math.max(1, this.#queries);
  }
}

interface ScoredPairs {
  /** Cosines, ascending. */
  readonly same: Float64Array;
  readonly others: Float64Array;
}

class Pairs {
  readonly #galleries: ScoredPairs[] = [];

  add(pairs: readonly { readonly same: boolean; readonly score: number }[]): void {
    const scores = (same: boolean) =>
      Float64Array.from(pairs.filter((pair) => pair.same === same).map(({ score }) => score)).sort();
    this.#galleries.push({ same: scores(true), others: scores(false) });
  }

  get score(): PairScore {
    const all = {
      same: joined(this.#galleries.map(({ same }) => same)),
      others: joined(this.#galleries.map(({ others }) => others)),
    };
    const average = (far: number) =>
      this.#galleries.reduce((sum, gallery) => sum + trueShare(gallery, far), 0) /
      Math.max(1, this.#galleries.length);
    return {
      auc: aucOf(all),
      tar_at_far_1pct: average(0.01),
      tar_at_far_01pct: average(0.001),
      tar_one_threshold_1pct: trueShare(all, 0.01),
      tar_one_threshold_01pct: trueShare(all, 0.001),
    };
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part])).sort();
}

/** Mann-Whitney: ties count half. */
function aucOf({ same, others }: ScoredPairs): number {
  if (same.length === 0 || others.length === 0) return 0;
  let wins = 0;
  let below = 0;
  let through = 0;
  for (const score of same) {
    while (below < others.length && (others[below] as number) < score) below += 1;
    through = Math.max(through, below);
    while (through < others.length && (others[through] as number) === score) through += 1;
    wins += below + (through - below) / 2;
  }
  return wins / same.length / others.length;
}

/** Share of the same above the score that no more than `far` of the others exceed. */
function trueShare({ same, others }: ScoredPairs, far: number): number {
  if (same.length === 0 || others.length === 0) return 0;
  const threshold = others[Math.max(0, others.length - 1 - Math.floor(far * others.length))] as number;
  return same.filter((score) => score > threshold).length / same.length;
}

/** Mean and deviation of each number; 0 and 1 for one that is never known. */
function statisticsOf(descriptors: readonly Float32Array[]): { mean: number[]; deviation: number[] } {
  const length = descriptors[0]?.length ?? 0;
  const mean: number[] = [];
  const deviation: number[] = [];
  for (let at = 0; at < length; at += 1) {
    const values = descriptors.flatMap((one) => (Number.isFinite(one[at]) ? [one[at] as number] : []));
    const average = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const variance =
      values.reduce((sum, value) => sum + (value - average) ** 2, 0) / Math.max(1, values.length);
    mean.push(average);
    deviation.push(variance > 0 ? Math.sqrt(variance) : 1);
  }
  return { mean, deviation };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] ?? 0);
  return sum;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
