/**
 * A mixed cell and, exactly, how every other point of the supports lies to it.
 *
 * A cell is an edge (a_i, b_i) of every support i. With e_i = b_i - a_i, volume = |det(e_1 ... e_n)| and
 * y(c) = E^-1 (c - a_s) for a point c of support s, the table holds the integers volume * y(c). The vector alpha that
 * makes <a_i, alpha> + w(a_i) = <b_i, alpha> + w(b_i) for all i leaves c the slack
 *   w(c) - w(a_s) - sum over j of (w(b_j) - w(a_j)) y_j(c),
 * which is positive for all c exactly when the cell belongs to the mixed subdivision of the lifting w.
 *
 * Exchanging a point is one fraction-free pivot (Edmonds 1967, Bareiss 1968), as in the simplex method.
 */
import { OverflowError, type Integer, type IntegerArithmetic } from './integers.js';

/** The points of all supports in one row. */
export interface PointSets {
  /** Number of supports, and of coordinates. */
  readonly n: number;
  readonly points: readonly (readonly number[])[];
  /** Support of each point. */
  readonly supportOf: Int32Array;
}

export class CellTable {
  /** a_i at 2 i, b_i at 2 i + 1: indices of points. */
  readonly edges: Int32Array;
  volume: Integer;
  /** n rows of one entry a point. */
  private rows: Integer[][];
  /** No entry is larger; grows by what pivots make. */
  private largest = 0;

  constructor(
    private readonly sets: PointSets,
    private readonly integers: IntegerArithmetic,
  ) {
    this.edges = new Int32Array(2 * sets.n);
    this.volume = integers.one;
    this.rows = Array.from({ length: sets.n }, () => integers.row(sets.points.length));
  }

  copyFrom(other: CellTable): void {
    this.edges.set(other.edges);
    this.volume = other.volume;
    this.largest = other.largest;
    this.rows.forEach((row, j) => {
      const from = other.rows[j]!;
      for (let c = 0; c < row.length; c++) row[c] = from[c]!;
    });
  }

  /** Row i of the table: volume * y_i. */
  row(i: number): readonly Integer[] {
    return this.rows[i]!;
  }

  /** Begins anew with these edges. @returns false when they are linearly dependent. */
  load(edges: ArrayLike<number>): boolean {
    const { n, points, supportOf } = this.sets;
    const { integers, rows } = this;
    this.edges.set(edges);
    this.volume = integers.one;
    this.largest = 1;
    for (let c = 0; c < points.length; c++) {
      const base = points[edges[2 * supportOf[c]!]!]!;
      for (let j = 0; j < n; j++) {
        const difference = points[c]![j]! - base[j]!;
        rows[j]![c] = integers.from(difference);
        this.largest = Math.max(this.largest, Math.abs(difference));
      }
    }
    for (let i = 0; i < n; i++) {
      const b = edges[2 * i + 1]!;
      const found = rows.findIndex((row, j) => j >= i && (row[b]! > 0 || row[b]! < 0));
      if (found < 0) return false;
      [rows[i], rows[found]] = [rows[found]!, rows[i]!];
      this.pivot(i, b);
    }
    return true;
  }

  /** volume * slack of every point, for a lifting of whole numbers; exact. */
  slacks(lifting: readonly number[], out: Integer[]): void {
    const { n, supportOf } = this.sets;
    const { edges, rows, volume, integers } = this;
    let bound = 0;
    for (const value of lifting) bound = Math.max(bound, Math.abs(value));
    if (2 * bound * this.largest * (n + 1) > integers.limit) throw new OverflowError();
    for (let c = 0; c < lifting.length; c++)
      out[c] = volume * integers.from(lifting[c]! - lifting[edges[2 * supportOf[c]!]!]!);
    for (let j = 0; j < n; j++) {
      const rise = lifting[edges[2 * j + 1]!]! - lifting[edges[2 * j]!]!;
      if (rise === 0) continue;
      const factor = integers.from(rise);
      const row = rows[j]!;
      for (let c = 0; c < lifting.length; c++) out[c] = out[c]! - factor * row[c]!;
    }
  }

  /** Exchanges the names of a_i and b_i. */
  turn(i: number): void {
    const { edges, volume, rows } = this;
    const { supportOf } = this.sets;
    [edges[2 * i], edges[2 * i + 1]] = [edges[2 * i + 1]!, edges[2 * i]!];
    const row = rows[i]!;
    for (let c = 0; c < row.length; c++) row[c] = supportOf[c] === i ? volume - row[c]! : -row[c]!;
    this.largest *= 2;
  }

  /** Makes point c of support i the new b_i. */
  exchange(i: number, c: number): void {
    this.edges[2 * i + 1] = c;
    this.pivot(i, c);
  }

  /** Makes e_i the vector whose coordinates are column c; y_i(c) must not be 0. */
  private pivot(i: number, c: number): void {
    const { rows, integers, volume } = this;
    const pivotRow = rows[i]!;
    const pivot = pivotRow[c]!;
    if (2 * this.largest * this.largest > integers.limit) this.measure(i, c);
    let largest = 0;
    for (let j = 0; j < rows.length; j++) {
      if (j === i) continue;
      const row = rows[j]!;
      const factor = row[c]!;
      for (let k = 0; k < row.length; k++) {
        let value = (pivot * row[k]! - factor * pivotRow[k]!) / volume;
        if (pivot < 0) value = -value;
        row[k] = value;
        if (value > largest) largest = value;
        else if (-value > largest) largest = -value;
      }
    }
    for (let k = 0; k < pivotRow.length; k++) {
      const value = pivotRow[k]!;
      if (pivot < 0) pivotRow[k] = -value;
      if (value > largest) largest = value;
      else if (-value > largest) largest = -value;
    }
    this.volume = pivot < 0 ? -pivot : pivot;
    this.largest = Number(largest);
  }

  /** Whether a pivot stays exact, looked at more closely. @throws OverflowError */
  private measure(i: number, c: number): void {
    const sizeOf = (row: readonly Integer[]) => {
      let size = 0;
      for (const value of row) size = Math.max(size, Math.abs(Number(value)));
      return size;
    };
    const pivot = Math.abs(Number(this.rows[i]![c]!));
    const ofRow = sizeOf(this.rows[i]!);
    for (const [j, row] of this.rows.entries()) {
      if (j === i) continue;
      const bound = pivot * sizeOf(row) + Math.abs(Number(row[c]!)) * ofRow;
      if (bound > this.integers.limit) throw new OverflowError();
    }
  }
}
