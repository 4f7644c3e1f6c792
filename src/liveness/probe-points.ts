/** The inputs on which a network's liveness is judged: unit variance in every coordinate. */
import { randomStream } from '../math/random.js';

/** Half the width of a uniform distribution of variance 1. */
const HALF_WIDTH = Math.sqrt(3);
/** "probe" in ASCII. */
const PROBE_STREAM = 0x70726f62;

/** Points of a one-dimensional grid, ends included (257, so that 0 is one). */
export const DEFAULT_POINTS = 257;

/**
 * Inputs in [-sqrt 3, sqrt 3]^d: a uniform grid for d = 1, uniform random points otherwise.
 *
 * @returns `count` rows of `dimension` numbers, all f32
 */
export function probePoints(dimension: number, count: number, seed: number): number[][] {
  if (dimension === 1)
    return Array.from({ length: count }, (_, index) => [
      Math.fround(HALF_WIDTH * (count === 1 ? 0 : (2 * index) / (count - 1) - 1)),
    ]);
  const random = randomStream(seed, PROBE_STREAM, dimension);
  return Array.from({ length: count }, () =>
    Array.from({ length: dimension }, () => Math.fround(HALF_WIDTH * (2 * random.uniform() - 1))),
  );
}

/** A random sample of the points without repetition: the anchors that an initializer is shown. */
export function sampleAnchors(
  points: readonly (readonly number[])[],
  count: number,
  seed: number,
): number[][] {
  const random = randomStream(seed, PROBE_STREAM, 0);
  const rows = points.map((row) => [...row]);
  const wanted = Math.min(count, rows.length);
  for (let index = 0; index < wanted; index++) {
    const other = index + random.integer(rows.length - index);
    [rows[index], rows[other]] = [rows[other]!, rows[index]!];
  }
  return rows.slice(0, wanted);
}
