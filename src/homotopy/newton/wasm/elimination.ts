/**
 * In which order a Jacobian is eliminated of which most entries are 0, whatever the point (Markowitz 1957).
 *
 * All unknowns in one projective space: which coordinate is held at 1 changes along a path, and with it the matrix. So the
 * order leaves out the homogenising column alone; its solution is one more right side, from which those in every chart
 * follow (emit-elimination.ts).
 */
import type { HomotopyStructure } from '../../program/homotopy.js';

export interface Pivot {
  readonly row: number;
  readonly column: number;
  /** Rows left that have an entry in this column. */
  readonly below: readonly number[];
  /** Other columns in which the row has an entry by then; the homogenising one may be among them. */
  readonly right: readonly number[];
}

/** Without a search for pivots, and without loads and stores, an operation takes half the time of a dense one. */
const WORTH_IT = 0.75;
/** Straight-line code of more complex operations than this does not fit into the processor's instruction cache. */
const MOST_OPERATIONS = 1500;

/** Null where it is not worth it. */
export function eliminationOrder(structure: HomotopyStructure): readonly Pivot[] | null {
  const { variables: n, program, groups } = structure;
  if (groups.length > 1) return null;
  const rows = new Map(
    program.jacobian.map((row, i) => [i, new Set(row.map(({ coordinate }) => coordinate))]),
  );
  const pivots: Pivot[] = [];
  let operations = 0;
  while (rows.size > 0) {
    const pivot = cheapestPivot(rows, n);
    if (!pivot) return null;
    rows.delete(pivot.row);
    for (const i of pivot.below) {
      rows.get(i)!.delete(pivot.column);
      for (const column of pivot.right) rows.get(i)!.add(column);
    }
    const right = pivot.right.length;
    operations += pivot.below.length * (right + 3) + 3 * right;
    pivots.push(pivot);
  }
  const isWorthIt = operations < WORTH_IT * denseOperations(n) && operations < MOST_OPERATIONS;
  return isWorthIt ? pivots : null;
}

/** The one that makes the fewest entries; null when the matrix is singular by its pattern. */
function cheapestPivot(rows: ReadonlyMap<number, Set<number>>, n: number): Pivot | null {
  const rowsOf = new Map<number, number[]>();
  for (const [i, columns] of rows) {
    for (const column of columns) {
      const list = rowsOf.get(column);
      if (list) list.push(i);
      else rowsOf.set(column, [i]);
    }
  }
  let best: { row: number; column: number; cost: number } | null = null;
  for (const [row, columns] of rows) {
    for (const column of columns) {
      if (column === n) continue;
      const cost = (columns.size - 1) * (rowsOf.get(column)!.length - 1);
      if (best === null || cost < best.cost) best = { row, column, cost };
    }
  }
  if (!best) return null;
  const { row, column } = best;
  return {
    row,
    column,
    below: rowsOf.get(column)!.filter((i) => i !== row),
    right: [...rows.get(row)!].filter((each) => each !== column),
  };
}

/** Complex multiplications of Gaussian elimination with two right sides. */
function denseOperations(n: number): number {
  let count = n * (n - 1);
  for (let left = n - 1; left > 0; left--) count += left * (left + 2);
  return count;
}
