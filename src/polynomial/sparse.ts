/**
 * Sparse polynomials under construction: sums, products and powers with guards on their growth.
 *
 * A polynomial is a map from packed exponents (one UTF-16 unit per symbol, its code is the
 * exponent) to a non-zero exact coefficient. Packed keys make equal monomials equal strings, so
 * collecting terms is one map look-up; exponents stay far below 65536 because every product is
 * checked against MAX_DEGREE before it is made.
 */
import { addExact, isZero, multiplyExact, negateExact, ONE, powerExact } from './exact.js';
import { MAX_DEGREE, MAX_TERM_PRODUCTS, MAX_TERMS } from './limits.js';
import type { ExactComplex, Term } from './system.js';

/** Packed exponents -> coefficient; no zero coefficients. */
export type SparsePolynomial = Map<string, ExactComplex>;

/** Why an expansion was stopped; whoever knows the place in the text makes the message. */
export class ExpansionLimit extends Error {
  readonly code: 'degree' | 'too-many-terms';
  constructor(code: 'degree' | 'too-many-terms', message: string) {
    super(message);
    this.code = code;
  }
}

/** Counts term products over a whole system, so that many medium equations are guarded too. */
export interface ExpansionBudget {
  termProducts: number;
}

/** A polynomial of one term, or of none when the coefficient is zero. */
export function monomial(
  exponents: readonly number[],
  coefficient: ExactComplex,
): SparsePolynomial {
  const key = String.fromCharCode(...exponents);
  return isZero(coefficient) ? new Map() : new Map([[key, coefficient]]);
}

/** Adds addend, or subtracts it, to target in place. */
export function addInto(
  target: SparsePolynomial,
  addend: SparsePolynomial,
  negative: boolean,
): void {
  for (const [key, coefficient] of addend) {
    addTerm(target, key, negative ? negateExact(coefficient) : coefficient);
  }
  checkTermCount(target);
}

/** a b */
export function multiply(
  a: SparsePolynomial,
  b: SparsePolynomial,
  budget: ExpansionBudget,
): SparsePolynomial {
  checkDegree(degreeOf(a) + degreeOf(b));
  budget.termProducts += a.size * b.size;
  if (budget.termProducts > MAX_TERM_PRODUCTS) {
    throw new ExpansionLimit(
      'too-many-terms',
      `expanding takes more than ${MAX_TERM_PRODUCTS} products of terms`,
    );
  }
  const product: SparsePolynomial = new Map();
  for (const [keyA, coefficientA] of a) {
    for (const [keyB, coefficientB] of b) {
      addTerm(product, multiplyKeys(keyA, keyB), multiplyExact(coefficientA, coefficientB));
    }
    checkTermCount(product);
  }
  return product;
}

/**
 * base^exponent, exponent a whole number >= 0; 0^0 = 1.
 *
 * By repeated multiplication: for sums of several variables that takes fewer term products than
 * squaring, whose last product has two large factors.
 */
export function power(
  base: SparsePolynomial,
  exponent: number,
  symbolCount: number,
  budget: ExpansionBudget,
): SparsePolynomial {
  checkDegree(degreeOf(base) * exponent);
  const [only, ...others] = toTerms(base);
  if (only !== undefined && others.length === 0) {
    const exponents = only.exponents.map((each) => each * exponent);
    return monomial(exponents, powerExact(only.coefficient, exponent));
  }
  let result = monomial(new Array<number>(symbolCount).fill(0), ONE);
  for (let factor = 0; factor < exponent && result.size > 0; factor += 1) {
    result = multiply(result, base, budget);
  }
  return result;
}

/** The coefficient of a polynomial without symbols; null when a symbol occurs. */
export function constantValue(
  polynomial: SparsePolynomial,
  zero: ExactComplex,
): ExactComplex | null {
  if (polynomial.size === 0) {
    return zero;
  }
  if (polynomial.size > 1 || degreeOf(polynomial) > 0) {
    return null;
  }
  return polynomial.values().next().value ?? zero;
}

/** The terms in no particular order. */
export function toTerms(polynomial: SparsePolynomial): Term[] {
  return Array.from(polynomial, ([key, coefficient]) => ({ coefficient, exponents: unpack(key) }));
}

function addTerm(target: SparsePolynomial, key: string, coefficient: ExactComplex): void {
  const present = target.get(key);
  if (present === undefined) {
    target.set(key, coefficient);
    return;
  }
  const sum = addExact(present, coefficient);
  if (isZero(sum)) {
    target.delete(key);
  } else {
    target.set(key, sum);
  }
}

function degreeOf(polynomial: SparsePolynomial): number {
  let degree = 0;
  for (const key of polynomial.keys()) {
    degree = Math.max(
      degree,
      unpack(key).reduce((sum, exponent) => sum + exponent, 0),
    );
  }
  return degree;
}

function checkDegree(degree: number): void {
  if (degree > MAX_DEGREE) {
    throw new ExpansionLimit(
      'degree',
      `total degree ${degree} is above the limit of ${MAX_DEGREE}`,
    );
  }
}

function checkTermCount(polynomial: SparsePolynomial): void {
  if (polynomial.size > MAX_TERMS) {
    throw new ExpansionLimit('too-many-terms', `expanding gives more than ${MAX_TERMS} terms`);
  }
}

function multiplyKeys(a: string, b: string): string {
  const exponents = new Array<number>(a.length);
  for (let k = 0; k < a.length; k += 1) {
    exponents[k] = a.charCodeAt(k) + b.charCodeAt(k);
  }
  return String.fromCharCode(...exponents);
}

function unpack(key: string): number[] {
  const exponents = new Array<number>(key.length);
  for (let k = 0; k < key.length; k += 1) {
    exponents[k] = key.charCodeAt(k);
  }
  return exponents;
}
