/** What the initializers that work layer by layer hand over, and the tensors it makes. */
import type { AffineLayer } from '../network/affine-layers.js';
import type { AffineWeights } from '../network/host/forward-pass.js';
import type { Network } from '../network/index.js';
import type { HostTensors } from './initializer.js';

export interface HostLayers {
  readonly layers: ReadonlyMap<AffineLayer, AffineWeights>;
  readonly warnings: readonly string[];
}

/** Biases of 0 for a layer that has any. */
export function zeroBias(layer: AffineLayer): Float32Array | null {
  return layer.bias ? new Float32Array(layer.weight.rows) : null;
}

/** Layers that are made one by one, each without a look at the others; biases are 0. */
export function eachLayer(
  network: Network,
  weightsOf: (layer: AffineLayer) => ArrayLike<number>,
): HostTensors {
  const layers = new Map(
    network.affineLayers.map((layer): [AffineLayer, AffineWeights] => [
      layer,
      { weight: weightsOf(layer), bias: zeroBias(layer), mirrored: false },
    ]),
  );
  return layerTensors(network, { layers, warnings: [] });
}

/** The tensors of layers; batch normalisation starts with scale 1 and shift 0. */
export function layerTensors(network: Network, { layers, warnings }: HostLayers): HostTensors {
  const all = network.parameters.tensors;
  const tensors = new Map<number, ArrayLike<number>>();
  all.forEach(({ role, columns }, tensor) => {
    if (role === 'scale') tensors.set(tensor, new Float32Array(columns).fill(1));
  });
  for (const [layer, { weight, bias }] of layers) {
    tensors.set(layer.tensor, weight);
    if (layer.bias && bias) tensors.set(all.indexOf(layer.bias), bias);
  }
  return { tensors, warnings };
}

/** Tensors by their number as one replica's block, padded as the kernels read it; missing ones are 0. */
export function packTensors(
  { parameters }: Network,
  tensors: HostTensors['tensors'],
): Float32Array<ArrayBuffer> {
  const block = new Float32Array(parameters.blockSize.parameters);
  for (const [tensor, data] of tensors) {
    const { offset, rows, columns, rowStride } = parameters.tensors[tensor]!;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        block[offset + row * rowStride + column] = data[row * columns + column]!;
      }
    }
  }
  return block;
}

/** A layer's weights in a block, without padding. */
export function weightsIn(block: Float32Array, { weight }: AffineLayer): Float32Array {
  const { offset, rows, columns, rowStride } = weight;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = offset + row * rowStride;
    data.set(block.subarray(start, start + columns), row * columns);
  }
  return data;
}
