/**
 * The main stage on the GPU: thousands of paths of one homotopy from s = 1 to regular zeros, or to
 * a point near s = 0.1 from which the f64 stage goes on.
 *
 * Host and device exchange little: path ids go in, one record per path comes out, and in between
 * only the number of running paths, once per submit. Rounds (track, then advance) are queued ahead by
 * indirect dispatch; their length follows the measured speed so that no dispatch holds the device
 * for long.
 */
import { GpuOutOfMemoryError, type GpuDevice } from '../../gpu/index.js';
import { Grace } from '../../math/grace.js';
import { unlessAborted } from '../../math/stepwise.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import { DeviceEndgame } from './endgame.js';
import type { Target } from './endgame-tables.js';
import { PathBatch, readCounters } from './path-batch.js';
import { readBatch, type TrackedBatch } from './records.js';
import { TrackStatus } from './status.js';
import { refineCoefficients } from './program-tables.js';
import { RoundSchedule } from './round-schedule.js';
import { wordsOf } from './struct-words.js';
import { startValues, type DeviceStartTable } from './start-tables.js';
import { chooseKernel } from './cost.js';
import type { TrackerKernel } from './generate.js';
import { compileTracker, type TrackerKernels } from './tracker-kernels.js';

export interface TrackerOptions {
  /**
   * Whether arrivals are refined on the GPU in double-single arithmetic. Default: on hardware. A
   * software adapter shares the CPU with the f64 stage, which does the same for a tenth of the time: 60 to
   * 170 us a path here against 5 to 15 us (SwiftShader, 2026-11-23).
   */
  readonly refine?: boolean;
  /** Whether paths go on to their ends on the GPU, in double-single arithmetic. Default: no. */
  readonly endgame?: boolean;
  /**
   * 'straight-line' compiles code for this structure, 'cooperative' runs code that serves every system and reads this
   * one from a table. Default: what is done first by `chooseKernel`, as if paths had no end.
   */
  readonly kernel?: TrackerKernel;
  /** Invocations per path of the cooperative kernel; default by adapter. */
  readonly lanes?: number;
}

/** Paths by id: their start points are made on the GPU. */
export interface StartSystemPaths {
  readonly ids: { readonly first: number; readonly count: number } | Uint32Array;
  /** Of mixed cells: data of every cell (`cellData`), and the points of its table. */
  readonly targets?: readonly Target[];
  readonly startValues?: Float32Array<ArrayBuffer>;
}

/** Paths by start point, for parameter homotopies; path k has id k. */
export interface GivenPaths {
  /** 2 N projective coordinates per path. */
  readonly startPoints: Float64Array;
  /** Target coefficients of every member that paths lead to; default: those of the homotopy. */
  readonly targets?: readonly Target[];
  /** Which target each path leads to; default 0. */
  readonly targetOf?: Uint32Array;
}

export interface TrackJob {
  readonly homotopy: Homotopy;
  readonly paths: StartSystemPaths | GivenPaths;
  /** End of the main stage; default 0.1. 0 where all paths arrive at s = 0: those that do not fail. */
  readonly endS?: number;
  readonly steps?: TrackSteps;
  /** Paths per batch; default by adapter and limits. */
  readonly batchSize?: number;
  /** Told how many paths a batch holds, after the memory for a larger one was not there. */
  readonly onSmaller?: (paths: number) => void;
  /** An abort ends the batch at hand where it is, and no further one comes. */
  readonly signal?: AbortSignal;
  readonly onRound?: (progress: RoundProgress) => void;
  /** Is given the points after every round, and the next round waits for it: rounds are short then. */
  readonly onPoints?: (points: RoundPoints) => void | Promise<void>;
}

/** Of steps in s. */
export interface TrackSteps {
  readonly first: number;
  /** A step is at most this part of s, or of `leastWhole` where s is less. */
  readonly largestPart: number;
  readonly leastWhole: number;
}

/** Where the paths of a batch are between two rounds. */
export interface RoundPoints {
  /** Records as shaders/tracker/collect.wgsl writes them, on the tracker's device; overwritten after the next round. */
  readonly buffer: GPUBuffer;
  /** Id of the first path; the others follow. */
  readonly first: number;
  readonly paths: number;
  /** Words from one record to the next. */
  readonly stride: number;
}

/** Paths of one batch, in the caller's hands. */
export interface PreparedPaths {
  readonly points: RoundPoints;
  /** Encodes so many rounds into an open pass, and the writing of the points after the last. */
  encode(pass: GPUComputePassEncoder, rounds: number): void;
  /** Paths that have not stopped after all that was submitted. */
  running(): Promise<number>;
  close(): void;
}

export interface RoundProgress {
  /** Paths of this job that have stopped so far. */
  readonly done: number;
  readonly total: number;
}

/**
 * Below endS a jump to s = 0 is still hoped for, until s < DEPTH * endS or END_STEPS steps. 8 steps as in
 * f64 leave 60% of katsura-8 to the f64 stage, these 1%. Deeper is cheap here and dear there: f64 factorisations per
 * path from the last point, endS = 0.1, cyclic-6 and cyclic-7: 87 from s = 0.1, 60 from 1e-2, 52 from 1e-3,
 * 48 from 1e-4, where 4% of the points are too far from their path (7,840 paths, 2026-11-23; no other ends).
 */
const DEPTH = 0.003;
const END_STEPS = 32;
const DEFAULT_STEPS: TrackSteps = { first: 0.002, largestPart: 1, leastWhole: 1 };
/** Relative to s. */
const SMALLEST_STEP = 1e-7;
/** Ten times the mean of the hardest system measured; a path that needs more is better off in f64. */
const ITERATION_LIMIT = 1000;
const DEFAULT_END_S = 0.1;
const SOFTWARE_BATCH = 8192;
const HARDWARE_BATCH = 65536;
/** Of one dispatch, on every adapter. */
const MOST_WORKGROUPS = 65_535;
/** As short as it gets. */
const ONE_ROUND = { turns: 1, rounds: 1, soonestMs: 0 };
/** Fewer paths at a time are not tried where memory is short. */
const SMALLEST_BATCH = 64;
const NO_PATHS = new Uint32Array();
const NOTHING = new ArrayBuffer();
/** Jobs up to this size read their records with every round: one round trip less. */
const SMALL_JOB = 1024;

export class GpuTracker {
  private readonly idle: PathBatch[] = [];
  private closed = false;
  /** Paths of a batch for which there is memory. */
  private most = Infinity;
  private readonly schedule: RoundSchedule;

  private constructor(
    /** Whose kernels these are. */
    readonly gpu: GpuDevice,
    readonly structure: HomotopyStructure,
    readonly kernel: TrackerKernel,
    /** Compiled; their sizes are for measurements. */
    readonly kernels: TrackerKernels,
    private readonly endgame: DeviceEndgame | null,
  ) {
    const { software } = gpu.info;
    const { operationsPerIteration, iterationsPerChart } = kernels;
    this.schedule = new RoundSchedule(
      { operationsPerIteration, iterationsPerTurn: iterationsPerChart },
      software,
      gpu.budget,
    );
  }

  /**
   * Compiles the tracker of a structure; the device's kernel cache makes a second time free.
   *
   * @param table start table of a start system; null for parameter homotopies.
   * @throws GpuCompileError, RangeError for more than 32 variables.
   */
  static async create(
    gpu: GpuDevice,
    structure: HomotopyStructure,
    table: DeviceStartTable | null,
    options: TrackerOptions = {},
  ): Promise<GpuTracker> {
    const refined = options.refine ?? !gpu.info.software;
    const { lanes, endgame = false } = options;
    const kernel = options.kernel ?? chooseKernel(structure, Infinity, gpu.info);
    // It compiles while paths are tracked, and refines arrivals, too.
    const end = endgame ? new DeviceEndgame(gpu, structure) : null;
    const kernels = await compileTracker(gpu, structure, table, {
      refined: refined && !endgame,
      kernel,
      lanes,
    });
    return new GpuTracker(gpu, structure, kernel, kernels, end);
  }

  /** Milliseconds that compiling the generated kernel took. */
  get compileMs(): number {
    return this.kernels.track.compileMs;
  }

  /**
   * Tracks the paths of a job, batch by batch, in constant memory. Where the memory for a batch is not there, it and
   * all later ones are halved.
   *
   * @throws GpuOutOfMemoryError when there is none for 64 paths either; DeviceLostError.
   */
  async *track(job: TrackJob): AsyncGenerator<TrackedBatch, void, undefined> {
    const { paths, homotopy, signal } = job;
    const late = signal && Grace.of(signal, 'tracking').signal;
    const total = countPaths(paths, this.structure.coordinates);
    if (total === 0) return;
    const dispatchable = MOST_WORKGROUPS * this.kernels.pathsPerWorkgroup;
    let capacity = Math.min(total, job.batchSize ?? this.batchSize, dispatchable);
    const { targets = [homotopy] } = paths;
    const starts = 'ids' in paths ? paths.startValues : undefined;
    for (let first = 0; first < total && !signal?.aborted;) {
      let batch: PathBatch | null = null;
      try {
        batch = await this.takeBatch(capacity, targets.length);
        this.writeCoefficients(batch, homotopy, targets, starts);
        while (first < total && !signal?.aborted) {
          const count = Math.min(capacity, total - first);
          const tracked = await this.trackBatch(batch, job, targets, late, first, count, total);
          first += count;
          yield tracked;
        }
      } catch (error) {
        if (!(error instanceof GpuOutOfMemoryError) || capacity <= SMALLEST_BATCH) throw error;
        capacity = Math.ceil(capacity / 2);
        this.most = capacity;
        job.onSmaller?.(capacity);
        if (batch) this.discard(batch);
        batch = null;
      } finally {
        if (batch && this.closed) this.discard(batch);
        else if (batch) this.idle.push(batch);
      }
    }
  }

  /** Paths whose rounds the caller encodes into passes of its own. @throws GpuLimitError, GpuOutOfMemoryError */
  async prepare(job: Pick<TrackJob, 'homotopy' | 'paths' | 'endS'>): Promise<PreparedPaths> {
    const { gpu, kernels } = this;
    const paths = countPaths(job.paths, this.structure.coordinates);
    const batch = await PathBatch.create(gpu, kernels, { capacity: paths, members: 1 });
    const starts = 'ids' in job.paths ? job.paths.startValues : undefined;
    this.writeCoefficients(batch, job.homotopy, [job.homotopy], starts);
    this.writePaths(batch, job.paths, 0, paths);
    gpu.write(batch.buffers.round, this.roundParameters(batch, job, paths, 1));
    let fresh = true;
    return {
      points: { buffer: batch.buffers.records, first: 0, paths, stride: kernels.recordWords },
      encode: (pass, rounds) => {
        this.encodeRounds(batch, pass, { paths, fresh, rounds });
        fresh = false;
        batch.encode(pass, kernels.collect, invocationsFor(paths));
      },
      running: async () =>
        readCounters(await gpu.read(batch.buffers.counters, 0, kernels.countersSize)).running,
      close: () => {
        batch.close();
      },
    };
  }

  /** @param sizes `fresh`: the paths of the batch have not begun */
  private encodeRounds(
    batch: PathBatch,
    pass: GPUComputePassEncoder,
    { paths, fresh, rounds }: { paths: number; fresh: boolean; rounds: number },
  ): void {
    const { begin, start, track, advance } = this.kernels;
    if (fresh) {
      batch.encode(pass, begin, invocationsFor(paths));
      if (start) batch.encode(pass, start, invocationsFor(paths));
    }
    for (let round = 0; round < rounds; round++) {
      batch.encode(pass, track, 'survivors');
      batch.encode(pass, advance, [1]);
    }
  }

  /** Frees the buffers; those of a job that is still running when it ends. */
  close(): void {
    this.closed = true;
    this.releaseIdle();
  }

  private releaseIdle(): void {
    for (const batch of this.idle) this.discard(batch);
    this.idle.length = 0;
  }

  private discard(batch: PathBatch): void {
    this.endgame?.forget(batch);
    batch.close();
  }

  private async takeBatch(capacity: number, members: number): Promise<PathBatch> {
    const fits = this.idle.findIndex(
      ({ sizes }) => sizes.capacity >= capacity && sizes.members >= members,
    );
    if (fits >= 0) return this.idle.splice(fits, 1)[0]!;
    // One batch is kept: a larger one replaces it.
    this.releaseIdle();
    return PathBatch.create(this.gpu, this.kernels, { capacity, members });
  }

  /** Paths at a time where a job does not say: by adapter, limits, and the memory that was there so far. */
  get batchSize(): number {
    const wanted = Math.min(this.most, this.gpu.info.software ? SOFTWARE_BATCH : HARDWARE_BATCH);
    const { maxStorageBufferBindingSize } = this.gpu.limits;
    const bytes = Math.max(8 * this.kernels.vectorsPerPath, this.endgame?.bytesPerPath ?? 0);
    const fitting = Math.floor(maxStorageBufferBindingSize / bytes);
    const { budget } = this.gpu;
    return Math.min(wanted, fitting, budget.isBounded ? this.schedule.mostPaths : Infinity);
  }

  private writeCoefficients(
    batch: PathBatch,
    homotopy: Homotopy,
    targets: readonly Target[],
    starts: Float32Array<ArrayBuffer> | undefined,
  ): void {
    const { kernels, gpu } = this;
    targets.forEach(({ targetCoefficients: coefficients }, k) => {
      const values = kernels.realTarget
        ? Float32Array.from({ length: coefficients.length / 2 }, (_, i) => coefficients[2 * i]!)
        : Float32Array.from(coefficients);
      if (values.length > 0)
        gpu.write(batch.buffers.target_coefficients, values, k * kernels.targetBytes);
    });
    if (kernels.refine) {
      const { data } = kernels.refineTables;
      targets.forEach(({ targetCoefficients: coefficients }, k) => {
        const values = refineCoefficients(coefficients.subarray(0, 2 * data));
        gpu.write(batch.buffers.refine_coefficients, values, 16 * k * data);
      });
    }
    if (homotopy.startCoefficients.length > 0) {
      gpu.write(batch.buffers.start_coefficients, Float32Array.from(homotopy.startCoefficients));
    }
    if (kernels.start) gpu.write(batch.buffers.start_values, starts ?? startValues(homotopy));
  }

  /** After an abort the paths that have arrived; all others are left out. None, where the GPU takes longer than `late`. */
  private async trackBatch(
    batch: PathBatch,
    job: TrackJob,
    targets: readonly Target[],
    late: AbortSignal | undefined,
    first: number,
    count: number,
    total: number,
  ): Promise<TrackedBatch> {
    const { gpu, kernels, schedule } = this;
    const { buffers } = batch;
    const ids = this.writePaths(batch, job.paths, first, count);
    const invocations = invocationsFor(count);
    const recordBytes = count * kernels.recordWords * 4;
    const countersRange = { buffer: buffers.counters, size: kernels.countersSize };
    const recordsRange = { buffer: buffers.records, size: recordBytes };
    const small = count <= SMALL_JOB && !kernels.refine && !this.endgame;
    let running = count;
    let fresh = true;
    let iterations = 0;
    while (running > 0) {
      if (job.signal?.aborted && !fresh) break;
      await gpu.budget.ready(job.signal);
      const { turns, rounds, soonestMs } = job.onPoints ? ONE_ROUND : schedule.next(running, fresh);
      gpu.write(buffers.round, this.roundParameters(batch, job, count, turns));
      const encoder = gpu.createEncoder('track');
      const pass = encoder.beginComputePass({ label: 'track' });
      this.encodeRounds(batch, pass, { paths: count, fresh, rounds });
      if (small || job.onPoints) batch.encode(pass, kernels.collect, invocations);
      pass.end();
      const begin = performance.now();
      const read = await unlessAborted(
        gpu.submitAndRead(
          encoder,
          small ? [countersRange, recordsRange] : [countersRange],
          soonestMs,
        ),
        late,
      );
      if (!read) return readBatch(kernels, NO_PATHS, NOTHING);
      const [counters, records] = read;
      const after = readCounters(counters!);
      schedule.measured(after.iterations - iterations, performance.now() - begin);
      ({ iterations, running } = after);
      fresh = false;
      job.onRound?.({ done: first + count - running, total });
      const stride = kernels.recordWords;
      await job.onPoints?.({ buffer: buffers.records, first, paths: count, stride });
      if (running === 0 && records && !this.endgame) return readBatch(kernels, ids, records);
    }
    const encoder = gpu.createEncoder('collect');
    const pass = encoder.beginComputePass({ label: 'collect' });
    batch.encode(pass, kernels.collect, invocations);
    if (kernels.refine) {
      batch.encode(pass, kernels.refine, invocations);
      // Again, for arrivals that refinement has turned into hand-overs.
      batch.encode(pass, kernels.collect, invocations);
    }
    pass.end();
    const correctionsRange = { buffer: buffers.corrections, size: count * kernels.pointLength * 8 };
    const read = await unlessAborted(
      gpu.submitAndRead(
        encoder,
        kernels.refine ? [recordsRange, correctionsRange] : [recordsRange],
      ),
      late,
    );
    if (!read) return readBatch(kernels, NO_PATHS, NOTHING);
    const [records, corrections] = read;
    const tracked = readBatch(kernels, ids, records!, corrections);
    if (running > 0) return arrivalsOf(tracked, kernels.pointLength);
    if (!this.endgame) return tracked;
    return this.endgame.play(batch, tracked, job.homotopy, targets, job.signal, late, (paths) =>
      this.handOver(batch, tracked, paths, late),
    );
  }

  /** Makes hand-overs of arrivals. @returns false when that was not waited for */
  private async handOver(
    batch: PathBatch,
    { ids, status, s, points }: TrackedBatch,
    paths: readonly number[],
    late: AbortSignal | undefined,
  ): Promise<boolean> {
    const { gpu, kernels } = this;
    const { records, control } = batch.buffers;
    const handedOver = Uint32Array.of(TrackStatus.handOver);
    for (const k of paths)
      gpu.write(control, handedOver, k * kernels.controlSize + kernels.statusOffset);
    const encoder = gpu.createEncoder('hand over');
    const pass = encoder.beginComputePass({ label: 'hand over' });
    batch.encode(pass, kernels.collect, invocationsFor(ids.length));
    pass.end();
    const size = ids.length * kernels.recordWords * 4;
    const read = await unlessAborted(gpu.submitAndRead(encoder, [{ buffer: records, size }]), late);
    if (!read) return false;
    const again = readBatch(kernels, ids, read[0]!);
    const length = kernels.pointLength;
    for (const k of paths) {
      status[k] = again.status[k]!;
      s[k] = again.s[k]!;
      points.set(again.points.subarray(k * length, (k + 1) * length), k * length);
    }
    return true;
  }

  /** Uploads ids (or start points) of a batch and resets its counters. */
  private writePaths(
    batch: PathBatch,
    paths: TrackJob['paths'],
    first: number,
    count: number,
  ): Uint32Array {
    const { gpu, kernels } = this;
    const { buffers } = batch;
    let ids: Uint32Array<ArrayBuffer>;
    let members: Uint32Array<ArrayBuffer> | undefined;
    if ('ids' in paths) {
      const list = paths.ids;
      ids =
        list instanceof Uint32Array
          ? list.slice(first, first + count)
          : numbersFrom(list.first + first, count);
      gpu.write(buffers.path_ids, ids);
    } else {
      this.writePoints(batch, paths.startPoints, first, count);
      ids = numbersFrom(first, count);
      members = paths.targetOf?.slice(first, first + count);
    }
    gpu.write(buffers.family_members, members ?? new Uint32Array(count));
    // running, parity, survivors, iterations; loops are the endgame's
    gpu.write(buffers.counters, Uint32Array.of(count, 0, 0, 0));
    gpu.write(
      buffers.workgroups,
      Uint32Array.of(Math.ceil(count / kernels.pathsPerWorkgroup), 1, 1),
    );
    return ids;
  }

  private writePoints(
    batch: PathBatch,
    startPoints: Float64Array,
    first: number,
    count: number,
  ): void {
    const { coordinates } = this.structure;
    const vector = new Float32Array(2 * count);
    for (let j = 0; j < coordinates; j++) {
      for (let k = 0; k < count; k++) {
        const at = 2 * ((first + k) * coordinates + j);
        vector[2 * k] = startPoints[at]!;
        vector[2 * k + 1] = startPoints[at + 1]!;
      }
      this.gpu.write(batch.buffers.state, vector, j * batch.sizes.capacity * 8);
    }
  }

  private roundParameters(
    batch: PathBatch,
    job: TrackJob,
    paths: number,
    chartChanges: number,
  ): DataView<ArrayBuffer> {
    const layout = this.kernels.roundLayout;
    const { endS = DEFAULT_END_S, steps = DEFAULT_STEPS } = job;
    return wordsOf(layout, {
      capacity: batch.sizes.capacity,
      paths,
      chart_changes: chartChanges,
      iteration_limit: ITERATION_LIMIT,
      end_steps: END_STEPS,
      end_s: endS,
      deepest_s: DEPTH * endS,
      first_step: steps.first,
      smallest_step: SMALLEST_STEP,
      largest_part: steps.largestPart,
      least_whole: steps.leastWhole,
    });
  }
}

function numbersFrom(first: number, count: number): Uint32Array<ArrayBuffer> {
  const numbers = new Uint32Array(count);
  for (let k = 0; k < count; k++) numbers[k] = first + k;
  return numbers;
}

/** Workgroups of a kernel with an invocation a path. */
function invocationsFor(paths: number): readonly [number] {
  return [Math.ceil(paths / 64)];
}

function countPaths(paths: TrackJob['paths'], coordinates: number): number {
  if ('startPoints' in paths) return paths.startPoints.length / (2 * coordinates);
  return paths.ids instanceof Uint32Array ? paths.ids.length : paths.ids.count;
}

function arrivalsOf(batch: TrackedBatch, length: number): TrackedBatch {
  const kept = [...batch.ids.keys()].filter((k) => batch.status[k] === TrackStatus.arrived);
  const pick = <Column extends Uint32Array | Uint8Array | Float32Array>(column: Column): Column =>
    column.filter((_, k) => batch.status[k] === TrackStatus.arrived) as Column;
  const points = new Float64Array(kept.length * length);
  kept.forEach((k, to) =>
    points.set(batch.points.subarray(k * length, (k + 1) * length), to * length),
  );
  return {
    ids: pick(batch.ids),
    status: pick(batch.status),
    s: pick(batch.s),
    points,
    outcome: pick(batch.outcome),
    ends: null,
    loops: null,
    iterations: pick(batch.iterations),
    steps: pick(batch.steps),
    pivotRatio: pick(batch.pivotRatio),
  };
}
