// Believed after it passes: the f64 reference network computes what the definitions say, and its gradients are the derivatives of its losses. Truth: values worked out by hand or with Python, and central differences.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream, type RandomStream } from '../../../src/math/random.js';
import { type ActivationLayer, relu } from '../../../src/network/activations.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  maxPool2d,
  residual,
} from '../../../src/network/layer.js';
import { network, type Network } from '../../../src/network/network.js';
import { entriesOf } from '../../../src/network/shape.js';
import { referenceActivation } from '../../helpers/reference-activations.js';
import {
  numericDerivative,
  referenceForward,
  referenceGradients,
  referenceLoss,
  type ReferenceLoss,
} from '../../helpers/reference-network.js';
import { ACTIVATIONS, randomNetworks } from '../../helpers/random-networks.js';
import { randomBatch, randomLoss, randomParameters } from '../../helpers/random-values.js';

const SEED = 20261123;
const NONE = new Map<string, number[]>();

describe('forward', () => {
  it('multiplies and adds in a dense layer', () => {
    const net = network({ input: [2], layers: [dense(2)] });
    const parameters = new Map([
      ['layers.0.weight', [1, 2, 3, 4]],
      ['layers.0.bias', [10, 20]],
    ]);
    expect(referenceForward(net, parameters, [[5, 7]]).output).toEqual([[29, 63]]);
  });

  it('slides a window without flipping it, one group of channels after the other', () => {
    // Channels [[1 2] [3 4]] and [[5 6] [7 8]], a window of 1 x 2 per channel.
    const net = network({
      input: [2, 2, 2],
      layers: [conv2d(2, [1, 2], { groups: 2, bias: false })],
    });
    const parameters = new Map([['layers.0.weight', [1, 10, 100, 1000]]]);
    const { output } = referenceForward(net, parameters, [[1, 2, 3, 4, 5, 6, 7, 8]]);
    expect(output).toEqual([[21, 43, 6500, 8700]]);
  });

  it("pads 'same' with the odd cell at the end", () => {
    // 4 cells, window 2, stride 1: one cell of padding, which TensorFlow puts last.
    const net = network({
      input: [1, 4, 1],
      layers: [conv2d(1, [1, 2], { padding: 'same', bias: false })],
    });
    const parameters = new Map([['layers.0.weight', [1, 10]]]);
    expect(referenceForward(net, parameters, [[1, 2, 3, 4]]).output).toEqual([[21, 32, 43, 4]]);
  });

  it('skips cells by dilation and stride', () => {
    const net = network({
      input: [1, 7, 1],
      layers: [conv2d(1, [1, 2], { stride: [1, 2], dilation: [1, 3], bias: false })],
    });
    const parameters = new Map([['layers.0.weight', [1, 10]]]);
    const { output } = referenceForward(net, parameters, [[1, 2, 3, 4, 5, 6, 7]]);
    expect(output).toEqual([[41, 63]]);
  });

  it('pools without counting padding', () => {
    const image = [[-1, -2, -3, -4, -5, -6, -7, -8, -9]];
    const pool = (layer: typeof maxPool2d) =>
      referenceForward(
        network({ input: [3, 3, 1], layers: [layer(2, { padding: 'same' })] }),
        NONE,
        image,
      ).output;
    expect(pool(maxPool2d)).toEqual([[-1, -3, -7, -9]]);
    expect(pool(averagePool2d)).toEqual([[-3, -4.5, -7.5, -9]]);
  });

  it('normalises a batch and keeps running statistics as PyTorch does', () => {
    const net = network({ input: [1], layers: [batchNorm({ momentum: 0.1, epsilon: 1e-5 })] });
    const parameters = new Map([
      ['layers.0.weight', [2]],
      ['layers.0.bias', [1]],
      ['layers.0.running_mean', [0]],
      ['layers.0.running_var', [1]],
    ]);
    const batch = [[1], [2], [3], [4]];
    const { output, statistics } = referenceForward(net, parameters, batch);
    // Mean 5/2, biased variance 5/4, unbiased 5/3.
    const scaled = batch.map(([x]) => 1 + (2 * (x! - 2.5)) / Math.sqrt(1.25 + 1e-5));
    output.forEach(([y], s) => expect(y).toBeCloseTo(scaled[s]!, 14));
    expect(statistics.get('layers.0.running_mean')![0]).toBeCloseTo(0.25, 15);
    expect(statistics.get('layers.0.running_var')![0]).toBeCloseTo(0.9 + 0.1 * (5 / 3), 15);
    const inference = referenceForward(net, parameters, [[3]], { mode: 'inference' });
    expect(inference.output[0]![0]).toBeCloseTo(1 + 6 / Math.sqrt(1 + 1e-5), 14);
    expect(inference.statistics.size).toBe(0);
  });

  it('drops in training only, adds a shortcut, and names every layer', () => {
    const net = network({ input: [2], layers: [residual([relu(), dropout(0.5)])] });
    const factors = new Map([['layers.0.body.1', [[2, 0]]]]);
    const training = referenceForward(net, NONE, [[3, 4]], { dropout: factors });
    expect(training.output).toEqual([[9, 4]]);
    expect([...training.layers.keys()]).toEqual(['layers.0.body.0', 'layers.0.body.1', 'layers.0']);
    expect(referenceForward(net, NONE, [[3, -4]], { mode: 'inference' }).output).toEqual([[6, -4]]);
  });
});

describe('activations', () => {
  // At x = -1 and x = 1, from Python's math.expm1, tanh, log1p and erf.
  it.each<[ActivationLayer, number, number]>([
    [{ type: 'relu' }, 0, 1],
    [{ type: 'leaky-relu', slope: 0.01 }, -0.01, 1],
    [{ type: 'elu', alpha: 1 }, -0.6321205588285577, 1],
    [{ type: 'tanh' }, -0.7615941559557649, 0.7615941559557649],
    [{ type: 'sigmoid' }, 0.2689414213699951, 0.7310585786300049],
    [{ type: 'silu' }, -0.2689414213699951, 0.7310585786300049],
    [{ type: 'softplus' }, 0.31326168751822286, 1.3132616875182228],
    [{ type: 'gelu', approximation: 'none' }, -0.15865525393145705, 0.8413447460685429],
    [{ type: 'gelu', approximation: 'tanh' }, -0.15880800939172324, 0.8411919906082768],
    [{ type: 'polynomial', coefficients: [1, 2, 3] }, 2, 6],
  ])('%o', (layer, left, right) => {
    const { value } = referenceActivation(layer);
    expect(value(-1)).toBeCloseTo(left, 14);
    expect(value(1)).toBeCloseTo(right, 14);
  });

  it.each(ACTIVATIONS)('has the slope of %o', (layer) => {
    const { value, slope } = referenceActivation(layer);
    for (let x = -8.05; x < 8; x += 0.1) {
      const step = 1e-4;
      const difference = (value(x + step) - value(x - step)) / (2 * step);
      expect(Math.abs(slope(x) - difference)).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(difference)),
      );
    }
  });

  it('does not overflow far from zero', () => {
    for (const layer of ACTIVATIONS) {
      const { value, slope } = referenceActivation(layer);
      for (const x of [-1000, 1000]) {
        expect([value(x), slope(x)].every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('losses', () => {
  it('takes means as PyTorch does', () => {
    const output = [
      [1, 2],
      [3, 5],
    ];
    const targets = [
      [0, 2],
      [1, 1],
    ];
    expect(referenceLoss({ kind: 'mse', targets }, output).value).toBe((1 + 0 + 4 + 16) / 4);
    // log(1 + e) - 0 and log(1 + e^-2), both over two samples.
    const labels = [0, 1];
    const crossEntropy = referenceLoss({ kind: 'softmax-cross-entropy', labels }, output);
    expect(crossEntropy.value).toBeCloseTo((1.3132616875182228 + 0.1269280110429725) / 2, 14);
    const binary = referenceLoss({ kind: 'binary-cross-entropy', targets: [[1, 0.5]] }, [[-1, 0]]);
    expect(binary.value).toBeCloseTo((1.3132616875182228 + Math.LN2) / 2, 14);
  });

  it('stays finite for large outputs', () => {
    const output = [[1e4, -1e4]];
    expect(referenceLoss({ kind: 'softmax-cross-entropy', labels: [1] }, output).value).toBe(2e4);
    expect(referenceLoss({ kind: 'binary-cross-entropy', targets: [[0, 1]] }, output).value).toBe(
      1e4,
    );
  });
});

/** Entries checked per tensor: all of small ones, an even choice of large ones. */
const ENTRIES_PER_TENSOR = 6;

/** Largest |analytic - numeric| over the network, and how many entries sat next to a kink. */
function compareGradients(
  net: Network,
  random: RandomStream,
  mode: 'training' | 'inference',
  kind: ReferenceLoss['kind'],
): { checked: number; kinks: number } {
  const batch = 1 + random.integer(3);
  const parameters = randomParameters(net, random);
  const input = randomBatch(random, batch, entriesOf(net.input));
  const loss = randomLoss(kind, random, batch, entriesOf(net.output));
  const dropouts = new Map(
    net.shapes.map(({ label, input: shape }) => [
      label,
      randomBatch(random, batch, entriesOf(shape)).map((row) => row.map((x) => (x > 0 ? 2 : 0))),
    ]),
  );
  const options = { mode, dropout: dropouts };
  const { parameters: gradients } = referenceGradients(net, parameters, input, loss, options);
  let checked = 0;
  let kinks = 0;
  for (const [name, gradient] of gradients) {
    const scale = Math.max(1e-3, ...gradient.map(Math.abs));
    const stride = Math.max(1, Math.floor(gradient.length / ENTRIES_PER_TENSOR));
    for (let index = 0; index < gradient.length; index += stride) {
      const numeric = numericDerivative(net, parameters, input, loss, { name, index }, options);
      checked++;
      if (numeric.kink > 1e-3 * scale) {
        kinks++;
        continue;
      }
      const error = Math.abs(gradient[index]! - numeric.value);
      if (error > 1e-5 * scale) {
        throw new Error(`${name}[${index}]: ${gradient[index]}, differences give ${numeric.value}`);
      }
    }
  }
  return { checked, kinks };
}

describe('gradients', () => {
  const kinds = ['mse', 'softmax-cross-entropy', 'binary-cross-entropy'] as const;
  it.each(kinds)('are the derivatives of the loss: %s', (kind) => {
    const total = { checked: 0, kinks: 0 };
    fc.assert(
      fc.property(
        randomNetworks({ withDropout: true }),
        fc.nat(),
        fc.constantFrom('training' as const, 'inference' as const),
        (net, seed, mode) => {
          const { checked, kinks } = compareGradients(net, randomStream(seed), mode, kind);
          total.checked += checked;
          total.kinks += kinks;
        },
      ),
      { seed: SEED, numRuns: 150 },
    );
    expect(total.checked).toBeGreaterThan(1500);
    expect(total.kinks / total.checked).toBeLessThan(0.01);
  });

  it('are those of the input and of every layer output too', () => {
    const net = network({ input: [2], layers: [dense(2), relu(), dense(1, { bias: false })] });
    const parameters = new Map([
      ['layers.0.weight', [1, 2, 3, -4]],
      ['layers.0.bias', [0, 0]],
      ['layers.2.weight', [5, 7]],
    ]);
    // z = (3, -1), y = 15, dL/dy = 2 (15 - 14).
    const result = referenceGradients(net, parameters, [[1, 1]], { kind: 'mse', targets: [[14]] });
    expect(result.loss).toBe(1);
    expect(result.layerOutputs.get('layers.1')).toEqual([[10, 14]]);
    expect(result.layerOutputs.get('layers.0')).toEqual([[10, 0]]);
    expect(result.input).toEqual([[10, 20]]);
    expect(result.parameters.get('layers.2.weight')).toEqual([6, 0]);
  });

  it('sends the gradient of equal maxima to the first', () => {
    const net = network({ input: [2, 2, 1], layers: [maxPool2d(2)] });
    const loss: ReferenceLoss = { kind: 'mse', targets: [[0]] };
    expect(referenceGradients(net, NONE, [[1, 3, 3, 3]], loss).input).toEqual([[0, 6, 0, 0]]);
  });
});
