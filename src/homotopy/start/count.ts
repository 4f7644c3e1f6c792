/** The generalised Bezout number of a product structure: how many paths its start system has. */
import { buildChoiceGraph } from './choice-graph.js';
import type { ProductStructure } from './product-structure.js';

/**
 * Number of start solutions = choices of one factor per equation with distinct representatives.
 * An upper bound on the isolated solutions of every system the structure supports.
 *
 * @returns exact count, 0n when no choice has distinct representatives
 * @throws StructureError when the structure has more than 31 kinds of variables
 */
export function countStartSolutions(structure: ProductStructure): bigint {
  const sets = new Set(structure.flatMap((factors) => factors.map((set) => new Set(set).size)));
  if (sets.size === 1 && sets.has(structure.length)) {
    return structure.reduce((product, factors) => product * BigInt(factors.length), 1n);
  }
  return buildChoiceGraph(structure).counts[0]!;
}
