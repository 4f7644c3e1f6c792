/**
 * What an app asks for while its page must stay alive: the jobs of main-thread.mjs and reactions.mjs. Each takes the
 * options that a call may have (`signal`, `onProgress`, `onSolutions`) and returns something of its result, so that a
 * job that fails or does nothing is noticed.
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

async function solveCyclic7(precision, options) {
  const { counts } = await solve(gpu, parseSystem(cyclic(7)), {
    seed: 1,
    precision,
    certify: true,
    ...options,
  });
  return counts.distinct;
}

export const jobs = {
  async open() {
    gpu ??= await openGpu();
    return gpu.info.runtime;
  },
  'solve cyclic-7, f64': (options) => solveCyclic7('f64', options),
  'solve cyclic-7, auto': (options) => solveCyclic7('auto', options),
  'solve cyclic-7, gpu': (options) => solveCyclic7('gpu', options),
  async 'minima 1-2-1, polynomial'(options) {
    const { minima } = await findMinima(
      ({ family, point }) =>
        solve(gpu, family.gradient, { parameters: point.parameters, seed: 1, ...options }),
      {
        data: table,
        architecture: { layers: [1, 2, 1] },
        activation: { name: 'relu', degree: 2, radius: 3 },
        regularization: 0.05,
      },
      options,
    );
    return minima.points.length;
  },
  async 'minima 1-2-1, ReLU'(options) {
    const { minima } = await enumerateReluMinima({
      data: table,
      units: 2,
      regularization: 0.05,
      ...options,
    });
    return minima.length;
  },
  async 'initialize 20x64'(options) {
    const made = await initialize(gpu, deep, { method: 'lps', seed: 1, anchors: data, ...options });
    weights ??= made;
    return made.tensors.size;
  },
  async 'train 20x64'(options) {
    const run = await train(gpu, deep, {
      data,
      weights: [weights],
      loss: 'mse',
      optimizer: adam(1e-3),
      batchSize: 64,
      epochs: 2,
      ...options,
    });
    return run.replicas[0].stepLosses.length;
  },
};

/**
 * Does a job that is stopped after some time.
 * @returns {Promise<{ stage: string, late: number | null, found: unknown }>} the last stage that it told of, ms from the
 *   stop to the end of the call (null: the job was done before), and what the job returned
 */
export async function stopped(name, afterMs) {
  const stop = new AbortController();
  let stage = 'begun';
  let at = null;
  const timer = setTimeout(() => {
    at = performance.now();
    stop.abort();
  }, afterMs);
  const found = await jobs[name]({
    signal: stop.signal,
    onProgress: (progress) => {
      stage = progress.stage ?? 'at work';
    },
  }).catch((error) => {
    if (error !== stop.signal.reason) throw error;
    return 'nothing';
  });
  clearTimeout(timer);
  return { stage, late: at === null ? null : performance.now() - at, found };
}

/** @returns {Promise<number[]>} ms from the end of a path to the batch of `onSolutions` after it, for each batch */
export async function waits(name) {
  const list = [];
  let since = null;
  let ended = 0;
  await jobs[name]({
    certify: false,
    onProgress: ({ stage, done }) => {
      if (stage !== 'tracking' || done <= ended) return;
      ended = done;
      since ??= performance.now();
    },
    onSolutions: () => {
      if (since !== null) list.push(performance.now() - since);
      since = null;
    },
  });
  return list;
}
