/** From a rule for drawing weights to the distribution of every tensor of a network. */
import { isAntithetic } from '../network/activations.js';
import type { AffineLayer } from '../network/affine-layers.js';
import type { Network } from '../network/index.js';

/** How the entries of one tensor are distributed. */
export interface TensorDistribution {
  /** Number of the tensor in the network's layout. */
  readonly tensor: number;
  /** 'constant': all are `scale`; 'normal': deviation `scale`; 'uniform': in (-scale, scale). */
  readonly kind: 'constant' | 'normal' | 'uniform';
  readonly scale: number;
  /** 0, or: rows 2i + 1 are minus rows 2i, counted anew after each so many rows. */
  readonly mirroredRows: number;
  /**
   * null, or: in each row, of the entry's and its bias's columns, one is replaced by a Beta(2, 1)
   * number; the number of the bias tensor, or -1 without.
   */
  readonly asymmetricBias: number | null;
}

/** How the weights of a layer are drawn. */
export interface DrawRule {
  readonly kind: 'normal' | 'uniform';
  /** Of the weights' entries. */
  deviation(layer: AffineLayer, network: Network): number;
  /** Biases are drawn as the weights are; else they are 0. */
  readonly drawsBiases?: true;
  /** Rows come in pairs of opposite sign before every antithetic activation. */
  readonly mirrorsRows?: true;
  /** In each row, one of the entries and the bias is replaced by a Beta(2, 1) number. */
  readonly isAsymmetric?: true;
}

/** One distribution for every trained tensor of the network, in the layout's order. */
export function tensorDistributions(network: Network, rule: DrawRule): TensorDistribution[] {
  const { tensors } = network.parameters;
  return tensors.flatMap((place, tensor): TensorDistribution[] => {
    const layer = network.affineLayers.find(
      ({ weight, bias }) => weight === place || bias === place,
    );
    const isDrawn = layer && (place.role === 'weight' || rule.drawsBiases);
    if (!isDrawn) return constantTensor(network, tensor);
    const { kind } = rule;
    const deviation = rule.deviation(layer, network);
    const scale = kind === 'uniform' ? Math.sqrt(3) * deviation : deviation;
    const base = { tensor, kind, scale, mirroredRows: 0, asymmetricBias: null };
    if (place.role === 'bias') return [base];
    const isMirrored = rule.mirrorsRows === true && isAntithetic(layer.activation);
    const biasTensor = layer.bias ? tensors.indexOf(layer.bias) : -1;
    return [
      {
        ...base,
        mirroredRows: isMirrored ? place.rows / layer.groups : 0,
        asymmetricBias: rule.isAsymmetric ? biasTensor : null,
      },
    ];
  });
}

/** What every initializer starts with that only makes weights: biases and shifts 0, scales 1. */
export function constantTensors(network: Network): TensorDistribution[] {
  return network.parameters.tensors.flatMap(({ role }, tensor) =>
    role === 'weight' ? [] : constantTensor(network, tensor),
  );
}

/** None for running statistics, which are not trained. */
function constantTensor({ parameters }: Network, tensor: number): TensorDistribution[] {
  const { block, role } = parameters.tensors[tensor]!;
  if (block === 'statistics') return [];
  const scale = role === 'scale' ? 1 : 0;
  return [{ tensor, kind: 'constant', scale, mirroredRows: 0, asymmetricBias: null }];
}
