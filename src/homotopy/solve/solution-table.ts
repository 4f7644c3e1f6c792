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
    this.rows = storage(2 * variables + BESIDE);
  }

  get length(): number {
    return this.rows.length;
  }

  add(solution: Solution): void {
    const { coordinates, condition, cluster, real, singular, certified } = solution;
    this.rows.append([
      ...coordinates.flat(),
      solution.residual,
      condition ?? NaN,
      solution.multiplicity,
      solution.winding,
      (real ? REAL : 0) | (singular ? SINGULAR : 0) | (certified ? CERTIFIED : 0),
      cluster?.size ?? 0,
      cluster?.diameter ?? 0,
    ]);
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
