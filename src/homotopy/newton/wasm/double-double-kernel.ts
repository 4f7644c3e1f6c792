/**
 * Newton iterations in double-double by the module of double-double-module.ts.
 */
import * as doubleDouble from '../../../math/double-double.js';
import type { HomotopyStructure } from '../../program/homotopy.js';
import type { Instruction, Program } from '../../program/program.js';
import { NewtonKernel } from '../kernel.js';
import { writeStepNumbers } from '../step-numbers.js';
import { doubleDoubleModule, INSTRUCTION, NUMBER, TERM, TermKind } from './double-double-module.js';

const PAGE = 65536;
const modules = new Map<number, Promise<WebAssembly.Module>>();

/** The module with enough memory for a system. @throws WebAssembly.CompileError where SIMD is not allowed. */
export function compileDoubleDouble(structure: HomotopyStructure): Promise<WebAssembly.Module> {
  const { bytes } = new Table(structure);
  const pages = 2 ** Math.ceil(Math.log2(Math.max(1, bytes / PAGE)));
  let module = modules.get(pages);
  if (!module) {
    module = WebAssembly.compile(doubleDoubleModule(pages));
    modules.set(pages, module);
  }
  return module;
}

/** Instructions as words, and where everything lies. */
class Table {
  readonly words: number[] = [];
  readonly step: { readonly begin: number; readonly end: number };
  readonly iteration: { readonly begin: number; readonly end: number };
  /** Real factors, by address. */
  readonly factors: readonly {
    readonly at: number;
    readonly times: number;
    readonly over: number;
  }[];
  readonly data: number;
  /** Of de Casteljau's algorithm. */
  readonly points: number;
  readonly matrix: number;
  readonly rows: number;
  readonly bytes: number;

  constructor({ program, variables: n }: HomotopyStructure) {
    this.data = NUMBER * program.registers;
    this.points = this.data + NUMBER * (program.moving.length > 0 ? program.data : 0);
    const factorsAt = this.points + NUMBER * (program.degree + 1);
    const scaled = program.instructions.filter(({ times, over }) => times !== over);
    const factors = new Map<string, { at: number; times: number; over: number }>();
    for (const { times, over } of scaled) {
      const key = `${times}/${over}`;
      if (!factors.has(key))
        factors.set(key, { at: factorsAt + NUMBER * factors.size, times, over });
    }
    this.factors = [...factors.values()];
    this.matrix = factorsAt + NUMBER * factors.size;
    this.rows = this.matrix + NUMBER * n * (n + 2);
    const codeAt = this.rows + 16 * Math.ceil((n + 1) / 4);
    const factorOf = ({ times, over }: Instruction) => factors.get(`${times}/${over}`)?.at ?? 0;
    this.step = this.write(codeAt, this.stepCode(program));
    this.iteration = this.write(
      codeAt,
      program.instructions.map((instruction, k) => ({
        to: NUMBER * (program.temporaries + k),
        factor: factorOf(instruction),
        terms: instruction.terms.map(({ left, right, negative }) => [
          NUMBER * left,
          NUMBER * right,
          kindOf(program, right) + (negative ? TermKind.negative : 0),
        ]),
      })),
    );
    this.bytes = codeAt + 4 * this.words.length;
  }

  /** De Casteljau's algorithm, in the places after the data, for the coefficients that move and their slopes. */
  private stepCode(program: Program): Code[] {
    const tau = NUMBER * program.step;
    const rest = NUMBER * (program.step + 2);
    const point = (power: number) => this.points + NUMBER * power;
    return program.moving.flatMap((index, k) => {
      const { first, degree } = program.rules[index]!;
      const value = NUMBER * (program.coefficients + index);
      const slope = NUMBER * (program.slopes + k);
      const code: Code[] = Array.from({ length: degree + 1 }, (_, power) => ({
        to: point(power),
        factor: 0,
        terms: [[this.data + NUMBER * (first + power), 0, TermKind.unit]],
      }));
      for (let level = degree; level > 0; level--) {
        if (level === 1) {
          const difference = [
            [point(1), 0, TermKind.unit],
            [point(0), 0, TermKind.unit + TermKind.negative],
          ];
          const terms = Array.from({ length: degree }, () => difference).flat();
          code.push({ to: slope, factor: 0, terms });
        }
        for (let power = 0; power < level; power++) {
          code.push({
            to: level === 1 ? value : point(power),
            factor: 0,
            terms: [
              [point(power), rest, TermKind.complex],
              [point(power + 1), tau, TermKind.complex],
            ],
          });
        }
      }
      return code;
    });
  }

  private write(codeAt: number, code: readonly Code[]): { begin: number; end: number } {
    let terms = codeAt + 4 * this.words.length + INSTRUCTION * code.length;
    const begin = codeAt + 4 * this.words.length;
    for (const { to, factor, terms: list } of code) {
      const last = terms + TERM * list.length;
      this.words.push(to, terms, last, factor);
      terms = last;
    }
    const end = codeAt + 4 * this.words.length;
    for (const { terms: list } of code) for (const term of list) this.words.push(...term);
    return { begin, end };
  }
}

/** Addresses and kinds: see double-double-module.ts. */
interface Code {
  readonly to: number;
  readonly factor: number;
  readonly terms: readonly (readonly number[])[];
}

function kindOf(program: Program, right: number): number {
  if (right === program.one) return TermKind.unit;
  const isReal = program.real && right >= program.coefficients && right < program.slopes;
  return isReal ? TermKind.real : TermKind.complex;
}

export class WasmDoubleDoubleKernel extends NewtonKernel {
  readonly epsilon = 2 ** -104;
  readonly point: Float64Array;
  readonly low: Float64Array;
  readonly value: Float64Array;
  private readonly table: Table;
  /** All of the memory; a number is re high, im high, re low, im low. */
  private readonly numbers: Float64Array;
  private readonly rows: Int32Array;
  private readonly run: (begin: number, end: number) => number;
  private readonly solve: (n: number, rows: number) => number;
  private gamma: readonly [number, number] = [1, 0];
  private sRe = NaN;
  private sIm = NaN;

  constructor(structure: HomotopyStructure, module: WebAssembly.Module) {
    super(structure);
    const { program, variables: n, coordinates: N } = structure;
    const { memory, run, solve } = new WebAssembly.Instance(module).exports as {
      memory: WebAssembly.Memory;
      run: (begin: number, end: number) => number;
      solve: (n: number, rows: number) => number;
    };
    this.run = run;
    this.solve = solve;
    const table = new Table(structure);
    this.table = table;
    this.numbers = new Float64Array(memory.buffer);
    new Int32Array(memory.buffer).set(table.words, table.step.begin / 4);
    this.rows = new Int32Array(memory.buffer, table.rows, n);
    this.point = new Float64Array(2 * N);
    this.low = new Float64Array(2 * N);
    this.value = new Float64Array(2 * n);
    this.put(NUMBER * program.one, 1, 0, 0, 0);
    const factor = new Float64Array(doubleDouble.STRIDE);
    for (const { at, times, over } of table.factors) {
      doubleDouble.put(factor, 0, 1, 0);
      doubleDouble.scale(factor, 0, times, over, factor, 0);
      this.put(at, factor[0]!, 0, factor[1]!, 0);
    }
  }

  setStart(coefficients: Float64Array): void {
    const { starts } = this.structure.program;
    for (let k = 0; k < coefficients.length; k += 2) {
      this.put(NUMBER * (starts + k / 2), coefficients[k]!, coefficients[k + 1]!, 0, 0);
    }
    this.gamma = [coefficients[0]!, coefficients[1]!];
    this.sRe = NaN;
  }

  /** Without low parts F is another system: a rounded coefficient can make ends at infinity finite. */
  setTarget(coefficients: Float64Array, low?: Float64Array): void {
    const { program } = this.structure;
    program.rules.forEach(({ first, degree }, index) => {
      for (let k = first; k <= first + degree; k++) {
        const at =
          degree > 0 ? this.table.data + NUMBER * k : NUMBER * (program.coefficients + index);
        const [lowRe, lowIm] = [low?.[2 * k] ?? 0, low?.[2 * k + 1] ?? 0];
        this.put(at, coefficients[2 * k]!, coefficients[2 * k + 1]!, lowRe, lowIm);
      }
    });
    this.sRe = NaN;
  }

  setPoint(point: Float64Array, low?: Float64Array): void {
    for (let k = 0; k < point.length; k += 2) {
      this.put(16 * k, point[k]!, point[k + 1]!, low?.[k] ?? 0, low?.[k + 1] ?? 0);
    }
    this.publishPoint();
  }

  iterate(sRe: number, sIm: number): number {
    const { table, rows, numbers, active, columns, variables: n } = this;
    const { program } = this.structure;
    if (sRe !== this.sRe || sIm !== this.sIm) {
      this.sRe = sRe;
      this.sIm = sIm;
      this.writeStep();
      if (program.moving.length > 0) this.run(table.step.begin, table.step.end);
    }
    this.run(table.iteration.begin, table.iteration.end);
    const width = NUMBER * (n + 2);
    numbers.fill(0, table.matrix / 8, (table.matrix + n * width) / 8);
    for (let i = 0; i < n; i++) {
      const row = table.matrix + i * width;
      rows[i] = row;
      let largest = 0;
      for (const { coordinate, register } of program.jacobian[i]!) {
        if (columns[coordinate]! < 0) continue;
        const from = 4 * register;
        largest = Math.max(largest, Math.abs(numbers[from]!) + Math.abs(numbers[from + 1]!));
      }
      if (!(largest > 0 && largest < Infinity)) return 0;
      const factor = 2 ** -Math.floor(Math.log2(largest));
      for (const { coordinate, register } of program.jacobian[i]!) {
        if (columns[coordinate]! >= 0)
          this.copy(register, row + NUMBER * columns[coordinate]!, factor);
      }
      this.copy(program.values[i]!, row + NUMBER * n, factor);
      this.copy(program.derivatives[i]!, row + NUMBER * (n + 1), factor);
      this.value[2 * i] = numbers[4 * program.values[i]!]!;
      this.value[2 * i + 1] = numbers[4 * program.values[i]! + 1]!;
    }
    const ratio = this.solve(n, table.rows);
    for (let c = 0; c < n; c++) {
      const from = rows[c]! / 8 + 4 * n;
      const to = 2 * active[c]!;
      this.correction[to] = numbers[from]!;
      this.correction[to + 1] = numbers[from + 1]!;
      this.tangent[to] = numbers[from + 4]!;
      this.tangent[to + 1] = numbers[from + 5]!;
    }
    return ratio;
  }

  applyCorrection(): void {
    const { active, rows, variables: n } = this;
    const [a, b] = [new Float64Array(doubleDouble.STRIDE), new Float64Array(doubleDouble.STRIDE)];
    for (let c = 0; c < n; c++) {
      this.get(NUMBER * active[c]!, a);
      this.get(rows[c]! + NUMBER * n, b);
      doubleDouble.subtract(a, 0, b, 0, a, 0);
      this.set(NUMBER * active[c]!, a);
    }
    this.publishPoint();
  }

  rechart(charts: ArrayLike<number>): void {
    const numbers = Array.from(charts, (chart) => {
      const inverse = new Float64Array(doubleDouble.STRIDE);
      this.get(NUMBER * chart, inverse);
      doubleDouble.reciprocal(inverse, 0, inverse, 0);
      return inverse;
    });
    const x = new Float64Array(doubleDouble.STRIDE);
    this.structure.groupOf.forEach((g, j) => {
      if (charts[g] === j) this.put(NUMBER * j, 1, 0, 0, 0);
      else {
        this.get(NUMBER * j, x);
        doubleDouble.multiply(x, 0, numbers[g]!, 0, x, 0);
        this.set(NUMBER * j, x);
      }
    });
    this.publishPoint();
    this.setCharts(charts);
  }

  private writeStep(): void {
    const { program } = this.structure;
    const out = new Float64Array(3 * doubleDouble.STRIDE);
    writeStepNumbers(doubleDouble, program.stepKind, [this.sRe, this.sIm], this.gamma, out, 0);
    this.set(NUMBER * program.step, out);
    this.set(NUMBER * (program.step + 1), out.subarray(doubleDouble.STRIDE));
    this.set(NUMBER * (program.step + 2), out.subarray(2 * doubleDouble.STRIDE));
  }

  /** Copies a register, scaled by a power of two. */
  private copy(register: number, to: number, factor: number): void {
    const { numbers } = this;
    for (let part = 0; part < 4; part++)
      numbers[to / 8 + part] = numbers[4 * register + part]! * factor;
  }

  private put(at: number, re: number, im: number, reLow: number, imLow: number): void {
    const { numbers } = this;
    numbers[at / 8] = re;
    numbers[at / 8 + 1] = im;
    numbers[at / 8 + 2] = reLow;
    numbers[at / 8 + 3] = imLow;
  }

  /** The number at an address in the order of math/double-double.ts, and back. */
  private get(at: number, out: Float64Array): void {
    const { numbers } = this;
    doubleDouble.put(
      out,
      0,
      numbers[at / 8]!,
      numbers[at / 8 + 1]!,
      numbers[at / 8 + 2],
      numbers[at / 8 + 3],
    );
  }

  private set(at: number, from: Float64Array): void {
    this.put(at, from[0]!, from[2]!, from[1]!, from[3]!);
  }

  private publishPoint(): void {
    const { point, low, numbers } = this;
    for (let j = 0; j < this.coordinates; j++) {
      point[2 * j] = numbers[4 * j]!;
      point[2 * j + 1] = numbers[4 * j + 1]!;
      low[2 * j] = numbers[4 * j + 2]!;
      low[2 * j + 1] = numbers[4 * j + 3]!;
    }
  }
}
