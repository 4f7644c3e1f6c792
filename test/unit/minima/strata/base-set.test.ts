/**
 * Believed afterwards: monodromy finds all solutions of a stratum, one of each orbit, and those alone, for activations with
 * and without a parity. The truth: exact counts (Macaulay2) of 1-1-1 and 1-2-1 networks: relu's quadratic 33 and
 * 465 = 33 + 2 * 216, square 385 = 1 + 2 * 2 * 16 + 4 * 16 + 8 * 32.
 */
import { expect, it } from 'vitest';
import { solveBaseSet } from '../../../../src/minima/strata/base-set.js';
import { baseSetDefect } from '../../../../src/minima/strata/base-set-trace.js';
import {
  countDifferentUnits,
  generalSeed,
  StratumError,
} from '../../../../src/minima/strata/general-seed.js';
import { lagrangeFamily } from '../../../../src/minima/strata/lagrange-family.js';
import {
  BaseSetFileError,
  decodeBaseSet,
  encodeBaseSet,
} from '../../../../src/minima/strata/stored-base-set.js';
import { solve } from '../../../../src/homotopy/index.js';
import { member, parseFamily, residual } from '../../../../src/polynomial/index.js';
import { noGpu } from '../../homotopy/no-gpu.js';

const quadratic = [0, 1, 2];

it.each([
  ['quadratic', quadratic, 1, 2, 33],
  // The edges of this seed lead to 13 alone, on every member: only their trace says that some are missing.
  ['square', [2], 1, 3, 16],
  ['square', [2], 2, 2, 32],
] as const)('%s, powers %j, %i different units, seed %i: %i orbits', async (...row) => {
  const [, powers, units, seed, orbits] = row;
  const family = lagrangeFamily(1, units, powers);
  const { parameters, solutions } = await solveBaseSet(noGpu, family, { seed });
  expect(solutions).toHaveLength(orbits);
  const without = solutions.slice(1);
  expect(baseSetDefect(family, { parameters, solutions })).toBeLessThan(1e-12);
  expect(baseSetDefect(family, { parameters, solutions: without })).toBeGreaterThan(5e-7);
  const numeric = member(family.system, parameters);
  for (const { coordinates } of solutions)
    expect(residual(numeric, coordinates.flat())).toBeLessThan(1e-14);
});

it('one seed misses the points of square with a double eigenvalue: another component', async () => {
  const family = lagrangeFamily(1, 2, [2]);
  const from = await generalSeed(noGpu, family, 2, 'general');
  const first = family.system.variables.indexOf('c');
  const { counts } = await solve(noGpu, family.system, {
    monodromy: {
      from,
      invariants: family.system.variables.flatMap((_, k) => (k < first ? [] : [k])),
      moving: family.system.parameters.flatMap((name, k) => (name.startsWith('m') ? [] : [k])),
    },
  });
  expect(counts.nonsingular).toBe(28);
});

it('a base set comes back from its file, and a damaged file is refused', async () => {
  const family = lagrangeFamily(1, 1, quadratic);
  const set = await solveBaseSet(noGpu, family, { seed: 2 });
  const file = encodeBaseSet(family, set, { seed: 2, confirmedBy: [] });
  const back = decodeBaseSet(JSON.stringify(file), family, 'x.json');
  expect(back.parameters).toEqual(set.parameters);
  back.solutions.forEach(({ coordinates }, row) => {
    coordinates.flat().forEach((part, k) => {
      expect(part).toBeCloseTo(set.solutions[row]!.coordinates.flat()[k]!, 10);
    });
  });
  const damaged = [
    '{',
    JSON.stringify({ ...file, units: 2 }),
    JSON.stringify({ ...file, count: 32 }),
    JSON.stringify({ ...file, values: [[1, 2]] }),
    JSON.stringify({ ...file, solutions: `AAAAAAAA${file.solutions.slice(8)}` }),
  ];
  for (const text of damaged) {
    expect(() => decodeBaseSet(text, family, 'x.json')).toThrow(BaseSetFileError);
  }
});

it('refuses more different units than there can be', async () => {
  expect(await countDifferentUnits(noGpu, lagrangeFamily(1, 1, quadratic), 1)).toBe(5);
  expect(await countDifferentUnits(noGpu, lagrangeFamily(1, 1, [1, 3]), 1)).toBe(6);
  const refused = solveBaseSet(noGpu, lagrangeFamily(1, 6, quadratic), { seed: 1 });
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

it('any family from a seed alone: the roots of a quintic, and of a reducible family one component', async () => {
  const quintic = parseFamily('a*x^5 + b*x^2 + a*b*x + c^2', { parameters: ['a', 'b', 'c'] });
  const { counts, parameters, solutions } = await solve(noGpu, quintic, { monodromy: { seed: 3 } });
  expect(counts.nonsingular).toBe(5);
  const numeric = member(quintic, parameters!);
  for (const { coordinates } of solutions)
    expect(residual(numeric, coordinates.flat())).toBeLessThan(1e-14);
  // Its two kinds of solutions never meet: one seed finds one kind.
  const split = parseFamily('(x^2 - a)*(x^3 - b)', { parameters: ['a', 'b'] });
  const one = await solve(noGpu, split, { monodromy: { seed: 1 } });
  expect([2, 3]).toContain(one.counts.nonsingular);
  const fixed = parseFamily('x^2 - 2; y^2 - a*x', { parameters: ['a'] });
  await expect(solve(noGpu, fixed, { monodromy: { seed: 1 } })).rejects.toThrow(/monodromy\.from/);
});
