/**
 * The initializers whose entries are independent (but for a sign): one distribution per tensor.
 *
 * - he: variance gain^2 / fan in (He, Zhang, Ren, Sun 2015), the gain by the layer's activation.
 * - xavier: 2 / (fan in + fan out) (Glorot, Bengio 2010, equation 16).
 * - lecun: 1 / fan in (LeCun, Bottou, Orr, Mueller 1998, section 4.6).
 * - pytorch: what torch.nn.Linear and Conv2d do, kaiming_uniform with a = sqrt(5): weights and
 *   biases uniform within 1 / sqrt(fan in).
 * - rai: randomized asymmetric initialization (Lu, Shin, Su, Karniadakis 2020, section 4): normal
 *   rows of weights and bias, one entry of each replaced by a positive Beta(2, 1) number.
 * - antithetic: He's rows in pairs of opposite sign before every activation, biases zero.
 *
 * Uniform distributions have the variance of their normal counterparts.
 */
import type { Network } from '../network/index.js';
import type { AffineLayer } from '../network/affine-layers.js';
import { isAntithetic } from '../network/activations.js';
import { activationGain } from './gain.js';
import type { InitializerMethod } from './methods.js';

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

/** Deviation of RAI's normal entries by sqrt(fan in): sqrt(1 + 8 / (9 pi)) - 2 sqrt(2) / (3 sqrt(pi)). */
export const RAI_DEVIATION =
  Math.sqrt(1 + 8 / (9 * Math.PI)) - (2 * Math.SQRT2) / (3 * Math.sqrt(Math.PI));

const INDEPENDENT_METHODS = [
  'he',
  'he-uniform',
  'xavier',
  'xavier-uniform',
  'lecun',
  'lecun-uniform',
  'pytorch',
  'rai',
  'antithetic',
] as const;

export type IndependentMethod = (typeof INDEPENDENT_METHODS)[number];

/** Whether a method draws every tensor on its own. */
export function isIndependent(method: InitializerMethod): method is IndependentMethod {
  return (INDEPENDENT_METHODS as readonly string[]).includes(method);
}

/** One distribution for every trained tensor of the network, in the layout's order. */
export function tensorDistributions(
  network: Network,
  method: IndependentMethod,
): readonly TensorDistribution[] {
  const { tensors } = network.parameters;
  const layers = network.affineLayers;
  return tensors.flatMap((place, tensor): TensorDistribution[] => {
    const base = { tensor, mirroredRows: 0, asymmetricBias: null } as const;
    if (place.block === 'statistics') return [];
    if (place.role === 'scale') return [{ ...base, kind: 'constant', scale: 1 }];
    if (place.role === 'shift') return [{ ...base, kind: 'constant', scale: 0 }];
    const layer = layers.find(({ weight, bias }) => weight === place || bias === place)!;
    const { kind, deviation } = weightDistribution(layer, method);
    const scale = kind === 'uniform' ? Math.sqrt(3) * deviation : deviation;
    if (place.role === 'bias') {
      const isRandom = method === 'pytorch' || method === 'rai';
      return [isRandom ? { ...base, kind, scale } : { ...base, kind: 'constant', scale: 0 }];
    }
    const mirrored = method === 'antithetic' && isAntithetic(layer.activation);
    return [
      {
        ...base,
        kind,
        scale,
        mirroredRows: mirrored ? place.rows / layer.groups : 0,
        asymmetricBias: method === 'rai' ? (layer.bias ? tensors.indexOf(layer.bias) : -1) : null,
      },
    ];
  });
}

function weightDistribution(
  { weight: { fanIn, fanOut }, activation }: AffineLayer,
  method: IndependentMethod,
): { readonly kind: 'normal' | 'uniform'; readonly deviation: number } {
  switch (method) {
    case 'he':
    case 'antithetic':
      return { kind: 'normal', deviation: activationGain(activation) / Math.sqrt(fanIn) };
    case 'he-uniform':
      return { kind: 'uniform', deviation: activationGain(activation) / Math.sqrt(fanIn) };
    case 'xavier':
      return { kind: 'normal', deviation: Math.sqrt(2 / (fanIn + fanOut)) };
    case 'xavier-uniform':
      return { kind: 'uniform', deviation: Math.sqrt(2 / (fanIn + fanOut)) };
    case 'lecun':
      return { kind: 'normal', deviation: 1 / Math.sqrt(fanIn) };
    case 'lecun-uniform':
      return { kind: 'uniform', deviation: 1 / Math.sqrt(fanIn) };
    case 'pytorch':
      return { kind: 'uniform', deviation: 1 / Math.sqrt(3 * fanIn) };
    case 'rai':
      return { kind: 'normal', deviation: RAI_DEVIATION / Math.sqrt(fanIn) };
  }
}
