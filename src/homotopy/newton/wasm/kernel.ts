/**
 * Newton iterations by a WebAssembly module made for the system: H, its Jacobian and -H_s at (x, s), then LU.
 *
 * Instructions and columns are unrolled, rows are loops (emit-solve.ts says why).
 */
import type { HomotopyStructure } from '../../program/homotopy.js';
import { NewtonKernel, rechartPoint, type PolyhedralKernel } from '../kernel.js';
import { writeF64StepNumbers, writePowers } from '../step-numbers.js';
import { encodeModule, FunctionBody } from './assembler.js';
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
  const { program } = structure;
  const iterate = new FunctionBody([]);
  new ProgramEmitter(iterate, program, layout).emitInstructions();
  emitSolve(iterate, structure.variables, structure.coordinates, layout);
  const step = new FunctionBody([]);
  new ProgramEmitter(step, program, layout).emitStep();
  step.f64(0);
  const module = await WebAssembly.compile(encodeModule({ iterate, step }, layout.bytes));
  return { module, layout };
}

export class WasmKernel extends NewtonKernel implements PolyhedralKernel {
  readonly epsilon = 2 ** -52;
  readonly point: Float64Array;
  readonly low = null;
  readonly value: Float64Array;
  private readonly solutions: Float64Array;
  private readonly registers: Float64Array;
  private readonly data: Float64Array;
  private readonly columnOffsets: Int32Array;
  private readonly run: () => number;
  private readonly runStep: () => number;
  private gamma: readonly [number, number] = [1, 0];
  private powers: Float64Array | null = null;
  private sRe = NaN;
  private sIm = NaN;

  constructor(structure: HomotopyStructure, { module, layout }: CompiledKernel) {
    super(structure);
    const instance = new WebAssembly.Instance(module);
    const { memory, iterate, step } = instance.exports as {
      memory: WebAssembly.Memory;
      iterate: () => number;
      step: () => number;
    };
    const { variables: n, coordinates: N, program } = structure;
    const view = (at: number, complexNumbers: number) =>
      new Float64Array(memory.buffer, at, 2 * complexNumbers);
    this.run = iterate;
    this.runStep = step;
    this.registers = view(layout.registers, program.temporaries);
    this.registers[2 * program.one] = 1;
    this.point = view(layout.registers, N);
    this.data = view(layout.data, (layout.active - layout.data) / 16);
    this.value = view(layout.value, n);
    this.solutions = view(layout.matrix, n * (n + 2));
    this.columnOffsets = new Int32Array(memory.buffer, layout.active, n);
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
    for (let c = 0; c < this.variables; c++) this.columnOffsets[c] = 16 * this.active[c]!;
  }

  iterate(sRe: number, sIm: number): number {
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
    const ratio = this.run();
    const { variables: n, solutions, active, correction, tangent } = this;
    for (let c = 0, from = 2 * n; c < n; c++, from += 2 * (n + 2)) {
      const to = 2 * active[c]!;
      correction[to] = solutions[from]!;
      correction[to + 1] = solutions[from + 1]!;
      tangent[to] = solutions[from + 2]!;
      tangent[to + 1] = solutions[from + 3]!;
    }
    return ratio;
  }

  applyCorrection(): void {
    const { point, correction } = this;
    for (let k = 0; k < point.length; k++) point[k]! -= correction[k]!;
  }

  rechart(charts: ArrayLike<number>): void {
    rechartPoint(this.point, this.structure.groupOf, charts);
    this.setCharts(charts);
  }
}
