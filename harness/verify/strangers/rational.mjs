/**
 * Exact numbers of generated systems: rationals (fraction.js on BigInt) and Gaussian rationals.
 * Nothing here goes through a floating-point number.
 */
import Fraction from 'fraction.js';

export const zero = new Fraction(0n, 1n);
export const one = new Fraction(1n, 1n);

/** n / d for whole numbers. */
export function rational(n, d = 1) {
  return new Fraction(BigInt(n), BigInt(d));
}

/** mantissa * 10^exponent, for whole numbers. */
export function decimal(mantissa, exponent) {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0
    ? new Fraction(BigInt(mantissa), power)
    : new Fraction(BigInt(mantissa) * power, 1n);
}

/** The Gaussian rational re + im i. */
export function gaussian(re, im = zero) {
  return { re, im };
}

export function isZero({ re, im }) {
  return re.n === 0n && im.n === 0n;
}

export function add(a, b) {
  return { re: a.re.add(b.re), im: a.im.add(b.im) };
}

export function subtract(a, b) {
  return { re: a.re.sub(b.re), im: a.im.sub(b.im) };
}

export function multiply(a, b) {
  return {
    re: a.re.mul(b.re).sub(a.im.mul(b.im)),
    im: a.re.mul(b.im).add(a.im.mul(b.re)),
  };
}

export function invert(a) {
  const square = a.re.mul(a.re).add(a.im.mul(a.im));
  return { re: a.re.div(square), im: a.im.neg().div(square) };
}

/** |a|, rounded: only sizes and tolerances need it. */
export function modulus(a) {
  return Math.hypot(a.re.valueOf(), a.im.valueOf());
}

/**
 * The inverse of a square matrix of Gaussian rationals, by elimination.
 *
 * @returns rows, or null for a singular matrix
 */
export function invertMatrix(matrix) {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [
    ...row,
    ...row.map((_, j) => gaussian(i === j ? one : zero)),
  ]);
  for (let k = 0; k < n; k++) {
    const pivot = rows.findIndex((row, i) => i >= k && !isZero(row[k]));
    if (pivot < 0) return null;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    const factor = invert(rows[k][k]);
    rows[k] = rows[k].map((value) => multiply(value, factor));
    for (let i = 0; i < n; i++) {
      const multiple = rows[i][k];
      if (i === k || isZero(multiple)) continue;
      rows[i] = rows[i].map((value, j) => subtract(value, multiply(multiple, rows[k][j])));
    }
  }
  return rows.map((row) => row.slice(n));
}
