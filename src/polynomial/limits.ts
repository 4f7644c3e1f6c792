/** The limits of an input system, in one place because parser, checks and messages share them. */
import type { ExactComplex } from './system.js';

/** Highest total degree of an equation. */
export const MAX_DEGREE = 64;

/** Most unknowns: a term keeps one exponent for each. */
export const MAX_VARIABLES = 1000;

/** Most digits of a number: arithmetic with rationals of a million digits takes minutes. */
export const MAX_DIGITS = 2000;

/** Most terms that one equation may have, at any moment of its expansion. */
export const MAX_TERMS = 20_000;

/** Most term-by-term products that the expansion of one system may take (about 2 s). */
export const MAX_TERM_PRODUCTS = 2_000_000;

/**
 * Largest modulus of a real or imaginary part. Below the f64 limit of 1.8e308, so that sums and
 * squared moduli of scaled coefficients stay finite; 1e-300 is its mirror image, below which a
 * coefficient would round to zero and silently change the system.
 */
const COEFFICIENT_LIMIT = 10n ** 300n;

/** True when each part is at most 1e300 and one of them is at least 1e-300 (or both are zero). */
export function isCoefficientInRange({ re, im }: ExactComplex): boolean {
  const tooLarge = re.n > COEFFICIENT_LIMIT * re.d || im.n > COEFFICIENT_LIMIT * im.d;
  const tooSmall =
    (re.n !== 0n || im.n !== 0n) &&
    re.n * COEFFICIENT_LIMIT < re.d &&
    im.n * COEFFICIENT_LIMIT < im.d;
  return !tooLarge && !tooSmall;
}
