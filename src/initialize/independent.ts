/**
 * The initializers whose entries are independent (but for a sign): one distribution per tensor.
 * Uniform distributions have the variance of their normal counterparts.
 */
import { atOnce } from '../math/stepwise.js';
import type { AffineLayer } from '../network/affine-layers.js';
import { tensorDistributions, type DrawRule } from './distributions.js';
import { drawTensors } from './draw-tensors.js';
import { activationGain } from './gain.js';
import type { CommonOptions, Initializer, InitializerAlias } from './initializer.js';

/** An initializer that draws every tensor by one rule. */
export function drawn<const Name extends string>(
  described: Omit<Initializer<CommonOptions, Name>, 'onHost' | 'inSteps' | 'plan'>,
  rule: DrawRule,
): Initializer<CommonOptions, Name> {
  return {
    ...described,
    onHost: (network, _options, address) => ({
      tensors: atOnce(drawTensors(network, tensorDistributions(network, rule), address)),
      warnings: [],
    }),
    inSteps: function* (network, _options, address) {
      const tensors = yield* drawTensors(network, tensorDistributions(network, rule), address);
      return { tensors, warnings: [] };
    },
    plan: async (gpu, buffers, network, _options, target) => {
      const [{ createSlice, fillBySlices }, { planDraw }] = await Promise.all([
        import('./gpu/batch.js'),
        import('./gpu/plan-draw.js'),
      ]);
      const slice = await createSlice(buffers, target, 0);
      const jobs = await planDraw(gpu, buffers, network, tensorDistributions(network, rule), slice);
      return fillBySlices(gpu, slice, target, jobs);
    },
  };
}

/** An initializer of mean 0 and the given deviation, with biases 0. */
const variance = <const Name extends string>(
  described: {
    readonly name: Name;
    readonly aliases?: readonly InitializerAlias[];
    readonly summary: string;
  },
  kind: 'normal' | 'uniform',
  deviation: (layer: AffineLayer) => number,
): Initializer<CommonOptions, Name> =>
  drawn({ ...described, hasIndependentEntries: true }, { kind, deviation });

/** He, Zhang, Ren, Sun 2015; the gain by the layer's activation. */
export const heDeviation = ({ activation, weight }: AffineLayer): number =>
  activationGain(activation) / Math.sqrt(weight.fanIn);

/** Glorot, Bengio 2010, equation 16. */
const xavierDeviation = ({ weight: { fanIn, fanOut } }: AffineLayer): number =>
  Math.sqrt(2 / (fanIn + fanOut));

/** LeCun, Bottou, Orr, Mueller 1998, section 4.6. */
const lecunDeviation = ({ weight }: AffineLayer): number => 1 / Math.sqrt(weight.fanIn);

export const he = variance(
  {
    name: 'he',
    aliases: ['he-normal', 'kaiming-normal'],
    summary: 'normal, variance gain^2 / fan in',
  },
  'normal',
  heDeviation,
);

export const heUniform = variance(
  { name: 'he-uniform', aliases: ['kaiming-uniform'], summary: 'the same variance, uniform' },
  'uniform',
  heDeviation,
);

export const xavier = variance(
  {
    name: 'xavier',
    aliases: ['xavier-normal', 'glorot-normal'],
    summary: 'normal, variance 2 / (fan in + fan out)',
  },
  'normal',
  xavierDeviation,
);

export const xavierUniform = variance(
  { name: 'xavier-uniform', aliases: ['glorot-uniform'], summary: 'the same variance, uniform' },
  'uniform',
  xavierDeviation,
);

export const lecun = variance(
  { name: 'lecun', aliases: ['lecun-normal'], summary: 'normal, variance 1 / fan in' },
  'normal',
  lecunDeviation,
);

export const lecunUniform = variance(
  { name: 'lecun-uniform', summary: 'the same variance, uniform' },
  'uniform',
  lecunDeviation,
);

/** What torch.nn.Linear and Conv2d do: kaiming_uniform with a = sqrt(5). */
export const pytorch = drawn(
  {
    name: 'pytorch',
    summary: "PyTorch's default: weights and biases uniform within 1 / sqrt(fan in)",
    hasSymmetricRows: true,
  },
  {
    kind: 'uniform',
    deviation: ({ weight }) => 1 / Math.sqrt(3 * weight.fanIn),
    drawsBiases: true,
  },
);

/** Deviation of RAI's normal entries by sqrt(fan in): sqrt(1 + 8 / (9 pi)) - 2 sqrt(2) / (3 sqrt(pi)). */
export const RAI_DEVIATION =
  Math.sqrt(1 + 8 / (9 * Math.PI)) - (2 * Math.SQRT2) / (3 * Math.sqrt(Math.PI));

/** Randomized asymmetric initialization (Lu, Shin, Su, Karniadakis 2020, section 4). */
export const rai = drawn(
  {
    name: 'rai',
    summary: 'normal rows of weights and bias, one entry of each a positive Beta(2, 1) number',
  },
  {
    kind: 'normal',
    deviation: ({ weight }) => RAI_DEVIATION / Math.sqrt(weight.fanIn),
    drawsBiases: true,
    isAsymmetric: true,
  },
);

export const antithetic = drawn(
  {
    name: 'antithetic',
    summary: "He's rows in pairs of opposite sign before activations with f(t) - f(-t) = k t",
  },
  { kind: 'normal', deviation: heDeviation, mirrorsRows: true },
);
