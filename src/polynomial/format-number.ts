/**
 * Writes a non-negative rational as a coefficient: a whole number, a fraction or a decimal.
 *
 * PHCpack 2.4.86 silently misreads numbers of more than 18 digits, leading zeros included
 * (`3908139/5000000000000000000000` comes out 10,000 times too large; tried 2026-11-23), so
 * nothing longer is written where it can be avoided: decimals get an exponent instead of zeros.
 */
import type Fraction from 'fraction.js';

import { rationalFromDecimal } from '../math/rational.js';
import { roundRational } from './rounding.js';

/** Longest run of digits that every reader takes. */
const MAX_DIGITS = 18;
const MAX_WHOLE = 10n ** BigInt(MAX_DIGITS);
/** Denominators up to this are written as fractions even when a decimal exists. */
const PLAIN_DENOMINATOR = 1000n;
/** Most decimals of a number below 0.1 without an exponent. */
const MAX_DECIMALS = 15;

/**
 * @param value >= 0
 * @param longNumbers what to do when neither form fits 18 digits: 'exact' writes the long
 *   fraction, 'round' writes the nearest f64
 */
export function formatMagnitude(value: Fraction, longNumbers: 'exact' | 'round'): string {
  const { n: numerator, d: denominator } = value;
  const isShort = numerator < MAX_WHOLE && denominator < MAX_WHOLE;
  const fraction = denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;
  if (isShort && denominator <= PLAIN_DENOMINATOR) {
    return fraction;
  }
  const decimal = formatDecimal(value);
  if (decimal !== null) {
    return decimal;
  }
  if (isShort || longNumbers === 'exact') {
    return fraction;
  }
  // The shortest decimal of an f64 has at most 17 digits, so this ends at formatDecimal.
  return formatMagnitude(rationalFromDecimal(roundRational(value)), 'round');
}

/** The exact decimal, or null when there is none of at most 18 significant digits. */
function formatDecimal({ n: numerator, d: denominator }: Fraction): string | null {
  // A finite decimal needs as many places as the denominator has factors 2 or 5.
  const places = Math.max(countFactors(denominator, 2n), countFactors(denominator, 5n));
  const scale = 10n ** BigInt(places);
  if (scale % denominator !== 0n) {
    return null;
  }
  const allDigits = ((numerator * scale) / denominator).toString();
  const digits = allDigits.replace(/0+$/, '');
  const power = allDigits.length - digits.length - places;
  if (digits.length > MAX_DIGITS) {
    return null;
  }
  const pointAt = digits.length + power;
  if (power < 0 && pointAt > 0) {
    return `${digits.slice(0, pointAt)}.${digits.slice(pointAt)}`;
  }
  if (power < 0 && (pointAt === 0 || -power <= MAX_DECIMALS)) {
    return `0.${digits.padStart(-power, '0')}`;
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits.charAt(0)}${fraction}e${pointAt - 1}`;
}

function countFactors(value: bigint, factor: bigint): number {
  let count = 0;
  for (let rest = value; rest % factor === 0n; rest /= factor) {
    count += 1;
  }
  return count;
}
