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
import { randomStream } from '../../../math/random.js';
import type { Stepwise } from '../../../math/stepwise.js';
import { cellShapes, edgeTerms, type CellShape, type CellShapes } from './cell-shapes.js';
import type { PolyhedralPlan } from './polyhedral-plan.js';

const STREAM = 0x70000;

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
  private readonly shapes: CellShapes;
  /** Of the coefficients, [equation][term]. */
  private readonly moduli: readonly Float64Array[];
  private readonly angles: readonly Float64Array[];
  /** Of the cell of the last path, and so of the next, as a rule. */
  private readonly logarithms: Float64Array;
  private lastCell = -1;

  /** @param coefficients from `generalCoefficients`. */
  constructor(
    private readonly plan: PolyhedralPlan,
    coefficients: readonly Float64Array[],
  ) {
    this.shapes = cellShapes(plan);
    const eachTerm = (of: (re: number, im: number) => number) =>
      coefficients.map((parts) =>
        Float64Array.from({ length: parts.length / 2 }, (_, k) =>
          of(parts[2 * k]!, parts[2 * k + 1]!),
        ),
      );
    this.moduli = eachTerm((re, im) => Math.hypot(re, im));
    this.angles = eachTerm((re, im) => Math.atan2(im, re));
    this.logarithms = new Float64Array(2 * coefficients.length);
  }

  get cells(): number {
    return this.shapes.before.length;
  }

  start(path: number): PathStart {
    const cell = this.cellOf(path);
    const { diagonal, edges } = this.shapes.shape(cell);
    const logarithms = this.logarithmsOf(cell);
    const n = edges.length;
    const width = 2 * (n + 1);
    const matrix = new Float64Array(n * width);
    let left = path - this.shapes.before[cell]!;
    for (let i = 0; i < n; i++) {
      const edge = edges[i]!;
      for (let j = 0; j < n; j++) matrix[i * width + 2 * j] = edge[j]!;
      const k = left % diagonal[i]!;
      left = Math.floor(left / diagonal[i]!);
      matrix[i * width + 2 * n] = logarithms[2 * i]!;
      matrix[i * width + 2 * n + 1] = logarithms[2 * i + 1]! + 2 * Math.PI * k;
    }
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
    const { cells, plan, shapes } = this;
    const words = yield* shapes.words();
    if (!words) return null;
    const n = plan.supports.length;
    const points = new Float32Array(2 * cells * n);
    const powers: (readonly Float64Array[])[] = [];
    let steepest = 1;
    for (let cell = 0; cell < cells; cell++) {
      points.set(this.start(shapes.before[cell]!).point, 2 * cell * n);
      const ofCell = shapes.shape(cell);
      powers.push(ofCell.powers);
      steepest = Math.max(steepest, ofCell.steepest);
      yield;
    }
    return { kind: 'cells', paths: Number(plan.paths), cells, words, points, powers, steepest };
  }

  /** Powers of t of a cell's homotopy: [equation][term], and the largest. */
  powers(cell: number): Pick<CellShape, 'powers' | 'steepest'> {
    return this.shapes.shape(cell);
  }

  private cellOf(path: number): number {
    const { before } = this.shapes;
    let [low, high] = [0, before.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (before[middle]! <= path) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** log(-c_a / c_b) of every equation's edge, interleaved. */
  private logarithmsOf(cell: number): Float64Array {
    const { logarithms, moduli, angles } = this;
    if (this.lastCell === cell) return logarithms;
    for (let i = 0; i < moduli.length; i++) {
      const [a, b] = edgeTerms(this.plan, cell, i);
      logarithms[2 * i] = Math.log(moduli[i]![a]! / moduli[i]![b]!);
      logarithms[2 * i + 1] = Math.PI + angles[i]![a]! - angles[i]![b]!;
    }
    this.lastCell = cell;
    return logarithms;
  }
}
