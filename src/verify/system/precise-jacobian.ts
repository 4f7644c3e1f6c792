/**
 * The inverse of a Jacobian of which f64 leaves nothing, by double-double: Gauss and Jordan with partial pivoting, and how
 * far the product of both is from the unit matrix, with a bound of its rounding. Matrices are complex double-doubles, row by
 * row.
 */
import { STRIDE, addProduct, multiply, put, reciprocal } from '../../math/double-double.js';

/** A sum of N products is off by less than this times N + 4, relative to the sum of the moduli (scaled-system.ts). */
const ROUNDING = 2 ** -96;

/** @returns null when a pivot is 0 or not finite */
export function invertPrecisely(matrix: Float64Array, n: number): Float64Array | null {
  const width = 2 * n * STRIDE;
  const work = new Float64Array(n * width);
  for (let i = 0; i < n; i++) {
    work.set(matrix.subarray(i * n * STRIDE, (i + 1) * n * STRIDE), i * width);
    put(work, i * width + (n + i) * STRIDE, 1, 0);
  }
  const factor = new Float64Array(STRIDE);
  for (let k = 0; k < n; k++) {
    if (!pivoted(work, n, width, k)) return null;
    reciprocal(work, k * width + k * STRIDE, factor, 0);
    for (let c = k; c < 2 * n; c++) {
      const at = k * width + c * STRIDE;
      multiply(work, at, factor, 0, work, at);
    }
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const row = i * width;
      factor.set(work.subarray(row + k * STRIDE, row + (k + 1) * STRIDE));
      for (let c = k; c < 2 * n; c++)
        addProduct(factor, 0, work, k * width + c * STRIDE, -1, work, row + c * STRIDE);
    }
  }
  const out = new Float64Array(n * n * STRIDE);
  for (let i = 0; i < n; i++)
    out.set(work.subarray(i * width + n * STRIDE, (i + 1) * width), i * n * STRIDE);
  return out.every(Number.isFinite) ? out : null;
}

/** L with its diagonal and U with ones on its own, row by row, and which row of the matrix each is. */
export interface PreciseFactors {
  readonly rows: readonly number[];
  readonly factors: Float64Array;
}

/** @returns null when a pivot is 0 or not finite */
export function factorize(matrix: Float64Array, n: number): PreciseFactors | null {
  const width = n * STRIDE;
  const factors = matrix.slice();
  const rows = Array.from({ length: n }, (_, i) => i);
  const inverse = new Float64Array(STRIDE);
  for (let k = 0; k < n; k++) {
    if (!pivoted(factors, n, width, k, rows)) return null;
    const own = k * width;
    reciprocal(factors, own + k * STRIDE, inverse, 0);
    for (let c = k + 1; c < n; c++)
      multiply(factors, own + c * STRIDE, inverse, 0, factors, own + c * STRIDE);
    for (let i = k + 1; i < n; i++) {
      const row = i * width;
      if (factors[row + k * STRIDE] === 0 && factors[row + k * STRIDE + 2] === 0) continue;
      for (let c = k + 1; c < n; c++)
        addProduct(
          factors,
          row + k * STRIDE,
          factors,
          own + c * STRIDE,
          -1,
          factors,
          row + c * STRIDE,
        );
    }
  }
  return { rows, factors };
}

/** Overwrites a right side with the solution. */
export function solveBy({ rows, factors }: PreciseFactors, right: Float64Array): void {
  const n = rows.length;
  const given = right.slice();
  const inverse = new Float64Array(STRIDE);
  rows.forEach((row, i) => {
    const at = i * STRIDE;
    right.set(given.subarray(row * STRIDE, (row + 1) * STRIDE), at);
    for (let k = 0; k < i; k++)
      addProduct(factors, (i * n + k) * STRIDE, right, k * STRIDE, -1, right, at);
    reciprocal(factors, (i * n + i) * STRIDE, inverse, 0);
    multiply(right, at, inverse, 0, right, at);
  });
  for (let i = n - 2; i >= 0; i--)
    for (let k = i + 1; k < n; k++)
      addProduct(factors, (i * n + k) * STRIDE, right, k * STRIDE, -1, right, i * STRIDE);
}

/** Bounds of |I - A J|, entry by entry, but for the last few roundings of f64. */
export function preciseDefect(
  jacobian: Float64Array,
  inverse: Float64Array,
  n: number,
): Float64Array {
  const out = new Float64Array(n * n);
  const sum = new Float64Array(STRIDE);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let size = i === j ? 1 : 0;
      put(sum, 0, size, 0);
      for (let k = 0; k < n; k++) {
        const [a, b] = [STRIDE * (i * n + k), STRIDE * (k * n + j)];
        addProduct(inverse, a, jacobian, b, -1, sum, 0);
        size += sizeAt(inverse, a) * sizeAt(jacobian, b);
      }
      out[i * n + j] = sizeAt(sum, 0) + ROUNDING * (n + 4) * size;
    }
  }
  return out;
}

/** To f64: re, im. */
export function rounded(matrix: Float64Array): Float64Array {
  return Float64Array.from(
    { length: matrix.length / 2 },
    (_, k) => matrix[STRIDE * (k >> 1) + 2 * (k & 1)]!,
  );
}

/** Brings the row with the largest entry of column k, from row k on, to row k; @returns false when that is 0 or not finite */
function pivoted(
  work: Float64Array,
  n: number,
  width: number,
  k: number,
  rows: number[] = [],
): boolean {
  let pivot = k;
  for (let i = k + 1; i < n; i++)
    if (sizeAt(work, i * width + k * STRIDE) > sizeAt(work, pivot * width + k * STRIDE)) pivot = i;
  const size = sizeAt(work, pivot * width + k * STRIDE);
  if (!(size > 0 && size < Infinity)) return false;
  exchange(work, k * width, pivot * width, width);
  [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
  return true;
}

function sizeAt(matrix: Float64Array, at: number): number {
  return Math.hypot(matrix[at]!, matrix[at + 2]!);
}

function exchange(values: Float64Array, a: number, b: number, length: number): void {
  if (a === b) return;
  const row = values.slice(a, a + length);
  values.copyWithin(a, b, b + length);
  values.set(row, b);
}
