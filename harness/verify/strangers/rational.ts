/**
 * Exact numbers of generated systems: rationals (fraction.js on BigInt) and Gaussian rationals.
 * Nothing here goes through a floating-point number.
 */
import Fraction from 'fraction.js';

export type Rational = Fraction;

/** The Gaussian rational re + im i. */
export interface Gaussian {
  readonly re: Rational;
  readonly im: Rational;
}

export const zero = new Fraction(0n, 1n);
export const one = new Fraction(1n, 1n);

/** n / d for whole numbers. */
export function rational(n: number | bigint, d: number | bigint = 1): Rational {
  return new Fraction(BigInt(n), BigInt(d));
}

/** mantissa * 10^exponent, for whole numbers. */
export function decimal(mantissa: number, exponent: number): Rational {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0
    ? new Fraction(BigInt(mantissa), power)
    : new Fraction(BigInt(mantissa) * power, 1n);
}

export function gaussian(re: Rational, im = zero): Gaussian {
  return { re, im };
}

export function isZero({ re, im }: Gaussian): boolean {
  return re.n === 0n && im.n === 0n;
}

export function add(a: Gaussian, b: Gaussian): Gaussian {
  return { re: a.re.add(b.re), im: a.im.add(b.im) };
}

export function subtract(a: Gaussian, b: Gaussian): Gaussian {
  return { re: a.re.sub(b.re), im: a.im.sub(b.im) };
}

export function multiply(a: Gaussian, b: Gaussian): Gaussian {
  return {
    re: a.re.mul(b.re).sub(a.im.mul(b.im)),
    im: a.re.mul(b.im).add(a.im.mul(b.re)),
  };
}

export function invert(a: Gaussian): Gaussian {
  const square = a.re.mul(a.re).add(a.im.mul(a.im));
  return { re: a.re.div(square), im: a.im.neg().div(square) };
}

/** |a|, rounded: only sizes and tolerances need it. */
export function modulus(a: Gaussian): number {
  return Math.hypot(a.re.valueOf(), a.im.valueOf());
}

/**
 * The inverse of a square matrix of Gaussian rationals, by elimination.
 *
 * @returns rows, or null for a singular matrix
 */
export function invertMatrix(matrix: readonly (readonly Gaussian[])[]): Gaussian[][] | null {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [
    ...row,
    ...row.map((_, j) => gaussian(i === j ? one : zero)),
  ]);
  for (let k = 0; k < n; k++) {
    const pivot = rows.findIndex((row, i) => i >= k && !isZero(row[k]!));
    if (pivot < 0) return null;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    const factor = invert(rows[k]![k]!);
    const pivotRow = rows[k]!.map((value) => multiply(value, factor));
    rows[k] = pivotRow;
    for (let i = 0; i < n; i++) {
      const multiple = rows[i]![k]!;
      if (i === k || isZero(multiple)) continue;
      rows[i] = rows[i]!.map((value, j) => subtract(value, multiply(multiple, pivotRow[j]!)));
    }
  }
  return rows.map((row) => row.slice(n));
}
