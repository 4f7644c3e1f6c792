/**
 * Newton iterations in any arithmetic on flat arrays: needs neither eval nor WebAssembly.
 *
 * f64 is 3 to 5 times slower than the WebAssembly made for the system, double-double some 30 times.
 */
import * as complex from '../../math/complex.js';
import { solveComplexLinear } from '../../math/complex-linear.js';
import * as doubleDouble from '../../math/double-double.js';
import { solveDoubleDouble } from '../../math/double-double-linear.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { Interpreter, type Arithmetic } from '../program/interpreter.js';
import { NewtonKernel, type PolyhedralKernel } from './kernel.js';
import { writePowers, writeStepNumbers, type StepArithmetic } from './step-numbers.js';

interface NewtonArithmetic extends Arithmetic, StepArithmetic {
  readonly epsilon: number;
  /** Solves in place, two right sides; same contract as `solveComplexLinear`. */
  solve(matrix: Float64Array, n: number): number;
}

const f64: NewtonArithmetic = {
  ...complex,
  epsilon: 2 ** -52,
  solve: (matrix, n) => solveComplexLinear(matrix, n, 2),
};
const precise: NewtonArithmetic = {
  ...doubleDouble,
  epsilon: 2 ** -104,
  solve: solveDoubleDouble,
};

class InterpretedKernel extends NewtonKernel {
  readonly epsilon: number;
  readonly point: Float64Array;
  readonly low: Float64Array | null;
  readonly value: Float64Array;
  protected readonly interpreter: Interpreter;
  /** n rows: Jacobian, H, -H_s; after the solution the corrections in full precision. */
  private readonly matrix: Float64Array;
  private readonly stride: number;
  private gamma: readonly [number, number] = [1, 0];
  protected s: readonly [number, number] | null = null;

  constructor(
    structure: HomotopyStructure,
    private readonly arithmetic: NewtonArithmetic,
  ) {
    super(structure);
    const { variables: n, coordinates: N } = structure;
    this.epsilon = arithmetic.epsilon;
    this.stride = arithmetic.STRIDE;
    this.interpreter = new Interpreter(structure.program, arithmetic);
    this.point = new Float64Array(2 * N);
    this.low = this.stride > 2 ? new Float64Array(2 * N) : null;
    this.value = new Float64Array(2 * n);
    this.matrix = new Float64Array(this.stride * n * (n + 2));
  }

  setStart(coefficients: Float64Array): void {
    this.interpreter.setStarts(coefficients);
    this.gamma = [coefficients[0]!, coefficients[1]!];
    this.s = null;
  }

  /** Without low parts F is another system: a rounded coefficient can make ends at infinity finite. */
  setTarget(coefficients: Float64Array, low?: Float64Array): void {
    this.interpreter.setData(coefficients, low);
    this.s = null;
  }

  setPoint(point: Float64Array, low?: Float64Array): void {
    const { registers } = this.interpreter;
    for (let j = 0; j < this.coordinates; j++) {
      const k = 2 * j;
      this.arithmetic.put(
        registers,
        this.stride * j,
        point[k]!,
        point[k + 1]!,
        low?.[k],
        low?.[k + 1],
      );
    }
    this.publishPoint();
  }

  applyCorrection(): void {
    const { matrix, active, stride, variables: n } = this;
    for (let c = 0; c < n; c++) {
      const from = stride * (c * (n + 2) + n);
      this.arithmetic.addTo(matrix, from, -1, this.interpreter.registers, stride * active[c]!);
    }
    this.publishPoint();
  }

  rechart(charts: ArrayLike<number>): void {
    const { stride, arithmetic } = this;
    const { registers } = this.interpreter;
    const inverse = new Float64Array(stride * charts.length);
    for (let g = 0; g < charts.length; g++) {
      arithmetic.reciprocal(registers, stride * charts[g]!, inverse, stride * g);
    }
    const scratch = new Float64Array(stride);
    this.structure.groupOf.forEach((g, j) => {
      const at = stride * j;
      if (charts[g] === j) arithmetic.put(registers, at, 1, 0);
      else {
        arithmetic.put(scratch, 0, 0, 0);
        arithmetic.addProduct(registers, at, inverse, stride * g, 1, scratch, 0);
        registers.set(scratch, at);
      }
    });
    this.publishPoint();
    this.setCharts(charts);
  }

  iterate(sRe: number, sIm: number): number {
    const {
      variables: n,
      matrix,
      active,
      columns,
      stride,
      arithmetic,
      interpreter,
      structure,
    } = this;
    const { program } = structure;
    if (sRe !== this.s?.[0] || sIm !== this.s[1]) {
      this.s = [sRe, sIm];
      this.writeStep(sRe, sIm);
    }
    interpreter.run();
    const { registers } = interpreter;
    matrix.fill(0);
    const copy = (register: number, at: number): void => {
      for (let part = 0; part < stride; part++)
        matrix[at + part] = registers[stride * register + part]!;
    };
    for (let i = 0; i < n; i++) {
      const row = i * (n + 2);
      for (const { coordinate, register } of program.jacobian[i]!) {
        if (columns[coordinate]! >= 0) copy(register, stride * (row + columns[coordinate]!));
      }
      copy(program.values[i]!, stride * (row + n));
      copy(program.derivatives[i]!, stride * (row + n + 1));
      this.value[2 * i] = matrix[stride * (row + n)]!;
      this.value[2 * i + 1] = matrix[stride * (row + n) + stride / 2]!;
    }
    const ratio = arithmetic.solve(matrix, n);
    for (let c = 0; c < n; c++) {
      const from = stride * (c * (n + 2) + n);
      const to = 2 * active[c]!;
      this.correction[to] = matrix[from]!;
      this.correction[to + 1] = matrix[from + stride / 2]!;
      this.tangent[to] = matrix[from + stride]!;
      this.tangent[to + 1] = matrix[from + stride + stride / 2]!;
    }
    return ratio;
  }

  /** Everything that depends on s alone. */
  protected writeStep(sRe: number, sIm: number): void {
    const { arithmetic, interpreter, stride, gamma } = this;
    const { stepKind, step } = this.structure.program;
    const { registers } = interpreter;
    writeStepNumbers(arithmetic, stepKind, [sRe, sIm], gamma, registers, stride * step);
    interpreter.runStep();
  }

  private publishPoint(): void {
    const { registers } = this.interpreter;
    const { point, low, stride } = this;
    const part = stride / 2;
    for (let k = 0; k < 2 * this.coordinates; k++) {
      point[k] = registers[part * k]!;
      if (low) low[k] = registers[part * k + 1]!;
    }
  }
}

/** In f64. */
export class TypedArrayKernel extends InterpretedKernel implements PolyhedralKernel {
  private powers: Float64Array | null = null;
  private data: Float64Array = new Float64Array(0);

  constructor(structure: HomotopyStructure) {
    super(structure, f64);
  }

  override setTarget(coefficients: Float64Array): void {
    super.setTarget(coefficients);
    this.data = coefficients;
  }

  setPowers(powers: Float64Array | null): void {
    this.powers = powers;
    this.s = null;
  }

  protected override writeStep(sRe: number, sIm: number): void {
    const { registers } = this.interpreter;
    if (!this.powers) super.writeStep(sRe, sIm);
    else writePowers(this.structure.program, this.powers, sRe, this.data, registers);
  }
}

/** In about 32 digits. */
export class DoubleDoubleKernel extends InterpretedKernel {
  constructor(structure: HomotopyStructure) {
    super(structure, precise);
  }
}
