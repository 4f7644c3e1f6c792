/**
 * Systems with f64 coefficients: conversion and plain evaluation.
 *
 * Trackers compile their own evaluators; this one is the reference they are tested against and
 * what reports use.
 */
import { splitRational, type Split } from './rounding.js';
import type { NumericPolynomial, NumericSystem, PolynomialSystem } from './system.js';

/** Rounds every coefficient once, correctly, to f64, and keeps what that took away; terms keep their order. */
export function toNumeric(system: PolynomialSystem): NumericSystem {
  return {
    variables: system.variables,
    equations: system.polynomials.map((terms) =>
      numericPolynomial(
        terms.map(({ exponents }) => exponents),
        terms.flatMap(({ coefficient: { re, im } }) => [splitRational(re), splitRational(im)]),
      ),
    ),
  };
}

/** @param parts re and im of every coefficient, in this order. */
export function numericPolynomial(
  exponents: readonly (readonly number[])[],
  parts: readonly Split[],
): NumericPolynomial {
  const coefficients = Float64Array.from(parts, ([high]) => high);
  return parts.every(([, low]) => low === 0)
    ? { exponents, coefficients }
    : { exponents, coefficients, low: Float64Array.from(parts, ([, low]) => low) };
}

/**
 * f(z) in complex f64.
 *
 * @param point interleaved re, im: length 2n
 * @returns interleaved re, im, one pair per equation
 */
export function evaluate(system: NumericSystem, point: ArrayLike<number>): Float64Array {
  const values = new Float64Array(2 * system.equations.length);
  const powers = pointPowers(system, point);
  system.equations.forEach((equation, index) => {
    forEachTerm(equation, powers, (re, im) => {
      values[2 * index] = (values[2 * index] ?? 0) + re;
      values[2 * index + 1] = (values[2 * index + 1] ?? 0) + im;
    });
  });
  return values;
}

/** Powers of one coordinate, made as far as they are asked for: z^e is (re[e], im[e]). */
export interface CoordinatePowers {
  readonly re: number[];
  readonly im: number[];
}

/** The powers 0 and 1 of every coordinate; NaN where the point has none. */
export function pointPowers(system: NumericSystem, point: ArrayLike<number>): CoordinatePowers[] {
  return system.variables.map((_, k) => ({
    re: [1, point[2 * k] ?? NaN],
    im: [0, point[2 * k + 1] ?? NaN],
  }));
}

/** Calls visit(re, im, term) with coefficient * monomial for every term. */
export function forEachTerm(
  { exponents, coefficients }: NumericPolynomial,
  powers: readonly CoordinatePowers[],
  visit: (re: number, im: number, term: number) => void,
): void {
  // Plain loops: this runs for every solution of every member of a family.
  for (let term = 0; term < exponents.length; term += 1) {
    const degrees = exponents[term] ?? [];
    let re = coefficients[2 * term] ?? 0;
    let im = coefficients[2 * term + 1] ?? 0;
    for (let k = 0; k < powers.length; k += 1) {
      const degree = degrees[k] ?? 0;
      const power = powers[k];
      if (degree > 0 && power !== undefined) {
        extendPowers(power, degree);
        const powerRe = power.re[degree] ?? NaN;
        const powerIm = power.im[degree] ?? NaN;
        const product = re * powerRe - im * powerIm;
        im = re * powerIm + im * powerRe;
        re = product;
      }
    }
    visit(re, im, term);
  }
}

function extendPowers({ re, im }: CoordinatePowers, degree: number): void {
  const [baseRe = NaN, baseIm = NaN] = [re[1], im[1]];
  for (let exponent = re.length; exponent <= degree; exponent += 1) {
    const lastRe = re[exponent - 1] ?? NaN;
    const lastIm = im[exponent - 1] ?? NaN;
    re.push(lastRe * baseRe - lastIm * baseIm);
    im.push(lastRe * baseIm + lastIm * baseRe);
  }
}
