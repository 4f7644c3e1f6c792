/**
 * Believed afterwards: `solve` finds every isolated solution of the test systems, the same for two
 * seeds, proves the nonsingular ones, and never calls a singular one regular. The truth: counts of
 * test/data/systems, exact (Groebner bases) and numerical (PHCpack) ones in agreement.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, parseSystem, solve, type GpuDevice, type SolveOptions } from 'lps-webgpu';
import { distanceOfSets, expectSound, nonsingular, systemTruth } from './ground-truth.js';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => {
  gpu.close();
});

function solveNamed(name: string, options: SolveOptions) {
  return solve(gpu, parseSystem(systemTruth(name)), {
    certify: true,
    precision: 'gpu',
    ...options,
  });
}

describe('complete and the same for two seeds', () => {
  it.each([
    'chemkin',
    'cyclic5',
    'dense_n4_d3',
    'game4two',
    'geneig',
    'katsura5',
    'lorentz',
    'noon4',
    'rbpl',
    'sendra',
    'wood',
  ])('%s', async (name) => {
    const truth = systemTruth(name);
    const first = await solveNamed(name, { seed: 11 });
    const second = await solveNamed(name, { seed: 12 });
    for (const result of [first, second]) {
      expectSound(result);
      expect(result.counts.distinct).toBe(truth.finiteSolutions.distinctExact);
      expect(result.counts.nonsingular).toBe(truth.finiteSolutions.isolatedDistinctNonsingular);
      expect(result.counts.real).toBe(truth.realSolutions);
      expect(result.paths.failed).toBe(0);
      expect(result.paths.regular).toBe(result.counts.nonsingular);
      expect(result.solutions.filter((each) => !each.certified)).toEqual([]);
    }
    expect(distanceOfSets(nonsingular(first), nonsingular(second))).toBeLessThan(1e-8);
  });

  it('cyclic7, all 924 from mixed cells, which start auto takes', async () => {
    const result = await solveNamed('cyclic7', { seed: 3 });
    expectSound(result);
    expect(result.start).toMatchObject({ kind: 'polyhedral', paths: 924 });
    expect(result.counts).toEqual({ distinct: 924, nonsingular: 924, real: 56 });
    expect(result.paths.failed).toBeLessThanOrEqual(0.01 * result.paths.tracked);
    expect(result.solutions.filter((each) => !each.certified)).toEqual([]);
  });

  it('eight equations of degree 2 in f64 alone are the same as with the GPU', async () => {
    const withGpu = await solveNamed('katsura7', { seed: 5 });
    const without = await solveNamed('katsura7', { seed: 5, precision: 'f64' });
    expect(without.counts).toEqual({ distinct: 128, nonsingular: 128, real: 44 });
    expect(withGpu.counts).toEqual(without.counts);
    expect(distanceOfSets(nonsingular(withGpu), nonsingular(without))).toBeLessThan(1e-8);
  });
});

describe('singular solutions', () => {
  // [name, nonsingular, singular, paths to each singular one, their winding number]
  it.each([
    ['caprasse', 24, 8, 4, 2],
    ['solotarev', 2, 2, 2, 2],
    ['redcyc5', 14, 2, 2, 2],
  ] as const)(
    '%s: complete, with multiplicity',
    async (name, regular, singular, paths, winding) => {
      const results = [];
      for (const seed of [21, 22]) results.push(await solveNamed(name, { seed }));
      for (const result of results) {
        expectSound(result);
        expect(result.counts.nonsingular).toBe(regular);
        expect(result.counts.distinct).toBe(regular + singular);
        expect(result.paths.failed).toBe(0);
        expect(result.paths.singular).toBe(paths * singular);
        for (const solution of result.solutions.filter((each) => each.singular)) {
          expect(solution).toMatchObject({
            multiplicity: paths,
            winding,
            condition: null,
            certified: false,
          });
        }
      }
      expect(distanceOfSets(nonsingular(results[0]!), nonsingular(results[1]!))).toBeLessThan(1e-8);
    },
  );
});

describe('positive-dimensional solution sets end with a warning', () => {
  it.each([
    ['cyclic4', systemTruth('cyclic4').equations.join('\n')],
    ['two lines', 'x*y\nx*z\nx*(x + y + z - 1)'],
    ['a line and points', '(x^2 - 1)*(y - x)\n(y^2 - 4)*(y - x)'],
  ])('%s', async (_, text) => {
    const result = await solve(gpu, parseSystem(text), { seed: 4 });
    expectSound(result);
    expect(result.warnings.join(' ')).toMatch(/positive-dimensional|could not be decided/);
  });

  it('points of a double plane are singular, none is regular', async () => {
    const system = parseSystem('x^2*(y - 1)\nx^2*(z - 2)\nx^2*(y + z + 5)');
    const result = await solve(gpu, system, { seed: 4 });
    expectSound(result);
    expect(result.counts.nonsingular).toBe(0);
    for (const { coordinates } of result.solutions) {
      expect(Math.hypot(...coordinates[0]!)).toBeLessThan(1e-4);
    }
  });

  it('points of a curve are not taken for regular zeros (fourbar, seeds that did)', async () => {
    const { isolatedDistinctNonsingular } = systemTruth('fourbar').finiteSolutions;
    for (const seed of [3, 41]) {
      const result = await solveNamed('fourbar', { seed });
      expect(result.counts.nonsingular).toBe(isolatedDistinctNonsingular);
      expect(result.solutions.every(({ singular, certified }) => singular !== certified)).toBe(
        true,
      );
    }
  });

  it('and isolated points beside the set are found', async () => {
    const result = await solve(gpu, parseSystem('(x^2 - 1)*(y - x)\n(y^2 - 4)*(y - x)'), {});
    const isolated = [
      [-1, -2],
      [-1, 2],
      [1, -2],
      [1, 2],
    ].map((point) => point.map((re): [number, number] => [re, 0]));
    expect(distanceOfSets(nonsingular(result), isolated)).toBeLessThan(1e-12);
  });
});
