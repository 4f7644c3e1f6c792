/**
 * Exact calculus on canonical polynomials: derivatives, values and supports.
 */
import { addExact, exactReal, multiplyExact, powerExact, ZERO } from './exact.js';
import type { ExactComplex, PolynomialSystem, Term } from './system.js';

/**
 * The derivative of a polynomial; may have no terms. Keeps the canonical order.
 *
 * @param variable 0-based index of the unknown
 */
export function differentiate(terms: readonly Term[], variable: number): Term[] {
  return terms.flatMap(({ coefficient, exponents }) => {
    const exponent = exponents[variable] ?? 0;
    if (exponent === 0) {
      return [];
    }
    return {
      coefficient: multiplyExact(coefficient, exactReal(BigInt(exponent))),
      exponents: exponents.map((each, k) => (k === variable ? each - 1 : each)),
    };
  });
}

/** The exact value of a polynomial at a point with one coordinate per unknown. */
export function evaluateTerms(
  terms: readonly Term[],
  point: readonly ExactComplex[],
): ExactComplex {
  let value = ZERO;
  for (const { coefficient, exponents } of terms) {
    let product = coefficient;
    point.forEach((coordinate, k) => {
      const exponent = exponents[k] ?? 0;
      if (exponent > 0) {
        product = multiplyExact(product, powerExact(coordinate, exponent));
      }
    });
    value = addExact(value, product);
  }
  return value;
}

/** f(point), exactly, one value per equation. */
export function evaluateExact(
  system: PolynomialSystem,
  point: readonly ExactComplex[],
): ExactComplex[] {
  return system.polynomials.map((terms) => evaluateTerms(terms, point));
}

/** The exponent vectors of every equation: supports(system)[equation][term][variable]. */
export function supports(system: PolynomialSystem): (readonly number[])[][] {
  return system.polynomials.map((terms) => terms.map(({ exponents }) => exponents));
}

/** The degree of every equation in every unknown: degreesByVariable(system)[equation][variable]. */
export function degreesByVariable(system: PolynomialSystem): number[][] {
  return system.polynomials.map((terms) =>
    system.variables.map((_, variable) =>
      terms.reduce((degree, { exponents }) => Math.max(degree, exponents[variable] ?? 0), 0),
    ),
  );
}
