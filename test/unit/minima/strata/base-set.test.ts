/**
 * Believed afterwards: monodromy finds all solutions of a stratum, one of each orbit, and those alone. The truth: exact
 * counts of 1-1-1 and 1-2-1 networks (Macaulay2): 33, and 465 = 33 + 432, of which the 432 are 216 pairs.
 */
import { expect, it } from 'vitest';
import { solve } from '../../../../src/homotopy/index.js';
import { rationalFromDecimal } from '../../../../src/math/rational.js';
import {
  solveBaseSet,
  StratumError,
  unitExchanges,
} from '../../../../src/minima/strata/base-set.js';
import { lagrangeFamily } from '../../../../src/minima/strata/lagrange-family.js';
import { parseFamily } from '../../../../src/polynomial/index.js';
import { noGpu } from '../../homotopy/no-gpu.js';

const relu2 = [0.09375, 0.5, 0.46875].map(rationalFromDecimal);

it.each([
  [1, 33],
  [2, 216],
])('%i different units: %i orbits', async (units, orbits) => {
  const family = lagrangeFamily(1, units, relu2);
  expect(Math.max(...family.system.degrees)).toBe(3);
  const { solutions, counts, paths, isComplete } = await solveBaseSet(noGpu, family, { seed: 2 });
  expect(counts.nonsingular).toBe(orbits);
  expect(isComplete).toBe(true);
  expect(paths).toMatchObject({ failed: 0, atInfinity: 0 });
  // Never two equal units: that is a stratum of its own.
  for (const { coordinates } of solutions) {
    for (const exchange of unitExchanges(family)) {
      const image = exchange(coordinates);
      const distance = Math.max(
        ...image.map(([re, im], k) => Math.hypot(re - coordinates[k]![0], im - coordinates[k]![1])),
      );
      expect(distance).toBeGreaterThan(1e-6);
    }
  }
});

it('refuses activations whose strata it does not know, and more different units than there can be', async () => {
  const square = [0, 0, 1].map(rationalFromDecimal);
  await expect(solveBaseSet(noGpu, lagrangeFamily(1, 2, square), { seed: 1 })).rejects.toThrow(
    /even or odd/,
  );
  const refused = solveBaseSet(noGpu, lagrangeFamily(1, 6, relu2), { seed: 1 });
  await expect(refused).rejects.toThrow(StratumError);
  await expect(refused).rejects.toThrow(/at most 5 different units/);
});

it('any family: the five roots of a quintic from one, and each pair of opposite ones once', async () => {
  const quintic = parseFamily('x^5 + a*x^2 + b*x + c', { parameters: ['a', 'b', 'c'] });
  // x = 1 is a root.
  const parameters = [
    [0.3, 0.7],
    [-0.6, 0.2],
    [-0.7, -0.9],
  ] as const;
  const from = { parameters, solutions: [{ coordinates: [[1, 0]] as const }] };
  const all = await solve(noGpu, quintic, { monodromy: { from } });
  expect(all.counts.nonsingular).toBe(5);
  expect(all).toMatchObject({ found: [5, 5, 5, 5], isComplete: true, warnings: [] });
  const even = parseFamily('x^6 + a*x^2 + b', { parameters: ['a', 'b'] });
  const half = await solve(noGpu, even, {
    monodromy: {
      from: {
        parameters: [
          [0.3, 0.7],
          [-1.3, -0.7],
        ],
        solutions: [{ coordinates: [[1, 0]] }],
      },
      actions: [(point) => point.map(([re, im]) => [-re, -im])],
    },
  });
  expect(half.counts.nonsingular).toBe(3);
});
