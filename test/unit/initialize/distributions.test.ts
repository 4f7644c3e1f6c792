/**
 * Believed after it passes: each classical initializer draws every tensor from the distribution of
 * its paper (fans, gains, biases), RAI and the antithetic rows have their structure and their known
 * rates of dying, and the same seed gives the same weights. Truth: closed forms of the papers and of
 * torch.nn.init, sampling theory, and the born-dead rates of Lu et al. 2020 as measured in numpy.
 */
import { describe, expect, it } from 'vitest';
import { activationGain } from '../../../src/initialize/gain.js';
import { initializeOnHost } from '../../../src/initialize/host.js';
import type { InitializerMethod } from '../../../src/initialize/initializers.js';
import { RAI_DEVIATION } from '../../../src/initialize/independent.js';
import {
  batchNorm,
  conv2d,
  dense,
  elu,
  flatten,
  gelu,
  leakyRelu,
  network,
  polynomial,
  relu,
  residual,
  sigmoid,
  silu,
  tanh,
  type Network,
} from '../../../src/network/index.js';

const seed = 20261123;

/** One tensor of the block, without padding. */
function tensorOf(net: Network, block: Float32Array, name: string): number[] {
  const { offset, rows, columns, rowStride } = net.parameters.tensors.find(
    (tensor) => tensor.name === name,
  )!;
  return Array.from({ length: rows }, (_, row) => [
    ...block.subarray(offset + row * rowStride, offset + row * rowStride + columns),
  ]).flat();
}

const moment = (values: readonly number[], power: number): number =>
  values.reduce((sum, value) => sum + value ** power, 0) / values.length;

const wide = network({ input: [300], layers: [dense(201), relu(), dense(150), tanh(), dense(10)] });
const images = network({
  input: [8, 8, 12],
  layers: [conv2d(64, 3, { groups: 2 }), batchNorm(), leakyRelu(0.3), flatten(), dense(5)],
});

describe('variance by fan', () => {
  it.each([
    ['he', 'layers.0.weight', 2 / 300],
    ['he', 'layers.2.weight', (5 / 3) ** 2 / 201],
    ['he-uniform', 'layers.0.weight', 2 / 300],
    ['xavier', 'layers.0.weight', 2 / 501],
    ['xavier-uniform', 'layers.2.weight', 2 / 351],
    ['lecun', 'layers.0.weight', 1 / 300],
    ['lecun-uniform', 'layers.2.weight', 1 / 201],
    ['pytorch', 'layers.0.weight', 1 / 900],
    ['pytorch', 'layers.0.bias', 1 / 900],
    ['rai', 'layers.2.weight', 0.6007 ** 2 / 201],
    ['antithetic', 'layers.0.weight', 2 / 300],
  ] as const)('%s %s', (method, name, variance) => {
    const { block } = initializeOnHost(wide, { method, seed });
    let values = tensorOf(wide, block, name);
    // RAI's positive entries, one in 202, are another distribution.
    if (method === 'rai') values = values.filter((value) => Math.abs(value) < 0.25);
    const isUniform = /uniform|pytorch/.test(method);
    const kurtosis = isUniform ? 9 / 5 : 3;
    // Five standard errors; mirrored rows count once.
    const independent = values.length / (method === 'antithetic' ? 2 : 1);
    const error = 5 * variance * Math.sqrt((kurtosis - 1) / independent);
    expect(Math.abs(moment(values, 2) - variance)).toBeLessThan(error);
    expect(Math.abs(moment(values, 1))).toBeLessThan(5 * Math.sqrt(variance / values.length));
    const largest = Math.max(...values.map(Math.abs));
    if (isUniform) expect(largest).toBeLessThan(Math.sqrt(3 * variance));
    else expect(moment(values, 4) / moment(values, 2) ** 2).toBeCloseTo(3, 0);
  });

  it('counts a convolution window and its groups', () => {
    const { block } = initializeOnHost(images, { method: 'he', seed });
    const values = tensorOf(images, block, 'layers.0.weight');
    const variance = 2 / (1 + 0.3 ** 2) / (6 * 9);
    expect(Math.abs(moment(values, 2) - variance)).toBeLessThan(
      5 * variance * Math.sqrt(2 / values.length),
    );
  });

  it('leaves biases and shifts 0, scales 1, padding 0', () => {
    for (const method of ['he', 'xavier', 'lecun-uniform', 'antithetic'] as const) {
      const { block } = initializeOnHost(images, { method, seed });
      expect(new Set(tensorOf(images, block, 'layers.0.bias'))).toEqual(new Set([0]));
      expect(new Set(tensorOf(images, block, 'layers.1.weight'))).toEqual(new Set([1]));
      expect(new Set(tensorOf(images, block, 'layers.1.bias'))).toEqual(new Set([0]));
    }
    const narrow = network({ input: [3], layers: [dense(5)] });
    const { block } = initializeOnHost(narrow, { method: 'pytorch', seed });
    for (let row = 0; row < 5; row++) expect(block[4 * row + 3]).toBe(0);
  });
});

describe('activationGain', () => {
  it('is calculate_gain where PyTorch has it', () => {
    expect(activationGain(null)).toBe(1);
    expect(activationGain(sigmoid())).toBe(1);
    expect(activationGain(tanh())).toBe(5 / 3);
    expect(activationGain(relu())).toBe(Math.SQRT2);
    expect(activationGain(leakyRelu())).toBeCloseTo(1.4141428569978354, 14);
  });

  it('keeps the second moment elsewhere', () => {
    // E (1 + 2 z + z^2)^2 = 1 + 4 + 3 + 2 = 10; the others as below.
    expect(activationGain(polynomial([1, 2, 1]))).toBeCloseTo(1 / Math.sqrt(10), 12);
    expect(activationGain(leakyRelu(-1))).toBeCloseTo(1, 14);
    expect(activationGain(gelu())).toBeCloseTo(1 / Math.sqrt(GELU_SECOND_MOMENT), 10);
    expect(activationGain(silu())).toBeCloseTo(1 / Math.sqrt(SILU_SECOND_MOMENT), 10);
    expect(activationGain(elu())).toBeCloseTo(1 / Math.sqrt(ELU_SECOND_MOMENT), 10);
  });
});

/** E f(z)^2 for a standard normal z, by the trapezoid rule in Python with 400,001 points. */
const GELU_SECOND_MOMENT = 0.4252214825702363;
const SILU_SECOND_MOMENT = 0.3557755198173201;
const ELU_SECOND_MOMENT = 0.6449454174928636;

describe('structure', () => {
  it('replaces one entry of each RAI row, the bias one of them', () => {
    const net = network({ input: [4], layers: [dense(20000, { bias: true })] });
    const { block } = initializeOnHost(net, { method: 'rai', seed });
    const plain = initializeOnHost(net, { method: 'lecun', seed }).block;
    const weights = tensorOf(net, block, 'layers.0.weight');
    const biases = tensorOf(net, block, 'layers.0.bias');
    const draws = tensorOf(net, plain, 'layers.0.weight');
    const replaced: number[] = [];
    const counts = [0, 0, 0, 0, 0];
    for (let row = 0; row < 20000; row++) {
      const changed = [0, 1, 2, 3].filter(
        (column) =>
          Math.abs(weights[4 * row + column]! - RAI_DEVIATION * draws[4 * row + column]!) > 1e-6,
      );
      expect(changed.length).toBeLessThanOrEqual(1);
      counts[changed[0] ?? 4]!++;
      replaced.push(changed.length === 1 ? weights[4 * row + changed[0]!]! : biases[row]!);
    }
    // Each of the five places a fifth of the time.
    for (const count of counts) expect(Math.abs(count - 4000)).toBeLessThan(5 * Math.sqrt(3200));
    // Beta(2, 1): mean 2/3, variance 1/18.
    expect(Math.min(...replaced)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...replaced)).toBeLessThan(1);
    expect(Math.abs(moment(replaced, 1) - 2 / 3)).toBeLessThan(5 * Math.sqrt(1 / 18 / 20000));
    expect(RAI_DEVIATION).toBeCloseTo(0.6007, 4);
  });

  it('mirrors antithetic rows inside their group only', () => {
    const net = network({
      input: [4, 4, 4],
      layers: [conv2d(6, 3, { groups: 2, padding: 'same' }), relu(), flatten(), dense(3)],
    });
    const { block } = initializeOnHost(net, { method: 'antithetic', seed });
    const values = tensorOf(net, block, 'layers.0.weight');
    const row = (index: number): number[] => values.slice(18 * index, 18 * (index + 1));
    const minus = (numbers: readonly number[]): number[] => numbers.map((value) => 0 - value);
    expect(row(1)).toEqual(minus(row(0)));
    expect(row(4)).toEqual(minus(row(3)));
    expect(row(3)).not.toEqual(minus(row(2)));
    expect(row(5)).not.toEqual(minus(row(4)));
    // The output layer is followed by nothing and is not mirrored.
    const output = tensorOf(net, block, 'layers.3.weight');
    expect(output.slice(96, 192)).not.toEqual(minus(output.slice(0, 96)));
  });

  it('finds layers inside residual ones', () => {
    const net = network({
      input: [16],
      layers: [residual([dense(64), relu(), dense(16)]), dense(2)],
    });
    const { block } = initializeOnHost(net, { method: 'he', seed });
    const inner = tensorOf(net, block, 'layers.0.body.0.weight');
    expect(Math.abs(moment(inner, 2) - 2 / 16)).toBeLessThan(5 * (2 / 16) * Math.sqrt(2 / 1024));
    expect(moment(tensorOf(net, block, 'layers.0.body.2.weight'), 2)).toBeGreaterThan(0);
  });

  it('depends on seed and replica and nothing else', () => {
    for (const method of ['he', 'pytorch', 'rai', 'antithetic', 'orthogonal'] as const) {
      const block = (options: object): Float32Array =>
        initializeOnHost(images, { method, seed: 7, ...options }).block;
      expect(block({})).toEqual(block({ replica: 0 }));
      expect(block({})).not.toEqual(block({ replica: 1 }));
      expect(block({})).not.toEqual(block({ seed: 2 ** 40 + 7 }));
    }
  });
});

describe('born dead', () => {
  /** Share of ReLU networks of width 2 and 10 hidden layers that are constant on a grid. */
  function bornDeadShare(method: InitializerMethod, networks: number): number {
    const layers = Array.from({ length: 10 }, () => [dense(2), relu()]).flat();
    const net = network({ input: [1], layers: [...layers, dense(1)] });
    const points = Array.from({ length: 257 }, (_, index) => Math.sqrt(3) * (index / 128 - 1));
    let dead = 0;
    for (let replica = 0; replica < networks; replica++) {
      const { block } = initializeOnHost(net, { method, seed, replica });
      const tensors = net.parameters.tensors;
      const isDead = (): boolean => {
        let features = points.map((point) => [point]);
        for (let l = 0; l < 10; l++) {
          const weight = tensors[2 * l]!;
          const bias = tensors[2 * l + 1]!;
          features = features.map((row) =>
            [0, 1].map((unit) =>
              Math.max(
                0,
                row.reduce(
                  (sum, x, column) =>
                    sum + x * block[weight.offset + unit * weight.rowStride + column]!,
                  block[bias.offset + unit]!,
                ),
              ),
            ),
          );
          if (features.every((row) => row.every((value) => value === 0))) return true;
        }
        return false;
      };
      if (isDead()) dead++;
    }
    return dead / networks;
  }

  it('happens to He and RAI as often as the literature says, to antithetic rows never', () => {
    const networks = 1000;
    const he = bornDeadShare('he', networks);
    const rai = bornDeadShare('rai', networks);
    // Five standard errors of 1,000 networks around 91.0 % and 27.2 %, measured with 10,000.
    expect(Math.abs(he - 0.91), `seed ${seed}`).toBeLessThan(
      5 * Math.sqrt((0.91 * 0.09) / networks),
    );
    expect(Math.abs(rai - 0.272), `seed ${seed}`).toBeLessThan(
      5 * Math.sqrt((0.272 * 0.728) / networks),
    );
    expect(bornDeadShare('antithetic', 100)).toBe(0);
  });
});
