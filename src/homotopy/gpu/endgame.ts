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
import { trackerEndgameQuad } from '../../generated/shaders/tracker/endgame-quad.js';
import { trackerEndgameTriple } from '../../generated/shaders/tracker/endgame-triple.js';
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
import { EndOutcome, TrackStatus } from './status.js';
import { wordsOf } from './struct-words.js';

/** As the tracker's: a GPU's subgroup size. */
const WORKGROUP_SIZE = 32;
/** Of shaders/lib/end-state.wgsl: numbers per coordinate, which of them loops began at, and checkpoints per group. */
const VECTORS = 9;
const LOOP_STARTS = 7;
const SEEN_VALUATIONS = 9;
/** Of shaders/lib/end-loop.wgsl: vec2f per coordinate, and bytes for all paths of a batch that walk loops. */
const LOOP_SAMPLES = 192;
const LOOP_BYTES = 2 ** 26;
const SAMPLES_A_TURN = 8;
/** Words in front of each result of shaders/tracker/endgame-collect.wgsl. */
const RESULT_HEADER = 8;

/** One after the other plays what the one before left undecided. */
interface Arithmetic {
  readonly shader: Shader;
  /** f32 per number. */
  readonly parts: number;
  /** Operations for one of double-single arithmetic. */
  readonly cost: number;
}
const ARITHMETICS: readonly Arithmetic[] = [
  { shader: trackerEndgame, parts: 2, cost: 1 },
  { shader: trackerEndgameTriple, parts: 3, cost: 3 },
  { shader: trackerEndgameQuad, parts: 4, cost: 6 },
];
const MOST_PARTS = 4;

/** `again` of EndRound (shaders/lib/end-state.wgsl): which paths begin. */
const Begins = { all: 0, undecided: 1, returned: 2 } as const;

interface EndgameKernels {
  readonly begin: Kernel;
  readonly advance: Kernel;
  readonly collect: Kernel;
}

/** The buffers of a batch that only the endgame needs. */
interface EndBatch {
  readonly set: BufferSet;
  readonly buffers: Readonly<Record<EndBuffer, GPUBuffer>>;
  /** With those of the tracker. */
  readonly all: Readonly<Record<string, GPUBuffer>>;
  readonly bindings: Map<Kernel, KernelBindings>;
  readonly members: number;
}

/** A batch whose endgame is played. */
interface Played {
  readonly batch: PathBatch;
  readonly own: EndBatch;
  readonly kernels: EndgameKernels;
  readonly signal: AbortSignal | undefined;
  readonly late: AbortSignal | undefined;
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
  /** By arithmetic; all but the first are compiled when a path needs them. */
  private readonly plays: Promise<Kernel>[] = [];
  private readonly schedules: readonly RoundSchedule[];
  private readonly batches = new Map<PathBatch, EndBatch>();

  /** Compiles in the background; `play` throws what goes wrong there. */
  constructor(
    private readonly gpu: GpuDevice,
    private readonly structure: HomotopyStructure,
  ) {
    this.tables = endgameTables(structure);
    this.kernels = compile(gpu);
    this.kernels.catch(() => undefined);
    void this.playOf(0);
    const { operationsPerIteration } = this.tables;
    this.schedules = ARITHMETICS.map(
      ({ cost }) =>
        new RoundSchedule(
          { operationsPerIteration: cost * operationsPerIteration, iterationsPerTurn: 1 },
          gpu.info.software,
          gpu.budget,
        ),
    );
  }

  private playOf(arithmetic: number): Promise<Kernel> {
    const { gpu, plays, tables } = this;
    if (!plays[arithmetic]) {
      const { shader } = ARITHMETICS[arithmetic]!;
      plays[arithmetic] = fixed(gpu, shader, { ...tables.constants, WORKGROUP_SIZE });
      // Nobody may wait for it any more.
      plays[arithmetic].catch(() => undefined);
    }
    return plays[arithmetic];
  }

  /** Of the largest buffer. */
  get bytesPerPath(): number {
    return VECTORS * 8 * MOST_PARTS * this.structure.coordinates;
  }

  /** Paths for whose Cauchy loops there is room in a batch; singular ends of more are handed back. */
  private loopsOf(capacity: number): number {
    const bytes = LOOP_SAMPLES * 8 * this.structure.coordinates;
    return Math.min(capacity, Math.floor(LOOP_BYTES / bytes));
  }

  /**
   * Plays the endgame of a batch that has been collected.
   *
   * @param late aborted when nobody waits for the GPU any more
   * @param handOver makes hand-overs of some arrivals, on the device and in what is said of them; false when that was not
   *   waited for
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
    handOver: (paths: readonly number[]) => Promise<boolean>,
  ): Promise<TrackedBatch> {
    const kernels = await unlessAborted(this.kernels, signal);
    if (!kernels) return tracked;
    const own = await this.batchFor(batch, kernels, targets.length);
    const at: Played = { batch, own, kernels, signal, late };
    const { status, outcome } = tracked;
    const openRows = (): number[] =>
      [...status.keys()].filter(
        (k) => status[k] !== TrackStatus.failed && outcome[k]! <= EndOutcome.undecided,
      );
    let ended = tracked;
    let rows = openRows();
    for (const [arithmetic, { parts }] of ARITHMETICS.entries()) {
      if (rows.length === 0) return ended;
      const play = await unlessAborted(this.playOf(arithmetic), signal);
      if (!play) return ended;
      if (!own.bindings.has(play))
        for (const [kernel, bound] of await bindKernels([play], own.all))
          own.bindings.set(kernel, bound);
      const coefficients = endgameCoefficients(
        this.structure,
        this.tables,
        startCoefficients,
        targets,
        parts,
      );
      const playSome = (begins: number) =>
        this.playIn(arithmetic, at, play, coefficients, ended, begins, new Set(rows));
      ended = await playSome(arithmetic === 0 ? Begins.all : Begins.undecided);
      if (!ended.ends || signal?.aborted) return ended;
      rows = openRows().filter((k) => status[k] === TrackStatus.arrived);
      if (rows.length > 0) {
        // Arrivals in f32 that are no regular zeros go on from where they could have been handed over.
        if (!(await handOver(rows))) return ended;
        ended = await playSome(Begins.returned);
        if (signal?.aborted) return ended;
      }
      rows = openRows();
    }
    return ended;
  }

  /**
   * Plays the endgame of some paths of a batch in one arithmetic.
   *
   * @param begins one of `Begins`
   * @param played which ones
   */
  private async playIn(
    arithmetic: number,
    { batch, own, kernels, signal, late }: Played,
    play: Kernel,
    coefficients: Float32Array<ArrayBuffer>,
    tracked: TrackedBatch,
    begins: number,
    played: ReadonlySet<number>,
  ): Promise<TrackedBatch> {
    const { gpu } = this;
    const isPlayed = (k: number) => played.has(k);
    const { parts } = ARITHMETICS[arithmetic]!;
    const schedule = this.schedules[arithmetic]!;
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
    const loops = this.loopsOf(capacity);
    const setRound = (trips: number, collected = 0): void => {
      const round = { capacity, paths, trips, loops, parts, again: begins, collected };
      gpu.write(own.buffers.end_round, wordsOf(roundLayout, round));
    };
    gpu.write(own.buffers.end_coefficients, coefficients);
    gpu.write(counters, new Uint8Array(structs.Counters!.size));
    let running = paths;
    let fresh = true;
    let iterations = 0;
    while (running > 0 && !(signal?.aborted && !fresh)) {
      await gpu.budget.ready(signal);
      const { turns, rounds, soonestMs } = schedule.next(running, fresh);
      setRound(turns);
      const encoder = gpu.createEncoder('endgame');
      const pass = encoder.beginComputePass({ label: 'endgame' });
      if (fresh) {
        encode(pass, kernels.begin, invocations);
        encode(pass, kernels.advance, [1]);
      }
      for (let round = 0; round < rounds; round++) {
        encode(pass, play, 'survivors');
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
    const ended = this.read(tracked, results, isPlayed);
    const isSingular = (k: number) => isPlayed(k) && ended.outcome[k] === EndOutcome.singular;
    if (!ended.outcome.some((_, k) => isSingular(k))) return ended;
    setRound(0, LOOP_STARTS);
    const starts = await collect();
    return starts ? this.readLoops(ended, starts, isSingular) : ended;
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
      end_vectors: capacity * this.bytesPerPath,
      loop_samples: this.loopsOf(capacity) * LOOP_SAMPLES * 8 * this.structure.coordinates,
      valuations: capacity * SEEN_VALUATIONS * 4 * this.structure.groups.length,
      end_results: capacity * this.resultSize,
      end_table: tables.words.byteLength,
      end_coefficients: 8 * MOST_PARTS * (first! + members * vectors!),
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
      const bindings = new Map(await bindKernels(Object.values<Kernel>({ ...kernels }), all));
      const own = { set, buffers, all, bindings, members };
      this.batches.set(batch, own);
      return own;
    } catch (error) {
      set.close();
      throw error;
    }
  }

  private read(
    tracked: TrackedBatch,
    results: ArrayBuffer,
    isPlayed: (path: number) => boolean,
  ): TrackedBatch {
    const width = this.resultSize / 4;
    const words = new Uint32Array(results);
    const floats = new Float32Array(results);
    const paths = tracked.ids.length;
    const ends = this.readPoints(results, tracked.ends, paths, isPlayed);
    for (let k = 0; k < paths; k++) {
      if (!isPlayed(k)) continue;
      const at = k * width;
      const outcome = words[at]!;
      tracked.outcome[k] = outcome;
      tracked.iterations[k]! += words[at + 1]!;
      if (outcome <= EndOutcome.undecided) continue;
      tracked.pivotRatio[k] = floats[at + 2]!;
      if (outcome === EndOutcome.atInfinity || outcome === EndOutcome.singular)
        tracked.s[k] = Math.exp(floats[at + 3]!);
    }
    return { ...tracked, ends };
  }

  private readLoops(
    tracked: TrackedBatch,
    results: ArrayBuffer,
    isSingular: (path: number) => boolean,
  ): TrackedBatch {
    const paths = tracked.ids.length;
    const width = this.resultSize / 4;
    const words = new Uint32Array(results);
    const floats = new Float32Array(results);
    const loops: LoopColumns = {
      winding: tracked.loops?.winding ?? new Uint8Array(paths),
      size: tracked.loops?.size ?? new Float64Array(paths),
      negative: tracked.loops?.negative ?? new Float64Array(paths),
      starts: this.readPoints(results, tracked.loops?.starts ?? null, paths, isSingular),
    };
    for (let k = 0; k < paths; k++) {
      if (!isSingular(k)) continue;
      const at = k * width;
      loops.winding[k] = words[at + 4]! / SAMPLES_A_TURN;
      loops.size[k] = floats[at + 5]!;
      loops.negative[k] = floats[at + 6]!;
    }
    return { ...tracked, loops };
  }

  /** 2 N per path; those of other paths are as they were. */
  private readPoints(
    results: ArrayBuffer,
    known: Float64Array | null,
    paths: number,
    isRead: (path: number) => boolean,
  ): Float64Array {
    const width = this.resultSize / 4;
    const floats = new Float32Array(results);
    const length = 2 * this.structure.coordinates;
    const points = known ?? new Float64Array(paths * length);
    for (let k = 0; k < paths; k++) {
      if (!isRead(k)) continue;
      const at = k * width + RESULT_HEADER;
      for (let part = 0; part < length; part++)
        points[k * length + part] = floats[at + 2 * part]! + floats[at + 2 * part + 1]!;
    }
    return points;
  }
}

function fixed(
  gpu: GpuDevice,
  shader: Shader,
  values: Readonly<Record<string, number>>,
): Promise<Kernel> {
  return gpu.createKernel(shader, { code: specialize(shader.code, values) });
}

async function compile(gpu: GpuDevice): Promise<EndgameKernels> {
  const [begin, advance, collect] = await Promise.all([
    gpu.createKernel(trackerEndgameBegin),
    fixed(gpu, trackerAdvance, { PATHS_PER_WORKGROUP: WORKGROUP_SIZE }),
    gpu.createKernel(trackerEndgameCollect),
  ]);
  return { begin, advance, collect };
}
