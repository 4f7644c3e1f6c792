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
import type { TrackedBatch } from './records.js';
import { RoundSchedule } from './round-schedule.js';
import { EndOutcome } from './status.js';
import { wordsOf } from './struct-words.js';

/** As the tracker's: a GPU's subgroup size. */
const WORKGROUP_SIZE = 32;
/** Of shaders/lib/end-state.wgsl: vec4f per coordinate, and checkpoints per group. */
const VECTORS = 6;
const SEEN_VALUATIONS = 9;

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
    return VECTORS * 16 * this.structure.coordinates;
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
      const { turns, rounds, soonestMs } = schedule.next(running, fresh);
      gpu.write(own.buffers.end_round, wordsOf(roundLayout, { capacity, paths, trips: turns }));
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
        gpu.submitAndRead(encoder, [{ buffer: counters, size: 16 }], soonestMs),
        late,
      );
      if (!read) return tracked;
      const after = readCounters(read[0]!);
      schedule.measured(after.iterations - iterations, performance.now() - begin);
      ({ iterations, running } = after);
      fresh = false;
    }
    const encoder = gpu.createEncoder('collect ends');
    const pass = encoder.beginComputePass({ label: 'collect ends' });
    encode(pass, kernels.collect, invocations);
    pass.end();
    const { end_results: buffer } = own.buffers;
    const size = paths * this.resultSize;
    const read = await unlessAborted(gpu.submitAndRead(encoder, [{ buffer, size }]), late);
    return read ? this.read(tracked, read[0]!) : tracked;
  }

  /** Frees what was made for a batch. */
  forget(batch: PathBatch): void {
    this.batches.get(batch)?.set.close();
    this.batches.delete(batch);
  }

  private get resultSize(): number {
    return 16 * (1 + this.structure.coordinates);
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
      end_vectors: capacity * this.bytesPerPath,
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
    const length = 2 * this.structure.coordinates;
    const paths = tracked.ids.length;
    const ends = new Float64Array(paths * length);
    for (let k = 0; k < paths; k++) {
      const at = k * width;
      const outcome = words[at]!;
      tracked.outcome[k] = outcome;
      tracked.iterations[k]! += words[at + 1]!;
      if (outcome <= EndOutcome.undecided) continue;
      tracked.pivotRatio[k] = floats[at + 2]!;
      if (outcome === EndOutcome.atInfinity) {
        tracked.s[k] = Math.exp(floats[at + 3]!);
        continue;
      }
      for (let part = 0; part < length; part++) {
        ends[k * length + part] = floats[at + 4 + 2 * part]! + floats[at + 5 + 2 * part]!;
      }
    }
    return { ...tracked, ends };
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
