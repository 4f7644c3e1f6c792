/**
 * Sparse polynomials under construction: sums, products and powers with guards on their growth.
 *
 * A polynomial is a map from packed exponents (one UTF-16 unit per symbol, its code is the
 * exponent) to a non-zero exact coefficient. Packed keys make equal monomials equal strings, so
 * collecting terms is one map look-up; exponents stay far below 65536 because every product is
 * checked against MAX_DEGREE before it is made.
 */
import Fraction from 'fraction.js';

import { LpsError } from '../math/lps-error.js';
import {
  addExact,
  commonDenominator,
  isZero,
  multiplyExact,
  negateExact,
  ONE,
  powerExact,
  ZERO,
} from './exact.js';
import { MAX_DEGREE, MAX_TERM_PRODUCTS, MAX_TERMS } from './limits.js';
import type { ExactComplex, Term } from './system.js';

/** Packed exponents -> coefficient; no zero coefficients. */
export type SparsePolynomial = Map<string, ExactComplex>;

/** Why an expansion was stopped; whoever knows the place in the text makes the message. */
export class ExpansionLimit extends LpsError {
  override readonly kind = 'limit';
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
  const polynomial: SparsePolynomial = new Map();
  if (!isZero(coefficient)) {
    polynomial.set(String.fromCharCode(...exponents), coefficient);
  }
  return polynomial;
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

/**
 * a b
 *
 * Over common denominators, so that only the terms of the result cost a gcd and not every
 * product: 40 times faster on (1/3 + 0.123456789 a + ...)^16 (1 + a/7 + ...)^16.
 */
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
  if (a.size === 1 && b.size === 1) {
    return multiplyMonomials(a, b);
  }
  const left = toIntegers(a);
  const right = toIntegers(b);
  const product = new Map<string, Gaussian>();
  for (const [keyA, x] of left.terms) {
    for (const [keyB, y] of right.terms) {
      const key = multiplyKeys(keyA, keyB);
      const sum = product.get(key);
      if (sum === undefined) {
        product.set(key, multiplyGaussian(x, y));
      } else {
        const addend = multiplyGaussian(x, y);
        product.set(key, { re: sum.re + addend.re, im: sum.im + addend.im });
      }
    }
    checkTermCount(product);
  }
  return fromIntegers(product, left.denominator * right.denominator);
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

/** The same for equal polynomials, whatever the order of their terms. */
export function keyOf(terms: readonly Term[]): string {
  return terms
    .map(
      ({ exponents, coefficient: { re, im } }) =>
        `${exponents.join()}:${re.toFraction()},${im.toFraction()}`,
    )
    .sort()
    .join(';');
}

/** A Gaussian integer. */
interface Gaussian {
  readonly re: bigint;
  readonly im: bigint;
}

function toIntegers(polynomial: SparsePolynomial): {
  terms: [string, Gaussian][];
  denominator: bigint;
} {
  const denominator = commonDenominator(polynomial.values());
  const terms = Array.from(polynomial, ([key, { re, im }]): [string, Gaussian] => [
    key,
    { re: re.s * re.n * (denominator / re.d), im: im.s * im.n * (denominator / im.d) },
  ]);
  return { terms, denominator };
}

function fromIntegers(terms: Map<string, Gaussian>, denominator: bigint): SparsePolynomial {
  const polynomial: SparsePolynomial = new Map();
  for (const [key, { re, im }] of terms) {
    if (re !== 0n || im !== 0n) {
      polynomial.set(key, {
        re: new Fraction(re, denominator),
        im: im === 0n ? ZERO.im : new Fraction(im, denominator),
      });
    }
  }
  return polynomial;
}

function multiplyGaussian(a: Gaussian, b: Gaussian): Gaussian {
  if (a.im === 0n && b.im === 0n) {
    return { re: a.re * b.re, im: 0n };
  }
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function multiplyMonomials(a: SparsePolynomial, b: SparsePolynomial): SparsePolynomial {
  const product: SparsePolynomial = new Map();
  for (const [keyA, coefficientA] of a) {
    for (const [keyB, coefficientB] of b) {
      product.set(multiplyKeys(keyA, keyB), multiplyExact(coefficientA, coefficientB));
    }
  }
  return product;
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

function checkTermCount(polynomial: ReadonlyMap<string, unknown>): void {
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
