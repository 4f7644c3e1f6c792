/**
 * Exact rationals from f64 and from decimals: the rational library's own constructor approximates
 * a non-integer number by a fraction with a small denominator.
 */
import Fraction from 'fraction.js';

/**
 * The rational that an f64 is: numerator / 2^k, no rounding.
 *
 * @param value finite number
 * @throws RangeError for NaN or an infinity
 */
export function rationalFromNumber(value: number): Fraction {
  if (!Number.isFinite(value)) {
    throw new RangeError(`an exact rational needs a finite number, got ${String(value)}`);
  }
  if (Number.isInteger(value)) {
    return new Fraction(BigInt(value), 1n);
  }
  let numerator = value;
  let denominator = 1n;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return new Fraction(BigInt(numerator), denominator);
}

/**
 * The rational a person means by a decimal: 0.01 is 1/100, not the nearest f64 to it.
 *
 * @param value decimal number; numbers are read through their shortest decimal text
 * @throws RangeError when the text is not a finite decimal number
 */
export function rationalFromDecimal(value: number | string): Fraction {
  const match = /^\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?0*\d{1,4}))?\s*$/.exec(String(value));
  const digits = (match?.[2] ?? '') + (match?.[3] ?? '');
  if (match === null || digits === '') {
    throw new RangeError(`a decimal number was needed, got "${String(value)}"`);
  }
  const power = Number(match[4] ?? 0) - (match[3] ?? '').length;
  const scale = 10n ** BigInt(Math.abs(power));
  const numerator = BigInt(digits) * (match[1] === '-' ? -1n : 1n);
  return power < 0 ? new Fraction(numerator, scale) : new Fraction(numerator * scale, 1n);
}
