/** Comparing the solutions of two solves of one system. */
import type { Solution } from '../homotopy/index.js';

type Point = Pick<Solution, 'coordinates'>;

/** Two solutions are the same when they agree to this, relative to 1 + |x|. */
const SAME_SOLUTION = 1e-8;

/** How many of `expected` have no equal among `found`. */
export function countMissing(expected: readonly Point[], found: readonly Point[]): number {
  return distances(expected, found).filter((distance) => distance > SAME_SOLUTION).length;
}

/** Largest distance from an expected solution to its equal, relative to 1 + |x|; 0 when none has one. */
export function largestDistance(expected: readonly Point[], found: readonly Point[]): number {
  return Math.max(0, ...distances(expected, found).filter((distance) => distance <= SAME_SOLUTION));
}

/** Distance of each expected solution to the nearest found one. */
function distances(expected: readonly Point[], found: readonly Point[]): number[] {
  return expected.map((point) =>
    found.reduce((least, other) => Math.min(least, distance(point, other)), Infinity),
  );
}

/** max_k |x_k - y_k| / (1 + max_k |x_k|) */
function distance({ coordinates: x }: Point, { coordinates: y }: Point): number {
  let difference = 0;
  let size = 0;
  x.forEach(([re, im], k) => {
    difference = Math.max(difference, Math.hypot(re - y[k]![0], im - y[k]![1]));
    size = Math.max(size, Math.hypot(re, im));
  });
  return difference / (1 + size);
}
