/**
 * Makes the canonical form of a system and refuses what no solver could take.
 *
 * The one door to a `PolynomialSystem`: parsers and programs that build systems from terms both
 * come through here, so every consumer may rely on what system.ts promises.
 */
import { SystemError } from './errors.js';
import { isCoefficientInRange, MAX_DEGREE, MAX_VARIABLES } from './limits.js';
import { addInto, keyOf, monomial, toTerms, type SparsePolynomial } from './sparse.js';
import type { PolynomialSystem, Term } from './system.js';

/** What a system is made of; terms may repeat, vanish and come in any order. */
export interface SystemParts {
  readonly name: string;
  readonly variables: readonly string[];
  readonly polynomials: readonly (readonly Term[])[];
  /** How messages name equation k; default "equation k+1". */
  readonly labels?: readonly string[];
  /** What must not be 0: see `PolynomialSystem`; may repeat. Default: nothing. */
  readonly excluded?: readonly (readonly Term[])[];
  /** Whether there may be fewer equations than unknowns. Default false. */
  readonly mayBeSliced?: boolean;
}

/**
 * Collects equal monomials, drops zero terms, sorts, and checks.
 *
 * @throws SystemError codes no-variables, variable-name, zero-equation, constant-equation,
 *   degree, exponent, coefficient, not-square (fewer equations than unknowns)
 */
export function createSystem({
  name,
  variables,
  polynomials,
  labels,
  excluded = [],
  mayBeSliced = false,
}: SystemParts): PolynomialSystem {
  checkVariables(variables);
  const canonical = polynomials.map((terms, index) => {
    const label = labels?.[index] ?? `equation ${index + 1}`;
    const sorted = canonicalTerms(terms, variables.length, label);
    checkSupport(sorted, label);
    checkCoefficients(sorted, label);
    return sorted;
  });
  if (polynomials.length < variables.length && !mayBeSliced)
    checkSquare(polynomials.length, variables);
  const degrees = canonical.map((terms) => totalDegree(terms));
  const divisors = distinctDivisors(excluded, variables.length);
  return {
    name,
    variables: [...variables],
    polynomials: canonical,
    degrees,
    ...(divisors.length > 0 && { excluded: divisors }),
  };
}

/** In canonical form, each once. */
export function distinctDivisors(
  divisors: readonly (readonly Term[])[],
  symbolCount: number,
): (readonly Term[])[] {
  const distinct = new Map(divisors.map((terms) => [keyOf(terms), terms]));
  return Array.from(distinct.values(), (terms) =>
    canonicalTerms(terms, symbolCount, 'what an equation divides by'),
  );
}

/** Decreasing total degree, then lexicographically decreasing exponents. */
export function compareExponents(a: readonly number[], b: readonly number[]): number {
  const byDegree = sum(b) - sum(a);
  if (byDegree !== 0) {
    return byDegree;
  }
  const first = a.findIndex((exponent, k) => exponent !== b[k]);
  return first < 0 ? 0 : (b[first] ?? 0) - (a[first] ?? 0);
}

/** Highest sum of exponents of a polynomial's terms; 0 for no terms. */
export function totalDegree(terms: readonly { readonly exponents: readonly number[] }[]): number {
  return terms.reduce((degree, { exponents }) => Math.max(degree, sum(exponents)), 0);
}

/** Checks that there are unknowns with distinct, non-empty names. */
export function checkVariables(variables: readonly string[]): void {
  if (variables.length === 0) {
    throw new SystemError(
      'no-variables',
      'the system has no unknowns; write equations in at least one unknown',
    );
  }
  if (variables.length > MAX_VARIABLES) {
    throw new SystemError(
      'too-many-variables',
      `the system has ${variables.length} unknowns, more than ${MAX_VARIABLES}: split it into smaller systems`,
    );
  }
  const seen = new Set<string>();
  variables.forEach((variable) => {
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(variable)) {
      throw new SystemError(
        'variable-name',
        `"${variable}" cannot name an unknown; use letters, digits and _, a letter first`,
      );
    }
    if (seen.has(variable)) {
      throw new SystemError(
        'variable-name',
        `the unknown "${variable}" is declared twice; give every unknown its own name`,
      );
    }
    seen.add(variable);
  });
}

/** Checks that there are as many equations as unknowns. */
export function checkSquare(equationCount: number, variables: readonly string[]): void {
  if (equationCount === variables.length) return;
  const names = variables.length > 12 ? '' : ` (${variables.join(', ')})`;
  const missing = variables.length - equationCount;
  throw new SystemError(
    'not-square',
    `the system has ${counted(equationCount, 'equation')} in ` +
      `${counted(variables.length, 'unknown')}${names}; ` +
      (missing > 0
        ? `its solutions, if there are any, form sets of dimension ${missing} or more: add ` +
          `${counted(missing, 'equation')}, or let random linear ones be added for points of each set (--slice, \`slice\`)`
        : 'as many equations as unknowns are needed: remove equations'),
  );
}

/** Checks that a polynomial depends on the unknowns and has an admissible degree. */
export function checkSupport(
  terms: readonly { readonly exponents: readonly number[] }[],
  label: string,
): void {
  const degree = totalDegree(terms);
  if (terms.length === 0) {
    throw new SystemError(
      'zero-equation',
      `${label} is 0 = 0 after expansion; remove it or replace it by another equation`,
    );
  }
  if (degree === 0) {
    throw new SystemError(
      'constant-equation',
      `${label} is a constant without unknowns and has no solution; remove or correct it`,
    );
  }
  if (degree > MAX_DEGREE) {
    throw new SystemError(
      'degree',
      `${label} has total degree ${degree}, above the limit of ${MAX_DEGREE}; lower it, for ` +
        'example with a new unknown for a power',
    );
  }
}

function checkCoefficients(terms: readonly Term[], label: string): void {
  if (!terms.every(({ coefficient }) => isCoefficientInRange(coefficient))) {
    throw new SystemError(
      'coefficient',
      `${label} has a coefficient outside 1e-300 .. 1e300; rescale the equation or its unknowns`,
    );
  }
}

/**
 * Collects equal monomials, drops zero terms and sorts.
 *
 * @param symbolCount length that every exponent vector must have
 * @throws SystemError codes exponent, degree, too-many-terms
 */
export function canonicalTerms(terms: readonly Term[], symbolCount: number, label: string): Term[] {
  const polynomial: SparsePolynomial = new Map();
  for (const { exponents, coefficient } of terms) {
    const isWhole = exponents.every((exponent) => Number.isInteger(exponent) && exponent >= 0);
    if (!isWhole || exponents.length !== symbolCount) {
      throw new SystemError(
        'exponent',
        `${label} has the exponents [${exponents.join(', ')}]; ${symbolCount} whole numbers ` +
          '>= 0 are needed, one for each symbol',
      );
    }
    if (sum(exponents) > MAX_DEGREE) {
      checkSupport([{ exponents }], label);
    }
    addInto(polynomial, monomial(exponents, coefficient), false);
  }
  return toTerms(polynomial).sort((a, b) => compareExponents(a.exponents, b.exponents));
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
