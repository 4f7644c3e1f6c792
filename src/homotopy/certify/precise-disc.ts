/**
 * Complex discs whose midpoints are double-doubles: what the interpreter takes to enclose F where f64 leaves too little of it.
 *
 * A disc is six consecutive f64: the midpoint (re high, re low, im high, im low), the radius, and |re| + |im| of the high
 * parts. With u = 2^-53 a double-double sum is off by at most 8 u^2 (|a| + |b|) and a product by at most 20 u^2 |a| |b| in each
 * part (Joldes, Muller, Popescu, ACM TOMS 44, 2017, for the accurate and the sloppy algorithms; half of that). Radii are made a
 * little larger in every operation, which covers their own rounding. Overflow gives infinite or NaN radii, as in `DiscProgram`.
 */
import * as doubleDouble from '../../math/double-double.js';

/** Numbers per disc. */
export const STRIDE = 6;
const RADIUS = 4;
const SIZE = 5;

const UNIT = 2 ** -53;
/** Of midpoints: 64 u^2, of sizes that themselves are right to some u. */
const MIDPOINT_ERROR = 64 * UNIT * UNIT;
/** Covers products that underflow. */
const TINY = 2 ** -900;
/** Of a radius, for some ten roundings. */
const LARGER = 1 + 32 * UNIT;

/** out = re + im i. A low part that is not 0 was rounded to nearest. */
export function put(
  out: Float64Array,
  k: number,
  re: number,
  im: number,
  reLow = 0,
  imLow = 0,
): void {
  doubleDouble.put(out, k, re, im, reLow, imLow);
  enter(out, k, UNIT * (Math.abs(reLow) + Math.abs(imLow)));
}

/** out = the point with these parts, exactly. */
export function putPoint(
  out: Float64Array,
  k: number,
  re: number,
  im: number,
  reLow: number,
  imLow: number,
): void {
  doubleDouble.put(out, k, re, im, reLow, imLow);
  enter(out, k, 0);
}

/** out += sign * a, sign 1 or -1. */
export function addTo(
  a: Float64Array,
  i: number,
  sign: number,
  out: Float64Array,
  k: number,
): void {
  const sizes = out[k + SIZE]! + a[i + SIZE]!;
  const radius = out[k + RADIUS]! + a[i + RADIUS]! + MIDPOINT_ERROR * sizes;
  doubleDouble.addTo(a, i, sign, out, k);
  enter(out, k, radius);
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
  const [aSize, bSize] = [a[i + SIZE]!, b[j + SIZE]!];
  const [aRadius, bRadius] = [a[i + RADIUS]!, b[j + RADIUS]!];
  doubleDouble.multiply(a, i, b, j, term, 0);
  enter(
    term,
    0,
    aRadius * (bSize * LARGER + bRadius) + aSize * bRadius + MIDPOINT_ERROR * aSize * bSize,
  );
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
  const factor = Math.abs(times / over);
  const radius = factor * (a[i + RADIUS]! * LARGER + MIDPOINT_ERROR * a[i + SIZE]!);
  doubleDouble.scale(a, i, times, over, out, k);
  enter(out, k, radius);
}

/** A disc in f64 that holds a: re, im, radius, |re| + |im| (`DiscProgram`'s). */
export function round(a: Float64Array, i: number, out: Float64Array, k: number): void {
  out[k] = a[i]!;
  out[k + 1] = a[i + 2]!;
  out[k + 2] = (a[i + RADIUS]! + Math.abs(a[i + 1]!) + Math.abs(a[i + 3]!)) * LARGER;
  out[k + 3] = a[i + SIZE]! * LARGER;
}

/** The radius from what the operands make of it, and the size of the midpoint. */
function enter(out: Float64Array, k: number, radius: number): void {
  out[k + RADIUS] = radius * LARGER + TINY;
  out[k + SIZE] = Math.abs(out[k]!) + Math.abs(out[k + 2]!);
}
