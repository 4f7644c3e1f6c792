/**
 * Newton iterations by the emitted WebAssembly module.
 */
import type { HomotopyStructure } from '../../program/homotopy.js';
import type { NewtonKernel } from '../kernel.js';
import { rechartPoint } from '../typed-array-kernel.js';
import { emitModule } from './emit.js';
import { memoryLayout, type MemoryLayout } from './layout.js';

/** Compiled code and where its data lie; can be posted to a worker. */
export interface CompiledKernel {
  readonly module: WebAssembly.Module;
  readonly layout: MemoryLayout;
}

/** Beyond this many unknowns the unrolled elimination is too large to be worth compiling. */
const LARGEST_UNROLLED = 24;

/**
 * @param startLength complex numbers in `startCoefficients`.
 * @returns null where WebAssembly (or its SIMD) is not allowed or the system is too large.
 */
export async function compileKernel(
  structure: HomotopyStructure,
  startLength: number,
): Promise<CompiledKernel | null> {
  if (structure.variables > LARGEST_UNROLLED || typeof WebAssembly === 'undefined') return null;
  const layout = memoryLayout(structure, startLength);
  try {
    return { module: await WebAssembly.compile(emitModule(structure, layout)), layout };
  } catch (error) {
    // A Content-Security-Policy without 'wasm-unsafe-eval', or no SIMD: typed arrays serve.
    if (error instanceof WebAssembly.CompileError) return null;
    throw error;
  }
}

export class WasmKernel implements NewtonKernel {
  readonly variables: number;
  readonly coordinates: number;
  readonly epsilon = 2 ** -52;
  readonly point: Float64Array;
  readonly low = null;
  readonly correction: Float64Array;
  readonly tangent: Float64Array;
  readonly value: Float64Array;
  private readonly solutions: Float64Array;
  private readonly startCoefficients: Float64Array;
  private readonly targetCoefficients: Float64Array;
  private readonly active: Int32Array;
  private readonly columns: Int32Array;
  private readonly run: (sRe: number, sIm: number) => number;

  constructor(
    private readonly structure: HomotopyStructure,
    { module, layout }: CompiledKernel,
  ) {
    const instance = new WebAssembly.Instance(module);
    const { memory, iterate } = instance.exports as {
      memory: WebAssembly.Memory;
      iterate: (sRe: number, sIm: number) => number;
    };
    const { variables: n, coordinates: N } = structure;
    const view = (at: number, complexNumbers: number) =>
      new Float64Array(memory.buffer, at, 2 * complexNumbers);
    this.run = iterate;
    this.variables = n;
    this.coordinates = N;
    this.point = view(layout.point, N);
    this.value = view(layout.value, n);
    this.startCoefficients = view(
      layout.startCoefficients,
      (layout.targetCoefficients - layout.startCoefficients) / 16,
    );
    this.targetCoefficients = view(layout.targetCoefficients, structure.target.derived.length);
    this.solutions = view(layout.matrix, n * (n + 2));
    this.active = new Int32Array(memory.buffer, layout.active, n);
    this.columns = new Int32Array(n);
    this.correction = new Float64Array(2 * N);
    this.tangent = new Float64Array(2 * N);
  }

  setStart(coefficients: Float64Array): void {
    this.startCoefficients.set(coefficients);
  }

  setTarget(coefficients: Float64Array): void {
    this.targetCoefficients.set(coefficients);
  }

  setPoint(point: Float64Array): void {
    this.point.set(point);
  }

  setCharts(charts: ArrayLike<number>): void {
    let count = 0;
    for (let j = 0; j < this.coordinates; j++) {
      if (charts[this.structure.groupOf[j]!] === j) {
        this.correction[2 * j] = this.correction[2 * j + 1] = 0;
        this.tangent[2 * j] = this.tangent[2 * j + 1] = 0;
      } else {
        this.columns[count] = 2 * j;
        this.active[count++] = 16 * j;
      }
    }
  }

  iterate(sRe: number, sIm: number): number {
    const ratio = this.run(sRe, sIm);
    const { variables: n, solutions, columns, correction, tangent } = this;
    for (let c = 0, from = 2 * n; c < n; c++, from += 2 * (n + 2)) {
      const to = columns[c]!;
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
