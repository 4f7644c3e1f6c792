/**
 * Believed afterwards: layers of TensorFlow.js that get these initializers make the model that the network describes,
 * through every layout that differs; its saved form names none of ours; and what cannot be copied is refused. The truth:
 * tfjs's own layers on its CPU backend.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { initialize, tfjsInitializers } from '../../../src/initialize/index.js';
import { forward, networkFromNotation, type Weights } from '../../../src/network/index.js';

const tf = { ...core, layers: layers.layers, initializers: layers.initializers };

beforeAll(async () => {
  await core.setBackend('cpu');
});

/** Weights of which none is zero, so that a layout that is wrong shows. */
async function weightsOf(net: ReturnType<typeof networkFromNotation>): Promise<Weights> {
  const { tensors } = await initialize(null, net, { method: 'he', seed: 1 });
  let number = 0;
  const filled = [...tensors].map(
    ([name, { shape, data }]) =>
      [name, { shape, data: data.map((value) => value + 0.1 + 0.01 * (number++ % 7)) }] as const,
  );
  return { tensors: new Map(filled), metadata: {} };
}

it('makes the same model of dense layers', async () => {
  const net = networkFromNotation('4-5-relu-3');
  const weights = await weightsOf(net);
  const init = tfjsInitializers(tf, net, weights);
  const model = layers.sequential({
    layers: [
      tf.layers.dense({ units: 5, activation: 'relu', inputShape: [4], ...init.get('layers.0') }),
      tf.layers.dense({ units: 3, ...init.get('layers.2') }),
    ],
  });
  const rows = Float32Array.from({ length: 8 }, (_, k) => Math.sin(k));
  const outputs = (model.predict(tf.tensor2d(rows, [2, 4])) as core.Tensor).dataSync();
  const expected = await forward(null, net, weights, rows);
  outputs.forEach((output, k) => {
    expect(output).toBeCloseTo(expected[k]!, 5);
  });
  expect(model.toJSON(null, true)).toMatch(/"kernel_initializer":\{"class_name":"Zeros"/);
});

it('and of convolutions, normalised, flattened', async () => {
  const net = networkFromNotation('5x4x2:conv(3,3x2,bias=false)-bn-relu-flatten-bn-4');
  const weights = await weightsOf(net);
  const init = tfjsInitializers(tf, net, weights);
  const model = layers.sequential({
    layers: [
      tf.layers.conv2d({
        ...{ filters: 3, kernelSize: [3, 2], useBias: false, inputShape: [5, 4, 2] },
        ...init.get('layers.0'),
      }),
      tf.layers.batchNormalization({ epsilon: 1e-5, ...init.get('layers.1') }),
      tf.layers.reLU(),
      tf.layers.flatten(),
      tf.layers.batchNormalization({ epsilon: 1e-5, ...init.get('layers.4') }),
      tf.layers.dense({ units: 4, ...init.get('layers.5') }),
    ],
  });
  // [sample][row][column][channel] for tfjs, [sample][channel][row][column] for ours
  const points = tf.tensor4d(
    Float32Array.from({ length: 80 }, (_, k) => Math.sin(k)),
    [2, 5, 4, 2],
  );
  const channels = tf.transpose(points, [0, 3, 1, 2]).dataSync() as Float32Array;
  const outputs = (model.predict(points) as core.Tensor).dataSync();
  const expected = await forward(null, net, weights, channels);
  outputs.forEach((output, k) => {
    expect(output).toBeCloseTo(expected[k]!, 4);
  });
});

it('refuses what tfjs cannot hold, and a layer of another shape', async () => {
  const grouped = networkFromNotation('4x4x4:conv(4,3,groups=2)-flatten-2');
  const weights = await weightsOf(grouped);
  expect(() => tfjsInitializers(tf, grouped, weights)).toThrow('layers.0: conv2d has 2 groups');
  const net = networkFromNotation('4-5');
  const init = tfjsInitializers(tf, net, await weightsOf(net)).get('layers.0')!;
  expect(() => init.kernelInitializer!.apply([3, 5])).toThrow(
    'the initializers of layers.0 asks for [3, 5], the network has [4, 5]',
  );
});
