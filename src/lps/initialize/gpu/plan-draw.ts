/** Plans the dispatches that draw every tensor of independent entries, for all replicas. */
import { shaders } from '../../../generated/shaders.js';
import type { BufferSet, GpuDevice, Kernel, KernelBindings } from '../../../gpu/index.js';
import { NORMAL_UNIT, normalTable, UNIFORM_UNIT } from '../../../math/normal-fixed-point.js';
import type { Network } from '../../../network/index.js';
import { ROW_ALIGNMENT } from '../../../network/parameters.js';
import { packUniform } from '../../../network/gpu/uniforms.js';
import type { TensorDistribution } from '../distributions.js';
import { STREAMS, type ReplicaAddress } from '../random-address.js';

/** Invocations per workgroup of the initializer's kernels. */
export const WORKGROUP = 64;

/** Values of `kind` in the shader. */
const KINDS = { constant: 0, normal: 1, uniform: 2 } as const;
const UNITS = { constant: 1, normal: NORMAL_UNIT, uniform: UNIFORM_UNIT } as const;

const WORD_BYTES = 4;
const ADDRESS_WORDS = 4;

/** What is drawn into. */
export interface DrawTarget {
  readonly replicas: number;
  /** [replica][block] */
  readonly values: GPUBuffer;
}

interface Job {
  readonly kernel: Kernel;
  readonly bindings: KernelBindings;
  /** Invocations wanted. */
  readonly items: number;
}

/** One-dimensional grid for so many invocations; kernels stride over what it leaves. */
export function gridOf(gpu: GpuDevice, items: number): readonly [number] {
  return [
    Math.max(
      1,
      Math.min(Math.ceil(items / WORKGROUP), gpu.limits.maxComputeWorkgroupsPerDimension),
    ),
  ];
}

/** The addresses of replicas as the kernels read them. */
export function packAddresses(addresses: readonly ReplicaAddress[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(ADDRESS_WORDS * addresses.length);
  addresses.forEach(({ seed, replica }, index) => {
    words.set([seed >>> 0, Math.floor(seed / 0x100000000), replica, 0], ADDRESS_WORDS * index);
  });
  return words;
}

/**
 * Compiles and binds.
 *
 * @returns draws the replicas of these addresses, without warnings
 */
export async function planDraw(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  distributions: readonly TensorDistribution[],
  { replicas, values }: DrawTarget,
): Promise<(addresses: readonly ReplicaAddress[]) => Promise<string[][]>> {
  const { tensors, blockSize } = network.parameters;
  const drawShader = shaders['initializer/draw'];
  const asymmetricShader = shaders['initializer/asymmetric'];
  const addressBuffer = await buffers.storage(
    'replica addresses',
    WORD_BYTES * ADDRESS_WORDS * replicas,
  );
  const table = await buffers.storage('normal table', normalTable());
  const jobs: Job[] = [];
  for (const { tensor, kind, scale, mirroredRows } of distributions) {
    const place = tensors[tensor]!;
    const kernel = await gpu.createKernel(drawShader);
    const row_vectors = place.rowStride / ROW_ALIGNMENT;
    const uniform = packUniform(drawShader, 'Draw', {
      row_vectors,
      start: place.offset / ROW_ALIGNMENT,
      block: blockSize.parameters / ROW_ALIGNMENT,
      replica_count: replicas,
      rows: place.rows,
      columns: place.columns,
      mirrored_rows: mirroredRows,
      stream: STREAMS.weights,
      substream: tensor,
      kind: KINDS[kind],
      unit: Math.fround(scale) * UNITS[kind],
    });
    const bindings = await kernel.bind({
      draw: await buffers.uniform(`draw ${place.name}`, uniform),
      replicas: addressBuffer,
      normal_table: table,
      values,
    });
    jobs.push({ kernel, bindings, items: place.rows * row_vectors * replicas });
  }
  for (const { tensor, asymmetricBias } of distributions) {
    if (asymmetricBias === null) continue;
    const place = tensors[tensor]!;
    const kernel = await gpu.createKernel(asymmetricShader);
    const uniform = packUniform(asymmetricShader, 'Asymmetry', {
      replica_count: replicas,
      rows: place.rows,
      columns: place.columns,
      row_stride: place.rowStride,
      start: place.offset,
      bias_start: tensors[asymmetricBias]?.offset ?? 0,
      block: blockSize.parameters,
      biases: asymmetricBias < 0 ? 0 : 1,
      stream: STREAMS.asymmetry,
      substream: tensor,
    });
    const bindings = await kernel.bind({
      asymmetry: await buffers.uniform(`asymmetry ${place.name}`, uniform),
      replicas: addressBuffer,
      values,
    });
    jobs.push({ kernel, bindings, items: place.rows * replicas });
  }
  return (addresses) => {
    gpu.write(addressBuffer, packAddresses(addresses));
    const encoder = gpu.createEncoder('draw weights');
    const pass = encoder.beginComputePass({ label: 'draw weights' });
    for (const { kernel, bindings, items } of jobs) {
      kernel.encode(pass, bindings, gridOf(gpu, items));
    }
    pass.end();
    gpu.submit(encoder);
    return Promise.resolve(addresses.map(() => []));
  };
}
