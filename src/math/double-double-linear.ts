/**
 * Dense complex linear systems in double-double, matrix and right sides in one row-major array.
 */
import { multiply, reciprocal, STRIDE, subtract } from './double-double.js';

/**
 * Solves A X = B with two right sides in place: LU with partial pivoting after power-of-two row scaling.
 *
 * @param matrix n rows of (n + 2) numbers. On return the right-side columns hold X; the rest is overwritten.
 * @returns min |pivot| / max |pivot| (1-norms), 0 when A is singular or not finite (X is then undefined).
 */
export function solveDoubleDouble(matrix: Float64Array, n: number): number {
  const scratch = new Float64Array(3 * STRIDE);
  const width = STRIDE * (n + 2);
  const magnitude = (at: number) => Math.abs(matrix[at]!) + Math.abs(matrix[at + 2]!);
  for (let i = 0; i < n; i++) {
    let largest = 0;
    for (let c = 0; c < n; c++) largest = Math.max(largest, magnitude(i * width + STRIDE * c));
    if (!(largest > 0 && largest < Infinity)) return 0;
    const factor = 2 ** -Math.floor(Math.log2(largest));
    for (let k = i * width; k < (i + 1) * width; k++) matrix[k]! *= factor;
  }
  let smallestPivot = Infinity;
  let largestPivot = 0;
  for (let k = 0; k < n; k++) {
    let pivotRow = k;
    for (let i = k + 1; i < n; i++) {
      if (magnitude(i * width + STRIDE * k) > magnitude(pivotRow * width + STRIDE * k))
        pivotRow = i;
    }
    const size = magnitude(pivotRow * width + STRIDE * k);
    if (!(size > 0 && size < Infinity)) return 0;
    smallestPivot = Math.min(smallestPivot, size);
    largestPivot = Math.max(largestPivot, size);
    if (pivotRow !== k) {
      for (let c = STRIDE * k; c < width; c++) {
        const swap = matrix[k * width + c]!;
        matrix[k * width + c] = matrix[pivotRow * width + c]!;
        matrix[pivotRow * width + c] = swap;
      }
    }
    const pivot = k * width + STRIDE * k;
    reciprocal(matrix, pivot, matrix, pivot);
    for (let i = k + 1; i < n; i++) {
      const row = i * width;
      multiply(matrix, row + STRIDE * k, matrix, pivot, scratch, 2 * STRIDE);
      for (let c = k + 1; c < n + 2; c++) {
        const at = row + STRIDE * c;
        multiply(scratch, 2 * STRIDE, matrix, k * width + STRIDE * c, scratch, STRIDE);
        subtract(matrix, at, scratch, STRIDE, matrix, at);
      }
    }
  }
  for (let column = n; column < n + 2; column++) {
    for (let i = n - 1; i >= 0; i--) {
      const at = i * width + STRIDE * column;
      for (let c = i + 1; c < n; c++) {
        multiply(
          matrix,
          i * width + STRIDE * c,
          matrix,
          c * width + STRIDE * column,
          scratch,
          STRIDE,
        );
        subtract(matrix, at, scratch, STRIDE, matrix, at);
      }
      multiply(matrix, at, matrix, i * width + STRIDE * i, matrix, at);
    }
  }
  return smallestPivot / largestPivot;
}
