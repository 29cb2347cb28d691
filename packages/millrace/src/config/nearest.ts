/** "Did you mean …": the nearest of the valid names. */

/**
 * The candidate that is nearest to `name` by edits (insert, delete, replace, swap of neighbours; letter case counts
 * little), or undefined when none is near enough: about one edit in three letters, at most 3. A candidate that only
 * differs in letter case, `-`, `_` or `.` always is. The first of equals wins.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length === 0 || name.length > longest) return undefined;
  const limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  const folded = name.toLowerCase();
  const bare = withoutMarks(folded);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate === name || candidate.length > longest) continue;
    const other = candidate.toLowerCase();
    const distance = withoutMarks(other) === bare ? 0 : editDistance(folded, other, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

const longest = 100;
const withoutMarks = (text: string): string => text.replace(/[-_.]/g, '');

/** Damerau-Levenshtein distance (optimal string alignment); gives up with `ceiling` where it can't be below. */
export function editDistance(a: string, b: string, ceiling: number = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) >= ceiling) return ceiling;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let lowest = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
      if (cost < lowest) lowest = cost;
    }
    if (lowest >= ceiling) return ceiling;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
