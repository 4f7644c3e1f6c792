/**
 * The endgame on the GPU: paths that arrived in f32 or are handed over at s = 0.1 go on to the decision where they
 * end, in double-single arithmetic (shaders/tracker/endgame.wgsl). What it cannot decide goes to the f64 stage.
 */
import { unlessAborted } from '../../math/stepwise.js';
import type {
  BufferSet,
  GpuDevice,
  Kernel,
  KernelBindings,
  Shader,
  ShaderStruct,
} from '../../gpu/index.js';
import { trackerAdvance } from '../../generated/shaders/tracker/advance.js';
import { trackerEndgame } from '../../generated/shaders/tracker/endgame.js';
import { trackerEndgameBegin } from '../../generated/shaders/tracker/endgame-begin.js';
import { trackerEndgameCollect } from '../../generated/shaders/tracker/endgame-collect.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import {
  endgameCoefficients,
  endgameTables,
  type EndgameTables,
  type Target,
} from './endgame-tables.js';
import { specialize } from './template.js';
import { bindKernels, readCounters, type PathBatch } from './path-batch.js';
import type { LoopColumns, TrackedBatch } from './records.js';
import { RoundSchedule } from './round-schedule.js';
import { EndOutcome } from './status.js';
import { wordsOf } from './struct-words.js';

/** As the tracker's: a GPU's subgroup size. */
const WORKGROUP_SIZE = 32;
/** Of shaders/lib/end-state.wgsl: vec4f per coordinate, which of them loops began at, and checkpoints per group. */
const VECTORS = 8;
const LOOP_STARTS = 6;
const SEEN_VALUATIONS = 9;
/** Of shaders/lib/end-loop.wgsl: vec2f per coordinate. */
const LOOP_SAMPLES = 48;
const SAMPLES_A_TURN = 8;
/** Words in front of each result of shaders/tracker/endgame-collect.wgsl. */
const RESULT_HEADER = 8;

interface EndgameKernels {
  readonly begin: Kernel;
  readonly advance: Kernel;
  readonly play: Kernel;
  readonly collect: Kernel;
}

/** The buffers of a batch that only the endgame needs. */
interface EndBatch {
  readonly set: BufferSet;
  readonly buffers: Readonly<Record<EndBuffer, GPUBuffer>>;
  readonly bindings: ReadonlyMap<Kernel, KernelBindings>;
  readonly members: number;
}

type EndBuffer =
  | 'end_round'
  | 'end_system'
  | 'ends'
  | 'end_vectors'
  | 'valuations'
  | 'loop_samples'
  | 'end_results'
  | 'end_table'
  | 'end_coefficients';

const structs: Readonly<Record<string, ShaderStruct>> = trackerEndgame.structs;
const roundLayout = structs.EndRound!;
const systemLayout = structs.EndSystem!;
const endSize = structs.EndPath!.size;

export class DeviceEndgame {
  private readonly tables: EndgameTables;
  private readonly kernels: Promise<EndgameKernels>;
  private readonly schedule: RoundSchedule;
  private readonly batches = new Map<PathBatch, EndBatch>();

  /** Compiles in the background; `play` throws what goes wrong there. */
  constructor(
    private readonly gpu: GpuDevice,
    private readonly structure: HomotopyStructure,
  ) {
    this.tables = endgameTables(structure);
    this.kernels = compile(gpu, this.tables);
    this.kernels.catch(() => undefined);
    const { operationsPerIteration } = this.tables;
    this.schedule = new RoundSchedule(
      { operationsPerIteration, iterationsPerTurn: 1 },
      gpu.info.software,
      gpu.budget,
    );
  }

  /** Of the largest buffer. */
  get bytesPerPath(): number {
    return LOOP_SAMPLES * 8 * this.structure.coordinates;
  }

  /**
   * Plays the endgame of a batch that has been collected.
   *
   * @param late aborted when nobody waits for the GPU any more
   * @returns the batch with outcomes and ends; after an abort some may be undecided, or all.
   * @throws GpuCompileError, GpuOutOfMemoryError, DeviceLostError
   */
  async play(
    batch: PathBatch,
    tracked: TrackedBatch,
    { startCoefficients }: Homotopy,
    targets: readonly Target[],
    signal: AbortSignal | undefined,
    late: AbortSignal | undefined,
  ): Promise<TrackedBatch> {
    const { gpu, schedule } = this;
    const kernels = await unlessAborted(this.kernels, signal);
    if (!kernels) return tracked;
    const own = await this.batchFor(batch, kernels, targets.length);
    const { counters, workgroups } = batch.buffers;
    const encode = (
      pass: GPUComputePassEncoder,
      kernel: Kernel,
      size: readonly [number] | 'survivors',
    ): void => {
      const dispatch = size === 'survivors' ? { indirect: workgroups, offset: 0 } : size;
      kernel.encode(pass, own.bindings.get(kernel)!, dispatch);
    };
    const paths = tracked.ids.length;
    const { capacity } = batch.sizes;
    const invocations: readonly [number] = [Math.ceil(paths / 64)];
    gpu.write(
      own.buffers.end_coefficients,
      endgameCoefficients(this.structure, startCoefficients, targets),
    );
    gpu.write(counters, new Uint32Array(4));
    let running = paths;
    let fresh = true;
    let iterations = 0;
    while (running > 0 && !(signal?.aborted && !fresh)) {
      await gpu.budget.ready(signal);
      const { turns, rounds } = schedule.next(running, fresh);
      gpu.write(
        own.buffers.end_round,
        wordsOf(roundLayout, { capacity, paths, trips: turns, collected: 0 }),
      );
      const encoder = gpu.createEncoder('endgame');
      const pass = encoder.beginComputePass({ label: 'endgame' });
      if (fresh) {
        encode(pass, kernels.begin, invocations);
        encode(pass, kernels.advance, [1]);
      }
      for (let round = 0; round < rounds; round++) {
        encode(pass, kernels.play, 'survivors');
        encode(pass, kernels.advance, [1]);
      }
      pass.end();
      const begin = performance.now();
      const read = await unlessAborted(
        gpu.submitAndRead(encoder, [{ buffer: counters, size: 16 }]),
        late,
      );
      if (!read) return tracked;
      const after = readCounters(read[0]!);
      schedule.measured(after.iterations - iterations, performance.now() - begin);
      ({ iterations, running } = after);
      fresh = false;
    }
    const collect = async (): Promise<ArrayBuffer | null> => {
      const encoder = gpu.createEncoder('collect ends');
      const pass = encoder.beginComputePass({ label: 'collect ends' });
      encode(pass, kernels.collect, invocations);
      pass.end();
      const { end_results: buffer } = own.buffers;
      const size = paths * this.resultSize;
      const read = await unlessAborted(gpu.submitAndRead(encoder, [{ buffer, size }]), late);
      return read?.[0] ?? null;
    };
    const results = await collect();
    if (!results) return tracked;
    const ended = this.read(tracked, results);
    if (!ended.outcome.includes(EndOutcome.singular)) return ended;
    const collected = LOOP_STARTS;
    gpu.write(
      own.buffers.end_round,
      wordsOf(roundLayout, { capacity, paths, trips: 0, collected }),
    );
    const starts = await collect();
    return starts ? { ...ended, loops: this.readLoops(starts, paths) } : ended;
  }

  /** Frees what was made for a batch. */
  forget(batch: PathBatch): void {
    this.batches.get(batch)?.set.close();
    this.batches.delete(batch);
  }

  private get resultSize(): number {
    return 4 * RESULT_HEADER + 16 * this.structure.coordinates;
  }

  private async batchFor(
    batch: PathBatch,
    kernels: EndgameKernels,
    members: number,
  ): Promise<EndBatch> {
    const known = this.batches.get(batch);
    if (known && known.members >= members) return known;
    this.forget(batch);
    const { gpu, tables } = this;
    const { capacity } = batch.sizes;
    const { targets_at: first, target_vectors: vectors } = tables.system;
    const bytes: Record<EndBuffer, number> = {
      end_round: roundLayout.size,
      end_system: systemLayout.size,
      ends: capacity * endSize,
      end_vectors: capacity * VECTORS * 16 * this.structure.coordinates,
      loop_samples: capacity * this.bytesPerPath,
      valuations: capacity * SEEN_VALUATIONS * 4 * this.structure.groups.length,
      end_results: capacity * this.resultSize,
      end_table: tables.words.byteLength,
      end_coefficients: 16 * (first! + members * vectors!),
    };
    const set = gpu.createBuffers();
    try {
      const buffers = {} as Record<EndBuffer, GPUBuffer>;
      for (const name of Object.keys(bytes) as EndBuffer[]) {
        const isUniform = name === 'end_round' || name === 'end_system';
        buffers[name] = await set.create(
          `paths: ${name}`,
          isUniform ? 'uniform' : 'storage',
          bytes[name],
        );
      }
      gpu.write(buffers.end_table, tables.words);
      gpu.write(buffers.end_system, wordsOf(systemLayout, tables.system));
      const all = { ...batch.buffers, ...buffers };
      const bindings = await bindKernels(Object.values<Kernel>({ ...kernels }), all);
      const own = { set, buffers, bindings, members };
      this.batches.set(batch, own);
      return own;
    } catch (error) {
      set.close();
      throw error;
    }
  }

  private read(tracked: TrackedBatch, results: ArrayBuffer): TrackedBatch {
    const width = this.resultSize / 4;
    const words = new Uint32Array(results);
    const floats = new Float32Array(results);
    const paths = tracked.ids.length;
    const ends = this.readPoints(results, paths);
    for (let k = 0; k < paths; k++) {
      const at = k * width;
      const outcome = words[at]!;
      tracked.outcome[k] = outcome;
      tracked.iterations[k]! += words[at + 1]!;
      if (outcome <= EndOutcome.undecided) continue;
      tracked.pivotRatio[k] = floats[at + 2]!;
      if (outcome === EndOutcome.atInfinity) tracked.s[k] = Math.exp(floats[at + 3]!);
    }
    return { ...tracked, ends };
  }

  private readLoops(results: ArrayBuffer, paths: number): LoopColumns {
    const width = this.resultSize / 4;
    const words = new Uint32Array(results);
    const floats = new Float32Array(results);
    const pick = (place: number) => (_: unknown, k: number) => floats[k * width + place]!;
    return {
      winding: Uint8Array.from({ length: paths }, (_, k) => words[k * width + 4]! / SAMPLES_A_TURN),
      size: Float64Array.from({ length: paths }, pick(5)),
      negative: Float64Array.from({ length: paths }, pick(6)),
      starts: this.readPoints(results, paths),
    };
  }

  /** 2 N per path. */
  private readPoints(results: ArrayBuffer, paths: number): Float64Array {
    const width = this.resultSize / 4;
    const floats = new Float32Array(results);
    const length = 2 * this.structure.coordinates;
    const points = new Float64Array(paths * length);
    for (let k = 0; k < paths; k++) {
      const at = k * width + RESULT_HEADER;
      for (let part = 0; part < length; part++)
        points[k * length + part] = floats[at + 2 * part]! + floats[at + 2 * part + 1]!;
    }
    return points;
  }
}

async function compile(gpu: GpuDevice, { constants }: EndgameTables): Promise<EndgameKernels> {
  const fixed = (shader: Shader, values: Readonly<Record<string, number>>): Promise<Kernel> =>
    gpu.createKernel(shader, { code: specialize(shader.code, values) });
  const [begin, advance, play, collect] = await Promise.all([
    gpu.createKernel(trackerEndgameBegin),
    fixed(trackerAdvance, { PATHS_PER_WORKGROUP: WORKGROUP_SIZE }),
    fixed(trackerEndgame, { ...constants, WORKGROUP_SIZE }),
    gpu.createKernel(trackerEndgameCollect),
  ]);
  return { begin, advance, play, collect };
}
