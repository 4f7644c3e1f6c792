/**
 * Runs a program in any arithmetic on flat arrays: f64, double-double, intervals.
 */
import type { Program } from './program.js';

/** A number type. A number is STRIDE consecutive f64; results go to a destination. */
export interface Arithmetic {
  readonly STRIDE: number;
  /** out = re + im i. @param reLow what rounding took from `re` (and `imLow` from `im`), where the type can hold or enclose it. */
  put(out: Float64Array, k: number, re: number, im: number, reLow?: number, imLow?: number): void;
  /** out += sign * a */
  addTo(a: Float64Array, i: number, sign: number, out: Float64Array, k: number): void;
  /** out += sign * a * b; out is neither. */
  addProduct(
    a: Float64Array,
    i: number,
    b: Float64Array,
    j: number,
    sign: number,
    out: Float64Array,
    k: number,
  ): void;
  /** out = a * times / over, whole numbers; out may be a. */
  scale(
    a: Float64Array,
    i: number,
    times: number,
    over: number,
    out: Float64Array,
    k: number,
  ): void;
}

export class Interpreter {
  /** Every register's number, STRIDE each. Write the coordinates, read the outputs. */
  readonly registers: Float64Array;
  /** Instruction k has the terms begin[k]..begin[k + 1]. */
  private readonly begin: Int32Array;
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly sign: Float64Array;
  /** Of moving coefficients, STRIDE each. */
  private readonly data: Float64Array;
  /** Of de Casteljau's algorithm. */
  private readonly points: Float64Array;
  private readonly next: Float64Array;

  constructor(
    readonly program: Program,
    private readonly arithmetic: Arithmetic,
  ) {
    const { STRIDE } = arithmetic;
    const terms = program.instructions.flatMap((instruction) => instruction.terms);
    this.registers = new Float64Array(STRIDE * program.registers);
    arithmetic.put(this.registers, STRIDE * program.one, 1, 0);
    this.begin = Int32Array.from([
      0,
      ...cumulative(program.instructions.map((each) => each.terms.length)),
    ]);
    this.left = Int32Array.from(terms, (term) => STRIDE * term.left);
    this.right = Int32Array.from(terms, (term) => STRIDE * term.right);
    this.sign = Float64Array.from(terms, (term) => (term.negative ? -1 : 1));
    this.data = new Float64Array(program.moving.length > 0 ? STRIDE * program.data : 0);
    this.points = new Float64Array(STRIDE * (program.degree + 1));
    this.next = new Float64Array(STRIDE);
  }

  /** Coefficients of F: those that stay go to their registers. @param high,low interleaved re, im. */
  setData(high: Float64Array, low?: Float64Array): void {
    const { program, registers, data } = this;
    const { STRIDE } = this.arithmetic;
    program.rules.forEach(({ first, degree }, index) => {
      for (let k = first; k <= first + degree; k++) {
        const place = degree === 0 ? program.coefficients + index : k;
        const out = degree === 0 ? registers : data;
        this.put(out, STRIDE * place, high, low, k);
      }
    });
  }

  setStarts(coefficients: Float64Array): void {
    const { program } = this;
    const { STRIDE } = this.arithmetic;
    for (let k = 0; k < coefficients.length / 2; k++) {
      this.put(this.registers, STRIDE * (program.starts + k), coefficients, undefined, k);
    }
  }

  /** The coefficient program; the step's numbers are in their registers. */
  runStep(): void {
    const { program, registers, data } = this;
    const { STRIDE, addProduct, addTo, put, scale } = this.arithmetic;
    const tau = STRIDE * program.step;
    const rest = tau + 2 * STRIDE;
    const { points, next } = this;
    program.moving.forEach((index, k) => {
      const { first, degree } = program.rules[index]!;
      const value = STRIDE * (program.coefficients + index);
      const slope = STRIDE * (program.slopes + k);
      for (let power = 0; power <= degree; power++) {
        put(points, STRIDE * power, 0, 0);
        addTo(data, STRIDE * (first + power), 1, points, STRIDE * power);
      }
      for (let level = degree; level > 0; level--) {
        if (level === 1) {
          put(registers, slope, 0, 0);
          addTo(points, STRIDE, 1, registers, slope);
          addTo(points, 0, -1, registers, slope);
          if (degree > 1) scale(registers, slope, degree, 1, registers, slope);
        }
        for (let power = 0; power < level; power++) {
          put(next, 0, 0, 0);
          addProduct(points, STRIDE * power, registers, rest, 1, next, 0);
          addProduct(points, STRIDE * (power + 1), registers, tau, 1, next, 0);
          points.set(next, STRIDE * power);
        }
      }
      put(registers, value, 0, 0);
      addTo(points, 0, 1, registers, value);
    });
  }

  /** The instructions, from the coordinates to the outputs. */
  run(): void {
    const { program, registers, begin, left, right, sign } = this;
    const { STRIDE, addProduct, addTo, scale, put } = this.arithmetic;
    const one = STRIDE * program.one;
    let to = STRIDE * program.temporaries;
    for (let k = 0; k + 1 < begin.length; k++, to += STRIDE) {
      put(registers, to, 0, 0);
      for (let t = begin[k]!; t < begin[k + 1]!; t++) {
        if (right[t] === one) addTo(registers, left[t]!, sign[t]!, registers, to);
        else addProduct(registers, left[t]!, registers, right[t]!, sign[t]!, registers, to);
      }
      const { times, over } = program.instructions[k]!;
      if (times !== over) scale(registers, to, times, over, registers, to);
    }
  }

  private put(
    out: Float64Array,
    at: number,
    high: Float64Array,
    low: Float64Array | undefined,
    k: number,
  ): void {
    this.arithmetic.put(out, at, high[2 * k]!, high[2 * k + 1]!, low?.[2 * k], low?.[2 * k + 1]);
  }
}

function cumulative(lengths: readonly number[]): number[] {
  let total = 0;
  return lengths.map((length) => (total += length));
}
