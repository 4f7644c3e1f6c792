/**
 * Newton iterations in double-double (about 32 digits): the last resort of the endgame.
 *
 * Needed by 0.1 to 0.3% of the paths, so it interprets the evaluation program in plain typed
 * arrays; about 30 times the cost of the emitted f64 code.
 */
import { MINUS_ONE, PLUS_ONE } from '../program/evaluation.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { add, multiply, reciprocal, scale, STRIDE, subtract } from '../../math/double-double.js';
import type { NewtonKernel } from './kernel.js';
import { flattenProgram, type FlatProgram, type FlatSums } from '../program/flat-program.js';

export class DoubleDoubleKernel implements NewtonKernel {
  readonly variables: number;
  readonly coordinates: number;
  readonly epsilon = 2 ** -104;
  readonly point: Float64Array;
  readonly low: Float64Array;
  readonly correction: Float64Array;
  readonly tangent: Float64Array;
  readonly value: Float64Array;

  private readonly program: FlatProgram;
  /** Registers: coordinates, products, the constant 1. */
  private readonly registers: Float64Array;
  private readonly fullCorrection: Float64Array;
  private readonly targetJacobian: Float64Array;
  private readonly targetValue: Float64Array;
  private readonly startJacobian: Float64Array;
  private readonly startValue: Float64Array;
  private readonly matrix: Float64Array;
  private readonly charts: Int32Array;
  private readonly active: Int32Array;
  private readonly scratch = new Float64Array(6 * STRIDE);
  private readonly forms: Float64Array;
  private readonly blended: Float64Array;
  private startCoefficients: Float64Array = new Float64Array(0);
  private targetCoefficients: Float64Array = new Float64Array(0);

  constructor(private readonly structure: HomotopyStructure) {
    const { variables: n, coordinates: N } = structure;
    this.variables = n;
    this.coordinates = N;
    this.program = flattenProgram(structure);
    const numbers = (count: number) => new Float64Array(STRIDE * count);
    this.registers = numbers(this.program.registers);
    this.registers[STRIDE * this.program.one] = 1;
    this.point = new Float64Array(2 * N);
    this.low = new Float64Array(2 * N);
    this.correction = new Float64Array(2 * N);
    this.tangent = new Float64Array(2 * N);
    this.value = new Float64Array(2 * n);
    this.fullCorrection = numbers(N);
    this.targetJacobian = numbers(n * N);
    this.startJacobian = numbers(n * N);
    this.targetValue = numbers(n);
    this.startValue = numbers(n);
    this.matrix = numbers(n * (n + 2));
    this.charts = new Int32Array(structure.groups.length);
    this.active = new Int32Array(n);
    this.blended = numbers(structure.target.derived.length);
    const factors =
      structure.start.kind === 'product'
        ? Math.max(...structure.start.factors.map((list) => list.length))
        : 0;
    this.forms = numbers(2 * factors + 2);
  }

  setStart(coefficients: Float64Array): void {
    this.startCoefficients = widen(coefficients);
  }

  /** Without low parts F is another system: a rounded coefficient can make ends at infinity finite. */
  setTarget(coefficients: Float64Array, low?: Float64Array): void {
    this.targetCoefficients = widen(coefficients, low);
  }

  setPoint(point: Float64Array, low?: Float64Array): void {
    for (let j = 0; j < 2 * this.coordinates; j++) {
      this.registers[2 * j] = point[j]!;
      this.registers[2 * j + 1] = low ? low[j]! : 0;
    }
    this.publishPoint();
  }

  setCharts(charts: ArrayLike<number>): void {
    let count = 0;
    for (let g = 0; g < this.charts.length; g++) this.charts[g] = charts[g]!;
    for (let j = 0; j < this.coordinates; j++) {
      if (this.charts[this.structure.groupOf[j]!] !== j) this.active[count++] = j;
    }
  }

  applyCorrection(): void {
    for (let j = 0; j < this.coordinates; j++) {
      const at = STRIDE * j;
      subtract(this.registers, at, this.fullCorrection, at, this.registers, at);
    }
    this.publishPoint();
  }

  rechart(charts: ArrayLike<number>): void {
    const { registers, scratch } = this;
    const inverse = new Float64Array(STRIDE * charts.length);
    for (let g = 0; g < charts.length; g++) {
      reciprocal(registers, STRIDE * charts[g]!, inverse, STRIDE * g);
    }
    this.structure.groupOf.forEach((g, j) => {
      const at = STRIDE * j;
      if (charts[g] === j) registers.set([1, 0, 0, 0], at);
      else {
        multiply(registers, at, inverse, STRIDE * g, scratch, 0);
        registers.set(scratch.subarray(0, STRIDE), at);
      }
    });
    this.publishPoint();
    this.setCharts(charts);
  }

  iterate(sRe: number, sIm: number): number {
    const { variables: n, coordinates: N, matrix, active, scratch } = this;
    const { products } = this.program;
    for (let p = 0, to = STRIDE * N; p < products.length; p += 2, to += STRIDE) {
      multiply(
        this.registers,
        STRIDE * products[p]!,
        this.registers,
        STRIDE * products[p + 1]!,
        this.registers,
        to,
      );
    }
    scratch.fill(0);
    scratch[0] = sRe;
    scratch[2] = sIm;
    const family = this.structure.start.kind === 'parameters';
    if (family) this.evaluateFamily();
    else {
      this.evaluateTarget(this.targetCoefficients);
      this.evaluateStart();
    }
    for (let i = 0; i < n; i++) {
      const row = STRIDE * i * (n + 2);
      for (let c = 0; c < n; c++) {
        const at = STRIDE * (i * N + active[c]!);
        if (family) matrix.set(this.targetJacobian.subarray(at, at + STRIDE), row + STRIDE * c);
        else this.blend(this.targetJacobian, this.startJacobian, at, matrix, row + STRIDE * c);
      }
      const at = STRIDE * i;
      const right = row + STRIDE * n;
      if (family) {
        matrix.set(this.targetValue.subarray(at, at + STRIDE), right);
        for (let k = 0; k < STRIDE; k++) matrix[right + STRIDE + k] = -this.startValue[at + k]!;
      } else {
        this.blend(this.targetValue, this.startValue, at, matrix, right);
        subtract(this.targetValue, at, this.startValue, at, matrix, right + STRIDE);
      }
      this.value[2 * i] = matrix[right]!;
      this.value[2 * i + 1] = matrix[right + 2]!;
    }
    const ratio = solveLinear(matrix, n, scratch);
    this.fullCorrection.fill(0);
    this.correction.fill(0);
    this.tangent.fill(0);
    for (let c = 0; c < n; c++) {
      const from = STRIDE * (c * (n + 2) + n);
      const j = active[c]!;
      for (let k = 0; k < STRIDE; k++) this.fullCorrection[STRIDE * j + k] = matrix[from + k]!;
      this.correction[2 * j] = matrix[from]!;
      this.correction[2 * j + 1] = matrix[from + 2]!;
      this.tangent[2 * j] = matrix[from + STRIDE]!;
      this.tangent[2 * j + 1] = matrix[from + STRIDE + 2]!;
    }
    return ratio;
  }

  /** out = target + s (start - target); s is at scratch[0]. */
  private blend(
    target: Float64Array,
    start: Float64Array,
    at: number,
    out: Float64Array,
    to: number,
  ): void {
    const { scratch } = this;
    subtract(start, at, target, at, scratch, STRIDE);
    multiply(scratch, STRIDE, scratch, 0, scratch, STRIDE);
    add(target, at, scratch, STRIDE, out, to);
  }

  private evaluateTarget(coefficients: Float64Array): void {
    const { program, coordinates: N, targetJacobian, targetValue, scratch } = this;
    for (let i = 0; i < this.variables; i++) {
      const group = program.eulerGroup[i]!;
      const value = STRIDE * i;
      targetValue.fill(0, value, value + STRIDE);
      for (let e = program.rowStart[i]!; e < program.rowStart[i + 1]!; e++) {
        const column = program.columns[e]!;
        const at = STRIDE * (i * N + column);
        this.sum(program.entries, e, coefficients, targetJacobian, at);
        if (this.structure.groupOf[column] === group) {
          multiply(this.registers, STRIDE * column, targetJacobian, at, scratch, STRIDE);
          add(targetValue, value, scratch, STRIDE, targetValue, value);
        }
      }
      if (group < 0) this.sum(program.direct, i, coefficients, targetValue, value);
      else divideReal(targetValue, value, program.eulerDegree[i]!, scratch);
    }
  }

  /** targetJacobian and targetValue hold J and H themselves, startValue holds H_s. */
  private evaluateFamily(): void {
    const { blended, startCoefficients: c0, targetCoefficients: c1, scratch } = this;
    for (let k = 0; k < blended.length; k += STRIDE) subtract(c0, k, c1, k, blended, k);
    for (let i = 0; i < this.variables; i++) {
      this.sum(this.program.direct, i, blended, this.startValue, STRIDE * i);
    }
    for (let k = 0; k < blended.length; k += STRIDE) {
      multiply(blended, k, scratch, 0, blended, k);
      add(c1, k, blended, k, blended, k);
    }
    this.evaluateTarget(blended);
  }

  private evaluateStart(): void {
    const { startJacobian, startValue, startCoefficients: c, coordinates: N, registers } = this;
    const { forms, scratch } = this;
    const start = this.structure.start;
    startJacobian.fill(0);
    startValue.fill(0);
    if (start.kind === 'univariate') {
      start.degrees.forEach((degree, i) => {
        [i, this.variables].forEach((coordinate, k) => {
          const entry = STRIDE * (i * N + coordinate);
          startJacobian.set(c.subarray(STRIDE * (2 * i + k), STRIDE * (2 * i + k + 1)), entry);
          for (let e = 1; e < degree; e++) {
            multiply(startJacobian, entry, registers, STRIDE * coordinate, startJacobian, entry);
          }
          multiply(startJacobian, entry, registers, STRIDE * coordinate, scratch, STRIDE);
          add(startValue, STRIDE * i, scratch, STRIDE, startValue, STRIDE * i);
          scale(startJacobian, entry, degree, startJacobian, entry);
        });
      });
    } else if (start.kind === 'product') {
      start.factors.forEach((factors, i) => {
        const d = factors.length;
        // forms[0..d-1] the linear forms, forms[d..2d-1] their suffix products, forms[2d] = 1
        forms.fill(0);
        factors.forEach(({ coordinates, offset }, j) => {
          coordinates.forEach((coordinate, k) => {
            multiply(c, STRIDE * (offset + k), registers, STRIDE * coordinate, scratch, STRIDE);
            add(forms, STRIDE * j, scratch, STRIDE, forms, STRIDE * j);
          });
        });
        forms[STRIDE * 2 * d] = 1;
        for (let j = d - 1; j >= 0; j--) {
          multiply(forms, STRIDE * j, forms, STRIDE * (d + j + 1), forms, STRIDE * (d + j));
        }
        startValue.set(forms.subarray(STRIDE * d, STRIDE * (d + 1)), STRIDE * i);
        // prefix product in scratch[8..11], product of the others in scratch[12..15]
        scratch.set([1, 0, 0, 0], 2 * STRIDE);
        factors.forEach(({ coordinates, offset }, j) => {
          multiply(scratch, 2 * STRIDE, forms, STRIDE * (d + j + 1), scratch, 3 * STRIDE);
          coordinates.forEach((coordinate, k) => {
            const entry = STRIDE * (i * N + coordinate);
            multiply(c, STRIDE * (offset + k), scratch, 3 * STRIDE, scratch, STRIDE);
            add(startJacobian, entry, scratch, STRIDE, startJacobian, entry);
          });
          multiply(scratch, 2 * STRIDE, forms, STRIDE * j, scratch, 2 * STRIDE);
        });
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
    const { registers, scratch } = this;
    out.fill(0, at, at + STRIDE);
    for (let t = sums.start[index]!; t < sums.start[index + 1]!; t++) {
      const coefficient = sums.coefficients[t]!;
      const m = STRIDE * sums.registers[t]!;
      if (coefficient === PLUS_ONE) add(out, at, registers, m, out, at);
      else if (coefficient === MINUS_ONE) subtract(out, at, registers, m, out, at);
      else {
        multiply(coefficients, STRIDE * coefficient, registers, m, scratch, STRIDE);
        add(out, at, scratch, STRIDE, out, at);
      }
    }
  }

  private publishPoint(): void {
    for (let j = 0; j < 2 * this.coordinates; j++) {
      this.point[j] = this.registers[2 * j]!;
      this.low[j] = this.registers[2 * j + 1]!;
    }
  }
}

function widen(coefficients: Float64Array, low?: Float64Array): Float64Array {
  const out = new Float64Array(2 * coefficients.length);
  coefficients.forEach((part, k) => {
    out[2 * k] = part;
    out[2 * k + 1] = low?.[k] ?? 0;
  });
  return out;
}

/** a /= divisor, for a small integer divisor (a multiplication by a double-double reciprocal). */
function divideReal(a: Float64Array, at: number, divisor: number, scratch: Float64Array): void {
  if (divisor === 1) return;
  const d = STRIDE;
  scratch.set([divisor, 0, 0, 0], 4 * d);
  reciprocal(scratch, 4 * d, scratch, 5 * d);
  multiply(a, at, scratch, 5 * d, a, at);
}

/** Same contract as `solveComplexLinear`, two right sides, in double-double. */
function solveLinear(matrix: Float64Array, n: number, scratch: Float64Array): number {
  const width = STRIDE * (n + 2);
  const magnitude = (at: number) => Math.abs(matrix[at]!) + Math.abs(matrix[at + 2]!);
  for (let i = 0; i < n; i++) {
    let largest = 0;
    for (let c = 0; c < n; c++) largest = Math.max(largest, magnitude(i * width + STRIDE * c));
    if (!(largest > 0 && largest < Infinity)) return 0;
    const factor = 2 ** -Math.floor(Math.log2(largest));
    for (let k = i * width; k < (i + 1) * width; k++) matrix[k]! *= factor;
  }
  let smallestPivot = Infinity;
  let largestPivot = 0;
  for (let k = 0; k < n; k++) {
    let pivotRow = k;
    for (let i = k + 1; i < n; i++) {
      if (magnitude(i * width + STRIDE * k) > magnitude(pivotRow * width + STRIDE * k))
        pivotRow = i;
    }
    const size = magnitude(pivotRow * width + STRIDE * k);
    if (!(size > 0 && size < Infinity)) return 0;
    smallestPivot = Math.min(smallestPivot, size);
    largestPivot = Math.max(largestPivot, size);
    if (pivotRow !== k) {
      for (let c = STRIDE * k; c < width; c++) {
        const swap = matrix[k * width + c]!;
        matrix[k * width + c] = matrix[pivotRow * width + c]!;
        matrix[pivotRow * width + c] = swap;
      }
    }
    const pivot = k * width + STRIDE * k;
    reciprocal(matrix, pivot, matrix, pivot);
    for (let i = k + 1; i < n; i++) {
      const row = i * width;
      multiply(matrix, row + STRIDE * k, matrix, pivot, scratch, 2 * STRIDE);
      for (let c = k + 1; c < n + 2; c++) {
        const at = row + STRIDE * c;
        multiply(scratch, 2 * STRIDE, matrix, k * width + STRIDE * c, scratch, STRIDE);
        subtract(matrix, at, scratch, STRIDE, matrix, at);
      }
    }
  }
  for (let column = n; column < n + 2; column++) {
    for (let i = n - 1; i >= 0; i--) {
      const at = i * width + STRIDE * column;
      for (let c = i + 1; c < n; c++) {
        multiply(
          matrix,
          i * width + STRIDE * c,
          matrix,
          c * width + STRIDE * column,
          scratch,
          STRIDE,
        );
        subtract(matrix, at, scratch, STRIDE, matrix, at);
      }
      multiply(matrix, at, matrix, i * width + STRIDE * i, matrix, at);
    }
  }
  return smallestPivot / largestPivot;
}
