/**
 * The parameters of all replicas on the GPU, apart from any plan: the plan of a full batch, of the
 * last smaller one and of an evaluation all work on the same ones.
 */
import { GpuLimitError, type GpuDevice } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';
import type { Network } from '../network.js';
import { packWeights, unpackWeights, type Weights } from '../weights.js';
import type { ParameterBuffers } from './operation.js';

/**
 * Allocates the parameters of `replicas` replicas, all zero; `values` may be written by a kernel.
 *
 * @param buffers owns what is allocated
 * @param mode 'training' has gradients
 * @throws {GpuLimitError} before anything is allocated, with the replicas that would fit
 */
export async function createParameters(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  replicas: number,
  mode: 'training' | 'inference',
): Promise<ParameterBuffers> {
  const { blockSize } = network.parameters;
  const bytes = (block: 'parameters' | 'statistics') =>
    replicas * blockSize[block] * Float32Array.BYTES_PER_ELEMENT;
  const available = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
  for (const block of ['parameters', 'statistics'] as const) {
    if (bytes(block) <= available) continue;
    const fitting = Math.floor((available * replicas) / bytes(block));
    throw new GpuLimitError(
      `the ${block} of ${replicas} replicas`,
      'maxStorageBufferBindingSize',
      bytes(block),
      available,
      fitting > 0 ? `train at most ${fitting} replicas at once` : 'make the network smaller',
    );
  }
  return {
    values: await buffers.storage('parameters', bytes('parameters')),
    gradients:
      mode === 'training'
        ? await buffers.storage('parameter gradients', bytes('parameters'))
        : null,
    statistics: await buffers.storage('running statistics', bytes('statistics')),
    replicaStride: blockSize.parameters,
    statisticsStride: blockSize.statistics,
  };
}

/**
 * Overwrites the parameters with the weights of each replica.
 *
 * @throws {WeightsError} when they are of another network
 */
export function writeWeights(
  gpu: GpuDevice,
  network: Network,
  parameters: ParameterBuffers,
  replicas: readonly Weights[],
): void {
  const blocks = packWeights(network.parameters, replicas);
  if (blocks.parameters.length > 0) {
    gpu.write(parameters.values, blocks.parameters as Float32Array<ArrayBuffer>);
  }
  if (blocks.statistics.length > 0) {
    gpu.write(parameters.statistics, blocks.statistics as Float32Array<ArrayBuffer>);
  }
}

/**
 * Reads the weights of all replicas, or with `of` 'gradients' the gradients of the trained ones.
 *
 * @param metadata of every replica's weights
 */
export async function readWeights(
  gpu: GpuDevice,
  network: Network,
  parameters: ParameterBuffers,
  replicas: number,
  of: 'values' | 'gradients' = 'values',
  metadata: Readonly<Record<string, string>> = {},
): Promise<Weights[]> {
  const { blockSize, tensors } = network.parameters;
  const source = of === 'values' ? parameters.values : parameters.gradients;
  if (!source) throw new RangeError('these parameters were made for inference: no gradients');
  const encoder = gpu.createEncoder('read weights');
  const [values, statistics] = await gpu.submitAndRead(encoder, [
    { buffer: source },
    { buffer: parameters.statistics },
  ]);
  const floats = (copy: ArrayBuffer, block: 'parameters' | 'statistics') =>
    new Float32Array(copy, 0, blockSize[block] === 0 ? 0 : undefined);
  const blocks = {
    parameters: floats(values!, 'parameters'),
    statistics: floats(statistics!, 'statistics'),
  };
  const layout =
    of === 'values'
      ? network.parameters
      : { ...network.parameters, tensors: tensors.filter(({ block }) => block === 'parameters') };
  return Array.from({ length: replicas }, (_, replica) =>
    unpackWeights(layout, blocks, replica, metadata),
  );
}
