/** Which points of a support can be vertices of its Newton polytope: the others change no mixed volume. */

/** Supports with more points are taken as they are: the search is quadratic. */
const MOST_POINTS = 5000;

/**
 * Indices of the points that are not halfway between two others, in their order. All vertices are among them, so the
 * polytope is the same; of a dense support little more than the vertices is left.
 */
export function extremePoints(points: readonly (readonly number[])[]): number[] {
  const all = Array.from(points.keys());
  if (points.length > MOST_POINTS) return all;
  const known = new Set(points.map((point) => point.join()));
  return all.filter((c) => {
    const point = points[c]!;
    return !points.some(
      (other, k) => k !== c && known.has(point.map((e, j) => 2 * e - other[j]!).join()),
    );
  });
}
