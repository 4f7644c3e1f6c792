/**
 * The residual of a point: max_i |f_i(z)| / sum of |terms of f_i at z|.
 *
 * This is the relative error of evaluation, free of the scales of equations and unknowns: about
 * 1e-16 at a solution rounded to f64, up to 1 where no terms cancel. Points of a tracker that
 * runs to infinity have coordinates like 1e200, whose powers overflow; so coordinates and
 * coefficients are split into a part of modulus near 1 and a power of two, and the powers of two
 * are added as integers. (Degrees are at most 64, so the parts near 1 multiply to < 2^98.)
 */
import { forEachTerm, pointPowers } from './numeric.js';
import type { NumericPolynomial, NumericSystem } from './system.js';

/**
 * @param point interleaved re, im: length 2n
 * @returns a number in [0, 1] up to rounding, never NaN: 0 where all terms of an equation vanish,
 *   Infinity when a coordinate is not finite
 */
export function residual(system: NumericSystem, point: ArrayLike<number>): number {
  const shifts = system.variables.map((_, k) => binaryExponent(point[2 * k], point[2 * k + 1]));
  if (!shifts.every(Number.isFinite)) {
    return Infinity;
  }
  const scaled = shifts.flatMap((shift, k) => [
    scaleByPowerOfTwo(point[2 * k] ?? 0, -shift),
    scaleByPowerOfTwo(point[2 * k + 1] ?? 0, -shift),
  ]);
  const powers = pointPowers(system, scaled);
  let worst = 0;
  for (const equation of system.equations) {
    worst = Math.max(worst, relativeValue(equation, powers, shifts));
  }
  return worst;
}

/** |f(z)| / sum |terms of f at z| for z_k = (coordinate of `powers`) * 2^shifts[k]. */
function relativeValue(
  { exponents, coefficients }: NumericPolynomial,
  powers: ReturnType<typeof pointPowers>,
  shifts: readonly number[],
): number {
  const coefficientShifts = exponents.map((_, term) =>
    binaryExponent(coefficients[2 * term], coefficients[2 * term + 1]),
  );
  const normalized = Float64Array.from(coefficients, (part, index) =>
    scaleByPowerOfTwo(part, -(coefficientShifts[index >> 1] ?? 0)),
  );
  const termShifts = exponents.map((exponent, term) =>
    exponent.reduce(
      (total, degree, k) => total + degree * (shifts[k] ?? 0),
      coefficientShifts[term] ?? 0,
    ),
  );
  const terms: { re: number; im: number; shift: number }[] = [];
  forEachTerm({ exponents, coefficients: normalized }, powers, (re, im, term) => {
    if (re !== 0 || im !== 0) {
      terms.push({ re, im, shift: termShifts[term] ?? 0 });
    }
  });
  const largest = terms.reduce((shift, term) => Math.max(shift, term.shift), -Infinity);
  let re = 0;
  let im = 0;
  let magnitude = 0;
  for (const term of terms) {
    const scale = 2 ** (term.shift - largest);
    re += term.re * scale;
    im += term.im * scale;
    magnitude += Math.hypot(term.re, term.im) * scale;
  }
  return magnitude === 0 ? 0 : Math.hypot(re, im) / magnitude;
}

/** k with 2^k <= max(|re|, |im|) < 2^(k+1) (up to rounding of log2); 0 for 0, NaN if not finite. */
function binaryExponent(re = NaN, im = NaN): number {
  const size = Math.max(Math.abs(re), Math.abs(im));
  if (size === 0) {
    return 0;
  }
  return Number.isFinite(size) ? Math.floor(Math.log2(size)) : NaN;
}

/** value * 2^shift in two steps, because 2^1074 alone overflows; exact unless it underflows. */
function scaleByPowerOfTwo(value: number, shift: number): number {
  const half = Math.trunc(shift / 2);
  return value * 2 ** half * 2 ** (shift - half);
}
