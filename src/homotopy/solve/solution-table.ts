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
  constructor(variables: number, storage: RowStorage = (width) => new MemoryRows(width)) {
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
    return solutionOf(this.rows.row(index), this.doubted.has(index));
  }

  *[Symbol.iterator](): Generator<Solution, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.at(index)!;
  }
}

/** Numbers of a row. */
export function widthOf(variables: number): number {
  return 2 * variables + BESIDE;
}

/** What a row says; a solution that is doubted is not certified. */
export function solutionOf(row: Float64Array, isDoubted = false): Solution {
  const beside = row.length - BESIDE;
  // Plain loops and no iterators: this is done for every solution.
  const coordinates: [number, number][] = [];
  for (let k = 0; k < beside; k += 2) coordinates.push([row[k]!, row[k + 1]!]);
  const condition = row[beside + 1]!;
  const kind = row[beside + 4]!;
  const size = row[beside + 5]!;
  return {
    coordinates,
    residual: row[beside]!,
    condition: Number.isNaN(condition) ? null : condition,
    multiplicity: row[beside + 2]!,
    winding: row[beside + 3]!,
    real: (kind & REAL) !== 0,
    singular: (kind & SINGULAR) !== 0,
    certified: (kind & CERTIFIED) !== 0 && !isDoubted,
    cluster: size === 0 ? null : { size, diameter: row[beside + 6]! },
  };
}

/** A solution as numbers, which cost threads less to exchange than objects. */
export function rowOf(solution: Solution): Float64Array {
  const { coordinates } = solution;
  const row = new Float64Array(widthOf(coordinates.length));
  for (let j = 0; j < coordinates.length; j++) {
    row[2 * j] = coordinates[j]![0];
    row[2 * j + 1] = coordinates[j]![1];
  }
  setBeside(row, solution);
  return row;
}

/** Writes into a row all but the coordinates. */
export function setBeside(row: Float64Array, solution: Omit<Solution, 'coordinates'>): void {
  const beside = row.length - BESIDE;
  row[beside] = solution.residual;
  row[beside + 1] = solution.condition ?? NaN;
  row[beside + 2] = solution.multiplicity;
  row[beside + 3] = solution.winding;
  row[beside + 4] =
    (solution.real ? REAL : 0) |
    (solution.singular ? SINGULAR : 0) |
    (solution.certified ? CERTIFIED : 0);
  setCluster(row, solution.cluster);
}

/** Writes into a row which cluster the solution is of. */
export function setCluster(row: Float64Array, cluster: Solution['cluster']): void {
  row[row.length - 2] = cluster?.size ?? 0;
  row[row.length - 1] = cluster?.diameter ?? 0;
}
