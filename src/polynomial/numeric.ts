/**
 * Systems with f64 coefficients: conversion and plain evaluation.
 *
 * Trackers compile their own evaluators; this one is the reference they are tested against and
 * what reports use.
 */
import { roundRational } from './rounding.js';
import type { NumericPolynomial, NumericSystem, PolynomialSystem } from './system.js';

/** Rounds every coefficient once, correctly, to f64; terms keep their order. */
export function toNumeric(system: PolynomialSystem): NumericSystem {
  return {
    variables: system.variables,
    equations: system.polynomials.map((terms) => ({
      exponents: terms.map(({ exponents }) => exponents),
      coefficients: Float64Array.from(
        terms.flatMap(({ coefficient: { re, im } }) => [roundRational(re), roundRational(im)]),
      ),
    })),
  };
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

/** Powers of one coordinate: z^e is (re[e], im[e]). */
export interface CoordinatePowers {
  readonly re: readonly number[];
  readonly im: readonly number[];
}

/** All powers of every coordinate that the system's exponents reach. */
export function pointPowers(system: NumericSystem, point: ArrayLike<number>): CoordinatePowers[] {
  return system.variables.map((_, variable) => {
    let highest = 0;
    for (const { exponents } of system.equations) {
      for (const exponent of exponents) {
        highest = Math.max(highest, exponent[variable] ?? 0);
      }
    }
    return powersOf(point[2 * variable] ?? NaN, point[2 * variable + 1] ?? NaN, highest);
  });
}

/** Calls visit(re, im, term) with coefficient * monomial for every term. */
export function forEachTerm(
  { exponents, coefficients }: NumericPolynomial,
  powers: readonly CoordinatePowers[],
  visit: (re: number, im: number, term: number) => void,
): void {
  exponents.forEach((exponent, term) => {
    let re = coefficients[2 * term] ?? 0;
    let im = coefficients[2 * term + 1] ?? 0;
    powers.forEach((power, variable) => {
      const degree = exponent[variable] ?? 0;
      if (degree > 0) {
        const powerRe = power.re[degree] ?? 0;
        const powerIm = power.im[degree] ?? 0;
        [re, im] = [re * powerRe - im * powerIm, re * powerIm + im * powerRe];
      }
    });
    visit(re, im, term);
  });
}

function powersOf(re: number, im: number, highest: number): CoordinatePowers {
  const powers = { re: [1], im: [0] };
  for (let exponent = 1; exponent <= highest; exponent += 1) {
    const lastRe = powers.re[exponent - 1] ?? 1;
    const lastIm = powers.im[exponent - 1] ?? 0;
    powers.re.push(lastRe * re - lastIm * im);
    powers.im.push(lastRe * im + lastIm * re);
  }
  return powers;
}
