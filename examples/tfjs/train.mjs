// With `@tensorflow/tfjs` these three are one import.
import * as core from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as layers from '@tensorflow/tfjs-layers';
import { dense, initialize, network, relu, tfjsInitializers } from 'lps-webgpu';

const tf = { ...core, ...layers };
const rows = Array.from({ length: 32 }, (_, k) => [Math.sin(k), Math.cos(3 * k)]);

// The network as ours, for its weights only; no GPU is needed for that.
const net = network({
  input: [2],
  layers: [dense(16), relu(), dense(16), relu(), dense(1)],
});
const weights = await initialize(null, net, { method: 'lps', seed: 1, anchors: rows });
const init = tfjsInitializers(tf, net, weights);

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 16, activation: 'relu', inputShape: [2], ...init.get('layers.0') }),
    tf.layers.dense({ units: 16, activation: 'relu', ...init.get('layers.2') }),
    tf.layers.dense({ units: 1, ...init.get('layers.4') }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
const x = tf.tensor2d(rows);
const y = tf.tensor2d(rows.map(([a, b]) => [a * b]));
const { history } = await model.fit(x, y, { epochs: 20, batchSize: 16, verbose: 0 });
console.log(JSON.stringify({ first: history.loss[0], last: history.loss.at(-1) }));
