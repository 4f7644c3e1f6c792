/**
 * Newton iterations by a WebAssembly module made for the system: H, its Jacobian and -H_s at (x, s), then LU.
 *
 * Instructions and columns are unrolled, rows are loops (emit-solve.ts says why). Where the Jacobian has few entries there
 * is a second LU, in a static order of pivots.
 */
import { inSlices, type Stepwise } from '../../../math/stepwise.js';
import type { HomotopyStructure } from '../../program/homotopy.js';
import { NewtonKernel, rechartPoint, type PolyhedralKernel } from '../kernel.js';
import { writeF64StepNumbers, writePowers } from '../step-numbers.js';
import { encodeModule, FunctionBody } from '../../../math/wasm-assembler.js';
import { eliminationOrder } from './elimination.js';
import { emitElimination } from './emit-elimination.js';
import { ProgramEmitter } from './emit-program.js';
import { emitSolve } from './emit-solve.js';
import { memoryLayout, type MemoryLayout } from './layout.js';

/** Compiled code and where its data lie; can be posted to a worker. */
export interface CompiledKernel {
  readonly module: WebAssembly.Module;
  readonly layout: MemoryLayout;
}

/**
 * Beyond this many unknowns the elimination, whose columns are unrolled, is too large to be worth compiling. The 312 paths of a
 * trifocal problem in 30 unknowns take a third of the CPU time of the interpreted kernel, compiling included (2026-11-27).
 */
const LARGEST_COMPILED = 64;

/**
 * @returns null for systems that are too large.
 * @throws WebAssembly.CompileError where WebAssembly, or its SIMD, is not allowed.
 */
export async function compileKernel(structure: HomotopyStructure): Promise<CompiledKernel | null> {
  if (structure.variables > LARGEST_COMPILED) return null;
  const layout = memoryLayout(structure);
  const functions = await inSlices(emitFunctions(structure, layout));
  if (Object.values(functions).some(({ isTooLarge }) => isTooLarge)) return null;
  const module = await WebAssembly.compile(encodeModule(functions, layout.bytes));
  return { module, layout };
}

function* emitFunctions(
  structure: HomotopyStructure,
  layout: MemoryLayout,
): Stepwise<Record<string, FunctionBody>> {
  const { program } = structure;
  const evaluate = new FunctionBody([]);
  yield* new ProgramEmitter(evaluate, program, layout).emitInstructions();
  evaluate.f64(0);
  if (evaluate.isTooLarge) return { evaluate };
  const solve = new FunctionBody([]);
  emitSolve(solve, structure.variables, structure.coordinates, layout);
  const step = new FunctionBody([]);
  new ProgramEmitter(step, program, layout).emitStep();
  step.f64(0);
  yield;
  const functions: Record<string, FunctionBody> = { evaluate, solve, step };
  const pivots = eliminationOrder(structure);
  if (pivots) {
    functions.eliminate = new FunctionBody([]);
    emitElimination(functions.eliminate, structure, pivots, layout);
  }
  return functions;
}

/** Nearer to singular than this pivots are searched for. */
const SMALLEST_STATIC_RATIO = 1e-5;

export class WasmKernel extends NewtonKernel implements PolyhedralKernel {
  readonly epsilon = 2 ** -52;
  readonly point: Float64Array;
  readonly low = null;
  readonly value: Float64Array;
  private readonly registers: Float64Array;
  private readonly data: Float64Array;
  /** Square of the largest correction, and the largest part of the tangent. */
  private readonly sizes: Float64Array;
  /** The chart's, then those of the unknowns. */
  private readonly offsets: Int32Array;
  private readonly evaluate: () => number;
  private readonly solve: () => number;
  /** In a static order of pivots; null where there is none. */
  private readonly eliminate: (() => number) | null;
  private readonly runStep: () => number;
  private gamma: readonly [number, number] = [1, 0];
  private powers: Float64Array | null = null;
  private sRe = NaN;
  private sIm = NaN;

  constructor(structure: HomotopyStructure, { module, layout }: CompiledKernel) {
    const { memory, evaluate, solve, step, eliminate } = new WebAssembly.Instance(module)
      .exports as {
      memory: WebAssembly.Memory;
      evaluate: () => number;
      solve: () => number;
      step: () => number;
      eliminate?: () => number;
    };
    const { variables: n, coordinates: N, program } = structure;
    const view = (at: number, complexNumbers: number) =>
      new Float64Array(memory.buffer, at, 2 * complexNumbers);
    super(structure, view(layout.correction, N), view(layout.tangent, N));
    this.evaluate = evaluate;
    this.solve = solve;
    this.eliminate = eliminate ?? null;
    this.runStep = step;
    this.registers = view(layout.registers, program.temporaries);
    this.registers[2 * program.one] = 1;
    this.point = view(layout.registers, N);
    this.data = view(layout.data, (layout.chart - layout.data) / 16);
    this.value = view(layout.value, n);
    this.sizes = view(layout.sizes, 1);
    this.offsets = new Int32Array(memory.buffer, layout.chart, 4 + n);
  }

  setStart(coefficients: Float64Array): void {
    this.registers.set(coefficients, 2 * this.structure.program.starts);
    this.gamma = [coefficients[0]!, coefficients[1]!];
    this.sRe = NaN;
  }

  setTarget(coefficients: Float64Array): void {
    const { program } = this.structure;
    program.rules.forEach(({ first, degree }, index) => {
      if (degree > 0) return;
      const at = 2 * (program.coefficients + index);
      this.registers[at] = coefficients[2 * first]!;
      this.registers[at + 1] = coefficients[2 * first + 1]!;
    });
    if (this.data.length > 0) this.data.set(coefficients);
    this.sRe = NaN;
  }

  setPowers(powers: Float64Array | null): void {
    this.powers = powers;
    this.sRe = NaN;
  }

  setPoint(point: Float64Array): void {
    // By hand: TypedArray.set costs more than the copies of so few numbers.
    for (let k = 0; k < this.point.length; k++) this.point[k] = point[k]!;
  }

  override setCharts(charts: ArrayLike<number>): void {
    super.setCharts(charts);
    const { offsets, active } = this;
    offsets[0] = 16 * charts[charts.length - 1]!;
    for (let c = 0; c < active.length; c++) offsets[4 + c] = 16 * active[c]!;
  }

  iterate(sRe: number, sIm: number): number {
    this.evaluateAt(sRe, sIm);
    return this.solve();
  }

  override iterateOnTheWay(sRe: number, sIm: number): number {
    this.evaluateAt(sRe, sIm);
    const ratio = this.eliminate === null ? 0 : this.eliminate();
    return ratio > SMALLEST_STATIC_RATIO ? ratio : this.solve();
  }

  override correctionSize(): number {
    return Math.sqrt(this.sizes[0]!);
  }

  override hasFiniteTangent(): boolean {
    return this.sizes[1]! < Infinity;
  }

  applyCorrection(): void {
    const { point, correction } = this;
    for (let k = 0; k < point.length; k++) point[k]! -= correction[k]!;
  }

  rechart(charts: ArrayLike<number>): void {
    rechartPoint(this.point, this.structure.groupOf, charts);
    this.setCharts(charts);
  }

  /** H, its Jacobian and -H_s. */
  private evaluateAt(sRe: number, sIm: number): void {
    const { program } = this.structure;
    if (sRe !== this.sRe || sIm !== this.sIm) {
      this.sRe = sRe;
      this.sIm = sIm;
      if (this.powers) {
        writePowers(program, this.powers, sRe, this.data, this.registers);
      } else {
        const { gamma, registers } = this;
        writeF64StepNumbers(program.stepKind, sRe, sIm, gamma, registers, 2 * program.step);
        if (program.moving.length > 0) this.runStep();
      }
    }
    this.evaluate();
  }
}
