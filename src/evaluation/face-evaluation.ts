// How well faces are told apart: pairs of the same and of different people, and a household that meets strangers.

export interface FacePair {
  /** Cosine. */
  readonly score: number;
  readonly same: boolean;
}

export interface PairEvaluation {
  readonly pairs: number;
  readonly same: number;
  /** Share of pairs of the same that is liker than a pair of others; ties count half. Null without both kinds. */
  readonly auc: number | null;
  /** Share of the same above the threshold that this share of the others reaches. */
  readonly tar_at_far: Readonly<Record<"0.1" | "0.01" | "0.001", number | null>>;
  /** Where most pairs are judged right; of a range of such thresholds, its middle. */
  readonly best_threshold: number | null;
}

export function evaluatePairs(pairs: readonly FacePair[]): PairEvaluation {
  const of = (same: boolean) =>
    pairs
      .filter((pair) => pair.same === same)
      .map(({ score }) => score)
      .sort((a, b) => a - b);
  const [same, others] = [of(true), of(false)];
  const both = same.length > 0 && others.length > 0;
  const tar = (far: number) => (both ? trueShare(same, others, far) : null);
  return {
    pairs: pairs.length,
    same: same.length,
    auc: both ? areaUnderCurve(same, others) : null,
    tar_at_far: { "0.1": tar(0.1), "0.01": tar(0.01), "0.001": tar(0.001) },
    best_threshold: both ? bestThreshold(same, others) : null,
  };
}

/** Mann and Whitney's statistic. Both ascending. */
function areaUnderCurve(same: readonly number[], others: readonly number[]): number {
  let wins = 0;
  for (const score of same) wins += (countBelow(others, score) + countUpTo(others, score)) / 2;
  return wins / (same.length * others.length);
}

/** A share that is less than one of the others lets none of them through. */
function trueShare(same: readonly number[], others: readonly number[], far: number): number {
  const admitted = Math.floor(far * others.length);
  const threshold = others[others.length - 1 - admitted] ?? Number.NEGATIVE_INFINITY;
  return (same.length - countUpTo(same, threshold)) / same.length;
}

function bestThreshold(same: readonly number[], others: readonly number[]): number {
  const scores = [...new Set([...same, ...others])].sort((a, b) => a - b);
  let most = -1;
  let range: [number, number] = [0, 0];
  for (const [index, score] of scores.entries()) {
    const right = same.length - countBelow(same, score) + countBelow(others, score);
    if (right < most) continue;
    const below = scores[index - 1] ?? score;
    // Where several ranges are as good, the highest: a false match costs more than a missed one.
    range = right === most && range[1] === below ? [range[0], score] : [below, score];
    most = right;
  }
  return (range[0] + range[1]) / 2;
}

/** How many of an ascending list are smaller. */
function countBelow(ascending: readonly number[], value: number): number {
  return bisect(ascending, (other) => other < value);
}

function countUpTo(ascending: readonly number[], value: number): number {
  return bisect(ascending, (other) => other <= value);
}

function bisect(ascending: readonly number[], isBefore: (value: number) => boolean): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(ascending[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Somebody of a gallery, with what there is of them. */
export interface KnownBy<T> {
  readonly personId: string;
  readonly pictures: readonly T[];
}

export interface OpenSetSplit<T> {
  /** Half of the people, each with so many pictures. */
  readonly enrolled: readonly KnownBy<T>[];
  /** The other pictures of those, and all of the other people. `enrolled`: whether it is somebody who is known. */
  readonly queries: readonly { readonly personId: string; readonly picture: T; readonly enrolled: boolean }[];
}

/** People and pictures by chance. Those with too few pictures to enrol and ask for are strangers. */
export function splitOpenSet<T>(
  people: readonly KnownBy<T>[],
  { pictures, random }: { readonly pictures: number; readonly random: () => number },
): OpenSetSplit<T> {
  const order = shuffled(people, random);
  const able = order.filter((person) => person.pictures.length > pictures);
  const known = new Set(able.slice(0, Math.ceil(people.length / 2)).map(({ personId }) => personId));
  const enrolled: KnownBy<T>[] = [];
  const queries: OpenSetSplit<T>["queries"][number][] = [];
  for (const { personId, pictures: all } of order) {
    const isEnrolled = known.has(personId);
    const own = shuffled(all, random);
    if (isEnrolled) enrolled.push({ personId, pictures: own.slice(0, pictures) });
    for (const picture of isEnrolled ? own.slice(pictures) : own)
      queries.push({ personId, picture, enrolled: isEnrolled });
  }
  return { enrolled, queries };
}

export interface OpenSetAnswer {
  readonly personId: string;
  readonly enrolled: boolean;
  /** Who it was taken for; null: nobody. */
  readonly named: string | null;
}

export interface OpenSetEvaluation {
  /** Pictures asked about. */
  readonly of_enrolled: number;
  readonly of_strangers: number;
  /** Share of the pictures of people who are enrolled that were given their own name, and how many another's. */
  readonly enrolled_named: number | null;
  readonly enrolled_confused: number;
  /** How many pictures of strangers were given a name. */
  readonly strangers_named: number;
}

export function evaluateOpenSet(answers: readonly OpenSetAnswer[]): OpenSetEvaluation {
  const known = answers.filter(({ enrolled }) => enrolled);
  const strangers = answers.filter(({ enrolled }) => !enrolled);
  const right = known.filter(({ named, personId }) => named === personId).length;
  return {
    of_enrolled: known.length,
    of_strangers: strangers.length,
    enrolled_named: known.length === 0 ? null : right / known.length,
    enrolled_confused: known.filter(({ named, personId }) => named !== null && named !== personId).length,
    strangers_named: strangers.filter(({ named }) => named !== null).length,
  };
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
