/**
 * Believed afterwards: a table of solutions reads back as the same numbers. The truth: a CSV reader of others.
 */
import Papa from 'papaparse';
import { expect, it } from 'vitest';
import type { Solution } from '../../../../src/homotopy/solve/solution.js';
import { formatSolutionsCsv } from '../../../../src/homotopy/solve/solutions-csv.js';

const solution = (parts: readonly [number, number][], condition: number | null): Solution => ({
  coordinates: parts,
  residual: 1e-17,
  condition,
  multiplicity: 1,
  winding: 1,
  real: false,
  singular: condition === null,
  certified: true,
  cluster: null,
});

it('has a row a solution, and every number as it was', () => {
  const points: [number, number][][] = [
    [
      [1 / 3, -0.1],
      [5e-324, 1.7976931348623157e308],
    ],
    [
      [0, 1e21],
      [-123456789012345680, 2],
    ],
  ];
  const text = formatSolutionsCsv({
    system: { name: 's', variables: ['x', 'y₁'], degrees: [1, 1] },
    solutions: [solution(points[0]!, 12.5), solution(points[1]!, null)],
  });
  const { data, errors } = Papa.parse<Record<string, string>>(text, {
    header: true,
    skipEmptyLines: true,
  });
  expect(errors).toEqual([]);
  expect(Object.keys(data[0]!).slice(0, 4)).toEqual(['x_re', 'x_im', 'y₁_re', 'y₁_im']);
  data.forEach((row, k) => {
    expect([row.x_re, row.x_im, row['y₁_re'], row['y₁_im']].map(Number)).toEqual(points[k]!.flat());
  });
  expect(data.map((row) => [row.condition, row.singular])).toEqual([
    ['12.5', 'false'],
    ['', 'true'],
  ]);
});
