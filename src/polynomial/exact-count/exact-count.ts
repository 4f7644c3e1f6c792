/**
 * The exact number of solutions of a polynomial system, counted modulo a prime.
 *
 * The solutions, with multiplicity, are as many as the monomials outside the leading monomials of
 * a Groebner basis. Modulo p this is the count over the rationals for all but finitely many p. For
 * a prime near 2^31 chosen without regard to the system the exceptions are rare, but a coefficient
 * may be a multiple of it by design or accident: where a count contradicts other evidence, ask a
 * second prime. Nothing here needs Node: it is to run in a worker as well.
 *
 * Of 105 systems (test data, hard cases, small networks) 101 are decided within 1 s, 93 of them
 * within 50 ms; katsura-9 and cyclic-7 take 0.5 s, katsura-10 and redcyc8 2 to 3 s.
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import type { ExactComplex, PolynomialSystem } from '../system.js';
import { Budget, BudgetExceeded } from './budget.js';
import { countDistinctZeros } from './distinct-zeros.js';
import {
  groebnerBasis,
  leadingMonomials,
  type ModularPolynomial,
  type ModularSystem,
} from './groebner.js';
import { nonsingularZeros } from './nonsingular-zeros.js';
import { PrimeField } from './prime-field.js';
import { dimension, staircaseSize } from './staircase.js';

export type { ModularSystem } from './groebner.js';

/** Primes to try in order when all coefficients are real: the largest below 2^31. */
export const REAL_PRIMES: readonly number[] = [
  2147483647, 2147483629, 2147483587, 2147483579, 2147483563, 2147483549,
];

/** Primes to try in order for complex coefficients: the largest below 2^31 that are 1 modulo 4. */
export const COMPLEX_PRIMES: readonly number[] = [
  2147483629, 2147483549, 2147483497, 2147483489, 2147483477, 2147483353,
];

const DEFAULT_MEGABYTES = 256;

export interface CountLimits {
  /** Of 100,000 elementary steps each, so that every machine decides the same. */
  readonly milliseconds: number;
  /** By the clock; default: any. */
  readonly clockMilliseconds?: number;
  /** Of memory for the computation, estimated; default 256. */
  readonly megabytes?: number;
  /** Whether different solutions are counted, too; default false. */
  readonly distinct?: boolean;
}

/** Monomials of a total degree of 2^15 or more count as out of memory. */
export type CountStatus = 'decided' | 'out of time' | 'out of memory' | 'no suitable prime';

export interface ExactCount {
  /** -1: no solution; 0: finitely many; otherwise infinitely many. Null when not decided. */
  readonly dimension: number | null;
  /** Solutions with multiplicity; null when infinitely many or not decided. */
  readonly count: number | null;
  /** Different solutions; null when not asked for, or when time or memory ended after `count` was decided. */
  readonly distinct: number | null;
  /**
   * Of n equations in n unknowns with infinitely many solutions: those where the Jacobian matrix is regular, which are
   * isolated; null otherwise, or when time or memory ended after `dimension` was decided.
   */
  readonly nonsingular: number | null;
  /** The prime modulo which it was counted. */
  readonly prime: number | null;
  readonly status: CountStatus;
}

/**
 * The system modulo a prime, without the terms that vanish; the imaginary unit becomes a square
 * root of -1.
 *
 * @param prime below 2^31
 * @returns null when the prime does not fit: it divides a denominator, or a coefficient is not real
 *   and the prime is not 1 modulo 4
 */
export function reduceModulo(system: PolynomialSystem, prime: number): ModularSystem | null {
  const field = new PrimeField(prime);
  const imaginaryUnit = isReal(system) ? 0 : field.imaginaryUnit();
  if (imaginaryUnit === null) {
    return null;
  }
  const polynomials: ModularPolynomial[] = [];
  for (const terms of system.polynomials) {
    const reduced = terms.map(({ coefficient, exponents }) => ({
      coefficient: reduceCoefficient(coefficient, field, imaginaryUnit),
      exponents,
    }));
    if (reduced.some(({ coefficient }) => coefficient === null)) {
      return null;
    }
    const remaining = reduced.filter(({ coefficient }) => coefficient !== 0);
    polynomials.push({
      exponents: Uint8Array.from(remaining.flatMap(({ exponents }) => exponents)),
      coefficients: Uint32Array.from(remaining, ({ coefficient }) => coefficient ?? 0),
    });
  }
  return { variables: system.variables.length, prime, polynomials };
}

/**
 * Dimension and number of solutions of a system modulo its prime, in the algebraic closure.
 *
 * Blocks until decided or until a limit is reached.
 */
export function countModulo(system: ModularSystem, limits: CountLimits): ExactCount {
  return atOnce(countModuloStepwise(system, limits));
}

/** The same, step by step. */
export function* countModuloStepwise(
  system: ModularSystem,
  limits: CountLimits,
): Stepwise<ExactCount> {
  const { variables, prime, polynomials } = system;
  let decided: ExactCount | null = null;
  try {
    const budget = new Budget({ megabytes: DEFAULT_MEGABYTES, ...limits });
    const basis = yield* groebnerBasis(polynomials, variables, prime, budget);
    const leading = leadingMonomials(basis);
    const found = dimension(leading, variables, budget);
    const count = found > 0 ? null : staircaseSize(leading, variables, budget);
    const open = { distinct: null, nonsingular: null, prime, status: 'decided' } as const;
    decided = { dimension: found, count, ...open };
    if (count === null) {
      if (polynomials.length !== variables) return decided;
      return { ...decided, nonsingular: yield* countNonsingular(system, budget) };
    }
    if (!limits.distinct) return decided;
    const distinct = count === 0 ? 0 : yield* countDistinctZeros(basis, count, budget);
    return { ...decided, distinct };
  } catch (error) {
    if (error instanceof BudgetExceeded) {
      return decided ?? { ...NOTHING, prime, status: error.reason };
    }
    throw error;
  }
}

/**
 * Counts modulo the first suitable prime, or after `attempt` of those modulo the next one.
 *
 * @param attempt 0, 1, ...: each chooses another prime, as long as there are any
 */
export function countSolutions(
  system: PolynomialSystem,
  limits: CountLimits,
  attempt = 0,
): ExactCount {
  const reduced = reduceSuitably(system, attempt);
  return reduced === null ? NO_SUITABLE_PRIME : countModulo(reduced, limits);
}

const NOTHING = { dimension: null, count: null, distinct: null, nonsingular: null, prime: null };

export const NO_SUITABLE_PRIME: ExactCount = { ...NOTHING, status: 'no suitable prime' };

function* countNonsingular(system: ModularSystem, budget: Budget): Stepwise<number> {
  const { variables, prime, polynomials } = yield* nonsingularZeros(system, budget);
  const basis = yield* groebnerBasis(polynomials, variables, prime, budget);
  return staircaseSize(leadingMonomials(basis), variables, budget);
}

/** The system modulo the first suitable prime, or after `attempt` of those the next one; null when there is none. */
export function reduceSuitably(system: PolynomialSystem, attempt: number): ModularSystem | null {
  let skipped = 0;
  for (const prime of isReal(system) ? REAL_PRIMES : COMPLEX_PRIMES) {
    const reduced = reduceModulo(system, prime);
    if (reduced === null) continue;
    if (skipped === attempt) return reduced;
    skipped += 1;
  }
  return null;
}

function isReal(system: PolynomialSystem): boolean {
  return system.polynomials.every((terms) =>
    terms.every(({ coefficient }) => coefficient.im.n === 0n),
  );
}

/** Null when the prime divides a denominator. */
function reduceCoefficient(
  { re, im }: ExactComplex,
  field: PrimeField,
  imaginaryUnit: number,
): number | null {
  const denominators = [field.fromInteger(re.d), field.fromInteger(im.d)] as const;
  if (denominators.includes(0)) {
    return null;
  }
  const real = field.multiply(field.fromInteger(re.s * re.n), field.invert(denominators[0]));
  if (im.n === 0n) {
    return real;
  }
  const imaginary = field.multiply(field.fromInteger(im.s * im.n), field.invert(denominators[1]));
  return (real + field.multiply(imaginary, imaginaryUnit)) % field.prime;
}
