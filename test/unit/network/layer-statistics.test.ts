/**
 * Believed after it passes: statistics of units and batches join to those of all numbers at once,
 * and norms of segments to those of layers. The truth is a plain sum over all numbers in f64.
 */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { joinUnits, layerNorms, NORM_SEGMENT } from '../../../src/network/layer-statistics.js';
import { dense, network, relu } from '../../../src/network/index.js';

describe('joinUnits', () => {
  it('joins units and batches of unequal size', () => {
    const random = randomStream(3);
    const replicas = 2;
    const units = 3;
    const samples = [4, 2];
    // [batch][replica][unit] numbers, far from zero; unit 1 of replica 1 is dead, unit 2 in one batch.
    const numbers = samples.map((count, batch) =>
      Array.from({ length: replicas }, (_, replica) =>
        Array.from({ length: units }, (_, unit) =>
          Array.from({ length: count }, () =>
            replica === 1 && (unit === 1 || (unit === 2 && batch === 0))
              ? 0
              : 100 + random.normal(),
          ),
        ),
      ),
    );
    const sums = numbers.flat(2).flatMap((list) => {
      const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
      const squares = list.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      return [mean, squares, list.length, Number(list.some((x) => x !== 0))];
    });
    for (let replica = 0; replica < replicas; replica++) {
      const all = numbers.flatMap((batch) => batch[replica]!.flat());
      const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
      const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length;
      const shape = { batches: 2, replicas, units };
      const joined = joinUnits(Float32Array.from(sums), shape, replica);
      expect(joined.activationMean).toBeCloseTo(mean, 4);
      expect(joined.activationVariance / variance).toBeCloseTo(1, 5);
      expect(joined.deadFraction).toBe(replica === 0 ? 0 : 1 / 3);
    }
  });
});

describe('layerNorms', () => {
  it('adds the segments of weights and biases of each layer', () => {
    const net = network({ input: [20], layers: [dense(10), relu(), dense(1)] });
    const { tensors, blockSize } = net.parameters;
    const segments = new Float32Array(blockSize.parameters / NORM_SEGMENT);
    const expected = new Map<string, number>();
    tensors.forEach(({ name, offset }, k) => {
      // One number in each tensor, in its first segment.
      segments[offset / NORM_SEGMENT] = (k + 1) ** 2;
      const layer = name.replace(/\.\w+$/, '');
      expected.set(layer, (expected.get(layer) ?? 0) + (k + 1) ** 2);
    });
    expect(layerNorms(net.parameters, segments)).toEqual(
      new Map([...expected].map(([layer, sum]) => [layer, Math.sqrt(sum)])),
    );
  });
});
