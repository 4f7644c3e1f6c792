/** Which points of a support can be vertices of its Newton polytope: the others change no mixed volume. */
import type { Stepwise } from '../../../math/stepwise.js';

/** Supports with more points are taken as they are: the search is quadratic. */
const MOST_POINTS = 5000;

/**
 * Indices of the points that are not halfway between two others, in their order. All vertices are among them, so the
 * polytope is the same; of a dense support little more than the vertices is left.
 */
export function* extremePoints(points: readonly (readonly number[])[]): Stepwise<number[]> {
  if (points.length > MOST_POINTS) return Array.from(points.keys());
  const known = new Set(points.map((point) => point.join()));
  const extreme: number[] = [];
  for (const [c, point] of points.entries()) {
    const isHalfway = points.some(
      (other, k) => k !== c && known.has(point.map((e, j) => 2 * e - other[j]!).join()),
    );
    if (!isHalfway) extreme.push(c);
    yield;
  }
  return extreme;
}

/** The same of every support of a system. */
export function* extremePointsOf(
  supports: readonly (readonly (readonly number[])[])[],
): Stepwise<number[][]> {
  const extreme: number[][] = [];
  for (const points of supports) extreme.push(yield* extremePoints(points));
  return extreme;
}
