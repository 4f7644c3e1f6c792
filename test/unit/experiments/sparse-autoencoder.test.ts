/**
 * Believed afterwards: the autoencoders of experiment `uncentred` descend their objective: its gradient is the one of
 * finite differences, TopK uses so many units, and Adam lowers it. Truth: central differences in f64.
 */
import { describe, expect, it } from 'vitest';
import {
  autoencode,
  tensorsOf,
  trainAutoencoder,
  type Autoencoder,
} from '../../../src/experiments/uncentred/sparse-autoencoder.js';
import { randomStream } from '../../../src/math/random.js';
import { atOnce } from '../../../src/math/stepwise.js';

const [inputs, units, count] = [3, 7, 5];
const stream = randomStream(20_261_512);
const normals = (length: number): Float64Array =>
  Float64Array.from({ length }, () => stream.normal());
const made = (): Autoencoder => ({
  encoder: normals(units * inputs),
  encoderBias: normals(units),
  decoder: normals(units * inputs),
  decoderBias: normals(inputs),
});

describe.each([
  ['ReLU', { penalty: 0.3, kept: null }],
  ['TopK', { penalty: 0, kept: 2 }],
])('%s autoencoder', (_, sparsity) => {
  it('has the gradient of finite differences', () => {
    const model = made();
    const samples = normals(count * inputs);
    const gradient = made();
    autoencode(model, samples, sparsity, gradient);
    const step = 1e-6;
    tensorsOf(model).forEach((tensor, index) => {
      tensor.forEach((value, k) => {
        const at = (shift: number): number => {
          tensor[k] = value + shift;
          return autoencode(model, samples, sparsity).objective;
        };
        const difference = (at(step) - at(-step)) / (2 * step);
        tensor[k] = value;
        expect(Math.abs(tensorsOf(gradient)[index]![k]! - difference)).toBeLessThan(1e-7);
      });
    });
  });

  it('learns, and says which units are used', () => {
    const model = made();
    const samples = normals(count * inputs);
    const before = autoencode(model, samples, sparsity);
    atOnce(trainAutoencoder(model, sparsity, { steps: 300, rate: 0.01, nextBatch: () => samples }));
    const used = new Uint8Array(units);
    const after = autoencode(model, samples.subarray(0, inputs), sparsity, null, used);
    expect(autoencode(model, samples, sparsity).objective).toBeLessThan(0.5 * before.objective);
    const usedUnits = used.reduce((sum, flag) => sum + flag, 0);
    if (sparsity.kept !== null) expect(usedUnits).toBeLessThanOrEqual(sparsity.kept);
    expect(usedUnits).toBeGreaterThan(0);
    expect(after.error).toBeGreaterThanOrEqual(0);
  });
});
