/**
 * Believed afterwards: positive definite systems are solved to rounding. The truth is the solution with which
 * the right side was made, for Gram matrices of random vectors.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { solvePositiveDefinite } from '../../../src/math/positive-definite.js';

it('finds the solution that made the right side', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }).chain((n) =>
        fc.record({
          n: fc.constant(n),
          factor: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n }),
          x: fc.array(fc.integer({ min: -99, max: 99 }), { minLength: n, maxLength: n }),
        }),
      ),
      ({ n, factor, x }) => {
        // B B^T + I: eigenvalues from 1 to 1 + 81 n^2, all numbers whole.
        const matrix = Float64Array.from({ length: n * n }, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          let sum = i === j ? 1 : 0;
          for (let k = 0; k < n; k++) sum += factor[i * n + k]! * factor[j * n + k]!;
          return sum;
        });
        const right = Float64Array.from({ length: n }, (_, i) =>
          x.reduce((sum, value, j) => sum + matrix[i * n + j]! * value, 0),
        );
        const condition = 1 + 81 * n * n;
        solvePositiveDefinite(matrix, right).forEach((value, i) => {
          expect(Math.abs(value - x[i]!)).toBeLessThan(4 * n * condition * 2 ** -53 * 99 * n);
        });
      },
    ),
  );
});
