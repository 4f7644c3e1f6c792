/**
 * All mixed cells of a lifting, by tropical homotopy (Jensen, "Tropical homotopy continuation", 2016), exactly.
 *
 * Begins with n standard simplices, of which a lifting is known that has one mixed cell, and puts the supports in their
 * places one after the other. To that end support A_k and d_k times the k-th simplex, which contains it, stand in one
 * place together, and the lifting of the simplex's points rises from minus infinity, where only they are in cells, to
 * infinity, where none of them is. On the way a cell ends where the slack of a point c of support i becomes 0. The edges
 * other than i span a hyperplane; modulo it a_i, b_i, c lie on a line, at 0, 1 and y_i(c):
 *   c between them       the cell is replaced by two, (a_i, c) and (c, b_i)
 *   c beyond one of them the cell and its neighbour become one, of c and the farther point; to reach it once, one of the
 *                        two, by the order of the points, goes on
 *   c at one of them     takes its place
 * So nothing has to be remembered of the cells met before. Every comparison is one of whole numbers. Two points whose
 * slack is 0 at once, or one whose slack stays 0, show that the lifting is not general: then another is drawn.
 */
import type { Stepwise } from '../../../math/stepwise.js';
import { LpsError } from '../../../math/lps-error.js';
import { randomStream } from '../../../math/random.js';
import { CellTable, type PointSets } from './cell-table.js';
import {
  bigIntegers,
  f64Integers,
  OverflowError,
  type Integer,
  type IntegerArithmetic,
} from './integers.js';

/** supports[i][point][coordinate] */
export type Supports = readonly (readonly (readonly number[])[])[];

export interface MixedCell {
  /** a_i at 2 i, b_i at 2 i + 1: indices of points in support i. */
  readonly edges: readonly number[];
  /** |det(b_1 - a_1, ..., b_n - a_n)| */
  readonly volume: bigint;
}

export interface MixedSubdivision {
  /** lifting[i][point], whole numbers. */
  readonly lifting: readonly (readonly number[])[];
  readonly cells: readonly MixedCell[];
  /** Sum of the volumes of the cells. */
  readonly mixedVolume: bigint;
  /** Entries of tables that were looked at, some 2^15 a millisecond. */
  readonly work: number;
}

/** More work than was allowed. */
export class MixedCellLimitError extends LpsError {
  override readonly name = 'MixedCellLimitError';
  override readonly kind = 'limit';

  constructor() {
    super('The mixed cells were not found with the work that was allowed.');
  }
}

/** A lifting is not general, and nor are those that were drawn after it. */
class NotGeneralError extends LpsError {
  override readonly name = 'NotGeneralError';
  override readonly kind = 'failed';

  constructor() {
    super('No general lifting was found: try another seed.');
  }
}

/** Liftings are drawn from 0 .. LIFTINGS - 1. */
const LIFTINGS = 2 ** 16;
const LARGER = 2 ** 4;
const STREAM = 0x60000;
const MOST_LIFTINGS = 8;
/** Table entries looked at between two steps of the computation. */
const ENTRIES_PER_STEP = 2 ** 16;

/**
 * The mixed cells of supports, each of whole numbers and not empty, for a random lifting.
 *
 * @param seed integer 0..2^53-1, of the lifting
 * @param mostWork how much work may be done
 * @throws MixedCellLimitError
 */
export function* mixedCells(
  supports: Supports,
  seed: number,
  mostWork = Infinity,
): Stepwise<MixedSubdivision> {
  const work: Work = { done: 0, most: mostWork, untilPause: ENTRIES_PER_STEP };
  let integers = f64Integers;
  for (let attempt = 0, drawn = 0; ; attempt++) {
    const lifting = drawLifting(supports, seed, drawn);
    try {
      const cells = yield* cellsOf(supports, lifting, { seed, integers, work });
      const mixedVolume = cells.reduce((sum, { volume }) => sum + volume, 0n);
      return { lifting, cells, mixedVolume, work: work.done };
    } catch (error) {
      if (error instanceof OverflowError && integers === f64Integers) integers = bigIntegers;
      else if (error instanceof NotGeneralError && drawn < MOST_LIFTINGS) drawn++;
      else throw error;
    }
  }
}

/** Where a lifting is not general, the next is drawn from more numbers. */
function drawLifting(supports: Supports, seed: number, attempt: number): number[][] {
  return supports.map((points, i) => {
    const random = randomStream(seed, STREAM + attempt, i);
    return points.map(() => random.integer(LIFTINGS * LARGER ** attempt));
  });
}

/** In table entries: what was done, may be done, and may be done before the next pause. */
interface Work {
  done: number;
  readonly most: number;
  untilPause: number;
}

interface CellSearch {
  readonly seed: number;
  readonly integers: IntegerArithmetic;
  readonly work: Work;
}

/** A place in which a support, a simplex, or both stand. */
interface Place {
  readonly points: readonly (readonly number[])[];
  readonly lifting: readonly number[];
}

function* cellsOf(
  supports: Supports,
  lifting: readonly (readonly number[])[],
  search: CellSearch,
): Stepwise<MixedCell[]> {
  const n = supports.length;
  if (supports.some((points) => points.length < 2)) return [];
  const moved = supports.map(fromOrigin);
  const places = simplices(n, search.seed);
  // The origin and the i-th unit vector, in place i.
  let cells: MixedCell[] = [
    { edges: Array.from({ length: 2 * n }, (_, k) => (k % 2) * (1 + (k >> 1))), volume: 1n },
  ];
  for (let k = 0; k < n && cells.length > 0; k++) {
    const own = moved[k]!.length;
    const degree = Math.max(...moved[k]!.map((point) => point.reduce((sum, e) => sum + e, 0)));
    const simplex = places[k]!;
    places[k] = {
      points: [...moved[k]!, ...simplex.points.map((point) => point.map((e) => degree * e))],
      lifting: [...lifting[k]!, ...simplex.lifting.map((height) => degree * height)],
    };
    const before = cells;
    cells = [];
    const ray = new Ray(places, k, own, search);
    for (const { edges } of before) {
      const shifted = edges.map((c, end) => (end >> 1 === k ? own + c : c));
      for (const cell of yield* ray.follow(shifted)) {
        if (cell.edges[2 * k]! < own && cell.edges[2 * k + 1]! < own) cells.push(cell);
      }
    }
    places[k] = { points: moved[k]!, lifting: lifting[k]! };
  }
  return cells;
}

/** Smallest exponents 0: translations change no cell. */
function fromOrigin(points: readonly (readonly number[])[]): number[][] {
  const least = points[0]!.map((_, j) => Math.min(...points.map((point) => point[j]!)));
  return points.map((point) => point.map((exponent, j) => exponent - least[j]!));
}

/**
 * n standard simplices with a lifting whose only mixed cell has the edges (0, e_i): with a random vector alpha the
 * points of its edges have height -<point, alpha> and all others more.
 */
function simplices(n: number, seed: number): Place[] {
  const points = Array.from({ length: n + 1 }, (_, vertex) =>
    Array.from({ length: n }, (_, j) => (vertex === j + 1 ? 1 : 0)),
  );
  const random = randomStream(seed, STREAM, 0xffff);
  const alpha = Array.from({ length: n }, () => random.integer(LIFTINGS));
  return Array.from({ length: n }, (_, i) => ({
    points,
    lifting: points.map((_, vertex) => {
      if (vertex === 0) return 0;
      const above = vertex === i + 1 ? 0 : 1 + random.integer(LIFTINGS);
      return above - alpha[vertex - 1]!;
    }),
  }));
}

/** Cells while the lifting of some points, those of support `rising` from index `first` on, goes from -infinity to infinity. */
class Ray {
  private readonly sets: PointSets;
  private readonly lifting: readonly number[];
  /** Index of each support's first point. */
  private readonly first: readonly number[];
  private readonly rises: Uint8Array;
  private readonly slack: Integer[];
  private readonly tables: CellTable[] = [];
  private readonly integers: IntegerArithmetic;
  private readonly work: Work;

  constructor(
    places: readonly Place[],
    private readonly rising: number,
    first: number,
    { integers, work }: CellSearch,
  ) {
    const n = places.length;
    this.integers = integers;
    this.work = work;
    const points = places.flatMap((place) => place.points);
    this.sets = {
      n,
      points,
      supportOf: Int32Array.from(places.flatMap((place, i) => place.points.map(() => i))),
    };
    this.lifting = places.flatMap((place) => place.lifting);
    let next = 0;
    this.first = places.map((place) => (next += place.points.length) - place.points.length);
    this.rises = Uint8Array.from(points, (_, c) =>
      this.sets.supportOf[c] === rising && c >= this.first[rising]! + first ? 1 : 0,
    );
    this.slack = integers.row(points.length);
  }

  /** The cells at infinity that come from one at -infinity. */
  *follow(edges: readonly number[]): Stepwise<MixedCell[]> {
    const { first, tables, sets, work } = this;
    const entries = sets.n * sets.points.length;
    const cells: MixedCell[] = [];
    work.done += sets.n * entries;
    this.table(0).load(edges.map((c, end) => first[end >> 1]! + c));
    // Tables above the current one wait for their turn.
    for (let top = 0; top >= 0;) {
      work.done += entries;
      work.untilPause -= entries;
      if (work.done > work.most) throw new MixedCellLimitError();
      if (work.untilPause < 0) {
        work.untilPause = ENTRIES_PER_STEP;
        yield;
      }
      const table = tables[top]!;
      const c = this.nextToVanish(table);
      if (c < 0) {
        cells.push({
          edges: Array.from(table.edges, (point, end) => point - first[end >> 1]!),
          volume: BigInt(table.volume),
        });
        top--;
        continue;
      }
      const i = sets.supportOf[c]!;
      const place = table.row(i)[c]!;
      const { volume, edges: ends } = table;
      if (place > 0 && place < volume) {
        const other = this.table(++top);
        other.copyFrom(table);
        other.turn(i);
        other.exchange(i, c);
        table.exchange(i, c);
      } else if (place >= volume) {
        if (place > volume && ends[2 * i]! > c) top--;
        else table.exchange(i, c);
      } else if (place < 0 && ends[2 * i + 1]! > c) top--;
      else {
        table.turn(i);
        table.exchange(i, c);
      }
    }
    return cells;
  }

  private table(index: number): CellTable {
    return (this.tables[index] ??= new CellTable(this.sets, this.integers));
  }

  /**
   * The point whose slack, p + q t, is the next to become 0 as t grows; -1 when none does.
   * @throws NotGeneralError
   */
  private nextToVanish(table: CellTable): number {
    const { slack: p, rises, rising, sets, integers } = this;
    const { volume, edges } = table;
    table.slacks(this.lifting, p);
    const a = rises[edges[2 * rising]!]!;
    const b = rises[edges[2 * rising + 1]!]!;
    const row = table.row(rising);
    let next = -1;
    let nextP = integers.zero;
    let nextFall = integers.one;
    let isTied = false;
    for (let c = 0; c < row.length; c++) {
      let fall = integers.zero;
      if (sets.supportOf[c] === rising && rises[c] !== a) fall = a > 0 ? volume : -volume;
      if (b > a) fall += row[c]!;
      else if (b < a) fall -= row[c]!;
      if (fall > 0) {
        const order = next < 0 ? -1 : integers.compareQuotients(p[c]!, fall, nextP, nextFall);
        if (order < 0) {
          next = c;
          nextP = p[c]!;
          nextFall = fall;
          isTied = false;
        } else if (!(order > 0)) isTied = true;
      } else if (!(fall < 0) && !(p[c]! > 0)) {
        const i = sets.supportOf[c]!;
        if (c !== edges[2 * i] && c !== edges[2 * i + 1]) throw new NotGeneralError();
      }
    }
    if (isTied) throw new NotGeneralError();
    return next;
  }
}
