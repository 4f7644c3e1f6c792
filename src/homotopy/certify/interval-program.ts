/**
 * The evaluation program in interval arithmetic: enclosures of F and of its Jacobian.
 *
 * The coefficients are enclosed, too. Those that f64 represents exactly are points; all others were
 * rounded to nearest, so they are widened by one unit in the last place, and what is proved holds for
 * the exact system. (A part that is 0 in f64 counts as 0: only parts below 2^-1075 round to it.)
 */
import * as interval from '../../math/interval.js';
import { MINUS_ONE, PLUS_ONE } from '../program/evaluation.js';
import { flattenProgram, type FlatProgram, type FlatSums } from '../program/flat-program.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';

const { STRIDE } = interval;

export class IntervalProgram {
  /** N rectangles: the point or box to evaluate at. Write it. */
  readonly coordinates: Float64Array;
  /** n x N rectangles; entries that the system leaves out stay 0. */
  readonly jacobian: Float64Array;
  /** n rectangles. */
  readonly values: Float64Array;
  readonly program: FlatProgram;

  private readonly registers: Float64Array;
  private readonly coefficients: Float64Array;
  private readonly term = new Float64Array(STRIDE);
  private readonly structure: HomotopyStructure;

  constructor({ structure, targetCoefficients, targetLow }: Homotopy) {
    const { variables: n, coordinates: N, target } = structure;
    this.structure = structure;
    this.program = flattenProgram(structure);
    this.registers = new Float64Array(STRIDE * this.program.registers);
    this.coordinates = this.registers.subarray(0, STRIDE * N);
    interval.setPoint(1, 0, this.registers, STRIDE * this.program.one);
    this.jacobian = new Float64Array(STRIDE * n * N);
    this.values = new Float64Array(STRIDE * n);
    this.coefficients = new Float64Array(STRIDE * target.derived.length);
    for (let k = 0; k < 2 * target.derived.length; k++) {
      const part = targetCoefficients[k]!;
      const isRounded = targetLow[k] !== 0;
      this.coefficients[2 * k] = isRounded ? interval.below(part) : part;
      this.coefficients[2 * k + 1] = isRounded ? interval.above(part) : part;
    }
  }

  /** Encloses F and dF over `coordinates`. */
  evaluate(): void {
    const { program, registers, jacobian, values, term } = this;
    const { coordinates: N, groupOf, variables } = this.structure;
    let to = STRIDE * N;
    for (let p = 0; p < program.products.length; p += 2, to += STRIDE) {
      const left = STRIDE * program.products[p]!;
      const right = STRIDE * program.products[p + 1]!;
      interval.multiply(registers, left, registers, right, registers, to);
    }
    for (let i = 0; i < variables; i++) {
      const group = program.eulerGroup[i]!;
      const value = STRIDE * i;
      if (group < 0) this.sum(program.direct, i, values, value);
      else values.fill(0, value, value + STRIDE);
      for (let e = program.rowStart[i]!; e < program.rowStart[i + 1]!; e++) {
        const column = program.columns[e]!;
        const at = STRIDE * (i * N + column);
        this.sum(program.entries, e, jacobian, at);
        if (groupOf[column] === group) {
          interval.multiply(jacobian, at, registers, STRIDE * column, term, 0);
          interval.add(values, value, term, 0, values, value);
        }
      }
      if (group >= 0) interval.divideReal(values, value, program.eulerDegree[i]!, values, value);
    }
  }

  private sum(sums: FlatSums, index: number, out: Float64Array, at: number): void {
    const { registers, term } = this;
    out.fill(0, at, at + STRIDE);
    for (let t = sums.start[index]!; t < sums.start[index + 1]!; t++) {
      const number = sums.coefficients[t]!;
      const register = STRIDE * sums.registers[t]!;
      if (number === PLUS_ONE) interval.add(out, at, registers, register, out, at);
      else if (number === MINUS_ONE) interval.subtract(out, at, registers, register, out, at);
      else {
        interval.multiply(registers, register, this.coefficients, STRIDE * number, term, 0);
        interval.add(out, at, term, 0, out, at);
      }
    }
  }
}
