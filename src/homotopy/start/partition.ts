/**
 * Partitions of the variables and their multihomogeneous root counts.
 *
 * All set partitions are tried up to 8 variables (Bell(8) = 4140). Beyond that the best of several
 * hill climbs is taken: PHCpack's single greedy pass is at times worse than the total degree (noon-3: 29 > 27,
 * virasoro: 3072 > 256), climbing from both ends and from the monomials' own shape is not.
 *
 * Source: Morgan & Sommese, "A homotopy for solving general polynomial systems that respects
 * m-homogeneous structures", Appl. Math. Comput. 24 (1987): the count is the coefficient of
 * prod_g z_g^{k_g} in prod_i sum_g D_ig z_g, k_g = size of group g, D_ig = degree of f_i in group g.
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import type { ProductStructure, SystemExponents } from './product-structure.js';

/** Disjoint groups of variable indices that cover all variables. */
export type Partition = readonly (readonly number[])[];

/** Up to this many variables every partition is tried. */
const EXHAUSTIVE_VARIABLES = 8;
/** Largest table of the coefficient computation; partitions beyond it are not considered by the search. */
const LARGEST_TABLE = 4096;
/** Work of the climbs, in cells of coefficient tables: about 0.1 s on one core (2026-11). */
const CLIMB_BUDGET = 1e7;

/** Degree of one equation in a group of variables: the largest sum of the group's exponents in a term. */
export function groupDegree(
  terms: readonly (readonly number[])[],
  group: readonly number[],
): number {
  let degree = 0;
  for (const exponents of terms) {
    let sum = 0;
    for (const variable of group) sum += exponents[variable]!;
    if (sum > degree) degree = sum;
  }
  return degree;
}

/** The product structure of a partition: D_ig factors with all variables of group g in equation i. */
export function partitionStructure(
  exponents: SystemExponents,
  partition: Partition,
): ProductStructure {
  return exponents.map((terms) =>
    partition.flatMap((group) =>
      new Array<readonly number[]>(groupDegree(terms, group)).fill(group),
    ),
  );
}

/** Two tables of counts, kept: a search computes thousands of them. */
const tables = [new Float64Array(LARGEST_TABLE), new Float64Array(LARGEST_TABLE)] as const;

/** The count by dynamic programming over how often each group was chosen, in f64 (for comparing). */
function countByGroups(degrees: readonly (readonly number[])[], sizes: readonly number[]): number {
  const strides: number[] = [];
  let cells = 1;
  for (const size of sizes) {
    strides.push(cells);
    cells *= size + 1;
  }
  let [table, next] = tables;
  table.fill(0, 0, cells);
  table[0] = 1;
  for (const row of degrees) {
    next.fill(0, 0, cells);
    for (let cell = 0; cell < cells; cell++) {
      const ways = table[cell]!;
      if (ways === 0) continue;
      for (let group = 0; group < sizes.length; group++) {
        const degree = row[group]!;
        const stride = strides[group]!;
        if (degree > 0 && Math.floor(cell / stride) % (sizes[group]! + 1) < sizes[group]!) {
          next[cell + stride]! += ways * degree;
        }
      }
    }
    [table, next] = [next, table];
  }
  return table[cells - 1]!;
}

/** Evaluates partitions of one system; group degrees are remembered. */
class PartitionCounter {
  evaluated = 0;
  spent = 0;
  private readonly degrees = new Map<string, number[]>();
  private readonly termCount: number;

  constructor(private readonly exponents: SystemExponents) {
    this.termCount = exponents.reduce((sum, terms) => sum + terms.length, 0);
  }

  /** The count, or Infinity when the table would be too large. */
  count(partition: Partition): number {
    const sizes = partition.map((group) => group.length);
    const cells = sizes.reduce((product, size) => product * (size + 1), 1);
    // Making a neighbour to refuse it costs, too: of 300 single variables there are 45,000.
    this.spent += sizes.length + this.exponents.length;
    if (cells > LARGEST_TABLE) return Infinity;
    this.evaluated++;
    this.spent += cells * this.exponents.length;
    const columns = partition.map((group) => {
      const key = group.join();
      let column = this.degrees.get(key);
      if (!column) {
        column = this.exponents.map((terms) => groupDegree(terms, group));
        this.spent += (this.termCount * group.length) / 8;
        this.degrees.set(key, column);
      }
      return column;
    });
    return countByGroups(
      this.exponents.map((_, equation) => columns.map((column) => column[equation]!)),
      sizes,
    );
  }
}

/** Every set partition of 0..n-1, by restricted growth strings. */
export function* allPartitions(variableCount: number): Generator<Partition> {
  const groupOf = new Array<number>(variableCount).fill(0);
  while (true) {
    const groups: number[][] = [];
    groupOf.forEach((group, variable) => (groups[group] ??= []).push(variable));
    yield groups;
    let last = variableCount - 1;
    while (last > 0 && groupOf[last]! > Math.max(...groupOf.slice(0, last))) last--;
    if (last <= 0) return;
    groupOf[last]!++;
    groupOf.fill(0, last + 1);
  }
}

/** The best partition found. */
export interface PartitionResult {
  readonly partition: Partition;
  /** Its count in f64: exact below 2^53. */
  readonly count: number;
  /** Partitions whose count was computed. */
  readonly considered: number;
}

/** The partition with the smallest multihomogeneous count; ties go to fewer groups. */
export function findPartition(exponents: SystemExponents): PartitionResult {
  return atOnce(findPartitionStepwise(exponents));
}

/** `findPartition`, a partition a step. */
export function* findPartitionStepwise(exponents: SystemExponents): Stepwise<PartitionResult> {
  const variableCount = exponents.length;
  const counter = new PartitionCounter(exponents);
  let best: { partition: Partition; count: number } | undefined;
  const offer = (partition: Partition, count: number): void => {
    if (
      !best ||
      count < best.count ||
      (count === best.count && partition.length < best.partition.length)
    ) {
      best = { partition, count };
    }
  };
  if (variableCount <= EXHAUSTIVE_VARIABLES) {
    for (const partition of allPartitions(variableCount)) {
      offer(partition, counter.count(partition));
      yield;
    }
  } else {
    for (const start of climbStarts(exponents)) {
      const top = yield* climb(start, counter);
      offer(top.partition, top.count);
    }
  }
  return { ...best!, considered: counter.evaluated };
}

/** One group; single variables; and for every maximal-degree shape the variables that never share a monomial. */
function climbStarts(exponents: SystemExponents): Partition[] {
  const variables = exponents.map((_, variable) => variable);
  const multiplied = new Set<number>();
  for (const terms of exponents) {
    for (const term of terms) {
      const present = variables.filter((variable) => term[variable]! > 0);
      for (const a of present)
        for (const b of present) if (a !== b) multiplied.add(a * variables.length + b);
    }
  }
  // Greedy colouring: a group whose variables are never multiplied together has low degree in every equation.
  const coloured: number[][] = [];
  for (const variable of variables) {
    const group = coloured.find((members) =>
      members.every((other) => !multiplied.has(variable * variables.length + other)),
    );
    if (group) group.push(variable);
    else coloured.push([variable]);
  }
  return [[variables], coloured, variables.map((variable) => [variable])];
}

/** Moves and merges while the count falls. */
function* climb(
  start: Partition,
  counter: PartitionCounter,
): Stepwise<{ partition: Partition; count: number }> {
  const budgetEnd = counter.spent + CLIMB_BUDGET / 3;
  let current = { partition: start, count: counter.count(start) };
  for (let improved = true; improved;) {
    improved = false;
    let best = current;
    for (const partition of neighbours(current.partition)) {
      if (counter.spent > budgetEnd) break;
      yield;
      const count = counter.count(partition);
      if (
        count < best.count ||
        (count === best.count && partition.length < best.partition.length)
      ) {
        best = { partition, count };
      }
    }
    if (best !== current) {
      current = best;
      improved = true;
    }
  }
  return current;
}

/** Partitions one merge or one moved variable away. */
function* neighbours(partition: Partition): Generator<Partition> {
  const sorted = (groups: number[][]): Partition =>
    groups.filter((group) => group.length > 0).map((group) => group.sort((a, b) => a - b));
  for (let a = 0; a < partition.length; a++) {
    for (let b = a + 1; b < partition.length; b++) {
      const rest = partition.filter((_, index) => index !== a && index !== b);
      yield sorted([...rest.map((group) => [...group]), [...partition[a]!, ...partition[b]!]]);
    }
  }
  for (let from = 0; from < partition.length; from++) {
    for (const variable of partition[from]!) {
      for (let to = 0; to <= partition.length; to++) {
        if (to === from || (to === partition.length && partition[from]!.length === 1)) continue;
        const groups = partition.map((group) => group.filter((member) => member !== variable));
        if (to === partition.length) groups.push([variable]);
        else groups[to]!.push(variable);
        yield sorted(groups);
      }
    }
  }
}
