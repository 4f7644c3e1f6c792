/**
 * Double-double complex arithmetic: about 32 digits from pairs of f64.
 *
 * A complex number is four consecutive f64: re high, re low, im high, im low. Results go to a
 * destination, nothing is allocated. Error-free transforms after Dekker (1971) and Knuth; sums are
 * "sloppy" (error relative to |a| + |b|, which is what a backward-stable algorithm needs).
 * JavaScript evaluates f64 operations one by one, so no barrier is needed here.
 */

/** Numbers per complex value. */
export const STRIDE = 4;

const SPLITTER = 134217729; // 2^27 + 1

/** a * b - fl(a * b), exactly (Dekker's product; |a|, |b| < 2^996). */
export function productError(a: number, b: number, product: number): number {
  const ta = SPLITTER * a;
  const ah = ta - (ta - a);
  const al = a - ah;
  const tb = SPLITTER * b;
  const bh = tb - (tb - b);
  const bl = b - bh;
  return ah * bh - product + ah * bl + al * bh + al * bl;
}

/** a + b - fl(a + b), exactly (Knuth's sum). */
export function sumError(a: number, b: number, sum: number): number {
  const bb = sum - a;
  return a - (sum - bb) + (b - bb);
}

/** out = a + sign * b for real double-doubles at the given indices; sign is 1 or -1. */
function addReal(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  sign: number,
  out: Float64Array,
  k: number,
): void {
  const bh = sign * b[j]!;
  const sum = a[i]! + bh;
  const error = sumError(a[i]!, bh, sum) + (a[i + 1]! + sign * b[j + 1]!);
  const high = sum + error;
  out[k + 1] = error - (high - sum);
  out[k] = high;
}

export function subtract(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  out: Float64Array,
  k: number,
): void {
  addReal(a, i, b, j, -1, out, k);
  addReal(a, i + 2, b, j + 2, -1, out, k + 2);
}

/** out = a * b; out may be a or b. */
export function multiply(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  out: Float64Array,
  k: number,
): void {
  const arh = a[i]!;
  const arl = a[i + 1]!;
  const aih = a[i + 2]!;
  const ail = a[i + 3]!;
  const brh = b[j]!;
  const brl = b[j + 1]!;
  const bih = b[j + 2]!;
  const bil = b[j + 3]!;
  const p1 = arh * brh;
  const p2 = -aih * bih;
  const re = p1 + p2;
  const reError =
    sumError(p1, p2, re) +
    (productError(arh, brh, p1) + (arh * brl + arl * brh)) +
    (productError(-aih, bih, p2) - (aih * bil + ail * bih));
  const q1 = arh * bih;
  const q2 = aih * brh;
  const im = q1 + q2;
  const imError =
    sumError(q1, q2, im) +
    (productError(arh, bih, q1) + (arh * bil + arl * bih)) +
    (productError(aih, brh, q2) + (aih * brl + ail * brh));
  const reHigh = re + reError;
  out[k] = reHigh;
  out[k + 1] = reError - (reHigh - re);
  const imHigh = im + imError;
  out[k + 2] = imHigh;
  out[k + 3] = imError - (imHigh - im);
}

/** out = re + im i; the low parts default to 0. */
export function put(
  out: Float64Array,
  k: number,
  re: number,
  im: number,
  reLow = 0,
  imLow = 0,
): void {
  out[k] = re;
  out[k + 1] = reLow;
  out[k + 2] = im;
  out[k + 3] = imLow;
}

/** out += sign * a, sign 1 or -1. */
export function addTo(
  a: Float64Array,
  i: number,
  sign: number,
  out: Float64Array,
  k: number,
): void {
  addReal(out, k, a, i, sign, out, k);
  addReal(out, k + 2, a, i + 2, sign, out, k + 2);
}

const term = new Float64Array(STRIDE);

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
  multiply(a, i, b, j, term, 0);
  addTo(term, 0, sign, out, k);
}

/** out = a * times / over, for whole numbers; out may be a. */
export function scale(
  a: Float64Array,
  i: number,
  times: number,
  over: number,
  out: Float64Array,
  k: number,
): void {
  // The factor as a double-double: times - high * over is exact.
  const high = times / over;
  const product = high * over;
  const low = (times - product - productError(high, over, product)) / over;
  put(term, 0, high, 0, low);
  multiply(a, i, term, 0, out, k);
}

const workspace = new Float64Array(3 * STRIDE);

/** out = 1 / a by one Newton step from the f64 reciprocal (relative error about 1e-31). */
export function reciprocal(a: Float64Array, i: number, out: Float64Array, k: number): void {
  const re = a[i]!;
  const im = a[i + 2]!;
  const norm = re * re + im * im;
  const w = workspace;
  w[0] = re / norm;
  w[1] = 0;
  w[2] = -im / norm;
  w[3] = 0;
  // r (2 - a r)
  multiply(a, i, w, 0, w, 4);
  w[8] = 2;
  w[9] = w[10] = w[11] = 0;
  subtract(w, 8, w, 4, w, 4);
  multiply(w, 0, w, 4, out, k);
}
