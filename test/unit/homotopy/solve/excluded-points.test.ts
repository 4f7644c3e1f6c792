/**
 * Believed afterwards: systems with negative exponents and quotients are solved by their polynomials, and zeros of these where
 * something is divided by 0 are dropped and said, never listed. The truth: solutions that follow by hand, and the quotients
 * themselves, evaluated in complex f64.
 */
import { describe, expect, it } from 'vitest';
import { solve, type Solution, type SolveOptions } from '../../../../src/homotopy/index.js';
import { parseFamily } from '../../../../src/polynomial/family.js';
import { formatSystem } from '../../../../src/polynomial/format.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import { keyOf } from '../../../../src/polynomial/sparse.js';
import { noGpu } from '../no-gpu.js';

const EXACT = { precision: 'f64', countMilliseconds: 120_000 } as const;
const solved = (input: string | object, options: SolveOptions = {}) =>
  solve(noGpu, parseSystem(input), { ...EXACT, ...options });

const real = (solutions: readonly Pick<Solution, 'coordinates'>[]) =>
  solutions
    .map(({ coordinates }) => coordinates.map(([re]) => Math.round(re * 1e8) / 1e8 + 0))
    .sort((a, b) => a[0]! - b[0]! || (a[1] ?? 0) - (b[1] ?? 0));

describe('every notation', () => {
  // x + 1/x = 5/2 at 1/2 and 2.
  it.each<[string, string | object]>([
    ['text', 'x + 1/x - 5/2'],
    ['powers', 'x**2*x^(-1) + x^-1 = 5/2'],
    ['JSON', { variables: ['x'], equations: ['x + x^(-1) - 5/2'] }],
    ['PHCpack', '1\n x + x**(-1) - 5/2;\n'],
    ['Julia', '@var x\nF = System([x + 2/2x - 5//2])'],
    ['quotients of quotients', '1/(1/(x + 1/x)) = 5/2'],
    ['powers of quotients', '1/(1/x + x)^-1 = 5/2'],
  ])('%s', async (_, input) => {
    const result = await solved(input);
    expect(real(result.solutions)).toEqual([[0.5], [2]]);
    expect(result.excluded!.where).toContain('x = 0');
    expect(result.exactCount).toMatchObject({ status: 'equal', count: 2 });
  });

  it.each(['text', 'json', 'julia'] as const)('written as %s and read again', (format) => {
    const text = 'x/(y - 1) + y^-2 - 3/2; x^2 - y*x/(x - 4) - 4';
    const system = parseSystem(text);
    const again = parseSystem(formatSystem(system, format));
    expect(again.polynomials).toEqual(system.polynomials);
    expect(again.excluded!.map(keyOf).sort()).toEqual(system.excluded!.map(keyOf).sort());
    expect(again.excluded).toHaveLength(3);
  });

  it('PHCpack has negative exponents and no quotients', () => {
    const text = formatSystem(parseSystem('x^-3*y - 1; x + y - 3'), 'phc');
    expect(parseSystem(text).excluded).toHaveLength(1);
    expect(() => formatSystem(parseSystem('1/(x - 1) - 2'), 'phc')).toThrow(/no quotients/);
  });
});

it('an equation that divides by constants alone excludes nothing', () => {
  const system = parseSystem('x/2 - y*3/(4 + 1); x*2^-3 - i^-1/(1 - 2*i)');
  expect(system.excluded).toBeUndefined();
  expect(system.degrees).toEqual([1, 1]);
});

describe('zeros at excluded points are dropped and said', () => {
  it('a hole', async () => {
    const result = await solved('(x^2 - 1)/(x - 1) = 0', { certify: true });
    expect(real(result.solutions)).toEqual([[-1]]);
    expect(result.counts).toEqual({ distinct: 1, nonsingular: 1, real: 1 });
    expect(result.excluded).toMatchObject({ where: ['x - 1 = 0'], dropped: 1, undecided: 0 });
    expect(real(result.excluded!.zeros)).toEqual([[1]]);
    expect(result.exactCount).toMatchObject({ status: 'equal', distinct: 1 });
    expect(result.completeness.map(({ check }) => check)).toContain('excluded points');
  });

  it('a coordinate that is zero', async () => {
    const result = await solved('(x^2 + y^2 - 1)/y; x*y');
    expect(real(result.solutions)).toEqual([
      [0, -1],
      [0, 1],
    ]);
    expect(real(result.excluded!.zeros)).toEqual([
      [-1, 0],
      [1, 0],
    ]);
    expect(result.excluded!.zeros[0]!.where).toEqual(['y = 0']);
    expect(result.exactCount).toMatchObject({ status: 'equal', distinct: 2 });
  });

  it('a whole line of them', async () => {
    const result = await solved('(x^2 - 1)/(x - 1); (x - 1)*(y - 3)/(x - 1)');
    expect(real(result.solutions)).toEqual([[-1, 3]]);
    expect(result.exactCount).toMatchObject({ status: 'equal', distinct: 1 });
    expect(result.excluded!.zeros.every(({ where }) => where.join() === 'x - 1 = 0')).toBe(true);
  });

  it('in batches, and in systems of more equations than unknowns', async () => {
    const batches: Solution[] = [];
    const result = await solved('(x^2 - 1)/(x - 1); x*y - y/x; y + x - 5', {
      onSolutions: (batch) => batches.push(...batch),
    });
    expect(real(batches)).toEqual([[-1, 6]]);
    expect(result.counts.distinct).toBe(1);
    expect(result.excluded).toMatchObject({ dropped: 1, zeros: [] });
  });
});

describe('next to excluded points', () => {
  it.each([1e-6, 1e-9, 1e-12, 1e-20])('a coordinate of %g is a solution', async (small) => {
    const result = await solved(`1/x - ${1 / small}; y - x - 1`);
    expect(result.solutions).toHaveLength(1);
    expect(result.solutions[0]!.coordinates[0]![0] / small).toBeCloseTo(1, 10);
    expect(result.excluded).toMatchObject({ dropped: 0, undecided: 0 });
  });

  it('a distance of 1e-11 is one', async () => {
    const result = await solved('1/(x - 1) - 10^11');
    expect(result.counts.distinct).toBe(1);
    expect(result.excluded).toMatchObject({ dropped: 0, undecided: 0 });
  });
});

it('solutions make the quotients themselves vanish', async () => {
  const result = await solved('x/(y + 2) + y^-2 - 3/2; x^2 - y*x/(x - 4) - 4');
  expect(result.exactCount.status).toBe('equal');
  type Complex = readonly [number, number];
  const plus = (...terms: Complex[]): Complex =>
    terms.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
  const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
  const over = (a: Complex, [c, d]: Complex): Complex => {
    const size = c * c + d * d;
    return times(a, [c / size, -d / size]);
  };
  for (const { coordinates } of result.solutions) {
    const [x, y] = coordinates as [Complex, Complex];
    const first = plus(over(x, plus(y, [2, 0])), over([1, 0], times(y, y)), [-1.5, 0]);
    const fraction = over(times(y, x), plus(x, [-4, 0]));
    const second = plus(times(x, x), times([-1, 0], fraction), [-4, 0]);
    expect(Math.hypot(...first)).toBeLessThan(1e-9);
    expect(Math.hypot(...second)).toBeLessThan(1e-9);
  }
});

it('a family divides by unknowns, and members drop what is excluded there', async () => {
  // x^2 - q x + p with x not 0.
  const family = parseFamily('x + p/x - q', { parameters: ['p', 'q'] });
  const base = await solve(noGpu, family, {
    ...EXACT,
    parameters: [
      [0.3, 0.9],
      [-0.5, 0.4],
    ],
  });
  expect(base.counts.distinct).toBe(2);
  const targets = [
    [6, 5],
    [0, 3],
  ];
  const [two, one] = await solve(noGpu, family, { ...EXACT, from: base, targets });
  expect(real(two!.solutions)).toEqual([[2], [3]]);
  expect(real(one!.solutions)).toEqual([[3]]);
  expect(one!.excluded).toMatchObject({ dropped: 1, where: ['x = 0'] });
  expect(one!.exactCount).toMatchObject({ status: 'equal', distinct: 1 });
});
