/**
 * What the mixed cells of a plan give whatever the coefficients are: every solve of the same structure needs it again.
 *
 * cell-start.ts says what the numbers are for.
 */
import { solveComplexLinear } from '../../../math/complex-linear.js';
import { hermiteDiagonal } from '../../../math/lattice.js';
import type { Stepwise } from '../../../math/stepwise.js';
import { CellTable, type PointSets } from './cell-table.js';
import { bigIntegers, f64Integers, OverflowError, type IntegerArithmetic } from './integers.js';
import type { PolyhedralPlan } from './polyhedral-plan.js';

export interface CellShape {
  /** [equation][term] powers of t; the smallest positive one is 1. Terms that are not extreme have 0. */
  readonly powers: readonly Float64Array[];
  /** The largest of them. */
  readonly steepest: number;
  /** Classes: k_j runs from 0 to below diagonal[j]. */
  readonly diagonal: readonly number[];
  /** Row i is b_i - a_i. */
  readonly edges: readonly (readonly number[])[];
}

/** Powers of t of all cells that are kept: 8 MB. */
const MOST_KEPT_POWERS = 1e6;
/** Halves of a word, which also keep products of two of them in one. */
const LARGEST_DENOMINATOR = 0xffff;
/** Path numbers are words, too. */
const MOST_PATHS = 0xffffffff;
const known = new WeakMap<PolyhedralPlan, CellShapes>();

/** Those of a plan are made once, as long as somebody has the plan. */
export function cellShapes(plan: PolyhedralPlan): CellShapes {
  let shapes = known.get(plan);
  if (!shapes) known.set(plan, (shapes = new CellShapes(plan)));
  return shapes;
}

export class CellShapes {
  /** Paths of the cells before each one. */
  readonly before: Float64Array;
  private readonly sets: PointSets;
  private readonly first: readonly number[];
  private readonly heights: readonly number[];
  /** By cell; empty where there are too many. */
  private readonly kept: CellShape[] = [];
  private readonly isKept: boolean;
  /** That of the last path, and so of the next, as a rule. */
  private last: { readonly cell: number; readonly shape: CellShape } | null = null;
  private keptWords: Uint32Array<ArrayBuffer> | null = null;

  /** Use `cellShapes`. */
  constructor(private readonly plan: PolyhedralPlan) {
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
    const powers = plan.supports.reduce((sum, support) => sum + support.length, 0);
    this.isKept = plan.cells.length * powers <= MOST_KEPT_POWERS;
  }

  shape(cell: number): CellShape {
    if (this.isKept) return (this.kept[cell] ??= this.make(cell));
    if (this.last?.cell !== cell) this.last = { cell, shape: this.make(cell) };
    return this.last.shape;
  }

  /** `words` of a `CellStartTable`; null where some fraction of a turn is not exact in it, or there are more than 2^32 - 1 paths. */
  *words(): Stepwise<Uint32Array<ArrayBuffer> | null> {
    if (this.keptWords) return this.keptWords;
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
    for (let cell = 0; cell < cells; cell++) {
      const { diagonal, edges } = this.shape(cell);
      words.set(diagonal, classesAt + cell * n);
      const turns = packedTurns(edges, Number(plan.cells[cell]!.volume));
      if (!turns) return null;
      words.set(turns, turnsAt + cell * n * n);
      yield;
    }
    if (this.isKept) this.keptWords = words;
    return words;
  }

  private make(cell: number): CellShape {
    const { plan, first } = this;
    const { edges: ends } = plan.cells[cell]!;
    const slacks = this.slacks(ends);
    const smallest = slacks.reduce((least, p) => (p > 0 && p < least ? p : least), Infinity);
    const powers = plan.supports.map((support, i) => {
      const out = new Float64Array(support.length);
      plan.extreme[i]!.forEach((term, k) => (out[term] = slacks[first[i]! + k]! / smallest));
      return out;
    });
    const edges = plan.supports.map((support, i) => {
      const [a, b] = edgeTerms(plan, cell, i);
      return support[b]!.map((exponent, j) => exponent - support[a]![j]!);
    });
    const columns = edges.map((_, j) => edges.map((edge) => edge[j]!));
    return {
      powers,
      steepest: Math.max(1, ...powers.flatMap((each) => Array.from(each))),
      diagonal: hermiteDiagonal(columns).map(Number),
      edges,
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

/** The terms at the ends of a cell's edge in equation i. */
export function edgeTerms(
  { cells, extreme }: PolyhedralPlan,
  cell: number,
  i: number,
): readonly [number, number] {
  const { edges } = cells[cell]!;
  return [extreme[i]![edges[2 * i]!]!, extreme[i]![edges[2 * i + 1]!]!];
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
