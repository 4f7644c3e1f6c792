import { adam, dense, initialize, network, openGpu, relu, train } from 'lps-webgpu';

/** y = |x| on 32 points. */
const points = Float32Array.from({ length: 32 }, (_, k) => k / 16 - 1);
const data = {
  shape: [1],
  count: points.length,
  inputs: points,
  targets: { kind: 'values', width: 1, values: points.map(Math.abs) },
  normalization: { mean: [0], deviation: [1] },
};

const answer = document.querySelector('#answer');
try {
  const gpu = await openGpu();
  const net = network({ input: [1], layers: [dense(8), relu(), dense(1)] });
  const weights = await initialize(gpu, net, { method: 'lps', seed: 1, anchors: data });
  const options = { loss: 'mse', optimizer: adam(0.02), batchSize: 16, epochs: 40 };
  const run = await train(gpu, net, { data, weights, ...options });
  answer.value = run.replicas[0].epochs.at(-1).training.loss.toExponential(1);
  gpu.close();
} catch (error) {
  // What is missing, and what to do, in one line.
  answer.value = error.message;
}
