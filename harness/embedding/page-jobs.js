/**
 * What an app asks for while its page must stay alive: the jobs of main-thread.mjs. Each returns something of its
 * result, so that a job that fails or does nothing is noticed.
 */
import {
  adam,
  dense,
  enumerateReluMinima,
  findMinima,
  initialize,
  network,
  openGpu,
  parseSystem,
  relu,
  solve,
  train,
} from 'lps-webgpu';
import { cyclic } from './program.js';

/** 20 hidden layers of 64 units. */
const deep = network({
  input: [16],
  layers: [...Array.from({ length: 20 }, () => [dense(64), relu()]).flat(), dense(1)],
});
const count = 4096;
const inputs = Float32Array.from({ length: 16 * count }, (_, k) => Math.sin(k + 1));
const data = {
  count,
  shape: [16],
  inputs,
  normalization: {
    mean: new Array(16).fill(0),
    deviation: new Array(16).fill(1),
  },
  targets: {
    kind: 'values',
    width: 1,
    values: Float32Array.from({ length: count }, (_, k) => Math.abs(inputs[16 * k])),
  },
};

/** 40 rows of a bent line, of mean 0 and deviation 1. */
const line = Array.from({ length: 40 }, (_, k) => (k - 19.5) / 11.54);
const table = {
  inputs: line.map((x) => [x]),
  targets: line.map((x) => [1.8 * Math.abs(x + 0.4) - 1.6]),
};

let gpu;
let weights;

async function solveCyclic7(precision) {
  const { counts } = await solve(gpu, parseSystem(cyclic(7)), {
    seed: 1,
    precision,
    certify: true,
  });
  return counts.distinct;
}

export const jobs = {
  async open() {
    gpu ??= await openGpu();
    return gpu.info.runtime;
  },
  'solve cyclic-7, f64': () => solveCyclic7('f64'),
  'solve cyclic-7, auto': () => solveCyclic7('auto'),
  'solve cyclic-7, gpu': () => solveCyclic7('gpu'),
  async 'minima 1-2-1, polynomial'() {
    const { minima } = await findMinima(
      ({ family, point }) => solve(gpu, family.gradient, { parameters: point.parameters, seed: 1 }),
      {
        data: table,
        architecture: { layers: [1, 2, 1] },
        activation: { name: 'relu', degree: 2, radius: 3 },
        regularization: 0.05,
      },
    );
    return minima.points.length;
  },
  async 'minima 1-2-1, ReLU'() {
    const { minima } = await enumerateReluMinima({ data: table, units: 2, regularization: 0.05 });
    return minima.length;
  },
  async 'initialize 20x64'() {
    weights = await initialize(gpu, deep, { method: 'lps', seed: 1, anchors: data });
    return weights.tensors.size;
  },
  async 'train 20x64'() {
    const run = await train(gpu, deep, {
      data,
      weights: [weights],
      loss: 'mse',
      optimizer: adam(1e-3),
      batchSize: 64,
      epochs: 2,
    });
    return run.replicas[0].stepLosses.length;
  },
};
