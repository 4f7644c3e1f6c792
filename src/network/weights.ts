/**
 * Weights of one network by name, and their way into and out of the padded blocks on the GPU.
 *
 * Outside the GPU a tensor is what PyTorch holds: contiguous, unpadded, under PyTorch's name. The
 * blocks of src/network/parameters.ts are only what kernels read.
 */
import { LpsError } from '../math/lps-error.js';
import type { ParameterLayout, ParameterTensor } from './parameters.js';

export interface WeightTensor {
  readonly shape: readonly number[];
  /** Row-major, without padding. */
  readonly data: Float32Array;
}

/** One network's numbers: trained parameters and running statistics. */
export interface Weights {
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** Initializer, seed, version and the like. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One set of weights, or one per replica. */
export type Replicas = Weights | readonly Weights[];

/** [replica][block] of both blocks; the second is empty without batch normalisation. */
export interface WeightBlocks {
  readonly parameters: Float32Array;
  readonly statistics: Float32Array;
}

/** Weights that do not fit the network. */
export class WeightsError extends LpsError {
  override readonly name = 'WeightsError';
  override readonly kind = 'input';
}

/** PyTorch counts batches beside its running statistics; nothing here depends on the count. */
const IGNORED = /(^|\.)num_batches_tracked$/;

/**
 * Lays the weights of several replicas out as kernels read them; padding is zero.
 *
 * @param layout of the network that the weights are for
 * @param replicas one entry per replica
 * @throws WeightsError for a tensor that is missing, unknown, of another shape or of another
 *   length than its shape says
 */
export function packWeights(layout: ParameterLayout, replicas: readonly Weights[]): WeightBlocks {
  const blocks = {
    parameters: new Float32Array(replicas.length * layout.blockSize.parameters),
    statistics: new Float32Array(replicas.length * layout.blockSize.statistics),
  };
  replicas.forEach((weights, replica) => {
    checkNames(layout, weights);
    for (const place of layout.tensors) {
      const { data } = findTensor(place, weights);
      const start = replica * layout.blockSize[place.block] + place.offset;
      for (let row = 0; row < place.rows; row++) {
        const from = row * place.columns;
        const to = start + row * place.rowStride;
        blocks[place.block].set(data.subarray(from, from + place.columns), to);
      }
    }
  });
  return blocks;
}

/**
 * Takes one replica's weights out of the blocks; the inverse of packWeights.
 *
 * @param replica 0 to the number of replicas less one
 * @throws RangeError when the blocks hold no such replica
 */
export function unpackWeights(
  layout: ParameterLayout,
  blocks: WeightBlocks,
  replica = 0,
  metadata: Readonly<Record<string, string>> = {},
): Weights {
  for (const block of ['parameters', 'statistics'] as const) {
    const needed = (replica + 1) * layout.blockSize[block];
    if (blocks[block].length < needed) {
      throw new RangeError(
        `replica ${replica} ends at float ${needed} of the ${block}, which hold ${blocks[block].length}`,
      );
    }
  }
  const tensors = new Map<string, WeightTensor>();
  for (const place of layout.tensors) {
    const start = replica * layout.blockSize[place.block] + place.offset;
    const data = new Float32Array(place.rows * place.columns);
    for (let row = 0; row < place.rows; row++) {
      const from = start + row * place.rowStride;
      data.set(blocks[place.block].subarray(from, from + place.columns), row * place.columns);
    }
    tensors.set(place.name, { shape: place.shape, data });
  }
  return { tensors, metadata };
}

/** @throws WeightsError when the weights are of another network */
export function assertFits(layout: ParameterLayout, weights: Weights): void {
  checkNames(layout, weights);
  for (const place of layout.tensors) findTensor(place, weights);
}

function checkNames(layout: ParameterLayout, weights: Weights): void {
  const known = new Set(layout.tensors.map(({ name }) => name));
  const missing = [...known].filter((name) => !weights.tensors.has(name));
  const unknown = [...weights.tensors.keys()].filter(
    (name) => !known.has(name) && !IGNORED.test(name),
  );
  if (missing.length === 0 && unknown.length === 0) return;
  const problems = [
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`not in the network: ${unknown.join(', ')}`] : []),
  ];
  throw new WeightsError(`the weights do not fit the network; ${problems.join('; ')}`);
}

function findTensor(place: ParameterTensor, weights: Weights): WeightTensor {
  const tensor = weights.tensors.get(place.name)!;
  const { shape, data } = tensor;
  if (
    shape.length !== place.shape.length ||
    shape.some((size, index) => size !== place.shape[index])
  ) {
    throw new WeightsError(
      `the weights do not fit the network; ${place.name} is [${shape.join(', ')}], the network needs [${place.shape.join(', ')}]`,
    );
  }
  if (data.length !== place.rows * place.columns) {
    throw new WeightsError(
      `${place.name} has ${data.length} numbers, its shape [${shape.join(', ')}] needs ${place.rows * place.columns}`,
    );
  }
  return tensor;
}
