/**
 * All start solutions of a product structure as one small graph.
 *
 * A start solution is a choice of one factor per equation whose sets have distinct representatives
 * (then, and for random coefficients only then, the chosen linear forms meet in one point). The
 * graph's nodes are the states of `ChoiceStates` after a prefix of the equations, its edges one
 * choice more, and a node's count is the number of ways to finish. The root's count is the
 * generalised Bezout number, and walking down by counts turns a path id into its choice.
 *
 * Sources: Verschelde & Haegemans 1993 (generalised Bezout number as a generalised permanent);
 * Hall's theorem for the states.
 */
import { ChoiceStates, MAX_PLACES } from './choice-states.js';
import { StructureError } from './product-structure.js';
import type { ProductStructure } from './product-structure.js';

/** One choice: `factors` of the level's equation all have the same set and lead to the same node. */
export interface ChoiceEdge {
  readonly child: number;
  readonly factors: readonly number[];
}

/** Nodes are numbered level by level; node 0 is the root, the last node is the end. */
export interface ChoiceGraph {
  /** order[level] = the equation chosen on that level. */
  readonly order: readonly number[];
  /** Edges per node; none for the end. Every edge leads to at least one start solution. */
  readonly edges: readonly (readonly ChoiceEdge[])[];
  /** counts[node] = choices of the remaining equations; counts[0] is the number of start solutions. */
  readonly counts: readonly bigint[];
}

/** A distinct set of an equation and the factors that have it. */
interface CollapsedSet {
  readonly mask: number;
  readonly factors: readonly number[];
}

/**
 * Builds the graph of all choices.
 *
 * @throws StructureError when the structure has more than 31 kinds of variables (a kind = variables in exactly the same sets)
 */
export function buildChoiceGraph(structure: ProductStructure): ChoiceGraph {
  const { capacities, equations } = collapse(structure);
  const states = new ChoiceStates(capacities);
  const order = chooseOrder(equations);
  // Forward: which states occur after each level.
  const levels: Map<number, CollapsedStep[]>[] = [];
  let reached = new Set([0]);
  for (const equation of order) {
    const level = new Map<number, CollapsedStep[]>();
    const next = new Set<number>();
    for (const state of reached) {
      const steps: CollapsedStep[] = [];
      for (const set of equations[equation]!) {
        const child = states.step(state, set.mask);
        if (child < 0) continue;
        next.add(child);
        steps.push({ child, factors: set.factors });
      }
      level.set(state, steps);
    }
    levels.push(level);
    reached = next;
  }
  return { order, ...numberNodes(levels, reached) };
}

interface CollapsedStep {
  readonly child: number;
  readonly factors: readonly number[];
}

/** Counts backward, drops nodes without completion, numbers the rest forward. */
function numberNodes(
  levels: readonly Map<number, CollapsedStep[]>[],
  ends: ReadonlySet<number>,
): { edges: ChoiceEdge[][]; counts: bigint[] } {
  const countsByLevel: Map<number, bigint>[] = [];
  countsByLevel[levels.length] = new Map([...ends].map((state) => [state, 1n]));
  for (let level = levels.length - 1; level >= 0; level--) {
    const below = countsByLevel[level + 1]!;
    const counts = new Map<number, bigint>();
    for (const [state, steps] of levels[level]!) {
      let sum = 0n;
      for (const step of steps) sum += BigInt(step.factors.length) * (below.get(step.child) ?? 0n);
      if (sum > 0n) counts.set(state, sum);
    }
    countsByLevel[level] = counts;
  }
  const edges: ChoiceEdge[][] = [];
  const counts: bigint[] = [];
  let ids = new Map([[0, 0]]);
  let first = 0;
  for (let level = 0; level < levels.length; level++) {
    const below = countsByLevel[level + 1]!;
    const childIds = new Map<number, number>();
    const firstChild = first + ids.size;
    for (const state of ids.keys()) {
      const kept: ChoiceEdge[] = [];
      for (const { child, factors } of levels[level]!.get(state) ?? []) {
        if (!below.has(child)) continue;
        if (!childIds.has(child)) childIds.set(child, firstChild + childIds.size);
        kept.push({ child: childIds.get(child)!, factors });
      }
      edges.push(kept);
      counts.push(countsByLevel[level]!.get(state) ?? 0n);
    }
    first = firstChild;
    ids = childIds;
  }
  for (const _ of ids) {
    edges.push([]);
    counts.push(1n);
  }
  return { edges, counts };
}

/** Small sets first: they are tight soonest and keep the number of open states low. */
function chooseOrder(equations: readonly (readonly CollapsedSet[])[]): number[] {
  const width = (mask: number): number => {
    let bits = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
    return bits;
  };
  const cost = equations.map(
    (sets) => sets.reduce((sum, set) => sum + width(set.mask), 0) / sets.length,
  );
  return equations.map((_, index) => index).sort((a, b) => cost[a]! - cost[b]! || a - b);
}

/** Merges variables that are in exactly the same sets into places, and equal sets of an equation into one. */
function collapse(structure: ProductStructure): {
  capacities: readonly number[];
  equations: readonly (readonly CollapsedSet[])[];
} {
  const setIds = new Map<string, number>();
  const memberships = new Map<number, number[]>();
  for (const factors of structure) {
    for (const set of factors) {
      const key = [...set].sort((a, b) => a - b).join();
      if (setIds.has(key)) continue;
      setIds.set(key, setIds.size);
      for (const variable of set) {
        if (!memberships.has(variable)) memberships.set(variable, []);
        memberships.get(variable)!.push(setIds.size);
      }
    }
  }
  const places = new Map<string, number>();
  const placeOf = new Map<number, number>();
  const capacities: number[] = [];
  for (const [variable, sets] of memberships) {
    const key = sets.join();
    let place = places.get(key);
    if (place === undefined) {
      place = capacities.length;
      places.set(key, place);
      capacities.push(0);
    }
    capacities[place]!++;
    placeOf.set(variable, place);
  }
  if (capacities.length > MAX_PLACES) {
    throw new StructureError(
      `The structure tells ${capacities.length} kinds of variables apart; counting handles ${MAX_PLACES}. ` +
        'Use larger groups of variables, or the total degree.',
    );
  }
  const equations = structure.map((factors) => {
    const byMask = new Map<number, number[]>();
    factors.forEach((set, factor) => {
      let mask = 0;
      for (const variable of set) mask |= 1 << placeOf.get(variable)!;
      if (!byMask.has(mask)) byMask.set(mask, []);
      byMask.get(mask)!.push(factor);
    });
    return [...byMask].map(([mask, indices]) => ({ mask, factors: indices }));
  });
  return { capacities, equations };
}

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
