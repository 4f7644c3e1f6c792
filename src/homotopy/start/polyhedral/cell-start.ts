/**
 * Where the paths of a polyhedral homotopy start: the zeros of the binomial system of each mixed cell.
 *
 * The homotopy is sum of c_a t^w(a) x^a. With x_j = t^alpha_j y_j, alpha the vector of the cell, and every equation divided
 * by the power of t of the cell's edge, it is sum of c_a t^p(a) y^a, where p, the slacks of the cell, are 0 at the ends of
 * its edges alone: at t = 0 the binomials c_a y^a + c_b y^b are left. Their zeros are exp(L), E^T L = log(-c_a / c_b) +
 * 2 pi i k, one for each class k of Z^n modulo the columns of E^T, of which there are as many as the cell's volume. At t = 1
 * y is x.
 *
 * A path has a number, from which its cell and its class follow: there is no list of start points.
 */
import { solveComplexLinear } from '../../../math/complex-linear.js';
import { hermiteDiagonal } from '../../../math/lattice.js';
import { randomStream } from '../../../math/random.js';
import type { Stepwise } from '../../../math/stepwise.js';
import { CellTable, type PointSets } from './cell-table.js';
import { bigIntegers, f64Integers, OverflowError, type IntegerArithmetic } from './integers.js';
import type { PolyhedralPlan } from './polyhedral-plan.js';

const STREAM = 0x70000;

/** The binomial system of one cell. */
interface BinomialSystem {
  /** [equation][term] powers of t; the smallest positive one is 1. Terms that are not extreme have 0. */
  readonly powers: readonly Float64Array[];
  /** The largest of them. */
  readonly steepest: number;
  /** Classes: k_j runs from 0 to below diagonal[j]. */
  readonly diagonal: readonly number[];
  /** Row i is b_i - a_i. */
  readonly edges: readonly (readonly number[])[];
  /** log(-c_a / c_b), interleaved. */
  readonly logarithms: Float64Array;
}

/** The start of one path. */
export interface PathStart {
  readonly cell: number;
  /** y at t = 0, interleaved. */
  readonly point: Float64Array;
}

/** All of that for a kernel which makes start points of path numbers (shaders/tracker/start-cells.wgsl). */
export interface CellStartTable {
  readonly kind: 'cells';
  readonly paths: number;
  readonly cells: number;
  /**
   * First path of each cell, and their number [cells + 1] | classes k_i run through [cells][n] | what k_i = 1 adds to the
   * argument of y_j [cells][j][i]: numerator + 2^16 denominator, in whole turns.
   */
  readonly words: Uint32Array<ArrayBuffer>;
  /** y of class 0 [cells][n], interleaved. */
  readonly points: Float32Array<ArrayBuffer>;
  /** Powers of t of each cell: [equation][term]; and the largest of all. */
  readonly powers: readonly (readonly Float64Array[])[];
  readonly steepest: number;
}

/** Halves of a word, which also keep products of two of them in one. */
const LARGEST_DENOMINATOR = 0xffff;
/** Path numbers are words, too. */
const MOST_PATHS = 0xffffffff;

/** Coefficients of the general system: [equation] interleaved, on the unit circle, exact in f32; 0 where not extreme. */
export function generalCoefficients(plan: PolyhedralPlan, seed: number): Float64Array[] {
  return plan.supports.map((support, i) => {
    const random = randomStream(seed, STREAM, i);
    const out = new Float64Array(2 * support.length);
    for (const term of plan.extreme[i]!) out.set(random.unitCircle().map(Math.fround), 2 * term);
    return out;
  });
}

export class CellStarts {
  /** Paths of the cells before each one. */
  private readonly before: Float64Array;
  private readonly sets: PointSets;
  private readonly first: readonly number[];
  private readonly heights: readonly number[];
  /** That of the last path, and so of the next, as a rule. */
  private last: { readonly cell: number; readonly system: BinomialSystem } | null = null;

  /** @param coefficients from `generalCoefficients`. */
  constructor(
    private readonly plan: PolyhedralPlan,
    private readonly coefficients: readonly Float64Array[],
  ) {
    let paths = 0;
    this.before = Float64Array.from(
      plan.cells,
      ({ volume }) => (paths += Number(volume)) - Number(volume),
    );
    const points = plan.extreme.map((terms, i) => terms.map((term) => plan.supports[i]![term]!));
    this.sets = {
      n: points.length,
      points: points.flat(),
      supportOf: Int32Array.from(points.flatMap((support, i) => support.map(() => i))),
    };
    let next = 0;
    this.first = points.map((support) => (next += support.length) - support.length);
    this.heights = plan.lifting.flat();
  }

  get cells(): number {
    return this.before.length;
  }

  start(path: number): PathStart {
    const cell = this.cellOf(path);
    const { diagonal, edges, logarithms } = this.system(cell);
    const n = edges.length;
    const width = 2 * (n + 1);
    const matrix = new Float64Array(n * width);
    let left = path - this.before[cell]!;
    edges.forEach((edge, i) => {
      edge.forEach((entry, j) => (matrix[i * width + 2 * j] = entry));
      const k = left % diagonal[i]!;
      left = Math.floor(left / diagonal[i]!);
      matrix[i * width + 2 * n] = logarithms[2 * i]!;
      matrix[i * width + 2 * n + 1] = logarithms[2 * i + 1]! + 2 * Math.PI * k;
    });
    solveComplexLinear(matrix, n, 1);
    const point = new Float64Array(2 * n);
    for (let j = 0; j < n; j++) {
      const size = Math.exp(matrix[j * width + 2 * n]!);
      const angle = matrix[j * width + 2 * n + 1]!;
      point[2 * j] = size * Math.cos(angle);
      point[2 * j + 1] = size * Math.sin(angle);
    }
    return { cell, point };
  }

  /** null where some fraction of a turn is not exact in it, or there are more than 2^32 - 1 paths. */
  *table(): Stepwise<CellStartTable | null> {
    const { before, plan } = this;
    const n = plan.supports.length;
    const cells = before.length;
    const paths = Number(plan.paths);
    if (paths > MOST_PATHS) return null;
    const classesAt = cells + 1;
    const turnsAt = classesAt + cells * n;
    const words = new Uint32Array(turnsAt + cells * n * n);
    words.set(before);
    words[cells] = paths;
    const points = new Float32Array(2 * cells * n);
    const powers: (readonly Float64Array[])[] = [];
    let steepest = 1;
    for (let cell = 0; cell < cells; cell++) {
      points.set(this.start(before[cell]!).point, 2 * cell * n);
      const { diagonal, edges, ...ofCell } = this.system(cell);
      powers.push(ofCell.powers);
      steepest = Math.max(steepest, ofCell.steepest);
      words.set(diagonal, classesAt + cell * n);
      const turns = packedTurns(edges, Number(plan.cells[cell]!.volume));
      if (!turns) return null;
      words.set(turns, turnsAt + cell * n * n);
      yield;
    }
    return { kind: 'cells', paths, cells, words, points, powers, steepest };
  }

  /** Powers of t of a cell's homotopy: [equation][term], and the largest. */
  powers(cell: number): Pick<BinomialSystem, 'powers' | 'steepest'> {
    return this.system(cell);
  }

  private system(cell: number): BinomialSystem {
    if (this.last?.cell !== cell) this.last = { cell, system: this.makeSystem(cell) };
    return this.last.system;
  }

  private cellOf(path: number): number {
    let [low, high] = [0, this.before.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.before[middle]! <= path) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private makeSystem(cell: number): BinomialSystem {
    const { plan, coefficients, first } = this;
    const { edges: ends } = plan.cells[cell]!;
    const slacks = this.slacks(ends);
    const smallest = slacks.reduce((least, p) => (p > 0 && p < least ? p : least), Infinity);
    const powers = plan.supports.map((support, i) => {
      const out = new Float64Array(support.length);
      plan.extreme[i]!.forEach((term, k) => (out[term] = slacks[first[i]! + k]! / smallest));
      return out;
    });
    const term = (i: number, end: number) => plan.extreme[i]![ends[2 * i + end]!]!;
    const edges = plan.supports.map((support, i) =>
      support[term(i, 1)]!.map((exponent, j) => exponent - support[term(i, 0)]![j]!),
    );
    const logarithms = new Float64Array(2 * edges.length);
    edges.forEach((_, i) => {
      const [a, b] = [0, 1].map((end) => {
        const at = 2 * term(i, end);
        return [coefficients[i]![at]!, coefficients[i]![at + 1]!] as const;
      }) as [readonly [number, number], readonly [number, number]];
      logarithms[2 * i] = Math.log(Math.hypot(...a) / Math.hypot(...b));
      logarithms[2 * i + 1] = Math.PI + Math.atan2(a[1], a[0]) - Math.atan2(b[1], b[0]);
    });
    const columns = edges.map((_, j) => edges.map((edge) => edge[j]!));
    return {
      powers,
      steepest: Math.max(1, ...powers.flatMap((each) => Array.from(each))),
      diagonal: hermiteDiagonal(columns).map(Number),
      edges,
      logarithms,
    };
  }

  /** w(c) + <c, alpha> less the same of the edge, for every extreme point. */
  private slacks(edges: readonly number[]): number[] {
    const { sets, first, heights } = this;
    const compute = (integers: IntegerArithmetic) => {
      const table = new CellTable(sets, integers);
      table.load(edges.map((c, end) => first[end >> 1]! + c));
      const out = integers.row(sets.points.length);
      table.slacks(heights, out);
      return Array.from(out, (slack) => Number(slack) / Number(table.volume));
    };
    try {
      return compute(f64Integers);
    } catch (error) {
      if (!(error instanceof OverflowError)) throw error;
      return compute(bigIntegers);
    }
  }
}

/** E^-1 modulo 1, [j][i] numerator + 2^16 denominator; null where a denominator has more bits. */
function packedTurns(edges: readonly (readonly number[])[], volume: number): number[] | null {
  const n = edges.length;
  if (volume === 1) return new Array<number>(n * n).fill(LARGEST_DENOMINATOR + 1);
  const width = 4 * n;
  const matrix = new Float64Array(n * width);
  edges.forEach((edge, i) => {
    edge.forEach((entry, j) => (matrix[i * width + 2 * j] = entry));
    matrix[i * width + 2 * n + 2 * i] = 1;
  });
  solveComplexLinear(matrix, n, n);
  const packed: number[] = [];
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      // A whole number by Cramer's rule.
      const numerator = Math.round(matrix[j * width + 2 * n + 2 * i]! * volume) % volume;
      const divisor = greatestCommonDivisor(volume, Math.abs(numerator));
      const denominator = volume / divisor;
      if (denominator > LARGEST_DENOMINATOR) return null;
      const positive = numerator < 0 ? numerator + volume : numerator;
      packed.push(positive / divisor + (LARGEST_DENOMINATOR + 1) * denominator);
    }
  }
  return packed;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
