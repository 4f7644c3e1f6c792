/** Believed afterwards: looking up finds what comparing with every point finds, ties in coordinates and edges included. */
import { expect, it } from 'vitest';
import { NearPoints } from '../../../src/verify/near-points.js';

it('finds the points that are near, and no others', () => {
  let state = 5;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  // Coordinates on a grid: many points agree in some or all of them, and many lie exactly at the reach.
  const points = Array.from({ length: 300 }, () =>
    Array.from({ length: 3 }, () => Math.round(8 * random()) / 8),
  );
  const known = new NearPoints(points);
  for (const reach of [0, 1 / 8, 1e-9, 0.3, Infinity]) {
    for (const point of points.slice(0, 40)) {
      const expected = points.flatMap((other, k) =>
        other.every((entry, j) => Math.abs(entry - point[j]!) <= reach) ? [k] : [],
      );
      expect(known.near(point, reach).sort((a, b) => a - b)).toEqual(expected);
    }
  }
  expect(known.near([9, 9, 9], 1)).toEqual([]);
  expect(new NearPoints([]).near([1], 1)).toEqual([]);
});
