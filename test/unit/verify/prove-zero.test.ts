/**
 * Believed afterwards: a zero is proved where f64 leaves nothing of the inverse of its Jacobian, too, alone in a polydisc that
 * holds no other zero, and nothing is proved of a double zero. The truth: systems whose zeros are known.
 */
import { expect, it } from 'vitest';
import { parseSystem } from '../../../src/polynomial/index.js';
import { ExactSystem } from '../../../src/verify/system/exact-system.js';
import { ZeroProver, type ProvedZero } from '../../../src/verify/system/prove-zero.js';

type Complex = readonly [number, number];

function prove(text: string, ...point: Complex[]): ProvedZero | null {
  return new ZeroProver(new ExactSystem(parseSystem(text))).examine(point, false).zero;
}

/** 1 + 2^-50 and 1 + 2^-51: nearly the same equation twice, but for a bend. */
const nearlySingular = `
x + y - 2 + (x - 1)*(y - 1)/1000
x + 1125899906842625/1125899906842624*y - 2251799813685249/1125899906842624`;

it('where two equations are nearly the same', () => {
  // Off by some units of rounding, along the line that nearly solves both.
  const zero = prove(nearlySingular, [1 + 2 ** -51, 0], [1 - 2 ** -51, 2 ** -60]);
  expect(zero).not.toBeNull();
  zero!.centre.forEach(([re, im], j) => {
    expect(Math.hypot(re - 1, im)).toBeLessThanOrEqual(zero!.near[j]!);
    expect(zero!.near[j]!).toBeLessThan(1e-13);
    expect(zero!.alone[j]!).toBeGreaterThanOrEqual(zero!.near[j]!);
  });
});

it('alone: the other zero lies outside', () => {
  const apart = 2 ** -30;
  const zero = prove(`(x - 1)*(x - 1 - 1/1073741824); y^2 - 2*x`, [1, 0], [Math.SQRT2, 0]);
  expect(zero).not.toBeNull();
  expect(zero!.alone[0]!).toBeLessThan(apart);
});

it('not a double zero, nor where none is', () => {
  expect(prove('(x - 1)^2; y - x', [1, 0], [1, 0])).toBeNull();
  expect(prove('(x - 1)^2 + 1e-40; y - x', [1, 0], [1, 0])).toBeNull();
  expect(prove('x^2 - 2; y - x', [1.41, 0], [1.41, 0])).toBeNull();
});
