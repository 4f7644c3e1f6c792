/**
 * Newton iterations in plain typed arrays: needs neither eval nor WebAssembly.
 *
 * An interpreter of the evaluation program; 3 to 5 times slower than the emitted WebAssembly, with
 * the same results to rounding. Used where WebAssembly is forbidden, and as its test oracle.
 */
import { MINUS_ONE, PLUS_ONE } from '../program/evaluation.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { solveComplexLinear } from '../../math/complex-linear.js';
import type { NewtonKernel } from './kernel.js';
import { flattenProgram, type FlatProgram, type FlatSums } from '../program/flat-program.js';

export class TypedArrayKernel implements NewtonKernel {
  readonly variables: number;
  readonly coordinates: number;
  readonly epsilon = 2 ** -52;
  readonly point: Float64Array;
  readonly low = null;
  readonly correction: Float64Array;
  readonly tangent: Float64Array;
  readonly value: Float64Array;

  private readonly program: FlatProgram;
  private readonly registers: Float64Array;
  private readonly targetJacobian: Float64Array;
  private readonly targetValue: Float64Array;
  private readonly startJacobian: Float64Array;
  private readonly startValue: Float64Array;
  private readonly matrix: Float64Array;
  private readonly charts: Int32Array;
  private readonly active: Int32Array;
  private readonly blended: Float64Array;
  private startCoefficients: Float64Array = new Float64Array(0);
  private targetCoefficients: Float64Array = new Float64Array(0);

  constructor(private readonly structure: HomotopyStructure) {
    const { variables: n, coordinates: N } = structure;
    this.variables = n;
    this.coordinates = N;
    this.program = flattenProgram(structure);
    this.registers = new Float64Array(2 * this.program.registers);
    this.registers[2 * this.program.one] = 1;
    this.point = this.registers.subarray(0, 2 * N);
    this.correction = new Float64Array(2 * N);
    this.tangent = new Float64Array(2 * N);
    this.value = new Float64Array(2 * n);
    this.targetJacobian = new Float64Array(2 * n * N);
    this.startJacobian = new Float64Array(2 * n * N);
    this.targetValue = new Float64Array(2 * n);
    this.startValue = new Float64Array(2 * n);
    this.matrix = new Float64Array(2 * n * (n + 2));
    this.charts = new Int32Array(structure.groups.length);
    this.active = new Int32Array(n);
    this.blended = new Float64Array(2 * structure.target.derived.length);
  }

  setStart(coefficients: Float64Array): void {
    this.startCoefficients = coefficients;
  }

  setTarget(coefficients: Float64Array): void {
    this.targetCoefficients = coefficients;
  }

  setPoint(point: Float64Array): void {
    this.point.set(point);
  }

  setCharts(charts: ArrayLike<number>): void {
    let count = 0;
    for (let g = 0; g < this.charts.length; g++) this.charts[g] = charts[g]!;
    for (let j = 0; j < this.coordinates; j++) {
      if (this.charts[this.structure.groupOf[j]!] !== j) this.active[count++] = j;
    }
  }

  applyCorrection(): void {
    for (let k = 0; k < this.point.length; k++) this.point[k]! -= this.correction[k]!;
  }

  rechart(charts: ArrayLike<number>): void {
    rechartPoint(this.point, this.structure.groupOf, charts);
    this.setCharts(charts);
  }

  iterate(sRe: number, sIm: number): number {
    const { variables: n, coordinates: N } = this;
    this.multiply();
    if (this.structure.start.kind === 'parameters') this.evaluateFamily(sRe, sIm);
    else {
      this.evaluateTarget(this.targetCoefficients);
      this.evaluateStart();
    }
    const { matrix, active } = this;
    const width = 2 * (n + 2);
    for (let i = 0; i < n; i++) {
      const row = i * width;
      for (let c = 0; c < n; c++) {
        const at = 2 * (i * N + active[c]!);
        blend(this.targetJacobian, this.startJacobian, at, sRe, sIm, matrix, row + 2 * c);
      }
      blend(this.targetValue, this.startValue, 2 * i, sRe, sIm, matrix, row + 2 * n);
      this.value[2 * i] = matrix[row + 2 * n]!;
      this.value[2 * i + 1] = matrix[row + 2 * n + 1]!;
      matrix[row + 2 * n + 2] = this.targetValue[2 * i]! - this.startValue[2 * i]!;
      matrix[row + 2 * n + 3] = this.targetValue[2 * i + 1]! - this.startValue[2 * i + 1]!;
    }
    const ratio = solveComplexLinear(matrix, n, 2);
    this.correction.fill(0);
    this.tangent.fill(0);
    for (let c = 0; c < n; c++) {
      const to = 2 * active[c]!;
      const from = c * width + 2 * n;
      this.correction[to] = matrix[from]!;
      this.correction[to + 1] = matrix[from + 1]!;
      this.tangent[to] = matrix[from + 2]!;
      this.tangent[to + 1] = matrix[from + 3]!;
    }
    return ratio;
  }

  /**
   * dF at a point whose coordinates `charts` (one of each group) are 1: n x n, interleaved.
   * The columns are the other coordinates.
   */
  targetJacobianAt(point: Float64Array, charts: ArrayLike<number>): Float64Array {
    const { variables: n, coordinates: N, active } = this;
    this.setPoint(point);
    this.setCharts(charts);
    this.multiply();
    this.evaluateTarget(this.targetCoefficients);
    const out = new Float64Array(2 * n * n);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < n; c++) {
        const at = 2 * (i * N + active[c]!);
        out[2 * (i * n + c)] = this.targetJacobian[at]!;
        out[2 * (i * n + c) + 1] = this.targetJacobian[at + 1]!;
      }
    }
    return out;
  }

  private multiply(): void {
    const { registers, program } = this;
    let to = 2 * this.coordinates;
    for (let p = 0; p < program.products.length; p += 2, to += 2) {
      const a = 2 * program.products[p]!;
      const b = 2 * program.products[p + 1]!;
      const re = registers[a]! * registers[b]! - registers[a + 1]! * registers[b + 1]!;
      registers[to + 1] = registers[a]! * registers[b + 1]! + registers[a + 1]! * registers[b]!;
      registers[to] = re;
    }
  }

  /** F and dF from the given coefficients, into targetValue and targetJacobian. */
  private evaluateTarget(coefficients: Float64Array): void {
    const { program, coordinates: N, targetJacobian, targetValue, registers } = this;
    for (let i = 0; i < this.variables; i++) {
      const group = program.eulerGroup[i]!;
      let re = 0;
      let im = 0;
      for (let e = program.rowStart[i]!; e < program.rowStart[i + 1]!; e++) {
        const column = program.columns[e]!;
        const at = 2 * (i * N + column);
        this.sum(program.entries, e, coefficients, targetJacobian, at);
        if (this.structure.groupOf[column] === group) {
          const jr = targetJacobian[at]!;
          const ji = targetJacobian[at + 1]!;
          re += registers[2 * column]! * jr - registers[2 * column + 1]! * ji;
          im += registers[2 * column]! * ji + registers[2 * column + 1]! * jr;
        }
      }
      if (group < 0) this.sum(program.direct, i, coefficients, targetValue, 2 * i);
      else {
        targetValue[2 * i] = re / program.eulerDegree[i]!;
        targetValue[2 * i + 1] = im / program.eulerDegree[i]!;
      }
    }
  }

  /**
   * H = F with coefficients c1 + s (c0 - c1). The Jacobian and value go where both `start` and
   * `target` read the same, and H_s = sum (c0 - c1) m is stored as the difference.
   */
  private evaluateFamily(sRe: number, sIm: number): void {
    const { blended, startCoefficients: c0, targetCoefficients: c1 } = this;
    for (let k = 0; k < blended.length; k += 2) {
      const re = c0[k]! - c1[k]!;
      const im = c0[k + 1]! - c1[k + 1]!;
      blended[k] = re;
      blended[k + 1] = im;
    }
    for (let i = 0; i < this.variables; i++) {
      this.sum(this.program.direct, i, blended, this.startValue, 2 * i);
    }
    for (let k = 0; k < blended.length; k += 2) {
      const re = blended[k]!;
      const im = blended[k + 1]!;
      blended[k] = c1[k]! + sRe * re - sIm * im;
      blended[k + 1] = c1[k + 1]! + sRe * im + sIm * re;
    }
    this.evaluateTarget(blended);
    this.startJacobian.set(this.targetJacobian);
    // startValue holds H_s; the pair (target, start) must blend to (H, H_s): solve for both.
    for (let i = 0; i < this.targetValue.length; i += 2) {
      const hr = this.startValue[i]!;
      const hi = this.startValue[i + 1]!;
      const tr = this.targetValue[i]! - (sRe * hr - sIm * hi);
      const ti = this.targetValue[i + 1]! - (sRe * hi + sIm * hr);
      this.targetValue[i] = tr;
      this.targetValue[i + 1] = ti;
      this.startValue[i] = tr + hr;
      this.startValue[i + 1] = ti + hi;
    }
  }

  private evaluateStart(): void {
    const { startJacobian, startValue, startCoefficients: c, coordinates: N, point: x } = this;
    const start = this.structure.start;
    if (start.kind === 'univariate') {
      start.degrees.forEach((degree, i) => {
        startValue[2 * i] = 0;
        startValue[2 * i + 1] = 0;
        for (const [k, coordinate] of [
          [2 * i, i],
          [2 * i + 1, this.variables],
        ] as const) {
          const [pr, pi] = power(x[2 * coordinate]!, x[2 * coordinate + 1]!, degree - 1);
          const wr = c[2 * k]! * pr - c[2 * k + 1]! * pi;
          const wi = c[2 * k]! * pi + c[2 * k + 1]! * pr;
          startJacobian[2 * (i * N + coordinate)] = degree * wr;
          startJacobian[2 * (i * N + coordinate) + 1] = degree * wi;
          startValue[2 * i]! += wr * x[2 * coordinate]! - wi * x[2 * coordinate + 1]!;
          startValue[2 * i + 1]! += wr * x[2 * coordinate + 1]! + wi * x[2 * coordinate]!;
        }
      });
    } else if (start.kind === 'product') {
      startJacobian.fill(0);
      start.factors.forEach((factors, i) => {
        const forms = factors.map(({ coordinates, offset }) => {
          let re = 0;
          let im = 0;
          coordinates.forEach((coordinate, k) => {
            const cr = c[2 * (offset + k)]!;
            const ci = c[2 * (offset + k) + 1]!;
            re += cr * x[2 * coordinate]! - ci * x[2 * coordinate + 1]!;
            im += cr * x[2 * coordinate + 1]! + ci * x[2 * coordinate]!;
          });
          return [re, im] as const;
        });
        const suffix: (readonly [number, number])[] = [[1, 0]];
        for (let j = factors.length - 1; j > 0; j--) suffix.unshift(times(forms[j]!, suffix[0]!));
        let prefix: readonly [number, number] = [1, 0];
        factors.forEach(({ coordinates, offset }, j) => {
          const [or, oi] = times(prefix, suffix[j]!);
          coordinates.forEach((coordinate, k) => {
            const cr = c[2 * (offset + k)]!;
            const ci = c[2 * (offset + k) + 1]!;
            startJacobian[2 * (i * N + coordinate)]! += cr * or - ci * oi;
            startJacobian[2 * (i * N + coordinate) + 1]! += cr * oi + ci * or;
          });
          prefix = times(prefix, forms[j]!);
        });
        startValue[2 * i] = prefix[0];
        startValue[2 * i + 1] = prefix[1];
      });
    }
  }

  private sum(
    sums: FlatSums,
    index: number,
    coefficients: Float64Array,
    out: Float64Array,
    at: number,
  ): void {
    const { registers } = this;
    let re = 0;
    let im = 0;
    for (let t = sums.start[index]!; t < sums.start[index + 1]!; t++) {
      const c = sums.coefficients[t]!;
      const m = 2 * sums.registers[t]!;
      if (c === PLUS_ONE) {
        re += registers[m]!;
        im += registers[m + 1]!;
      } else if (c === MINUS_ONE) {
        re -= registers[m]!;
        im -= registers[m + 1]!;
      } else {
        const cr = coefficients[2 * c]!;
        const ci = coefficients[2 * c + 1]!;
        re += cr * registers[m]! - ci * registers[m + 1]!;
        im += cr * registers[m + 1]! + ci * registers[m]!;
      }
    }
    out[at] = re;
    out[at + 1] = im;
  }
}

/** Divides each group by its coordinate charts[g] (exactly 1 afterwards). */
export function rechartPoint(
  point: Float64Array,
  groupOf: readonly number[],
  charts: ArrayLike<number>,
): void {
  const inverse = Array.from(charts, (k) => {
    const re = point[2 * k]!;
    const im = point[2 * k + 1]!;
    const norm = re * re + im * im;
    return [re / norm, -im / norm] as const;
  });
  groupOf.forEach((g, j) => {
    const [cr, ci] = inverse[g]!;
    const re = point[2 * j]!;
    const im = point[2 * j + 1]!;
    point[2 * j] = charts[g] === j ? 1 : re * cr - im * ci;
    point[2 * j + 1] = charts[g] === j ? 0 : re * ci + im * cr;
  });
}

function blend(
  target: Float64Array,
  start: Float64Array,
  at: number,
  sRe: number,
  sIm: number,
  out: Float64Array,
  to: number,
): void {
  const re = start[at]! - target[at]!;
  const im = start[at + 1]! - target[at + 1]!;
  out[to] = target[at]! + sRe * re - sIm * im;
  out[to + 1] = target[at + 1]! + sRe * im + sIm * re;
}

function times(a: readonly [number, number], b: readonly [number, number]) {
  return [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]] as const;
}

function power(re: number, im: number, exponent: number): readonly [number, number] {
  let result: readonly [number, number] = [1, 0];
  for (let k = 0; k < exponent; k++) result = times(result, [re, im]);
  return result;
}
