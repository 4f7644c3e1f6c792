/**
 * Believed afterwards: members of a family with polynomial or rational coefficients have all their solutions, from any
 * general base; a base that is not general is noticed; what cannot be followed is refused with a reason. The truth:
 * solutions in closed form, and the member solved by itself.
 */
import { describe, expect, it } from 'vitest';
import { solve, SolveError, type SolveResult } from '../../../../src/homotopy/index.js';
import { parseFamily, SystemError, type ParameterValue } from '../../../../src/polynomial/index.js';
import { noGpu } from '../no-gpu.js';
import { randomNumbers } from '../examples.js';

const options = { precision: 'f64' } as const;

/** Every solution of `expected` is one of `found`, to 9 digits. */
function expectAll(found: SolveResult, expected: SolveResult): void {
  expect(found.counts).toEqual(expected.counts);
  for (const { coordinates } of expected.solutions) {
    const flat = coordinates.flat();
    const size = Math.max(1, ...flat.map(Math.abs));
    const distances = found.solutions.map((other) =>
      Math.max(...other.coordinates.flat().map((part, k) => Math.abs(part - flat[k]!))),
    );
    expect(Math.min(...distances) / size).toBeLessThan(1e-9);
  }
}

describe('coefficients of degree 2 in the parameters', () => {
  const family = parseFamily('(p*x + q*y)^2 + x - 1\n(p*x + q*y)*(r*x + s*y) + y - 2', {
    parameters: ['p', 'q', 'r', 's'],
  });

  it('have 3 solutions from any general base: 100 of 100 seeds', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomNumbers(seed);
      const parameters = [0, 1, 2, 3].map((): ParameterValue => [random(), random()]);
      const target = [0, 1, 2, 3].map(() => 3 * random());
      const from = await solve(noGpu, family, { parameters, seed, ...options });
      const [found] = await solve(noGpu, family, { from, targets: [target], seed, ...options });
      expect(found!.counts.nonsingular, `seed ${seed}`).toBe(3);
      expect(found!.warnings, `seed ${seed}`).toEqual([]);
      if (seed % 10 === 0) {
        expectAll(found!, await solve(noGpu, family, { parameters: target, seed, ...options }));
      }
    }
  });

  it('say that a base is not general, and follow another one', async () => {
    // q = s = 0: x^2 p^2 + x = 1 and y = 2 - p r x^2 have two solutions.
    const from = await solve(noGpu, family, { parameters: [1, 0, 2, 0], ...options });
    expect(from.counts.distinct).toBe(2);
    const target = [0.5, -1, 2, 0.25];
    for (const seed of [1, 2, 3]) {
      const [found] = await solve(noGpu, family, { from, targets: [target], seed, ...options });
      expect(found!.counts.nonsingular).toBe(3);
      expect(found!.warnings.join()).toMatch(
        /`from` has 2 solutions where a member at random parameters has 3: it is not general/,
      );
    }
    const unchecked = { from, targets: [target], checkBase: false, ...options };
    const [alone] = await solve(noGpu, family, unchecked);
    expect(alone!.counts.nonsingular).toBeLessThan(3);
  });

  it('lose solutions where a coefficient vanishes, and only there', async () => {
    const from = await solve(noGpu, family, {
      parameters: [
        [0.3, 1],
        [1, -0.4],
        [-0.8, 0.5],
        [0.6, 0.9],
      ],
      ...options,
    });
    const [found] = await solve(noGpu, family, { from, targets: [[1, 0, 2, 0]], ...options });
    expect(found!.paths).toMatchObject({ regular: 2, atInfinity: 1, failed: 0 });
    // x = (-1 +- sqrt 5) / 2, y = 2 - 2 x^2
    const roots = [(-1 + Math.sqrt(5)) / 2, (-1 - Math.sqrt(5)) / 2];
    for (const x of roots) {
      const near = found!.solutions.filter(
        ({ coordinates: [a, b] }) =>
          Math.hypot(a![0] - x, a![1]) + Math.hypot(b![0] - (2 - 2 * x * x), b![1]) < 1e-9,
      );
      expect(near).toHaveLength(1);
    }
  });
});

describe('rational coefficients', () => {
  const family = parseFamily('x^2/(p - q) - x*y + 1/p\ny^2 - x/q + p', { parameters: ['p', 'q'] });
  const base: ParameterValue[] = [
    [0.3, 1.1],
    [-0.7, 0.4],
  ];

  it('lead to all solutions of members on both sides of a pole', async () => {
    const from = await solve(noGpu, family, { parameters: base, ...options });
    const targets = [
      [2, 1.999],
      [2, 2.001],
      [-1, 3],
    ];
    const found = await solve(noGpu, family, { from, targets, ...options });
    for (const [k, target] of targets.entries()) {
      expectAll(found[k]!, await solve(noGpu, family, { parameters: target, ...options }));
    }
  });

  it('have no member at the pole', async () => {
    const from = await solve(noGpu, family, { parameters: base, ...options });
    await expect(solve(noGpu, family, { from, targets: [[2, 2]], ...options })).rejects.toThrow(
      /equation 1 .*divides by p - q, which is 0 at these parameter values/,
    );
    await expect(solve(noGpu, family, { parameters: [0, 1], ...options })).rejects.toThrow(
      SystemError,
    );
  });
});

describe('bad input', () => {
  const family = parseFamily('x^2 - p*q', { parameters: ['p', 'q'] });

  it('parameters given twice', () => {
    expect(() => parseFamily('x^2 - p', { parameters: ['p', 'p'] })).toThrow(/"p"/);
    expect(() => parseFamily('x^2 - p', { parameters: ['p', 'x'] })).toThrow(/"x"|unknown/);
  });

  it('a base of another family, or none', async () => {
    const other = parseFamily('y^2 - p*q', { parameters: ['p', 'q'] });
    const from = await solve(noGpu, other, { parameters: [[1, 1], 2], ...options });
    const job = { from, targets: [[1, 1]], ...options };
    await expect(solve(noGpu, family, job)).rejects.toThrow(
      /another family: it has the unknowns y/,
    );
    const bare = { from: { parameters: [1, 1], solutions: [{ coordinates: [[5, 0]] as const }] } };
    await expect(solve(noGpu, family, { ...bare, targets: [[1, 1]], ...options })).rejects.toThrow(
      SolveError,
    );
  });

  it('targets with too few values, or values that are not finite', async () => {
    const from = await solve(noGpu, family, { parameters: [[1, 1], 2], ...options });
    for (const target of [[1], [1, NaN], [1, 2, 3]]) {
      const job = { from, targets: [target], ...options };
      await expect(solve(noGpu, family, job)).rejects.toThrow(SystemError);
    }
  });

  it('complex targets of a real family are right', async () => {
    const from = await solve(noGpu, family, { parameters: [2, 3], ...options });
    const [found] = await solve(noGpu, family, { from, targets: [[[0, 1], 2]], ...options });
    // x^2 = 2 i
    const expected = [
      [1, 1],
      [-1, -1],
    ];
    for (const [re, im] of expected) {
      const near = found!.solutions.filter(
        ({ coordinates: [x] }) => Math.hypot(x![0] - re!, x![1] - im!) < 1e-12,
      );
      expect(near).toHaveLength(1);
    }
  });
});

describe('one solution of each orbit', () => {
  // x and y may be exchanged; at a = 0 one of three s is at infinity, and the others solve s^2 + s = b.
  const family = parseFamily('x + y - s\nx*y - 2*s - c\na*s^3 + s^2 + s - b', {
    parameters: ['a', 'b', 'c'],
    variables: ['s', 'x', 'y'],
  });
  const parameters = [
    [0.6, 0.8],
    [-0.28, 0.96],
    [0.8, -0.6],
  ] as const;
  const target = [0, 0.75, -0.7];

  it('ends at infinity are believed when gammas agree in what the group leaves alone', async () => {
    const base = await solve(noGpu, family, { parameters, seed: 1, ...options });
    expect(base.counts.nonsingular).toBe(6);
    const isFirst = (k: number) =>
      base.solutions.findIndex(
        ({ coordinates: [s] }) =>
          Math.hypot(
            s![0] - base.solutions[k]!.coordinates[0]![0],
            s![1] - base.solutions[k]!.coordinates[0]![1],
          ) < 1e-9,
      ) === k;
    const from = { parameters, solutions: base.solutions.filter((_, k) => isFirst(k)) };
    expect(from.solutions).toHaveLength(3);
    for (let seed = 1; seed <= 20; seed++) {
      const [found] = await solve(noGpu, family, {
        ...{ from, targets: [target], seed, countMilliseconds: 0, ...options },
        representatives: { invariants: [0] },
      });
      expect(found!.paths, `seed ${seed}`).toMatchObject({ regular: 2, atInfinity: 1, failed: 0 });
      const sums = found!.solutions.map(({ coordinates: [s] }) => s![0]).sort((a, b) => a - b);
      expect(sums[0]).toBeCloseTo(-1.5, 12);
      expect(sums[1]).toBeCloseTo(0.5, 12);
      expect(found!.warnings, `seed ${seed}`).toEqual([]);
    }
  });
});
