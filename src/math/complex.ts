/**
 * Complex f64 arithmetic on flat arrays: a number is two consecutive f64, results go to a destination. The same
 * operations as double-double.ts and interval.ts, so that one interpreter serves all three.
 */

/** Numbers per complex value. */
export const STRIDE = 2;

/** out = re + im i; low parts do not fit. */
export function put(out: Float64Array, k: number, re: number, im: number): void {
  out[k] = re;
  out[k + 1] = im;
}

/** out += sign * a, sign 1 or -1. */
export function addTo(
  a: Float64Array,
  i: number,
  sign: number,
  out: Float64Array,
  k: number,
): void {
  out[k]! += sign * a[i]!;
  out[k + 1]! += sign * a[i + 1]!;
}

/** out += sign * a * b; out is neither a nor b. */
export function addProduct(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  sign: number,
  out: Float64Array,
  k: number,
): void {
  out[k]! += sign * (a[i]! * b[j]! - a[i + 1]! * b[j + 1]!);
  out[k + 1]! += sign * (a[i]! * b[j + 1]! + a[i + 1]! * b[j]!);
}

/** out = a * times / over, for whole numbers. */
export function scale(
  a: Float64Array,
  i: number,
  times: number,
  over: number,
  out: Float64Array,
  k: number,
): void {
  out[k] = (a[i]! * times) / over;
  out[k + 1] = (a[i + 1]! * times) / over;
}

/** out = 1 / a; out may be a. */
export function reciprocal(a: Float64Array, i: number, out: Float64Array, k: number): void {
  const re = a[i]!;
  const im = a[i + 1]!;
  const norm = re * re + im * im;
  out[k] = re / norm;
  out[k + 1] = -im / norm;
}
