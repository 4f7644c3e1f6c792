/**
 * The support test: can every monomial of every equation be formed by its product of linear factors?
 *
 * A monomial is placed when its variable occurrences (x^e counts e times) go to distinct factors
 * that have the variable: a bipartite matching. Comparing degrees variable by variable, as PHCpack
 * does, is necessary but not sufficient (x1*x2 against {x1 x2}{x3}), and a structure that
 * fails the matching loses solutions silently.
 *
 * Source: Verschelde & Cools 1993, definition 2.1; Kuhn's augmenting paths for the matching.
 */
import { formatMonomial, StructureError } from './product-structure.js';
import type { ProductStructure, SystemExponents } from './product-structure.js';

/** Whether one monomial can be placed; `factors` are the variable sets of its equation. */
export function isPlaceable(
  factors: readonly (readonly number[])[],
  monomial: readonly number[],
): boolean {
  const having: number[][] = monomial.map((exponent, variable) =>
    exponent === 0
      ? []
      : factors.flatMap((set, factor) => (set.includes(variable) ? [factor] : [])),
  );
  const owner = new Int32Array(factors.length).fill(-1);
  const augment = (variable: number, seen: Uint8Array): boolean => {
    for (const factor of having[variable]!) {
      if (seen[factor]) continue;
      seen[factor] = 1;
      if (owner[factor]! < 0 || augment(owner[factor]!, seen)) {
        owner[factor] = variable;
        return true;
      }
    }
    return false;
  };
  return monomial.every((exponent, variable) => {
    for (let occurrence = 0; occurrence < exponent; occurrence++) {
      if (!augment(variable, new Uint8Array(factors.length))) return false;
    }
    return true;
  });
}

/** The monomials of one equation that divide no other monomial of it: placing these places all. */
export function maximalMonomials(
  monomials: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const degree = (monomial: readonly number[]): number =>
    monomial.reduce((sum, exponent) => sum + exponent, 0);
  const byDegree = [...monomials].sort((a, b) => degree(b) - degree(a));
  const kept: (readonly number[])[] = [];
  for (const monomial of byDegree) {
    if (
      !kept.some((other) => monomial.every((exponent, variable) => exponent <= other[variable]!))
    ) {
      kept.push(monomial);
    }
  }
  return kept;
}

/** The first monomial that no product of the structure's factors contains, or undefined. */
export function findUnsupportedMonomial(
  structure: ProductStructure,
  exponents: SystemExponents,
): { equation: number; monomial: readonly number[] } | undefined {
  for (let equation = 0; equation < exponents.length; equation++) {
    const factors = structure[equation] ?? [];
    const monomial = maximalMonomials(exponents[equation]!).find(
      (candidate) => !isPlaceable(factors, candidate),
    );
    if (monomial) return { equation, monomial };
  }
  return undefined;
}

/** Whether the structure supports the system: the condition of the theorem that every isolated solution is reached. */
export function supportsSystem(structure: ProductStructure, exponents: SystemExponents): boolean {
  return (
    structure.length === exponents.length &&
    findUnsupportedMonomial(structure, exponents) === undefined
  );
}

/**
 * Checks the structure's form and its support of the system.
 *
 * @param variables names for the message
 * @throws StructureError naming the equation and the monomial that cannot be placed
 */
export function assertSupports(
  structure: ProductStructure,
  exponents: SystemExponents,
  variables?: readonly string[],
): void {
  assertWellFormed(structure, exponents.length);
  const missing = findUnsupportedMonomial(structure, exponents);
  if (!missing) return;
  throw new StructureError(
    `The structure does not support the system: the factors of equation ${missing.equation + 1} cannot form the ` +
      `monomial ${formatMonomial(missing.monomial, variables)}. Each occurrence of a variable needs its own set that ` +
      'has the variable: add the variable to more sets, or add a set.',
    missing.equation,
    missing.monomial,
  );
}

/**
 * Checks counts, indices and emptiness; n equations in n variables.
 *
 * @throws StructureError
 */
export function assertWellFormed(structure: ProductStructure, variableCount: number): void {
  if (structure.length !== variableCount) {
    throw new StructureError(
      `The structure has ${structure.length} equations, the system has ${variableCount}: give one list of sets per equation.`,
    );
  }
  structure.forEach((factors, equation) => {
    if (factors.length === 0) {
      throw new StructureError(
        `Equation ${equation + 1} of the structure has no sets: give at least one.`,
        equation,
      );
    }
    for (const set of factors) {
      if (set.length === 0) {
        throw new StructureError(
          `Equation ${equation + 1} of the structure has an empty set: every set needs at least one variable.`,
          equation,
        );
      }
      if (new Set(set).size !== set.length) {
        throw new StructureError(
          `A set of equation ${equation + 1} of the structure repeats a variable.`,
          equation,
        );
      }
      const outside = set.find(
        (variable) => !Number.isInteger(variable) || variable < 0 || variable >= variableCount,
      );
      if (outside !== undefined) {
        throw new StructureError(
          `A set of equation ${equation + 1} of the structure has variable index ${outside}; ` +
            `indices run from 0 to ${variableCount - 1}.`,
          equation,
        );
      }
    }
  });
}
