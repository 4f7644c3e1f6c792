/**
 * Believed afterwards: of systems of fewer equations than unknowns as many witness points are found as the degree of their
 * solution set, and no point on a set of positive dimension passes for an isolated solution. The truth: degrees of classical
 * varieties, and components and isolated points that are plain in factored equations.
 */
import { describe, expect, it } from 'vitest';
import { solve, type Solution, type SolveOptions } from '../../../../src/homotopy/index.js';
import { inSlices } from '../../../../src/math/stepwise.js';
import { toNumeric } from '../../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import { isolation } from '../../../../src/homotopy/solve/local-dimension.js';
import { noGpu } from '../no-gpu.js';

const solved = (text: string, options: SolveOptions = {}) =>
  solve(noGpu, parseSystem(text, { underdetermined: options.slice ?? false }), {
    precision: 'f64',
    ...options,
  });

const real = (solutions: readonly Solution[]) =>
  solutions
    .map(({ coordinates }) => coordinates.map(([re]) => Math.round(re * 1e8) / 1e8 + 0))
    .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!);

describe('slices', () => {
  it.each([
    ['the twisted cubic', 'x^2 - y; x*y - z', 1, 3],
    ['a sphere', 'x^2 + y^2 + z^2 - 1', 2, 2],
    ['a Segre variety in a hyperplane', 'x*y - z*w; x + y + z + w - 1', 2, 2],
    ['a curve of genus 1', 'x^2 + y^2 + z^2 - 1; x*y + y*z - 2*x*z', 1, 4],
    ['two lines and a conic', '(x - 1)*(y - 2)*(x^2 + y^2 - z); x + y + z - 4', 1, 4],
  ])('%s', async (_, text, dimension, degree) => {
    for (const seed of [1, 2]) {
      const { witness, solutions } = await solved(text, { slice: true, seed });
      expect(witness).toMatchObject({ dimension, degree });
      expect(witness!.slices).toHaveLength(dimension);
      expect(witness!.points).toEqual(solutions.map(({ coordinates }) => coordinates));
      expect(witness!.trace).toBeLessThan(1e-10);
    }
  });

  it('witness points lie on the set and on the slices, as these are written', async () => {
    const equations = ['x^2 - y', 'x*y - z'];
    const { witness } = await solved(equations.join('; '), { slice: true });
    const all = parseSystem([...equations, ...witness!.slices].join('; '));
    const result = await solve(noGpu, all, { precision: 'f64' });
    expect(result.counts.distinct).toBe(3);
    for (const point of witness!.points) {
      const distances = result.solutions.map(({ coordinates }) =>
        Math.hypot(...coordinates.flat().map((part, k) => part - point.flat()[k]!)),
      );
      expect(Math.min(...distances)).toBeLessThan(1e-9);
    }
  });

  it('a double plane has multiple witness points, which cannot be followed', async () => {
    const { witness, completeness, warnings } = await solved('(x - 2*y)^2; z - x^2', {
      slice: true,
    });
    expect(witness).toMatchObject({ dimension: 1, degree: 2, trace: null });
    const trace = completeness.find(({ check }) => check === 'trace test');
    expect(trace!.proves).toMatch(/^nothing/);
    expect(warnings).toContainEqual(expect.stringContaining('is at least 2'));
  });

  it('are for fewer equations than unknowns, which are refused without', async () => {
    await expect(solved('x^2 - 1', { slice: true })).rejects.toThrow(/1 in 1: leave it out/);
    const system = parseSystem('x*y - z', { underdetermined: true });
    await expect(solve(noGpu, system)).rejects.toThrow(/sets of dimension 2 or more/);
  });
});

describe('sets of positive dimension are no solutions', () => {
  it.each<[string, string, number[][], number[][]]>([
    [
      'a plane and four points',
      'x*y*(x - 1); x*z*(y - 2); x*(x + y + z - 7)*(z - 1)',
      [[2, 1]],
      [
        [1, 2, 1],
        [1, 2, 4],
        [1, 6, 0],
        [7, 0, 0],
      ],
    ],
    ['a line with a double point, alone', 'x^2 + x*y; y^3 - x^2*y', [[1, 1]], []],
    ['a circle and a line', '(x^2 + y^2 - 1)*(y - 1); (x^2 + y^2 - 1)*(x - 3)', [[1, 2]], [[3, 1]]],
    ['a double line', '(x - 1)*y^2; y^2*(y - 2)', [[1, 1]], [[1, 2]]],
    [
      'curves in coordinate planes: reduced cyclic 4-roots',
      'x + y + z + 1; x*y + y*z + x + z; x*y*z + x*y + x*z + y*z',
      [[1, 1]],
      [],
    ],
    ['more equations', 'x*(y - 1); x*(y + x - 3); x*(x - 2)', [[1, 1]], [[2, 1]]],
    ['no path: a curve, mixed volume 0', 'x*y*z - 1; x^2*y^2*z^2 - 1; x + y + z - 1', [[1, 3]], []],
    ['no path: a surface', 'x*y*z - 1; x^2*y^2*z^2 - 1; x^3*y^3*z^3 - 1', [[2, 3]], []],
  ])('%s', async (_, text, sets, points) => {
    const result = await solved(text);
    expect(result.components!.sets.map(({ dimension, degree }) => [dimension, degree])).toEqual(
      sets,
    );
    expect(real(result.solutions)).toEqual(points);
    expect(result.counts.distinct).toBe(points.length);
    expect(result.warnings[0]).toMatch(/positive-dimensional/);
  });

  it('leave the nonsingular solutions to be counted', async () => {
    const line = '(x + y - 3)';
    const { exactCount, counts, completeness } = await solved(
      `(x^2 - 1)*${line}; (y - 1)*(y - 2)*(y - 8)*${line}`,
    );
    expect(exactCount).toMatchObject({ status: 'positive-dimensional', nonsingular: 5 });
    expect(counts).toMatchObject({ distinct: 5, nonsingular: 5 });
    const { proves } = completeness.find(({ check }) => check === 'exact count')!;
    expect(proves).toMatch(/^the number of nonsingular solutions is exactly 5, as many as/);
  });
});

describe('isolated or not, by the equations near a point', () => {
  it.each<[string, string, number[], number, string]>([
    ['multiplicity 3', '29/16*x^3 - 2*x*y; y - x^2', [0, 0, 0, 0], 3, 'isolated'],
    ['multiplicity 8', 'x^2; y^4 + x*y', [0, 0, 0, 0], 8, 'isolated'],
    ['a node on two lines', 'x*y; x*y*(x - 3)', [0, 0, 0, 0], 9, 'not isolated'],
    ['a point on a double line', '(x - 1)*y^2; y^2*(y - 2)', [5, 0, 0, 0], 4, 'not isolated'],
  ])('%s', async (_, text, point, most, verdict) => {
    const numeric = toNumeric(parseSystem(text));
    expect(await inSlices(isolation(numeric, point, most))).toBe(verdict);
  });
});
