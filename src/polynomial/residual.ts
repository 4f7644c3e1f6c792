/**
 * The residual of a point: max_i |f_i(z)| / sum of |terms of f_i at z|.
 *
 * This is the relative error of evaluation, free of the scales of equations and unknowns: about
 * 1e-16 at a solution rounded to f64, up to 1 where no terms cancel. Points of a tracker that
 * runs to infinity have coordinates like 1e200, whose powers overflow. Equations that may leave
 * the safe middle of the f64 range are therefore done again with coordinates and coefficients
 * split into a part of modulus near 1 and a power of two, and the powers of two are added as
 * integers. (Degrees are at most 64, so the parts near 1 multiply to < 2^98.)
 */
import { forEachTerm, pointPowers, type CoordinatePowers } from './numeric.js';
import { shiftExponent } from './scaling.js';
import type { NumericPolynomial, NumericSystem } from './system.js';

/**
 * When plain arithmetic is trusted. With all products of powers within 2^+-400 (1e+-120), a part
 * that underflows on the way is wrong by at most 2^-1074 2^400 < 1e-202, nothing beside a sum
 * above 1e-130; and the squares of a sum below 1e150 do not overflow.
 */
const LARGEST_POWER_RANGE = 400;
const SMALLEST_SAFE = 1e-130;
const LARGEST_SAFE = 1e150;

/**
 * @param point interleaved re, im: length 2n
 * @returns a number in [0, 1] up to rounding, never NaN: 0 where all terms of an equation vanish,
 *   Infinity when a coordinate is not finite
 */
export function residual(system: NumericSystem, point: ArrayLike<number>): number {
  for (let k = 0; k < 2 * system.variables.length; k += 1) {
    if (!Number.isFinite(point[k])) {
      return Infinity;
    }
  }
  const powers = pointPowers(system, point);
  let worst = 0;
  for (const equation of system.equations) {
    const { value, magnitude } = plainValue(equation, powers);
    const isSafe =
      magnitude > SMALLEST_SAFE &&
      magnitude < LARGEST_SAFE &&
      powerRange(powers) <= LARGEST_POWER_RANGE;
    worst = Math.max(worst, isSafe ? value / magnitude : scaledValue(equation, point));
  }
  return worst;
}

function plainValue(
  equation: NumericPolynomial,
  powers: readonly CoordinatePowers[],
): { value: number; magnitude: number } {
  let sumRe = 0;
  let sumIm = 0;
  let magnitude = 0;
  forEachTerm(equation, powers, (re, im) => {
    sumRe += re;
    sumIm += im;
    magnitude += Math.sqrt(re * re + im * im);
  });
  return { value: Math.sqrt(sumRe * sumRe + sumIm * sumIm), magnitude };
}

/** Bound on |log2| of every product of the powers that were used; powers of 0 are exact. */
function powerRange(powers: readonly CoordinatePowers[]): number {
  return powers.reduce((range, { re, im }) => {
    const size = Math.max(Math.abs(re[1] ?? 0), Math.abs(im[1] ?? 0));
    return size === 0 ? range : range + (re.length - 1) * Math.abs(Math.log2(size));
  }, 0);
}

/** |f(z)| / sum |terms of f at z| for any finite z. */
function scaledValue(
  { exponents, coefficients }: NumericPolynomial,
  point: ArrayLike<number>,
): number {
  const coordinates = Array.from({ length: point.length >> 1 }, (_, k) => {
    const [re = 0, im = 0] = [point[2 * k], point[2 * k + 1]];
    return { re, im, shift: binaryExponent(re, im) };
  });
  const powers = coordinates.map(({ re, im, shift }) => ({
    re: [1, shiftExponent(re, -shift)],
    im: [0, shiftExponent(im, -shift)],
  }));
  const coefficientShifts = exponents.map((_, term) =>
    binaryExponent(coefficients[2 * term] ?? 0, coefficients[2 * term + 1] ?? 0),
  );
  const normalized = Float64Array.from(coefficients, (part, index) =>
    shiftExponent(part, -(coefficientShifts[index >> 1] ?? 0)),
  );
  const termShifts = exponents.map((exponent, term) =>
    exponent.reduce(
      (total, degree, k) => total + degree * (coordinates[k]?.shift ?? 0),
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

/** k with 2^k <= max(|re|, |im|) < 2^(k+1) (up to rounding of log2); 0 for 0. */
function binaryExponent(re: number, im: number): number {
  const size = Math.max(Math.abs(re), Math.abs(im));
  return size === 0 ? 0 : Math.floor(Math.log2(size));
}
