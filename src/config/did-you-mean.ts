/** The candidate a mistyped word most likely stands for; null when none is near (more than a third of it differs). */
export function didYouMean(word: string, candidates: readonly string[]): string | null {
  const normal = word.toLowerCase().replaceAll("-", "_");
  const limit = Math.max(1, Math.floor(normal.length / 3));
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(normal, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate ?? null;
}

/** Levenshtein's distance with two neighbouring letters swapped counted as one edit (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + cost);
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, at(beforeLast, column - 2) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
