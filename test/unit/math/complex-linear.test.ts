/**
 * Believed afterwards: solutions are as accurate as the matrix allows whatever the scale of a row, and a
 * matrix that is singular or not finite is said to be. The truth: right sides made from integer solutions
 * with integer matrices, so that every product is exact; pivot ratios worked out by hand.
 */
import { describe, expect, it } from 'vitest';
import { solveComplexLinear } from '../../../src/math/complex-linear.js';
import { randomNumbers } from '../homotopy/examples.js';

/** Rows of n + rightSides complex numbers: random integers, and A times integer solutions. */
function integerSystem(n: number, rightSides: number, seed: number) {
  const random = randomNumbers(seed);
  const integer = () => Math.floor(20 * random());
  const a = Array.from({ length: 2 * n * n }, integer);
  const x = Array.from({ length: 2 * n * rightSides }, integer);
  const matrix = new Float64Array(2 * n * (n + rightSides));
  for (let i = 0; i < n; i++) {
    const row = 2 * i * (n + rightSides);
    matrix.set(a.slice(2 * n * i, 2 * n * (i + 1)), row);
    for (let r = 0; r < rightSides; r++) {
      let re = 0;
      let im = 0;
      for (let j = 0; j < n; j++) {
        const [ar, ai] = [a[2 * (n * i + j)]!, a[2 * (n * i + j) + 1]!];
        const [xr, xi] = [x[2 * (rightSides * j + r)]!, x[2 * (rightSides * j + r) + 1]!];
        re += ar * xr - ai * xi;
        im += ar * xi + ai * xr;
      }
      matrix[row + 2 * (n + r)] = re;
      matrix[row + 2 * (n + r) + 1] = im;
    }
  }
  return { matrix, x };
}

/** X as it stands in the right-side columns. */
function solution(matrix: Float64Array, n: number, rightSides: number): number[] {
  return Array.from({ length: n }, (_, i) => {
    const row = 2 * i * (n + rightSides);
    return [...matrix.subarray(row + 2 * n, row + 2 * (n + rightSides))];
  }).flat();
}

describe('integer solutions come back', () => {
  it.each([
    [1, 1],
    [2, 3],
    [5, 1],
    [8, 2],
    [20, 1],
  ])('%i unknowns, %i right sides', (n, rightSides) => {
    for (let seed = 1; seed <= 20; seed++) {
      const { matrix, x } = integerSystem(n, rightSides, seed);
      const ratio = solveComplexLinear(matrix, n, rightSides);
      expect(ratio).toBeGreaterThan(0);
      expect(ratio).toBeLessThanOrEqual(1);
      const error = Math.max(
        ...solution(matrix, n, rightSides).map((part, k) => Math.abs(part - x[k]!)),
      );
      // Growth of LU is small here; what is lost is the condition, which the pivot ratio follows.
      expect(error, `seed ${seed}`).toBeLessThan((1e-13 * n) / ratio);
    }
  });

  it('whatever the scale of each row: powers of two change nothing at all', () => {
    const { matrix } = integerSystem(6, 1, 3);
    const scaled = matrix.map((part, k) => part * 2 ** (160 * (Math.floor(k / 14) - 3)));
    const ratio = solveComplexLinear(matrix, 6, 1);
    expect(solveComplexLinear(scaled, 6, 1)).toBe(ratio);
    expect(solution(scaled, 6, 1)).toEqual(solution(matrix, 6, 1));
  });
});

describe('the ratio', () => {
  it('is that of the pivots after the rows are scaled', () => {
    // diag(1, i) needs an exchange of rows; the second row has its largest entry in the other column.
    const matrix = Float64Array.from([0, 0, 0, 1, 5, 0, 1, 0, 0.25, 0, 7, 0]);
    expect(solveComplexLinear(matrix, 2, 1)).toBe(1);
    // x2 = 5 / i, x1 = 7 - x2 / 4
    expect(solution(matrix, 2, 1)).toEqual([7, 1.25, 0, -5]);
  });

  it.each([
    ['a row of zeros', [1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0]],
    ['two rows that are multiples', [1, 0, 2, 0, 1, 0, 0, 2, 0, 4, 1, 0]],
    ['NaN', [1, 0, NaN, 0, 1, 0, 0, 0, 1, 0, 1, 0]],
    ['infinity', [1, 0, Infinity, 0, 1, 0, 0, 0, 1, 0, 1, 0]],
  ])('is 0 for %s', (_, parts) => {
    expect(solveComplexLinear(Float64Array.from(parts), 2, 1)).toBe(0);
  });
});
