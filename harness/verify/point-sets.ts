/**
 * Are two lists of points the same set? Order-free, with a tolerance relative to each point.
 *
 * Solutions that a verification compares are regular, hence far apart compared with their rounding
 * error: the nearest free partner is the right one, and a greedy pairing is a pairing.
 */
import type { Solution } from '../../src/index.js';

/** A coordinate this small on both sides is zero; a solution at the origin has no relative error. */
const ZERO = 1e-12;

export interface PointSetComparison {
  /** Points of the first list without a partner. */
  readonly missing: number;
  /** Points of the second list left over. */
  readonly surplus: number;
  /** Largest relative distance of a pair. */
  readonly largest: number;
}

/**
 * Pairs every point of `left` with the nearest point of `right` that is still free.
 *
 * @param left points of equal length
 * @param tolerance largest distance of a pair (max norm) relative to the larger point
 */
export function comparePointSets(
  left: readonly (readonly number[])[],
  right: readonly (readonly number[])[],
  tolerance: number,
): PointSetComparison {
  const free = new Set(right.keys());
  let missing = 0;
  let largest = 0;
  for (const point of left) {
    let best = -1;
    let distance = Infinity;
    for (const k of free) {
      const gap = relativeDistance(point, right[k]!);
      if (gap < distance) {
        distance = gap;
        best = k;
      }
    }
    if (distance <= tolerance) {
      free.delete(best);
      largest = Math.max(largest, distance);
    } else missing++;
  }
  return { missing, surplus: free.size, largest };
}

/** max |a - b| / max(|a|, |b|), 0 for two zeros. */
export function relativeDistance(a: readonly number[], b: readonly number[]): number {
  let gap = 0;
  let size = 0;
  for (let k = 0; k < a.length; k++) {
    gap = Math.max(gap, Math.abs(a[k]! - b[k]!));
    size = Math.max(size, Math.abs(a[k]!), Math.abs(b[k]!));
  }
  return gap <= ZERO ? 0 : gap / size;
}

/** Real and imaginary parts of a solution's coordinates, one after the other. */
export function flatten({ coordinates }: Pick<Solution, 'coordinates'>): number[] {
  return coordinates.flat();
}
