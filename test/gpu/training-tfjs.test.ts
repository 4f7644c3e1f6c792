/**
 * Believed after it passes: 20 steps of an MLP and of a convolutional network have the losses that
 * TensorFlow.js has with the same weights and the same batches, to 1e-4 relative, and end in the
 * same weights. The truth is @tensorflow/tfjs-backend-cpu 4.22.0, in f32 and by other authors.
 *
 * TensorFlow.js keeps channels last: images, kernels and the columns behind flatten are permuted on
 * their way in. In Node: that the other engines train alike, training.test.ts shows.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { relu } from '../../src/network/activations.js';
import { conv2d, dense, flatten, maxPool2d } from '../../src/network/layer.js';
import { adam, sgd } from '../../src/network/optimizer.js';
import { nodeEngine } from '../helpers/engine.js';
import { loadTensorFlow } from '../helpers/tensorflow.js';
import {
  largestError,
  randomData,
  randomWeights,
  runCases,
  stepSamples,
  type Tensors,
  type TrainingCase,
} from './training-fixture.js';

const SEED = 31;
const LOSS_TOLERANCE = 1e-4;
/** Of a weight of size 1, after 20 steps in two different orders of summation. */
const WEIGHT_TOLERANCE = 1e-4;

let tf: typeof TensorFlow;
beforeAll(async () => {
  tf = await loadTensorFlow();
  await tf.setBackend('cpu');
});

const mlp = { input: [20], layers: [dense(24), relu(), dense(17), relu(), dense(5)] };
const convolution = {
  input: [12, 10, 2],
  layers: [
    ...[conv2d(6, 3), relu(), maxPool2d(2)],
    ...[conv2d(8, 3, { padding: 'same' }), relu()],
    ...[flatten(), dense(12), relu(), dense(5)],
  ],
} satisfies TrainingCase['network'];
/** Behind the second convolution. */
const FLATTENED = [5, 4, 8] as const;

/** 64 samples in batches of 16, five times: 20 steps. */
const shared = { loss: 'softmax-cross-entropy', epochs: 5, batchSize: 16 } as const;
const cases: [string, TrainingCase][] = [
  ['MLP, SGD', { network: mlp, optimizer: sgd(0.1), ...dataOf(mlp, 1), ...shared }],
  ['MLP, Adam', { network: mlp, optimizer: adam(0.005), ...dataOf(mlp, 2), ...shared }],
  [
    'conv net, momentum',
    {
      network: convolution,
      optimizer: sgd(0.05, { momentum: 0.9 }),
      ...dataOf(convolution, 3),
      ...shared,
    },
  ],
  [
    'conv net, Adam',
    { network: convolution, optimizer: adam(0.003), ...dataOf(convolution, 4), ...shared },
  ],
];

function dataOf(network: TrainingCase['network'], stream: number) {
  const data = randomData(network.input, 64, { classes: 5 }, SEED + stream);
  return { data, weights: [randomWeights(network, SEED + stream)] };
}

/** A convolutional network's or an MLP's forward pass on [sample][channel][row][column] rows. */
function forward(one: TrainingCase, variables: Map<string, TensorFlow.Variable>, rows: number[][]) {
  const weight = (index: number) => variables.get(`layers.${index}.weight`)!;
  const bias = (index: number) => variables.get(`layers.${index}.bias`)!;
  const linear = (x: TensorFlow.Tensor, index: number) =>
    tf.add(
      tf.matMul(x as TensorFlow.Tensor2D, weight(index) as TensorFlow.Tensor, false, true),
      bias(index),
    );
  if (one.network === mlp) {
    const hidden = tf.relu(linear(tf.tensor2d(rows), 0));
    return linear(tf.relu(linear(hidden, 2)), 4);
  }
  const [height, width, channels] = convolution.input as [number, number, number];
  const images = tf.transpose(
    tf.tensor4d(rows.flat(), [rows.length, channels, height, width]),
    [0, 2, 3, 1],
  );
  const convolve = (x: TensorFlow.Tensor, index: number, padding: 'valid' | 'same') => {
    const kernel = tf.transpose(weight(index), [2, 3, 1, 0]) as TensorFlow.Tensor4D;
    return tf.relu(tf.add(tf.conv2d(x as TensorFlow.Tensor4D, kernel, 1, padding), bias(index)));
  };
  const pooled = tf.maxPool(convolve(images, 0, 'valid') as TensorFlow.Tensor4D, 2, 2, 'valid');
  const second = tf.transpose(convolve(pooled, 3, 'same'), [0, 3, 1, 2]);
  const entries = FLATTENED[0] * FLATTENED[1] * FLATTENED[2];
  const flat = tf.reshape(second, [rows.length, entries]);
  return linear(tf.relu(linear(flat, 6)), 8);
}

interface Trained {
  readonly losses: number[];
  readonly weights: Tensors;
}

/** The same steps by TensorFlow.js. */
function trainByTensorFlow(one: TrainingCase): Trained {
  const shapes = shapesOf(one);
  const variables = new Map(
    Object.entries(one.weights[0]!).map(([name, values]) => [
      name,
      tf.variable(tf.tensor(values, shapes[name])),
    ]),
  );
  const { optimizer } = one;
  const rate = optimizer.learningRate as number;
  const ours =
    optimizer.type === 'sgd'
      ? optimizer.momentum === 0
        ? tf.train.sgd(rate)
        : tf.train.momentum(rate, optimizer.momentum)
      : tf.train.adam(rate, 0.9, 0.999, 1e-8);
  const losses = stepSamples(one).map((samples) => {
    const rows = samples.map((sample) => [...one.data.inputs[sample]!]);
    const labels = samples.map((sample) => one.data.labels![sample]!);
    const cost = ours.minimize(
      () =>
        tf.losses.softmaxCrossEntropy(
          tf.oneHot(tf.tensor1d(labels, 'int32'), one.data.classes!),
          forward(one, variables, rows),
        ),
      true,
      [...variables.values()],
    );
    return cost!.dataSync()[0]!;
  });
  const weights = Object.fromEntries(
    [...variables].map(([name, variable]) => [name, [...variable.dataSync()]]),
  );
  tf.disposeVariables();
  return { losses, weights };
}

function shapesOf(one: TrainingCase): Record<string, number[]> {
  return one.network === mlp
    ? {
        ...{ 'layers.0.weight': [24, 20], 'layers.0.bias': [24] },
        ...{ 'layers.2.weight': [17, 24], 'layers.2.bias': [17] },
        ...{ 'layers.4.weight': [5, 17], 'layers.4.bias': [5] },
      }
    : {
        ...{ 'layers.0.weight': [6, 2, 3, 3], 'layers.0.bias': [6] },
        ...{ 'layers.3.weight': [8, 6, 3, 3], 'layers.3.bias': [8] },
        ...{ 'layers.6.weight': [12, 160], 'layers.6.bias': [12] },
        ...{ 'layers.8.weight': [5, 12], 'layers.8.bias': [5] },
      };
}

it(`has TensorFlow.js's losses for 20 steps (seed ${SEED})`, async () => {
  const results = await nodeEngine.run(
    runCases,
    cases.map(([, one]) => one),
  );
  for (const [k, [name, one]] of cases.entries()) {
    const [replica] = results[k]!.replicas;
    const expected = trainByTensorFlow(one);
    expect(replica!.stepLosses).toHaveLength(20);
    const losses = replica!.stepLosses.map((loss, step) => loss / expected.losses[step]!);
    const worst = Math.max(...losses.map((ratio) => Math.abs(ratio - 1)));
    expect(worst, `${name}: losses`).toBeLessThan(LOSS_TOLERANCE);
    // The task was learned, not only begun.
    expect(expected.losses.at(-1)!).toBeLessThan(expected.losses[0]!);
    for (const [tensor, values] of Object.entries(expected.weights)) {
      const error = largestError(replica!.weights[tensor]!, values);
      expect(error, `${name}: ${tensor}`).toBeLessThan(WEIGHT_TOLERANCE);
    }
  }
});
