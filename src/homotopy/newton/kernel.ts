/**
 * What the path tracker needs of an arithmetic: Newton iterations at (x, s).
 *
 * Translators of one program: WebAssembly made for the system (fast), typed arrays (where a Content-Security-Policy
 * forbids WebAssembly), double-double (last resort).
 *
 * Works in a local chart: in each projective group one coordinate is held at 1 and the others
 * are unknowns, so the linear systems are n x n.
 */
import type { HomotopyStructure } from '../program/homotopy.js';

export abstract class NewtonKernel {
  /** n */
  readonly variables: number;
  /** N = n + groups */
  readonly coordinates: number;
  /** Newton correction of the last `iterate`, 2N; zero at the chart coordinates. */
  readonly correction: Float64Array;
  /** dx/ds of the last `iterate`, 2N; zero at the chart coordinates. */
  readonly tangent: Float64Array;
  /** Coordinates that are unknowns. */
  protected readonly active: Int32Array;
  /** Place of each coordinate among them, -1 for those held at 1. */
  protected readonly columns: Int32Array;

  /** Smallest relative spacing of numbers: 2^-52 or 2^-104. */
  abstract readonly epsilon: number;
  /** The point, 2N interleaved; leading parts only in double-double. Read it, write it with `setPoint`. */
  abstract readonly point: Float64Array;
  /** Low-order parts of the point (double-double), or null. */
  abstract readonly low: Float64Array | null;
  /** The program's value of H(x, s) at the last `iterate`, 2n: H / (1 - s) from a start system. */
  abstract readonly value: Float64Array;

  /** @param correction and `tangent`: where they lie, 2N, if that matters. */
  constructor(
    protected readonly structure: HomotopyStructure,
    correction = new Float64Array(2 * structure.coordinates),
    tangent = new Float64Array(2 * structure.coordinates),
  ) {
    const { variables, coordinates } = structure;
    this.variables = variables;
    this.coordinates = coordinates;
    this.correction = correction;
    this.tangent = tangent;
    this.active = new Int32Array(variables);
    this.columns = new Int32Array(coordinates);
  }

  /** Replaces gamma G: another seed. */
  abstract setStart(coefficients: Float64Array): void;
  /** Replaces the data of F: another family member. `low` matters to double-double alone. */
  abstract setTarget(coefficients: Float64Array, low?: Float64Array): void;
  abstract setPoint(point: Float64Array, low?: Float64Array): void;
  /**
   * Evaluates at (point, s), solves for `correction` (J c = H) and `tangent` (J t = -H_s).
   * @returns min |pivot| / max |pivot| after power-of-two row scaling; 0 when singular or not finite.
   */
  abstract iterate(sRe: number, sIm: number): number;

  /**
   * The same to fewer digits, as much as a step along a path needs: pivots may be taken in a static order, of rows as they
   * are, while the ratio shows that nothing is nearly singular.
   */
  iterateOnTheWay(sRe: number, sIm: number): number {
    return this.iterate(sRe, sIm);
  }

  /** Modulus of the largest correction; NaN if one is. */
  correctionSize(): number {
    const { correction } = this;
    let largest = 0;
    for (let k = 0; k < correction.length; k += 2) {
      // Math.max keeps NaN.
      largest = Math.max(
        largest,
        correction[k]! * correction[k]! + correction[k + 1]! * correction[k + 1]!,
      );
    }
    return Math.sqrt(largest);
  }

  hasFiniteTangent(): boolean {
    let sum = 0;
    for (const part of this.tangent) sum += part;
    return Number.isFinite(sum);
  }

  /** point -= correction, in the kernel's own precision. */
  abstract applyCorrection(): void;

  /** Coordinate held at 1 in each group. */
  setCharts(charts: ArrayLike<number>): void {
    const { structure, active, columns, correction, tangent } = this;
    let count = 0;
    for (let j = 0; j < this.coordinates; j++) {
      if (charts[structure.groupOf[j]!] !== j) {
        columns[j] = count;
        active[count++] = j;
      } else {
        columns[j] = -1;
        correction[2 * j] = correction[2 * j + 1] = 0;
        tangent[2 * j] = tangent[2 * j + 1] = 0;
      }
    }
  }

  /** Divides each group by its coordinate `charts[g]` and makes it the chart. */
  abstract rechart(charts: ArrayLike<number>): void;
}

/** A kernel in f64, which can follow polyhedral homotopies, too. */
export interface PolyhedralKernel extends NewtonKernel {
  /**
   * Coefficient k of F is its first datum times exp(powers[k] s), s = log t, instead of what the program's rules say; null
   * goes back to these. For families of degree 1 alone.
   */
  setPowers(powers: Float64Array | null): void;
}

/** Divides each group by its coordinate charts[g] (exactly 1 afterwards). */
export function rechartPoint(
  point: Float64Array,
  groupOf: readonly number[],
  charts: ArrayLike<number>,
): void {
  for (let g = 0; g < charts.length; g++) {
    const chart = charts[g]!;
    const chartRe = point[2 * chart]!;
    const chartIm = point[2 * chart + 1]!;
    const norm = chartRe * chartRe + chartIm * chartIm;
    const cr = chartRe / norm;
    const ci = -chartIm / norm;
    for (let j = 0; j < groupOf.length; j++) {
      if (groupOf[j] !== g) continue;
      const re = point[2 * j]!;
      const im = point[2 * j + 1]!;
      point[2 * j] = j === chart ? 1 : re * cr - im * ci;
      point[2 * j + 1] = j === chart ? 0 : re * ci + im * cr;
    }
  }
}
