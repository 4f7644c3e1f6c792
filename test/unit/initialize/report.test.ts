/**
 * Believed after it passes: the report counts active and dead units rightly, gives the singular
 * values of the layers' Jacobians, shows the isometry of `lps` through depth, and warns of dead ReLU
 * units by layer. Truth: hand-made networks whose numbers are known, linear algebra.
 */
import { describe, expect, it } from 'vitest';
import { initializeOnHost } from '../../../src/initialize/host.js';
import type { InitializerMethod } from '../../../src/initialize/initializers.js';
import { reportInitialization } from '../../../src/initialize/report.js';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  network,
  relu,
  tanh,
  type Network,
} from '../../../src/network/index.js';
import { unpackWeights, type Weights } from '../../../src/network/weights.js';

const byHand = (
  entries: Record<string, readonly [readonly number[], readonly number[]]>,
): Weights => ({
  metadata: {},
  tensors: new Map(
    Object.entries(entries).map(([name, [shape, data]]) => [
      name,
      { shape, data: Float32Array.from(data) },
    ]),
  ),
});

function initialized(net: Network, method: InitializerMethod, seed: number): Weights {
  const { block } = initializeOnHost(net, { method, seed });
  const statistics = new Float32Array(net.parameters.blockSize.statistics);
  return unpackWeights(net.parameters, { parameters: block, statistics });
}

describe('report', () => {
  const net = network({ input: [2], layers: [dense(3), relu(), dense(2)] });
  const weights = byHand({
    'layers.0.weight': [
      [3, 2],
      [3, 0, 0, 4, 0, 0],
    ],
    'layers.0.bias': [[3], [10, 10, -1]],
    'layers.2.weight': [
      [2, 3],
      [1, 0, 5, 0, 2, 5],
    ],
    'layers.2.bias': [[2], [0, 0]],
  });
  const anchors = [
    [1, -1],
    [-1, 1],
    [0, -5],
    [0, 0],
  ];

  it('counts what is active on the anchors', () => {
    const report = reportInitialization(net, weights, { method: 'he', anchors });
    expect(report.anchors).toBe(4);
    expect(report.anchorSource).toBe('data');
    expect(report.deadUnits).toBe(1);
    expect(report.warnings).toEqual(['layers.1: 1 of its ReLU units are active on no anchor']);
    // 4 of the first unit, 3 of the second (10 - 20 < 0), none of the third.
    expect(report.layers[0]!.activity).toEqual({ activeFraction: 7 / 12, inactiveUnits: 1 });
    expect(report.layers[0]).toMatchObject({ fanIn: 2, fanOut: 3, units: 3, type: 'dense' });
    expect(report.layers[1]!.activity).toBeNull();
  });

  it('gives the singular values of each layer by the input', () => {
    const { layers } = reportInitialization(net, weights, { method: 'he', anchors });
    // At (1, -1) both live units are active: diag(3, 4), then diag(3, 8).
    expect(layers[0]!.jacobian!.largest).toBeCloseTo(4, 7);
    expect(layers[0]!.jacobian!.smallest).toBeCloseTo(3, 7);
    expect(layers[0]!.jacobian!.rank).toBe(2);
    expect(layers[1]!.jacobian!.largest).toBeCloseTo(8, 7);
    expect(layers[1]!.jacobian!.smallest).toBeCloseTo(3, 7);
  });

  it('shows that lps without nonlinearity is an isometry on its directions at any depth', () => {
    const hidden = Array.from({ length: 20 }, () => [dense(12), relu()]).flat();
    const deep = network({ input: [12], layers: [...hidden, dense(3)] });
    const options = { method: 'lps', seed: 4, nonlinearity: 0 } as const;
    const { block } = initializeOnHost(deep, options);
    const made = unpackWeights(deep.parameters, {
      parameters: block,
      statistics: new Float32Array(0),
    });
    const { layers } = reportInitialization(deep, made, options);
    for (const { jacobian } of layers.slice(0, 20)) {
      expect(jacobian!.rank).toBe(6);
      expect(jacobian!.largest / jacobian!.smallest).toBeLessThan(1 + 1e-5);
    }
    const he = reportInitialization(deep, initialized(deep, 'he', 4), { method: 'he', seed: 4 });
    const last = he.layers[19]!.jacobian!;
    expect(last.largest / last.smallest).toBeGreaterThan(10);
  });

  it('leaves Jacobians out where they would cost too much or mean nothing', () => {
    const large = network({
      input: [64, 64, 3],
      layers: [conv2d(8, 3), tanh(), flatten(), dense(2)],
    });
    const options = { method: 'he', seed: 1, anchorCount: 2 } as const;
    const { layers } = reportInitialization(large, initialized(large, 'he', 1), options);
    expect(layers.map(({ jacobian }) => jacobian)).toEqual([null, null]);
    const normed = network({ input: [4], layers: [dense(3), batchNorm(), relu(), dense(1)] });
    const report = reportInitialization(normed, initialized(normed, 'he', 1), { method: 'he' });
    expect(report.layers[0]!.jacobian).toBeNull();
    expect(report.deadUnits).toBe(0);
  });
});
