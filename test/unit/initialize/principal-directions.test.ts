/**
 * Believed afterwards: with directions from the anchors the first layer's rows lie in the span of the anchors'
 * leading principal directions and are orthogonal, the theorem that no unit is dead holds as before, layers
 * as wide as their input are what they were, and networks of more than 20 hidden layers are less nonlinear.
 * The truth is anchors of known rank, and the definition.
 */
import { describe, expect, it } from 'vitest';
import { initializeOnHost } from '../../../src/initialize/host.js';
import type { InitializationOptions } from '../../../src/initialize/initializers.js';
import { reportInitialization } from '../../../src/initialize/report.js';
import { networkFromNotation } from '../../../src/network/notation.js';
import { unpackWeights, type Weights } from '../../../src/network/weights.js';

/** 40 rows of 12 numbers about a mean far from 0: large in coordinates 3 and 7, small elsewhere. */
const anchors = Array.from({ length: 40 }, (_, row) =>
  Array.from({ length: 12 }, (_entry, k) => {
    const wave = Math.sin((row + 1) * (k + 2) * 1.7);
    return 50 + (k === 3 || k === 7 ? 10 : 0.01) * wave;
  }),
);

function make(notation: string, options: InitializationOptions): Weights {
  const network = networkFromNotation(notation);
  const { block } = initializeOnHost(network, { anchors, seed: 7, ...options });
  return unpackWeights(network.parameters, { parameters: block, statistics: new Float32Array(0) });
}

const firstRows = (weights: Weights): number[][] => {
  const { data, shape } = weights.tensors.get('layers.0.weight')!;
  return Array.from({ length: shape[0]! }, (_, row) => [
    ...data.subarray(row * shape[1]!, (row + 1) * shape[1]!),
  ]);
};
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, k) => sum + value * b[k]!, 0);

describe('directions from the anchors', () => {
  it('lie where the anchors vary most, orthogonal and of one length', () => {
    const rows = firstRows(make('12-4-4-3', { directions: 'anchors' }));
    // Four units are two mirrored pairs: two directions.
    const [first, , second] = rows as [number[], number[], number[]];
    for (const row of [first, second]) {
      const outside = row.filter((_, k) => k !== 3 && k !== 7);
      expect(dot(outside, outside)).toBeLessThan(1e-4 * dot(row, row));
    }
    expect(Math.abs(dot(first, second))).toBeLessThan(1e-5 * dot(first, first));
    expect(dot(first, first) / dot(second, second)).toBeCloseTo(1, 5);
  });
  it('leave no unit dead, and random ones fill up where the anchors span too little', () => {
    const network = networkFromNotation('12-10*8-3');
    const few = anchors.slice(0, 3);
    for (const rows of [anchors, few]) {
      const options = { anchors: rows, directions: 'anchors', seed: 3 } as const;
      const weights = make('12-10*8-3', options);
      expect(reportInitialization(network, weights, options).deadUnits).toBe(0);
    }
  });
  it('change nothing where there are as many as inputs', () => {
    const options = { seed: 5 } as const;
    const wide = make('12-24-3', { ...options, directions: 'anchors' });
    expect(firstRows(wide)).toEqual(firstRows(make('12-24-3', { ...options, directions: 'haar' })));
  });
  it('are refused by another name', () => {
    const bad = { directions: 'pca' } as unknown as InitializationOptions;
    expect(() => make('12-4-3', bad)).toThrow(/directions must be 'anchors' or 'haar', got "pca"/);
  });
});

it('begins with the outputs at a given mean', () => {
  const mean = [10, -20, 30];
  const plain = make('12-8-3', {}).tensors.get('layers.2.bias')!.data;
  const moved = make('12-8-3', { outputMean: mean }).tensors.get('layers.2.bias')!.data;
  moved.forEach((bias, k) => {
    expect(bias - plain[k]!).toBeCloseTo(mean[k]!, 4);
  });
  expect(() => make('12-8-3', { outputMean: [1] })).toThrow(/outputMean must be 3 finite numbers/);
});

it('is less nonlinear from 20 hidden layers on', () => {
  // Symmetric columns carry the share s = nu / 2: |w_2i + w_2i+1| / |w_2i - w_2i+1| grows with it.
  const symmetricShare = (depth: number): number => {
    const { data } = make(`12-${depth}*8-3`, {}).tensors.get('layers.2.weight')!;
    let sum = 0;
    let all = 0;
    for (let k = 0; k < data.length; k += 2) {
      sum += (data[k]! + data[k + 1]!) ** 2;
      all += 2 * (data[k]! ** 2 + data[k + 1]! ** 2);
    }
    return sum / all;
  };
  const full = symmetricShare(20);
  expect(symmetricShare(2)).toBe(full);
  expect(symmetricShare(40) / full).toBeGreaterThan(0.35);
  expect(symmetricShare(40) / full).toBeLessThan(0.65);
});
