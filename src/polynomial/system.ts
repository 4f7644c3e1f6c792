/**
 * The canonical sparse form of a polynomial system: exact, sorted, without zero terms.
 *
 * Every parser ends here and every consumer starts here. Coefficients stay exact rationals
 * (Gaussian rationals a + b i) until `toNumeric` rounds them once.
 */
import type Fraction from 'fraction.js';

/** An exact Gaussian rational re + im i. */
export interface ExactComplex {
  readonly re: Fraction;
  readonly im: Fraction;
}

/** coefficient * x_0^exponents[0] * ... * x_{n-1}^exponents[n-1]; the coefficient is never zero. */
export interface Term {
  readonly coefficient: ExactComplex;
  readonly exponents: readonly number[];
}

/** A polynomial system f = 0 of n equations in n unknowns, or more (`solve` alone takes these). */
export interface PolynomialSystem {
  readonly name: string;
  /** The n unknowns, in the order of every coordinate vector of a result. */
  readonly variables: readonly string[];
  /** n polynomials or more; terms by decreasing total degree, then lexicographically decreasing exponents. */
  readonly polynomials: readonly (readonly Term[])[];
  /** Total degree of each polynomial, all >= 1. */
  readonly degrees: readonly number[];
  /**
   * What equations divided by before they were cleared of it; absent where none did. A zero of the polynomials where one of
   * these is 0 is no solution of the system.
   */
  readonly excluded?: readonly (readonly Term[])[];
}

/** The same system with its coefficients rounded to f64: what the trackers consume. */
export interface NumericSystem {
  readonly variables: readonly string[];
  readonly equations: readonly NumericPolynomial[];
}

export interface NumericPolynomial {
  /** One exponent vector (length n) per term. */
  readonly exponents: readonly (readonly number[])[];
  /** Interleaved re, im: length 2 * terms. */
  readonly coefficients: Float64Array;
  /**
   * What rounding to f64 took from each part, rounded: coefficients + low is right to 32 digits. A part is
   * 0 only when nothing was taken; absent when all parts are.
   */
  readonly low?: Float64Array;
}
