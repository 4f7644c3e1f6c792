/**
 * Complex interval arithmetic in f64: rectangles that surely contain the exact result.
 *
 * A rectangle is four consecutive f64: re low, re high, im low, im high. JavaScript rounds to
 * nearest only, so every bound is moved outwards by at least one unit in the last place, without
 * looking at bits: for every f64 x, x - (PHI |x| + TINY), computed, is at most the f64 below x
 * (Rump, Zimmermann, Boldo, Melquiond, BIT 49, 2009, algorithm 2; TINY there is the smallest
 * subnormal, and any larger number only widens). Overflow gives infinite or NaN bounds, of which
 * no comparison is true, so nothing is ever proved from them.
 */

/** Numbers per rectangle. */
export const STRIDE = 4;

/** u (1 + 2 u) with u = 2^-53 */
const PHI = 2 ** -53 * (1 + 2 ** -52);
/** Large enough that products of it with ordinary numbers are not subnormal, which is slow. */
const TINY = 2 ** -960;

/** An f64 below every real number that rounds to `value`. */
export function below(value: number): number {
  return value - (PHI * Math.abs(value) + TINY);
}

/** An f64 above every real number that rounds to `value`. */
export function above(value: number): number {
  return value + (PHI * Math.abs(value) + TINY);
}

/** out = the point re + im i. */
export function setPoint(re: number, im: number, out: Float64Array, k: number): void {
  out[k] = out[k + 1] = re;
  out[k + 2] = out[k + 3] = im;
}

/** out encloses re + im i; a part whose low part is not 0 was rounded to nearest, and is widened. */
export function put(
  out: Float64Array,
  k: number,
  re: number,
  im: number,
  reLow = 0,
  imLow = 0,
): void {
  out[k] = reLow === 0 ? re : below(re);
  out[k + 1] = reLow === 0 ? re : above(re);
  out[k + 2] = imLow === 0 ? im : below(im);
  out[k + 3] = imLow === 0 ? im : above(im);
}

/** out += sign * a, sign 1 or -1. */
export function addTo(
  a: Float64Array,
  i: number,
  sign: number,
  out: Float64Array,
  k: number,
): void {
  if (sign > 0) add(out, k, a, i, out, k);
  else subtract(out, k, a, i, out, k);
}

const term = new Float64Array(STRIDE);

/** out += sign * a * b; out is neither a nor b. Real b cost half. */
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

/** out = a * times / over, for whole numbers above 0; out may be a. */
export function scale(
  a: Float64Array,
  i: number,
  times: number,
  over: number,
  out: Float64Array,
  k: number,
): void {
  for (let part = 0; part < STRIDE; part += 2) {
    out[k + part] = below(below(a[i + part]! * times) / over);
    out[k + part + 1] = above(above(a[i + part + 1]! * times) / over);
  }
}

/** out = a + b; out may be a or b. */
export function add(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  out: Float64Array,
  k: number,
): void {
  out[k] = below(a[i]! + b[j]!);
  out[k + 1] = above(a[i + 1]! + b[j + 1]!);
  out[k + 2] = below(a[i + 2]! + b[j + 2]!);
  out[k + 3] = above(a[i + 3]! + b[j + 3]!);
}

/** out = a - b; out may be a or b only where i = k or j = k. */
export function subtract(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  out: Float64Array,
  k: number,
): void {
  const reLow = b[j]!;
  const imLow = b[j + 2]!;
  out[k] = below(a[i]! - b[j + 1]!);
  out[k + 1] = above(a[i + 1]! - reLow);
  out[k + 2] = below(a[i + 2]! - b[j + 3]!);
  out[k + 3] = above(a[i + 3]! - imLow);
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
  const arl = a[i]!;
  const arh = a[i + 1]!;
  const ail = a[i + 2]!;
  const aih = a[i + 3]!;
  const brl = b[j]!;
  const brh = b[j + 1]!;
  const bil = b[j + 2]!;
  const bih = b[j + 3]!;
  const rrLow = below(smallestOf(arl * brl, arl * brh, arh * brl, arh * brh));
  const rrHigh = above(largestOf(arl * brl, arl * brh, arh * brl, arh * brh));
  const irLow = below(smallestOf(ail * brl, ail * brh, aih * brl, aih * brh));
  const irHigh = above(largestOf(ail * brl, ail * brh, aih * brl, aih * brh));
  if (bil === 0 && bih === 0) {
    // Real coefficients are the common case: half the work.
    out[k] = rrLow;
    out[k + 1] = rrHigh;
    out[k + 2] = irLow;
    out[k + 3] = irHigh;
    return;
  }
  const iiLow = below(smallestOf(ail * bil, ail * bih, aih * bil, aih * bih));
  const iiHigh = above(largestOf(ail * bil, ail * bih, aih * bil, aih * bih));
  const riLow = below(smallestOf(arl * bil, arl * bih, arh * bil, arh * bih));
  const riHigh = above(largestOf(arl * bil, arl * bih, arh * bil, arh * bih));
  out[k] = below(rrLow - iiHigh);
  out[k + 1] = above(rrHigh - iiLow);
  out[k + 2] = below(riLow + irLow);
  out[k + 3] = above(riHigh + irHigh);
}

/** out += (re + im i) * b for a point re + im i: half the products of `multiply`. */
export function addMultiple(
  re: number,
  im: number,
  b: Float64Array,
  j: number,
  out: Float64Array,
  k: number,
): void {
  // A negative factor exchanges the bounds.
  const reLow = re < 0 ? j + 1 : j;
  const reHigh = re < 0 ? j : j + 1;
  const imLow = im < 0 ? j + 1 : j;
  const imHigh = im < 0 ? j : j + 1;
  const brl = below(re * b[reLow]!);
  const brh = above(re * b[reHigh]!);
  const bil = below(re * b[reLow + 2]!);
  const bih = above(re * b[reHigh + 2]!);
  const crl = below(im * b[imLow]!);
  const crh = above(im * b[imHigh]!);
  const cil = below(im * b[imLow + 2]!);
  const cih = above(im * b[imHigh + 2]!);
  out[k] = below(out[k]! + below(brl - cih));
  out[k + 1] = above(out[k + 1]! + above(brh - cil));
  out[k + 2] = below(out[k + 2]! + below(bil + crl));
  out[k + 3] = above(out[k + 3]! + above(bih + crh));
}

/** out = 1 / a. @returns false, leaving out alone, when a may contain zero. */
export function reciprocal(a: Float64Array, i: number, out: Float64Array, k: number): boolean {
  const rl = a[i]!;
  const rh = a[i + 1]!;
  const il = a[i + 2]!;
  const ih = a[i + 3]!;
  const nearest = (low: number, high: number) => Math.max(0, low, -high);
  const re = nearest(rl, rh);
  const im = nearest(il, ih);
  const normLow = below(below(re * re) + below(im * im));
  if (!(normLow > 0)) return false;
  const farRe = Math.max(Math.abs(rl), Math.abs(rh));
  const farIm = Math.max(Math.abs(il), Math.abs(ih));
  const normHigh = above(above(farRe * farRe) + above(farIm * farIm));
  // conj(a) / |a|^2: a bound is divided by the norm that moves it outwards.
  const low = (bound: number) => below(bound / (bound < 0 ? normLow : normHigh));
  const high = (bound: number) => above(bound / (bound < 0 ? normHigh : normLow));
  out[k] = low(rl);
  out[k + 1] = high(rh);
  out[k + 2] = low(-ih);
  out[k + 3] = high(-il);
  return true;
}

/** An upper bound of |z| over the rectangle. */
export function magnitude(a: Float64Array, i: number): number {
  const re = Math.max(Math.abs(a[i]!), Math.abs(a[i + 1]!));
  const im = Math.max(Math.abs(a[i + 2]!), Math.abs(a[i + 3]!));
  // Math.hypot may err by more than one unit: sums and square roots are correctly rounded.
  return above(Math.sqrt(above(above(re * re) + above(im * im))));
}

/** True when a lies in the interior of b. */
export function isInside(a: Float64Array, i: number, b: Float64Array, j: number): boolean {
  return a[i]! > b[j]! && a[i + 1]! < b[j + 1]! && a[i + 2]! > b[j + 2]! && a[i + 3]! < b[j + 3]!;
}

/** True when a and b have no point in common. */
export function areDisjoint(a: Float64Array, i: number, b: Float64Array, j: number): boolean {
  return a[i]! > b[j + 1]! || a[i + 1]! < b[j]! || a[i + 2]! > b[j + 3]! || a[i + 3]! < b[j + 2]!;
}

function smallestOf(a: number, b: number, c: number, d: number): number {
  return Math.min(Math.min(a, b), Math.min(c, d));
}

function largestOf(a: number, b: number, c: number, d: number): number {
  return Math.max(Math.max(a, b), Math.max(c, d));
}
