/**
 * What every app does: an ordinary program of a page or a worker that uses the package. Its answers are data,
 * which check.mjs compares with what is known.
 */
import {
  adam,
  dense,
  initialize,
  network,
  openGpu,
  parseSystem,
  relu,
  solve,
  train,
} from 'lps-webgpu';

/** The cyclic n-roots system (Bjorck 1985): 70 solutions for n = 5, 924 for n = 7. */
export function cyclic(n) {
  const names = Array.from({ length: n }, (_, k) => `z${k}`);
  const product = (first, length) =>
    Array.from({ length }, (_, k) => names[(first + k) % n]).join('*');
  const sums = names.slice(1).map((_, d) => names.map((_, k) => product(k, d + 1)).join(' + '));
  return [...sums, `${product(0, n)} - 1`].join('\n');
}

const systems = { circle: 'x^2 + y^2 - 1\nx^2 - y', cyclic5: cyclic(5), cyclic7: cyclic(7) };

const net = network({ input: [4], layers: [dense(16), relu(), dense(16), relu(), dense(1)] });
/** 32 points, and x + y as what they are mapped to: four batches of eight are an epoch. */
const count = 32;
const inputs = Float32Array.from({ length: 4 * count }, (_, k) => Math.sin(k + 1));
const data = {
  count,
  shape: [4],
  inputs,
  normalization: { mean: [0, 0, 0, 0], deviation: [1, 1, 1, 1] },
  targets: {
    kind: 'values',
    width: 1,
    values: Float32Array.from({ length: count }, (_, k) => inputs[4 * k] + inputs[4 * k + 1]),
  },
};

/** @param {string[]} jobs such as "cyclic7 f64", "initialize", "train" */
export async function run(jobs, options = {}) {
  const gpu = await openGpu(options);
  const answers = {};
  for (const job of jobs) {
    const [what, precision] = job.split(' ');
    if (what in systems) {
      const result = await solve(gpu, parseSystem(systems[what]), { seed: 1, precision });
      const { counts, exactCount, warnings, paths } = result;
      answers[job] = { ...counts, exact: exactCount.status, failed: paths.failed, warnings };
    } else if (what === 'initialize') {
      const weights = await initialize(gpu, net, { method: 'lps', seed: 1, anchors: data });
      const units = weights.report.layers.map(({ activity }) => activity?.inactiveUnits ?? 0);
      answers[job] = {
        tensors: weights.tensors.size,
        inactive: units.reduce((sum, each) => sum + each, 0),
      };
    } else if (what === 'train') {
      const weights = await initialize(gpu, net, { method: 'lps', seed: 1, anchors: data });
      const run = await train(gpu, net, {
        data,
        weights: [weights],
        loss: 'mse',
        optimizer: adam(1e-2),
        batchSize: 8,
        epochs: 3,
      });
      const losses = [...run.replicas[0].stepLosses];
      answers[job] = { steps: losses.length, falls: losses.at(-1) < losses[0] };
    } else throw new Error(`no such job: ${job}`);
  }
  gpu.close();
  return answers;
}
