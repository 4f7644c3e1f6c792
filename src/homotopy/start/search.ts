/**
 * All kinds of starts for one system, side by side.
 *
 * No heuristic is best everywhere (a multihomogeneous partition may count more than the total degree, a
 * general product more than a partition), so every kind is computed and the caller takes the minimum.
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import { countStartSolutions } from './choice-graph.js';
import { searchLinearProduct } from './linear-product-search.js';
import type { MaskStructure } from './linear-product-search.js';
import { findPartitionStepwise, partitionStructure } from './partition.js';
import type { Partition } from './partition.js';
import type { ProductStructure, StartPlan, SystemExponents } from './product-structure.js';

export interface SearchOptions {
  /** Seed of the random placements, integer 0..2^53-1; the same seed gives the same structures. */
  readonly seed?: number;
  /** Random placements tried (default 30). */
  readonly restarts?: number;
  /** Most effort for a general linear product, in steps of about 0.3 us; default: what the paths allow. */
  readonly effort?: number;
}

export interface StructureSearch {
  /** The cheapest start: fewest paths, on ties total degree before multihomogeneous before lps. */
  readonly best: StartPlan;
  /** The best start of each kind, cheapest first; `lps` is missing when the system is too large for the search. */
  readonly candidates: readonly StartPlan[];
  /** Structures whose count was computed, all kinds together. */
  readonly considered: number;
}

const KIND_RANK = { 'total-degree': 0, multihomogeneous: 1, lps: 2 } as const;

/** Total degree with the univariate start x_i^{d_i} - c_i. */
export function totalDegreePlan(exponents: SystemExponents): StartPlan {
  const all = exponents.map((_, variable) => variable);
  const degrees = exponents.map((terms) =>
    Math.max(...terms.map((term) => term.reduce((sum, e) => sum + e, 0))),
  );
  return {
    kind: 'total-degree',
    structure: degrees.map((degree) => new Array<readonly number[]>(degree).fill(all)),
    groups: [all],
    paths: degrees.reduce((product, degree) => product * BigInt(degree), 1n),
    univariate: true,
  };
}

/** Multihomogeneous start for one partition of the variables. */
export function multihomogeneousPlan(exponents: SystemExponents, partition: Partition): StartPlan {
  const structure = partitionStructure(exponents, partition);
  // An equation without any of the variables has no factor at all: nothing to choose, no start solution.
  const paths = structure.every((factors) => factors.length > 0)
    ? countStartSolutions(structure)
    : 0n;
  return { kind: 'multihomogeneous', structure, groups: partition, paths, univariate: false };
}

/**
 * General linear product start. Its projective groups are the finest ones that no set crosses: with
 * more than one, the paths run in a product of projective spaces, as for a partition, and fewer go to infinity.
 */
export function linearProductPlan(structure: ProductStructure): StartPlan {
  return {
    kind: 'lps',
    structure,
    groups: connectedGroups(structure),
    paths: countStartSolutions(structure),
    univariate: false,
  };
}

/** Variables joined when they share a set; groups in order of their first variable. */
function connectedGroups(structure: ProductStructure): Partition {
  let groups: number[][] = structure.map((_, variable) => [variable]);
  for (const set of structure.flat()) {
    const joined = groups.filter((group) => group.some((variable) => set.includes(variable)));
    if (joined.length < 2) continue;
    const merged = joined.flat().sort((a, b) => a - b);
    groups = [...groups.filter((group) => !joined.includes(group)), merged];
  }
  return groups.sort((a, b) => a[0]! - b[0]!);
}

function toMasks(structure: ProductStructure): MaskStructure {
  return structure.map((factors) =>
    factors.map((set) => set.reduce((mask, variable) => mask | (1 << variable), 0)),
  );
}

function fromMasks(masks: MaskStructure): ProductStructure {
  return masks.map((sets) =>
    sets.map((mask) =>
      masks.map((_, variable) => variable).filter((variable) => (mask >>> variable) & 1),
    ),
  );
}

/**
 * Searches total degree, partitions and general linear products.
 *
 * @param exponents support of a square system: n equations, every term with n exponents
 * @returns the best plan of each kind
 */
export function findStructure(
  exponents: SystemExponents,
  options: SearchOptions = {},
): StructureSearch {
  return atOnce(findStructureStepwise(exponents, options));
}

/** `findStructure` as a computation that can be interrupted. */
export function* findStructureStepwise(
  exponents: SystemExponents,
  options: SearchOptions = {},
): Stepwise<StructureSearch> {
  const totalDegree = totalDegreePlan(exponents);
  // One path, or none: linear equations.
  if (totalDegree.paths <= 1n)
    return { best: totalDegree, candidates: [totalDegree], considered: 1 };
  const found = yield* findPartitionStepwise(exponents);
  const multihomogeneous = multihomogeneousPlan(exponents, found.partition);
  const candidates: StartPlan[] = [totalDegree, multihomogeneous];
  // A general product has deg f_i factors; a partition can be improved as one when it has as many.
  const starts = [totalDegree, multihomogeneous]
    .filter((plan) =>
      plan.structure.every((factors, i) => factors.length === totalDegree.structure[i]!.length),
    )
    .map((plan) => toMasks(plan.structure));
  const general = yield* searchLinearProduct(exponents, starts, {
    seed: 1,
    restarts: 30,
    ...options,
  });
  if (general) candidates.push(linearProductPlan(fromMasks(general.sets)));
  candidates.sort((a, b) =>
    a.paths === b.paths ? KIND_RANK[a.kind] - KIND_RANK[b.kind] : a.paths < b.paths ? -1 : 1,
  );
  return {
    best: candidates[0]!,
    candidates,
    considered: 1 + found.considered + (general?.considered ?? 0),
  };
}
