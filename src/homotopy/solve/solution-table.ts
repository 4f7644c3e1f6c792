/** Solutions by the million: a row of numbers each, in a table whose place need not be the memory. */
import { MemoryRows, type Items, type Rows, type RowStorage } from '../../math/rows.js';
import type { Solution } from './solution.js';

/** Residual, condition, multiplicity, winding, what it is, and size and diameter of its cluster. */
const BESIDE = 7;
const REAL = 1;
const SINGULAR = 2;
const CERTIFIED = 4;

export class SolutionTable implements Items<Solution>, Iterable<Solution> {
  private readonly rows: Rows;
  private readonly doubted = new Set<number>();

  /** @param variables unknowns of the system */
  constructor(
    private readonly variables: number,
    storage: RowStorage = (width) => new MemoryRows(width),
  ) {
    this.rows = storage(widthOf(variables));
  }

  get length(): number {
    return this.rows.length;
  }

  add(solution: Solution): void {
    this.rows.append(rowOf(solution));
  }

  /** Adds a solution as the row that `rowOf` makes of it. */
  append(row: Float64Array): void {
    this.rows.append(row);
  }

  /** Takes the proof of a solution back. */
  doubt(index: number): void {
    this.doubted.add(index);
  }

  at(index: number): Solution | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    const row = this.rows.row(index);
    const [residual, condition, multiplicity, winding, kind, size, diameter] = row.subarray(
      2 * this.variables,
    ) as unknown as [number, number, number, number, number, number, number];
    return {
      coordinates: Array.from({ length: this.variables }, (_, j) => [row[2 * j]!, row[2 * j + 1]!]),
      residual,
      condition: Number.isNaN(condition) ? null : condition,
      multiplicity,
      winding,
      real: (kind & REAL) !== 0,
      singular: (kind & SINGULAR) !== 0,
      certified: (kind & CERTIFIED) !== 0 && !this.doubted.has(index),
      cluster: size === 0 ? null : { size, diameter },
    };
  }

  *[Symbol.iterator](): Generator<Solution, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!;
  }
}

/** Numbers of a row. */
export function widthOf(variables: number): number {
  return 2 * variables + BESIDE;
}

/** A solution as numbers, which cost threads less to exchange than objects. */
export function rowOf(solution: Solution): Float64Array {
  const { coordinates, cluster } = solution;
  const row = new Float64Array(widthOf(coordinates.length));
  coordinates.forEach((parts, j) => row.set(parts, 2 * j));
  row.set(
    [
      solution.residual,
      solution.condition ?? NaN,
      solution.multiplicity,
      solution.winding,
      (solution.real ? REAL : 0) |
        (solution.singular ? SINGULAR : 0) |
        (solution.certified ? CERTIFIED : 0),
    ],
    2 * coordinates.length,
  );
  setCluster(row, cluster);
  return row;
}

/** Writes into a row which cluster the solution is of. */
export function setCluster(row: Float64Array, cluster: Solution['cluster']): void {
  row[row.length - 2] = cluster?.size ?? 0;
  row[row.length - 1] = cluster?.diameter ?? 0;
}
