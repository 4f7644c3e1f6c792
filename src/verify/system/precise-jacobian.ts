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
    let pivot = k;
    for (let i = k + 1; i < n; i++)
      if (sizeAt(work, i * width + k * STRIDE) > sizeAt(work, pivot * width + k * STRIDE))
        pivot = i;
    const size = sizeAt(work, pivot * width + k * STRIDE);
    if (!(size > 0 && size < Infinity)) return null;
    exchange(work, k * width, pivot * width, width);
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

function sizeAt(matrix: Float64Array, at: number): number {
  return Math.hypot(matrix[at]!, matrix[at + 2]!);
}

function exchange(values: Float64Array, a: number, b: number, length: number): void {
  if (a === b) return;
  const row = values.slice(a, a + length);
  values.copyWithin(a, b, b + length);
  values.set(row, b);
}
