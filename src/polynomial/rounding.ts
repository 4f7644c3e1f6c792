/**
 * Correct rounding of exact rationals to f64 (nearest, ties to even), subnormals included.
 *
 * `Number(n) / Number(d)` rounds three times and overflows for long numerators; here one integer
 * division gives exactly the bits that the result keeps, and its remainder decides the rounding.
 */
import type Fraction from 'fraction.js';

/** Bits of an f64 significand after the leading one. */
const FRACTION_BITS = 52;
/** Exponent of the smallest positive f64, 2^-1074. */
const SMALLEST_EXPONENT = -1074;
const LARGEST_EXPONENT = 1023;

/** The f64 nearest to a rational; beyond the f64 range an infinity, as in IEEE arithmetic. */
export function roundRational({ s: sign, n: numerator, d: denominator }: Fraction): number {
  return roundQuotient(sign * numerator, denominator);
}

/** A rational as double-double: [nearest f64, what is left, rounded]; the second is 0 only when nothing is left. */
export function splitRational({ s: sign, n: numerator, d: denominator }: Fraction): Split {
  return splitQuotient(sign * numerator, denominator);
}

/** High and low part of a double-double number. */
export type Split = readonly [high: number, low: number];

/**
 * The f64 nearest to numerator / denominator.
 *
 * @param denominator > 0; the fraction need not be in lowest terms
 */
export function roundQuotient(numerator: bigint, denominator: bigint): number {
  return divide(numerator, denominator).nearest;
}

/** numerator / denominator as double-double. @param denominator > 0 */
export function splitQuotient(numerator: bigint, denominator: bigint): Split {
  const { nearest, rest, divisor, unit } = divide(numerator, denominator);
  if (rest === 0n) {
    return [nearest, 0];
  }
  const low = divide(rest, divisor).nearest * 2 ** unit;
  // Too small for f64 is not nothing.
  return [nearest, low === 0 ? (rest < 0n ? -1 : 1) * 2 ** SMALLEST_EXPONENT : low];
}

/** numerator / denominator = nearest + 2^unit rest / divisor */
function divide(
  numerator: bigint,
  denominator: bigint,
): { nearest: number; rest: bigint; divisor: bigint; unit: number } {
  if (numerator === 0n) {
    return { nearest: 0, rest: 0n, divisor: 1n, unit: 0 };
  }
  const isNegative = numerator < 0n;
  const magnitude = isNegative ? -numerator : numerator;
  const exponent = floorLog2(magnitude, denominator);
  if (exponent > LARGEST_EXPONENT) {
    return { nearest: isNegative ? -Infinity : Infinity, rest: 0n, divisor: 1n, unit: 0 };
  }
  // The quotient in units of the last place is a whole number of at most 53 bits and a remainder.
  const unit = Math.max(exponent - FRACTION_BITS, SMALLEST_EXPONENT);
  const dividend = unit < 0 ? magnitude << BigInt(-unit) : magnitude;
  const divisor = unit > 0 ? denominator << BigInt(unit) : denominator;
  const quotient = dividend / divisor;
  const remainder = dividend % divisor;
  const isTie = 2n * remainder === divisor;
  const roundsUp = isTie ? quotient % 2n === 1n : 2n * remainder > divisor;
  const nearest = Number(roundsUp ? quotient + 1n : quotient) * 2 ** unit;
  const rest = roundsUp ? remainder - divisor : remainder;
  return isNegative
    ? { nearest: -nearest, rest: -rest, divisor, unit }
    : { nearest, rest, divisor, unit };
}

function floorLog2(numerator: bigint, denominator: bigint): number {
  const estimate = bitLength(numerator) - bitLength(denominator);
  const isBelow =
    estimate >= 0
      ? numerator < denominator << BigInt(estimate)
      : numerator << BigInt(-estimate) < denominator;
  return isBelow ? estimate - 1 : estimate;
}

function bitLength(value: bigint): number {
  const hexadecimal = value.toString(16);
  const leading = Number.parseInt(hexadecimal.charAt(0), 16);
  return 4 * (hexadecimal.length - 1) + 32 - Math.clz32(leading);
}
