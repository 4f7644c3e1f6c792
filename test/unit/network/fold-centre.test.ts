/**
 * Believed afterwards: a network for centred inputs and its folded twin for inputs as they are compute the same,
 * and networks that cannot be folded are refused. Truth: both forward passes, in f64.
 */
import { describe, expect, it } from 'vitest';
import { centreParts, makeDataset } from '../../../src/data/index.js';
import { initializeOnHost } from '../../../src/initialize/host.js';
import { randomStream } from '../../../src/math/random.js';
import {
  averagePool2d,
  conv2d,
  dense,
  flatten,
  foldCentre,
  network,
  NetworkError,
  relu,
  tanh,
  type Layer,
  type Network,
} from '../../../src/network/index.js';
import { inputFeatures } from '../../../src/network/host/features.js';
import { propagate, storedWeights } from '../../../src/network/host/forward-pass.js';
import { unpackWeights, type Weights } from '../../../src/network/weights.js';

const seed = 20_261_510;

function weightsOf(net: Network): Weights {
  const { block } = initializeOnHost(net, { method: 'pytorch', seed });
  return unpackWeights(net.parameters, { parameters: block, statistics: new Float32Array() });
}

function outputs(net: Network, weights: Weights, inputs: Float64Array, count: number): number[] {
  const features = inputFeatures(net.input, inputs, count);
  return [...propagate(net, features, { weightsOf: storedWeights(weights) }).data];
}

const cases: readonly (readonly [string, readonly number[], readonly Layer[]])[] = [
  ['rows', [5], [dense(7), relu(), dense(2)]],
  ['images, flattened', [3, 4, 2], [flatten(), dense(6), tanh(), dense(2)]],
  ['a convolution', [5, 4, 2], [conv2d(3, [2, 3]), relu(), flatten(), dense(2)]],
  [
    'a convolution in groups',
    [5, 4, 4],
    [conv2d(6, 3, { groups: 2, padding: 0 }), relu(), flatten(), dense(2)],
  ],
];

describe('foldCentre', () => {
  it.each(cases)('moves the centre into the biases of %s', (_, input, layers) => {
    const net = network({ input, layers });
    const count = 9;
    const entries = input.reduce((product, size) => product * size, 1);
    const stream = randomStream(seed);
    const values = Float64Array.from({ length: count * entries }, () => 15 + stream.normal());
    const data = makeDataset({
      name: 'far from 0',
      shape: input,
      inputs: values,
      targets: { kind: 'values', values: new Float32Array(count), width: 1 },
    });
    const { parts, centre } = centreParts({ train: data, validation: null, test: null });
    const groups = centre.length;
    expect(groups).toBe(input.length === 1 ? input[0] : input[2]);
    const groupOf = (index: number): number => Math.floor((index % entries) / (entries / groups));
    const { mean, deviation } = parts.train.normalization;
    const centred = values.map((x, k) => (x - mean[groupOf(k)]!) / deviation[groupOf(k)]!);
    for (let group = 0; group < groups; group++) {
      const own = centred.filter((__, k) => groupOf(k) === group);
      expect(Math.abs(own.reduce((sum, x) => sum + x, 0) / own.length)).toBeLessThan(1e-12);
    }
    const weights = weightsOf(net);
    const plain = outputs(net, foldCentre(net, weights, centre), values, count);
    // Biases of about 15 * 5 are rounded to f32: 75 * 2^-24, times the later layers' factor of at most 4.
    outputs(net, weights, centred, count).forEach((expected, k) => {
      expect(Math.abs(plain[k]! - expected)).toBeLessThan(4 * 75 * 2 ** -24);
    });
  });

  it.each([
    ['no biases', [4], [dense(3, { bias: false })]],
    ['pads with zeros', [4, 4, 1], [conv2d(2, 3, { padding: 'same' })]],
    ['pads with zeros', [4, 4, 1], [conv2d(2, 3, { padding: [0, 1] })]],
    ['must be dense or a convolution', [4, 4, 1], [averagePool2d(2), flatten(), dense(3)]],
    ['must be dense or a convolution', [4], [relu(), dense(3)]],
  ] as const)('refuses a network: %s', (reason, input, layers) => {
    const net = network({ input: [...input], layers: [...layers] });
    const fold = (): unknown => foldCentre(net, weightsOf(net), new Float64Array(4));
    expect(fold).toThrow(NetworkError);
    expect(fold).toThrow(reason);
  });
});
