/**
 * Believed afterwards: weights go into the padded blocks and come back unchanged, padding is zero,
 * each number lies where src/network/parameters.ts says, and weights of another network are
 * refused by name and shape. The truth is the layout's own formula, evaluated one number at a time,
 * on random networks with every kind of layer.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relu } from '../../../src/network/activations.js';
import { batchNorm, conv2d, dense, flatten } from '../../../src/network/layer.js';
import { network, type Network } from '../../../src/network/network.js';
import {
  packWeights,
  unpackWeights,
  WeightsError,
  type Weights,
  type WeightTensor,
} from '../../../src/network/weights.js';
import { randomNetworks } from '../../helpers/random-networks.js';

/** Distinct numbers in every place. */
function numbered(net: Network, first: number): Weights {
  let next = first;
  const tensors = net.parameters.tensors.map(({ name, shape, rows, columns }) => {
    const data = Float32Array.from({ length: rows * columns }, () => next++);
    return [name, { shape, data }] as const;
  });
  return { tensors: new Map(tensors), metadata: { first: String(first) } };
}

it('puts each number in its place, zero between, and takes it out again', () => {
  fc.assert(
    fc.property(randomNetworks(), fc.integer({ min: 1, max: 3 }), (net, replicas) => {
      const layout = net.parameters;
      const all = Array.from({ length: replicas }, (_, replica) =>
        numbered(net, 1 + 100_000 * replica),
      );
      const blocks = packWeights(layout, all);
      const expected = {
        parameters: new Float32Array(replicas * layout.blockSize.parameters),
        statistics: new Float32Array(replicas * layout.blockSize.statistics),
      };
      all.forEach(({ tensors }, replica) => {
        for (const { name, block, columns, rowStride, offset } of layout.tensors) {
          tensors.get(name)!.data.forEach((value, index) => {
            const row = Math.floor(index / columns);
            const place = offset + row * rowStride + (index % columns);
            expected[block][replica * layout.blockSize[block] + place] = value;
          });
        }
      });
      expect(blocks).toEqual(expected);
      all.forEach((weights, replica) => {
        expect(unpackWeights(layout, blocks, replica, weights.metadata)).toEqual(weights);
      });
    }),
    { seed: 31, numRuns: 60 },
  );
});

describe('weights of another network', () => {
  const net = network({
    input: [5, 5, 2],
    layers: [conv2d(3, [2, 3]), batchNorm(), relu(), flatten(), dense(4)],
  });
  const fits = numbered(net, 1);
  const changed = (change: (tensors: Map<string, WeightTensor>) => void): Weights => {
    const tensors = new Map(fits.tensors);
    change(tensors);
    return { ...fits, tensors };
  };
  const message = (weights: Weights): string => {
    try {
      packWeights(net.parameters, [fits, weights]);
    } catch (error) {
      expect(error).toBeInstanceOf(WeightsError);
      return (error as Error).message;
    }
    return 'no error';
  };

  it('is refused when tensors are missing or unknown', () => {
    const weights = changed((tensors) => {
      tensors.delete('layers.0.bias');
      tensors.delete('layers.1.running_var');
      tensors.set('layers.9.weight', { shape: [1], data: new Float32Array(1) });
    });
    expect(message(weights)).toBe(
      'the weights do not fit the network; missing: layers.0.bias, layers.1.running_var; not in the network: layers.9.weight',
    );
  });
  it('is refused when a shape differs, even with as many numbers', () => {
    const { data } = fits.tensors.get('layers.0.weight')!;
    const weights = changed((tensors) =>
      tensors.set('layers.0.weight', { shape: [3, 2, 3, 2], data }),
    );
    expect(message(weights)).toMatch(
      /layers\.0\.weight is \[3, 2, 3, 2\], the network needs \[3, 2, 2, 3\]/,
    );
  });
  it('is refused when a tensor is shorter than its shape', () => {
    const weights = changed((tensors) =>
      tensors.set('layers.4.bias', { shape: [4], data: new Float32Array(3) }),
    );
    expect(message(weights)).toMatch(/layers\.4\.bias has 3 numbers, its shape \[4\] needs 4/);
  });
  it("is not what PyTorch's batch counter makes of them", () => {
    const weights = changed((tensors) =>
      tensors.set('layers.1.num_batches_tracked', { shape: [], data: new Float32Array(1) }),
    );
    expect(packWeights(net.parameters, [weights])).toEqual(packWeights(net.parameters, [fits]));
  });
  it('is not asked for beyond the replicas that are there', () => {
    const blocks = packWeights(net.parameters, [fits, fits]);
    expect(() => unpackWeights(net.parameters, blocks, 2)).toThrow(/replica 2 ends at float/);
  });
});
