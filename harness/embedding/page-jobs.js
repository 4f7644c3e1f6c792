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
  /** @param {{ worker?: string, workers?: number }} options `worker`: the address of the app's own worker */
  async open({ worker, ...options } = {}) {
    const createWorker = worker && (() => new Worker(worker, { type: 'module' }));
    gpu ??= await openGpu({ ...options, ...(createWorker && { createWorker }) });
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

/**
 * Solves and trains on a device of the app's own, with buffers, an error scope and listeners of the app beside it.
 *
 * @param {{ solves: number, trainings: number, frameBudget?: number }} options
 * @returns what became of the device: `live` has the number of buffers that are not destroyed after each solve and each
 *   training; `found` and `losses` what came out
 */
export async function onOwnDevice({ solves, trainings, frameBudget }) {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const limits = JSON.stringify(limitsOf(device));
  let alive = 0;
  const { createBuffer } = device;
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer.call(device, descriptor);
    alive++;
    const { destroy } = buffer;
    let isDestroyed = false;
    buffer.destroy = () => {
      if (!isDestroyed) alive--;
      isDestroyed = true;
      destroy.call(buffer);
    };
    return buffer;
  };
  let uncaptured = 0;
  device.addEventListener('uncapturederror', () => uncaptured++);
  let lost = null;
  void device.lost.then(({ reason }) => (lost = reason));
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const mine = device.createBuffer({ size: 1024, usage: STORAGE | COPY_SRC | COPY_DST });
  const wanted = Float32Array.from({ length: 256 }, (_, k) => Math.sin(k));
  device.queue.writeBuffer(mine, 0, wanted);
  // Of the app, around everything.
  device.pushErrorScope('validation');

  const ours = await openGpu({ device, ...(frameBudget && { frameBudget }) });
  const own = alive;
  const live = { solves: [], trainings: [] };
  const [found, losses] = [[], []];
  for (let k = 0; k < solves; k++) {
    const { counts } = await solve(ours, parseSystem(cyclic(5)), { seed: k, precision: 'gpu' });
    found.push(counts.nonsingular);
    live.solves.push(alive);
  }
  const net = network({ input: [16], layers: [dense(8), relu(), dense(1)] });
  for (let k = 0; k < trainings; k++) {
    const run = await train(ours, net, {
      data,
      weights: [await initialize(ours, net, { method: 'lps', seed: k, anchors: data })],
      loss: 'mse',
      optimizer: adam(1e-3),
      batchSize: 64,
      epochs: 1,
    });
    losses.push(run.replicas[0].stepLosses.at(-1));
    live.trainings.push(alive);
  }
  ours.close();

  const isUnharmed = (await device.popErrorScope()) === null;
  // The app's own mistake comes to the app.
  device.pushErrorScope('validation');
  createBuffer.call(device, { size: 16, usage: STORAGE | MAP_READ });
  const isTold = (await device.popErrorScope()) !== null;
  const read = device.createBuffer({ size: 1024, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(mine, 0, read, 0, 1024);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const numbers = new Float32Array(read.getMappedRange());
  return {
    live,
    found,
    losses,
    opened: own,
    // `mine` and `read`.
    leftOver: alive - 2,
    lost,
    uncaptured,
    isScopeKept: isUnharmed && isTold,
    areLimitsKept: limits === JSON.stringify(limitsOf(device)),
    isBufferKept: numbers.every((number, k) => number === wanted[k]),
  };
}

function limitsOf({ limits }) {
  const all = {};
  for (const name in limits) all[name] = limits[name];
  return all;
}
