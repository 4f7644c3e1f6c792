/**
 * Runs the dispatches that initialize a batch of replicas, in slices when their intermediate results
 * would not fit: each slice writes its own blocks, which are then copied to their place.
 */
import type { BufferSet, GpuDevice, Kernel, KernelBindings } from '../../gpu/index.js';
import type { ReplicaAddress } from '../random-address.js';
import type { MeasuredOutput } from '../measured-output.js';

/** Invocations per workgroup of the initializer's kernels. */
const WORKGROUP = 64;

const WORD_BYTES = 4;
const ADDRESS_WORDS = 4;
/** Largest buffer of intermediate results. */
const SLICE_BYTES = 2 ** 25;

/** One dispatch; the initializer's kernels stride over a one-dimensional grid. */
export interface Job {
  readonly kernel: Kernel;
  readonly bindings: KernelBindings;
  /** Invocations wanted, or workgroups. */
  readonly items: number | readonly [x: number, y: number, z: number];
  /** The layer that has its weights after this job. */
  readonly layer?: string;
  /** Enough for one submission where somebody is told of layers, who may want to stop. */
  readonly endsRun?: true;
}

/** The buffers that all jobs of a slice share. */
export interface Slice {
  /** Replicas initialized at once. */
  readonly replicas: number;
  /** [replica] = (seed low, seed high, number, 0) */
  readonly addresses: GPUBuffer;
  /** [replica][block] */
  readonly values: GPUBuffer;
}

/** Where all replicas go. */
export interface BatchTarget {
  readonly replicas: number;
  /** [replica][block] */
  readonly values: GPUBuffer;
  /** Floats of a block. */
  readonly block: number;
  /**
   * Called after each run of jobs, with the layer that now has its weights, if any; what it throws ends the work.
   * Runs are then submitted one by one.
   */
  readonly afterRun?: ((layer: string | undefined) => void) | undefined;
  /**
   * Of a single network: called with what its layers make of the anchors, by the label of the layer or the ReLU, where
   * they go through it anyway.
   */
  readonly onOutputs?: ((outputs: ReadonlyMap<string, MeasuredOutput>) => void) | undefined;
}

/**
 * Buffers for as many replicas at once as fit.
 *
 * @param floatsPerReplica of the largest intermediate result
 */
export async function createSlice(
  buffers: BufferSet,
  target: BatchTarget,
  floatsPerReplica: number,
): Promise<Slice> {
  const fitting = Math.floor(SLICE_BYTES / (WORD_BYTES * Math.max(1, floatsPerReplica)));
  const replicas = Math.max(1, Math.min(target.replicas, fitting));
  return {
    replicas,
    addresses: await buffers.storage('replica addresses', WORD_BYTES * ADDRESS_WORDS * replicas),
    values:
      replicas === target.replicas
        ? target.values
        : await buffers.storage('values of a slice', WORD_BYTES * target.block * replicas),
  };
}

/**
 * Initializes the replicas of these addresses, one after another in the target.
 *
 * @param eachSlice is called before a slice is submitted and after; what it returns after is kept
 */
export async function runJobs<Result>(
  gpu: GpuDevice,
  slice: Slice,
  target: BatchTarget,
  jobs: readonly Job[],
  addresses: readonly ReplicaAddress[],
  eachSlice: {
    prepare(addresses: readonly ReplicaAddress[]): void;
    collect(addresses: readonly ReplicaAddress[]): Promise<Result>;
  },
): Promise<Result[]> {
  const results: Result[] = [];
  for (let first = 0; first < addresses.length; first += slice.replicas) {
    const part = addresses.slice(first, first + slice.replicas);
    await gpu.budget.ready();
    gpu.write(slice.addresses, packAddresses(part));
    eachSlice.prepare(part);
    let encoder = gpu.createEncoder('initialize');
    let pass = encoder.beginComputePass({ label: 'initialize' });
    for (const { kernel, bindings, items, layer, endsRun } of jobs) {
      kernel.encode(pass, bindings, typeof items === 'number' ? gridOf(gpu, items) : items);
      if (!target.afterRun || !(endsRun ?? layer)) continue;
      pass.end();
      gpu.submit(encoder);
      await gpu.read(slice.addresses);
      target.afterRun(layer);
      await gpu.budget.ready();
      encoder = gpu.createEncoder('initialize');
      pass = encoder.beginComputePass({ label: 'initialize' });
    }
    pass.end();
    if (slice.values !== target.values) {
      const blockBytes = WORD_BYTES * target.block;
      encoder.copyBufferToBuffer(
        slice.values,
        0,
        target.values,
        first * blockBytes,
        part.length * blockBytes,
      );
    }
    gpu.submit(encoder);
    results.push(await eachSlice.collect(part));
  }
  return results;
}

/** Initializes the replicas of some addresses, one after another; returns each one's warnings. */
export type Fill = (addresses: readonly ReplicaAddress[]) => Promise<string[][]>;

/** Runs jobs that need nothing between slices and have nothing to say. */
export function fillBySlices(
  gpu: GpuDevice,
  slice: Slice,
  target: BatchTarget,
  jobs: readonly Job[],
): Fill {
  return async (addresses) => {
    await runJobs(gpu, slice, target, jobs, addresses, {
      prepare: () => undefined,
      collect: () => Promise.resolve(),
    });
    return addresses.map(() => []);
  };
}

/** One-dimensional grid for so many invocations; kernels stride over what it leaves. */
function gridOf(gpu: GpuDevice, items: number): readonly [number] {
  const workgroups = Math.ceil(items / WORKGROUP);
  return [Math.max(1, Math.min(workgroups, gpu.limits.maxComputeWorkgroupsPerDimension))];
}

function packAddresses(addresses: readonly ReplicaAddress[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(ADDRESS_WORDS * addresses.length);
  addresses.forEach(({ seed, replica }, index) => {
    words.set([seed >>> 0, Math.floor(seed / 0x100000000), replica, 0], ADDRESS_WORDS * index);
  });
  return words;
}
