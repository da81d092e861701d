/**
 * Boxes as a detector gives them, before duplicates are suppressed: corners x1, y1, x2, y2 one after another, and a
 * score for each box.
 */
export interface ScoredBoxes {
  readonly corners: Float32Array;
  readonly scores: Float32Array;
}

/**
 * More candidates than any room has people, even at 50 anchors each; a model that scores everything high would cost
 * seconds without a bound.
 */
const MAX_CANDIDATES = 2000;

/**
 * Greedy non-maximum suppression: indices of the boxes that overlap no surer one by more than `overlap` (intersection
 * over union), the surest first.
 */
export function suppressNonMaxima({ corners, scores }: ScoredBoxes, overlap: number): number[] {
  const order = Array.from(scores.keys())
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
    .slice(0, MAX_CANDIDATES);
  const kept: number[] = [];
  for (const candidate of order) {
    if (!kept.some((better) => overlapOf(corners, better, candidate) > overlap)) kept.push(candidate);
  }
  return kept;
}

function overlapOf(corners: Float32Array, first: number, second: number): number {
  const a = first * 4;
  const b = second * 4;
  const width = Math.min(at(corners, a + 2), at(corners, b + 2)) - Math.max(at(corners, a), at(corners, b));
  const height =
    Math.min(at(corners, a + 3), at(corners, b + 3)) - Math.max(at(corners, a + 1), at(corners, b + 1));
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (areaAt(corners, a) + areaAt(corners, b) - intersection);
}

function areaAt(corners: Float32Array, box: number): number {
  return (at(corners, box + 2) - at(corners, box)) * (at(corners, box + 3) - at(corners, box + 1));
}

function at(values: Float32Array, index: number): number {
  return values[index] ?? 0;
}
