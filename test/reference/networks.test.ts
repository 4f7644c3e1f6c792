/**
 * Believed afterwards: `solve` finds every stationary point, complex ones included, of seven tiny
 * polynomial networks. The truth: test/data/networks, an independent tracker's solutions with
 * counts confirmed by Groebner bases.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGpu, parseSystem, solve, type GpuDevice } from 'lps-webgpu';
import { distanceOfSets, expectSound, networkTruth, nonsingular } from './ground-truth.js';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => {
  gpu.close();
});

it.each([
  's0_111_relu2_nobias',
  's1_111_square',
  's2_111_relu2',
  's4_121_square_nobias',
  's6_1111_square_nobias',
  's7_1111_relu2_nobias',
])('%s', async (name) => {
  const { variables, equations, real, complex_solutions, isolated_complex_exact_M2 } =
    networkTruth(name);
  const result = await solve(gpu, parseSystem({ variables, equations }), {
    seed: 31,
    precision: 'gpu',
    certify: true,
  });
  expectSound(result);
  expect(result.counts).toEqual({
    distinct: isolated_complex_exact_M2,
    nonsingular: isolated_complex_exact_M2,
    real,
  });
  // The other program's points are good to about 1e-10.
  expect(distanceOfSets(nonsingular(result), complex_solutions)).toBeLessThan(1e-8);
  expect(result.solutions.filter((solution) => !solution.certified)).toEqual([]);
});
