/**
 * The one decision a solve makes before it draws a coefficient: which start system.
 *
 * `auto` takes the fewest paths; on ties the start that is cheapest to evaluate and to hold:
 * x_i^d_i - c_i, then a partition (its home is a product of projective spaces, where fewer paths go
 * to infinity), then general products.
 */
import type { PolynomialSystem } from '../../polynomial/system.js';
import { StructureError } from './product-structure.js';
import type { ProductStructure, StartPlan, SystemExponents } from './product-structure.js';
import type { Partition } from './partition.js';
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import {
  findStructureStepwise,
  linearProductPlan,
  multihomogeneousPlan,
  totalDegreePlan,
} from './search.js';
import { findPartitionStepwise } from './partition.js';
import { assertSupports } from './support.js';

export type StartKind = 'auto' | 'lps' | 'multihomogeneous' | 'total-degree';

export interface StartOptions {
  /** Default 'auto'; 'lps' when a structure is given, 'multihomogeneous' when a partition is given. */
  readonly start?: StartKind;
  /** The caller's product structure; it must support the system. */
  readonly structure?: ProductStructure;
  /** The caller's groups of variables, disjoint and covering all. */
  readonly partition?: Partition;
  /** Seed of the search, integer 0..2^53-1 (default 1). */
  readonly seed?: number;
}

/** exponents[equation][term][variable] of a parsed system. */
export function systemExponents(system: PolynomialSystem): SystemExponents {
  return system.polynomials.map((terms) => terms.map((term) => term.exponents));
}

/** What is left to search when the options do not fix the start: plain data, so that a worker can do it. */
export interface StartSearch {
  readonly exponents: SystemExponents;
  readonly start: 'auto' | 'lps' | 'multihomogeneous';
  readonly seed?: number;
  /** Of the search of a general linear product: see `SearchOptions`. */
  readonly effort?: number;
}

/**
 * Chooses the start system.
 *
 * @throws StructureError when the options contradict each other, or a given structure or partition
 *   does not fit the system (equation and monomial named)
 */
export function chooseStart(system: PolynomialSystem, options: StartOptions = {}): StartPlan {
  const chosen = startOrSearch(system, options);
  return 'exponents' in chosen ? foundStart(system, atOnce(searchStart(chosen))) : chosen;
}

/** The start that the options fix, or what has to be searched (`searchStart`, then `foundStart`). */
export function startOrSearch(
  system: PolynomialSystem,
  options: StartOptions,
): StartPlan | StartSearch {
  const exponents = systemExponents(system);
  const { structure, partition } = options;
  if (exponents.length !== system.variables.length) {
    throw new StructureError(
      `The system has ${exponents.length} equations in ${system.variables.length} unknowns: a start system has as many ` +
        'as unknowns. `solve` makes random combinations of the equations.',
    );
  }
  if (structure && partition) {
    throw new StructureError(
      'Give a structure or a partition, not both: each fixes the start system.',
    );
  }
  const start = options.start ?? (structure ? 'lps' : partition ? 'multihomogeneous' : 'auto');
  if (structure) {
    if (start !== 'lps' && start !== 'auto') {
      throw new StructureError(
        `A structure was given, but the start is '${start}': use 'lps' or leave one of them out.`,
      );
    }
    assertSupports(structure, exponents, system.variables);
    return givenStructurePlan(structure);
  }
  if (partition) {
    if (start !== 'multihomogeneous' && start !== 'auto') {
      throw new StructureError(
        `A partition was given, but the start is '${start}': use 'multihomogeneous' or leave one of them out.`,
      );
    }
    assertPartition(partition, system.variables);
    return multihomogeneousPlan(exponents, partition);
  }
  if (start === 'total-degree') return totalDegreePlan(exponents);
  return { exponents, start, ...(options.seed !== undefined && { seed: options.seed }) };
}

/** @returns undefined when the system is too large for the search of a general linear product. */
export function* searchStart({
  exponents,
  start,
  ...options
}: StartSearch): Stepwise<StartPlan | undefined> {
  if (start === 'multihomogeneous') {
    const { partition } = yield* findPartitionStepwise(exponents);
    return multihomogeneousPlan(exponents, partition);
  }
  const search = yield* findStructureStepwise(exponents, options);
  return start === 'auto' ? search.best : search.candidates.find((plan) => plan.kind === 'lps');
}

/** What `searchStart` found. @throws StructureError when it found nothing. */
export function foundStart(system: PolynomialSystem, plan: StartPlan | undefined): StartPlan {
  if (plan) return plan;
  throw new StructureError(
    `The search for a general linear product handles up to 31 variables and degrees up to 31; this system has ` +
      `${system.variables.length} variables and degree ${Math.max(...system.degrees)}. ` +
      "Give a structure, or use start 'auto'.",
  );
}

/** A structure whose sets are whole groups of several is multihomogeneous. */
function givenStructurePlan(structure: ProductStructure): StartPlan {
  const plan = linearProductPlan(
    structure.map((factors) => factors.map((set) => [...set].sort((a, b) => a - b))),
  );
  const whole = new Set(plan.groups.map((group) => group.join()));
  const isPartition =
    plan.groups.length > 1 && plan.structure.flat().every((set) => whole.has(set.join()));
  return isPartition ? { ...plan, kind: 'multihomogeneous' } : plan;
}

function assertPartition(partition: Partition, variables: readonly string[]): void {
  const seen = new Set<number>();
  for (const group of partition) {
    if (group.length === 0)
      throw new StructureError('The partition has an empty group: give each group a variable.');
    for (const variable of group) {
      if (!Number.isInteger(variable) || variable < 0 || variable >= variables.length) {
        throw new StructureError(
          `The partition has variable index ${variable}; indices run from 0 to ${variables.length - 1}.`,
        );
      }
      if (seen.has(variable)) {
        throw new StructureError(
          `The partition has ${variables[variable]} in two groups: each variable belongs to one.`,
        );
      }
      seen.add(variable);
    }
  }
  const missing = variables.find((_, variable) => !seen.has(variable));
  if (missing !== undefined) {
    throw new StructureError(
      `The partition leaves out ${missing}: every variable belongs to one group.`,
    );
  }
}
