/**
 * Path id <-> choice of one factor per equation, and the flat form a kernel walks.
 *
 * Ids number the start solutions 0..B-1, so a batch, a shard or a resumed solve is a range of ids
 * and no list of start solutions ever exists. A product start walks the choice graph: on each node
 * the last edge whose first id is <= the remaining id is taken, and the rest is the id below that
 * edge. A univariate start x_i^d_i - c_i is a mixed-radix number whose digit i is the root of unity.
 */
import { buildChoiceGraph } from './choice-graph.js';
import { TrackingLimitError } from './product-structure.js';
import type { StartPlan } from './product-structure.js';

/** Root-of-unity start: choice[i] in 0..degrees[i]-1; digit 0 varies fastest. */
export interface RadixStartTable {
  readonly kind: 'radix';
  readonly paths: number;
  readonly degrees: readonly number[];
}

/** Product start: a graph with one edge per factor that can be chosen. */
export interface GraphStartTable {
  readonly kind: 'graph';
  readonly paths: number;
  /** order[level] = the equation decided on that level. */
  readonly order: Uint32Array;
  /** Edges of node v are edgeBegin[v] .. edgeBegin[v + 1] - 1. Node 0 is the root. */
  readonly edgeBegin: Uint32Array;
  readonly edgeChild: Uint32Array;
  readonly edgeFactor: Uint32Array;
  /** Ids of the node's range that come before this edge; exact integers below 2^53. */
  readonly edgeFirst: Float64Array;
}

export type StartTable = RadixStartTable | GraphStartTable;

/**
 * Builds the table of a plan.
 *
 * @throws TrackingLimitError when the plan has more than 2^53 - 1 paths, which no number can address
 */
export function createStartTable(plan: StartPlan): StartTable {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (plan.paths > limit) throw new TrackingLimitError(plan.paths, limit);
  const paths = Number(plan.paths);
  if (plan.univariate)
    return { kind: 'radix', paths, degrees: plan.structure.map((factors) => factors.length) };
  const graph = buildChoiceGraph(plan.structure);
  const edgeBegin = new Uint32Array(graph.edges.length + 1);
  const child: number[] = [];
  const factor: number[] = [];
  const first: number[] = [];
  graph.edges.forEach((edges, node) => {
    let before = 0;
    for (const edge of edges) {
      const below = Number(graph.counts[edge.child]!);
      for (const index of edge.factors) {
        child.push(edge.child);
        factor.push(index);
        first.push(before);
        before += below;
      }
    }
    edgeBegin[node + 1] = child.length;
  });
  return {
    kind: 'graph',
    paths,
    order: Uint32Array.from(graph.order),
    edgeBegin,
    edgeChild: Uint32Array.from(child),
    edgeFactor: Uint32Array.from(factor),
    edgeFirst: Float64Array.from(first),
  };
}

function assertId(table: StartTable, id: number): void {
  if (!Number.isInteger(id) || id < 0 || id >= table.paths) {
    throw new RangeError(`Path id ${id} is outside 0..${table.paths - 1}.`);
  }
}

/**
 * The choice with a given id.
 *
 * @returns choice[equation] = factor index (or root-of-unity index for a radix table)
 * @throws RangeError when id is not an integer in 0..paths-1
 */
export function unrank(table: StartTable, id: number): Uint32Array {
  assertId(table, id);
  let rest = id;
  if (table.kind === 'radix') {
    return Uint32Array.from(table.degrees, (degree) => {
      const digit = rest % degree;
      rest = (rest - digit) / degree;
      return digit;
    });
  }
  const choice = new Uint32Array(table.order.length);
  let node = 0;
  for (const equation of table.order) {
    let low = table.edgeBegin[node]!;
    let high = table.edgeBegin[node + 1]!;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (table.edgeFirst[middle]! <= rest) low = middle;
      else high = middle;
    }
    choice[equation] = table.edgeFactor[low]!;
    rest -= table.edgeFirst[low]!;
    node = table.edgeChild[low]!;
  }
  return choice;
}

/**
 * The id of a choice: the inverse of `unrank`.
 *
 * @throws RangeError when the choice has no start solution
 */
export function rank(table: StartTable, choice: ArrayLike<number>): number {
  if (table.kind === 'radix') {
    let id = 0;
    for (let index = table.degrees.length - 1; index >= 0; index--) {
      const degree = table.degrees[index]!;
      const digit = choice[index];
      if (digit === undefined || !Number.isInteger(digit) || digit < 0 || digit >= degree) {
        throw new RangeError(
          `Choice ${digit} of equation ${index + 1} is outside 0..${degree - 1}.`,
        );
      }
      id = id * degree + digit;
    }
    return id;
  }
  let id = 0;
  let node = 0;
  for (const equation of table.order) {
    let edge = table.edgeBegin[node]!;
    const end = table.edgeBegin[node + 1]!;
    while (edge < end && table.edgeFactor[edge] !== choice[equation]) edge++;
    if (edge === end) {
      throw new RangeError(
        `The choice (${Array.from(choice).join(', ')}) has no start solution: with factor ${choice[equation]} of ` +
          `equation ${equation + 1} no variable is left to represent every set.`,
      );
    }
    id += table.edgeFirst[edge]!;
    node = table.edgeChild[edge]!;
  }
  return id;
}

/**
 * A table as u32 words for one storage buffer.
 *
 * `words` = order[n] | edgeBegin[nodes + 1] | edges[3 * edges] as (child, factor, first id) triples for a graph,
 * or degrees[n] for a radix table. Offsets are in words.
 */
export interface FlatStartTable {
  readonly kind: StartTable['kind'];
  readonly paths: number;
  readonly words: Uint32Array;
  readonly orderOffset: number;
  readonly nodeOffset: number;
  readonly edgeOffset: number;
}

/**
 * Flattens a table for the GPU.
 *
 * @throws TrackingLimitError when an id does not fit u32
 */
export function flattenStartTable(table: StartTable): FlatStartTable {
  if (table.paths > 0xffffffff) throw new TrackingLimitError(BigInt(table.paths), 0xffffffffn);
  if (table.kind === 'radix') {
    const words = Uint32Array.from(table.degrees);
    return {
      kind: 'radix',
      paths: table.paths,
      words,
      orderOffset: 0,
      nodeOffset: words.length,
      edgeOffset: words.length,
    };
  }
  const nodeOffset = table.order.length;
  const edgeOffset = nodeOffset + table.edgeBegin.length;
  const words = new Uint32Array(edgeOffset + 3 * table.edgeChild.length);
  words.set(table.order, 0);
  words.set(table.edgeBegin, nodeOffset);
  for (let edge = 0; edge < table.edgeChild.length; edge++) {
    words.set(
      [table.edgeChild[edge]!, table.edgeFactor[edge]!, table.edgeFirst[edge]!],
      edgeOffset + 3 * edge,
    );
  }
  return { kind: 'graph', paths: table.paths, words, orderOffset: 0, nodeOffset, edgeOffset };
}
