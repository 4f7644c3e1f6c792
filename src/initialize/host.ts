/**
 * Initialization on the host, in f64 where it computes and in f32 where it stores: the definition
 * that the kernels are tested against, and the way of methods that have none.
 */
import type { Network } from '../network/index.js';
import type { AffineLayer } from '../network/affine-layers.js';
import { isIndependent, tensorDistributions } from './distributions.js';
import { drawTensors } from './draw-tensors.js';
import { zeroBias, type HostLayers } from './host-layers.js';
import { genericLayers } from './lps/generic.js';
import { looksLinear, lpsSettings } from './lps/layer-plan.js';
import { lpsLayers } from './lps/lps-layers.js';
import { lsuvLayers } from './lsuv.js';
import { InitializationError } from './errors.js';
import { checkOptions, type InitializationOptions } from './methods.js';
import { deltaOrthogonalWeights, orthogonalWeights } from './orthogonal.js';
import type { ReplicaAddress } from './random-address.js';

/** Parameters of one network with what there is to say about them. */
export interface HostInitialization {
  /** One replica's block of trained parameters, padded as the kernels read it. */
  readonly block: Float32Array<ArrayBuffer>;
  readonly warnings: readonly string[];
}

/**
 * Initializes one network without a GPU.
 *
 * @throws InitializationError as `initialize`
 */
export function initializeOnHost(
  network: Network,
  options: InitializationOptions,
): HostInitialization {
  const method = checkOptions(options);
  const { seed = 0, replica = 0 } = options;
  const address = { seed, replica };
  const alone = (weightsOf: (layer: AffineLayer, address: ReplicaAddress) => Float32Array) => {
    const layers: HostLayers['layers'] = new Map();
    for (const layer of network.affineLayers) {
      const weight = weightsOf(layer, address);
      layers.set(layer, { weight, bias: zeroBias(layer), mirrored: false });
    }
    return packLayers(network, { layers, warnings: [] });
  };
  if (isIndependent(method)) {
    const drawn = drawTensors(network, tensorDistributions(network, method), address);
    return { block: packTensors(network, drawn), warnings: [] };
  }
  switch (method) {
    case 'orthogonal':
      return alone(orthogonalWeights);
    case 'delta-orthogonal':
      return alone(deltaOrthogonalWeights);
    case 'lsuv':
      return packLayers(network, lsuvLayers(network, options, address));
    case 'lps':
      return packLayers(
        network,
        lpsLayers(network, options, lpsSettings(network, options), address),
      );
    case 'lps-generic':
      return packLayers(network, genericLayers(network, address));
    case 'looks-linear':
      return packLayers(network, lpsLayers(network, options, looksLinear(network), address));
    case 'lps-tracked':
      throw new InitializationError(
        'option',
        'lps-tracked solves a system for each network: use initialize or initializeReplicas',
      );
  }
}

/** The block of layers made one by one; batch normalisation starts with scale 1 and shift 0. */
function packLayers(network: Network, { layers, warnings }: HostLayers): HostInitialization {
  const { tensors } = network.parameters;
  const data = new Map<number, ArrayLike<number>>();
  tensors.forEach(({ role, columns }, tensor) => {
    if (role === 'scale') data.set(tensor, new Float32Array(columns).fill(1));
  });
  for (const [layer, { weight, bias }] of layers) {
    data.set(layer.tensor, weight);
    if (layer.bias && bias) data.set(tensors.indexOf(layer.bias), bias);
  }
  return { block: packTensors(network, data), warnings };
}

/** Pads tensors, by their number in the layout, into one replica's block. */
function packTensors(
  network: Network,
  tensors: ReadonlyMap<number, ArrayLike<number>>,
): Float32Array<ArrayBuffer> {
  const { parameters } = network;
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
