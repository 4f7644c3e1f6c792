/**
 * Rejects combinations on the GPU by the same bound as `combination-search.ts`, evaluated in double-single arithmetic
 * with its rounding bounded (shaders/minima/screen.wgsl says how). What it rejects surely holds no minimum; nothing is
 * accepted here: what is left is handed to the search in f64, and then to intervals.
 */
import { minimaScreen as shader } from '../../generated/shaders/minima/screen.js';
import type { BufferSet, GpuDevice, Kernel, KernelBindings } from '../../gpu/index.js';
import { specialize } from '../../homotopy/gpu/template.js';
import { binomial, factorial } from '../../math/combinatorics.js';
import { inSlices, type Stepwise } from '../../math/stepwise.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { borderTables } from './border-tables.js';
import type { SearchCounts } from './combination-search.js';
import { BLOCK, type StateTables } from './state-tables.js';
import { besideKink, excludeEachOther, isSameState } from './unit-states.js';

/** What the screen says of the combinations with one first state. */
export interface ScreenedShare {
  /** Of the combinations that it rejected. */
  readonly counts: Pick<SearchCounts, 'excluded' | 'zeroUnit' | 'outsideCell' | 'fallsOff'>;
  /** The others, each as its states, ascending. */
  readonly kept: readonly (readonly number[])[];
}

/** Milliseconds of a dispatch: an abort waits for it. */
const TARGET_MS = 50;
const FIRST_SLICE = { software: 512, hardware: 16_384 } as const;
const WORKGROUP_SIZE = 64;
const MOST_WORKGROUPS = 32_768;
const ROOM = 16_384;
const WORD = 4;
const VECTOR = 16;
const COUNTERS = ['excluded', 'zero_unit', 'outside_cell', 'falls_off', 'kept'] as const;

/** Smaller table entries are zero on the GPU, which with what underflows elsewhere costs less than UNDERFLOW (screen.wgsl). */
const SMALLEST = 2 ** -60;
const UNDERFLOW = 2 ** -58;
/** Covers the rounding of a bound to f32. */
const UP = 1 + 2 ** -22;

/** Powers of two with which M and q are at most 1. */
interface Scaled {
  readonly matrix: number;
  readonly linear: number;
  readonly lambda: number;
  readonly longest: number;
}

/** @returns null when some number is then out of the range in which the kernel's bounds hold */
function scale(tables: StateTables): Scaled | null {
  const { diagonal, linear, lambda, zeroLoss, x } = tables;
  // No entry of a positive semidefinite matrix is larger than the largest on the diagonal.
  const powerOf = (values: Float64Array): number => {
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    return largest > 0 ? 2 ** -Math.ceil(Math.log2(largest)) : 1;
  };
  const [m, q] = [powerOf(diagonal), powerOf(linear)];
  const scaled = {
    matrix: m,
    linear: q,
    lambda: lambda * q,
    longest: ((zeroLoss / lambda) * q) / m,
  };
  const isInRange =
    scaled.lambda > 2 ** -30 &&
    scaled.lambda < 2 ** 30 &&
    scaled.longest < 2 ** 40 &&
    x.every((value) => Math.abs(value) < 2 ** 30);
  return isInRange ? scaled : null;
}

export class CombinationScreen {
  private slice: number;

  private constructor(
    private readonly gpu: GpuDevice,
    private readonly tables: StateTables,
    private readonly units: number,
    private readonly room: number,
    private readonly scaled: Scaled,
    private readonly kernel: Kernel,
    private readonly buffers: BufferSet,
    private readonly problem: GPUBuffer,
    private readonly outcome: GPUBuffer,
    private readonly bindings: KernelBindings,
  ) {
    this.slice = gpu.info.software ? FIRST_SLICE.software : FIRST_SLICE.hardware;
  }

  /**
   * @param units 2 to 4
   * @param room numbers of kept combinations that a dispatch can hold; where they are more, it is halved
   * @returns null when the numbers of the problem are out of f32's range
   */
  static async create(
    gpu: GpuDevice,
    tables: StateTables,
    units: number,
    room = ROOM,
  ): Promise<CombinationScreen | null> {
    const scaled = scale(tables);
    if (scaled === null) return null;
    const kernel = await gpu.createKernel(shader, {
      code: specialize(shader.code, { UNITS: units }),
    });
    const blocks = await inSlices(blockTable(tables, scaled.matrix));
    const buffers = gpu.createBuffers();
    try {
      const { size } = shader.structs.Problem;
      const problem = await buffers.uniform('screen: problem', VECTOR * Math.ceil(size / VECTOR));
      const outcome = await buffers.storage('screen: outcome', WORD * (COUNTERS.length + room));
      const bindings = await kernel.bind({
        problem,
        outcome,
        states: await buffers.storage('screen: states', stateTable(tables, scaled)),
        blocks: await buffers.storage('screen: blocks', blocks),
        excluded: await buffers.storage('screen: excluded', exclusions(tables)),
      });
      return new CombinationScreen(
        gpu,
        tables,
        units,
        room,
        scaled,
        kernel,
        buffers,
        problem,
        outcome,
        bindings,
      );
    } catch (error) {
      buffers.close();
      throw error;
    }
  }

  /**
   * Screens all combinations of `first` with later states.
   *
   * @throws the signal's reason
   */
  async share(first: number, signal?: AbortSignal): Promise<ScreenedShare> {
    const { gpu } = this;
    const later = this.tables.states.length - first - 1;
    const total = binomial(later, this.units - 1);
    const counts = { excluded: 0, zeroUnit: 0, outsideCell: 0, fallsOff: 0 };
    const kept: number[][] = [];
    for (let offset = 0; offset < total;) {
      await gpu.budget.ready(signal);
      signal?.throwIfAborted();
      const count = Math.min(this.slice, total - offset);
      const begin = performance.now();
      const [excluded, zeroUnit, outsideCell, fallsOff, left, ...numbers] = await this.dispatch(
        first,
        offset,
        count,
      );
      if (left! > this.room) {
        // In the end there is room for all combinations of the dispatch.
        this.slice = Math.max(this.room, Math.ceil(count / 2));
        continue;
      }
      const ms = Math.max(performance.now() - begin, 0.1);
      counts.excluded += excluded!;
      counts.zeroUnit += zeroUnit!;
      counts.outsideCell += outsideCell!;
      counts.fallsOff += fallsOff!;
      for (const number of numbers.slice(0, left)) {
        kept.push([first, ...setOf(number, this.units - 1).map((place) => first + 1 + place)]);
      }
      offset += count;
      // What is left at the end of a share says little.
      if (count < this.slice) continue;
      const wanted = (count * gpu.budget.pieceMs(TARGET_MS)) / ms;
      this.slice = WORKGROUP_SIZE * Math.ceil(Math.min(wanted, 4 * count) / WORKGROUP_SIZE);
    }
    return { counts, kept: kept.sort(lexicographic) };
  }

  close(): void {
    this.buffers.close();
  }

  /** The counters, then the numbers of what was kept. */
  private async dispatch(first: number, offset: number, count: number): Promise<Uint32Array> {
    const { gpu, tables, scaled, kernel, outcome } = this;
    const { states, entryError } = tables;
    const [lambdaHigh, lambdaLow] = pair(scaled.lambda);
    const values = {
      states: states.length,
      exclusion_words: Math.ceil(states.length / 32),
      lambda_high: lambdaHigh,
      lambda_low: lambdaLow,
      longest: scaled.longest * UP,
      matrix_error: (entryError * scaled.matrix + UNDERFLOW) * UP,
      linear_error: (entryError * scaled.linear + UNDERFLOW) * UP,
      first,
      offset,
      count,
    };
    gpu.write(this.problem, packUniform(shader, 'Problem', values));
    const encoder = gpu.createEncoder('screen');
    encoder.clearBuffer(outcome, 0, WORD * COUNTERS.length);
    const pass = encoder.beginComputePass();
    const groups = Math.ceil(count / WORKGROUP_SIZE);
    const across = Math.min(groups, MOST_WORKGROUPS);
    kernel.encode(pass, this.bindings, [across, Math.ceil(groups / across)]);
    pass.end();
    const [words] = await gpu.submitAndRead(encoder, [{ buffer: outcome }]);
    return new Uint32Array(words!);
  }
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((state, k) => state !== b[k]);
  return place < 0 ? 0 : a[place]! - b[place]!;
}

/** Set number `number` of `size` places, ascending: by the largest place first (colexicographic). */
function setOf(number: number, size: number): number[] {
  const places: number[] = [];
  let rest = number;
  for (let k = size; k > 0; k--) {
    let place =
      k === 1 ? rest : Math.max(k - 1, Math.floor(0.99 * (factorial(k) * rest) ** (1 / k)));
    while (binomial(place + 1, k) <= rest) place++;
    rest -= binomial(place, k);
    places.unshift(place);
  }
  return places;
}

/** The nearest f32, or 0 where that is too small for the kernel. */
function toFloat(value: number): number {
  const rounded = Math.fround(value);
  return Math.abs(rounded) < SMALLEST ? 0 : rounded;
}

/** Two f32 with the sum of an f64 to 2^-48 of it. */
function pair(value: number): [number, number] {
  const high = toFloat(value);
  return [high, high === 0 ? 0 : toFloat(value - high)];
}

/** Two vec4f for any two states: high and low parts of their block. */
function* blockTable(tables: StateTables, factor: number): Stepwise<Float32Array<ArrayBuffer>> {
  const count = tables.states.length;
  const table = new Float32Array(2 * BLOCK * count * count);
  const row = new Float64Array(BLOCK * count);
  let at = 0;
  for (let s = 0; s < count; s++) {
    tables.fillRow(s, row);
    for (let t = 0; t < row.length; t += BLOCK) {
      for (let i = t; i < t + BLOCK; i++, at++) {
        const value = factor * row[i]!;
        const high = toFloat(value);
        table[at] = high;
        table[at + BLOCK] = high === 0 ? 0 : toFloat(value - high);
      }
      at += BLOCK;
    }
    yield;
  }
  return table;
}

/** The shader's `State` structs. */
function stateTable(tables: StateTables, scaled: Scaled): Uint8Array<ArrayBuffer> {
  const { states, x, linear, bases } = tables;
  const borders = borderTables(tables);
  const { size, members } = shader.structs.State;
  const bytes = new Uint8Array(size * states.length);
  const view = new DataView(bytes.buffer);
  // Moments are scaled as q is, rho as the root of F, q^2 / M.
  const bound = (sensitivity: number): number => sensitivity * Math.sqrt(scaled.matrix) * UP;
  states.forEach((state, s) => {
    const floats = (name: keyof typeof members, values: readonly number[]): void => {
      values.forEach((value, i) => {
        view.setFloat32(size * s + members[name].offset + WORD * i, value, true);
      });
    };
    const word = (name: keyof typeof members, value: number): void => {
      view.setUint32(size * s + members[name].offset, value, true);
    };
    const q = [0, 1].map((i) => pair(scaled.linear * linear[2 * s + i]!));
    floats('linear', [q[0]![0], q[1]![0], q[0]![1], q[1]![1]]);
    floats('whole', [bound(borders.whole[s]!)]);
    if (state.kink === null) {
      floats('ends', [x[borders.low[s]!]!, x[borders.high[s]!]!]);
      floats('at_ends', [bound(borders.atLow[s]!), bound(borders.atHigh[s]!)]);
      word('side', borders.crosses[s]!);
    } else {
      const normal = [bases[BLOCK * s + 2]!, bases[BLOCK * s + 3]!] as const;
      const { active } = besideKink(state, x.length);
      const open = states.findIndex((other) => isSameState(other, active));
      floats('ends', normal);
      floats('at_ends', [borders.atLow[s]!, tables.sensitivity(open, ...normal)].map(bound));
      word('is_kink', 1);
      word('side', state.to === x.length ? 1 : 0);
      word('active_state', open);
    }
  });
  return bytes;
}

/** A bit for any two states that exclude each other. */
function exclusions({ states, x }: StateTables): Uint32Array<ArrayBuffer> {
  const words = Math.ceil(states.length / 32);
  const bits = new Uint32Array(words * states.length);
  states.forEach((a, s) => {
    states.forEach((b, t) => {
      if (s !== t && excludeEachOther(a, b, x.length)) bits[s * words + (t >> 5)]! |= 1 << (t & 31);
    });
  });
  return bits;
}
