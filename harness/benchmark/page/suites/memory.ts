/**
 * GPU memory of a training plan and of solving many paths, and whether all of it is given back.
 *
 * Counted by watching createBuffer and destroy, because WebGPU tells nobody how much it holds.
 */
import { solve } from '../../../../src/homotopy/solve/solve.js';
import { network } from '../../../../src/network/network.js';
import { parseSystem } from '../../../../src/polynomial/index.js';
import { openTrainer } from '../ours/train.js';
import type { SuiteContext } from '../suite.js';
import { CONVOLUTIONAL, perceptron } from './train.js';
import { makeTrainingProblem } from '../train-problem.js';
import { isWanted, type NumberRow } from '../types.js';

const MEBIBYTE = 2 ** 20;
/** Unknowns of independent quadratics: eight times the paths must not need more memory. */
const QUADRATICS = [10, 13];
const QUICK_QUADRATICS = [6];

/** Runs the suite. */
export async function memorySuite(context: SuiteContext): Promise<void> {
  const { options, host } = context;
  const report = (
    id: string,
    title: string,
    rest: Pick<NumberRow, 'value' | 'unit' | 'correct' | 'note'>,
  ) => host.row({ kind: 'number', id, title, better: 'smaller', ...rest });
  const gpu = await context.gpu();
  const plans = [
    ['memory/train-mlp', 'MLP 784-256-128-10, batch 128', [784], perceptron(256, 128, 10), 128],
    ['memory/train-conv', 'convolutional network, batch 64', [28, 28, 1], CONVOLUTIONAL, 64],
  ] as const;
  for (const [id, title, input, layers, batch] of plans) {
    if (!isWanted(id, options) || (options.quick && id.endsWith('conv'))) continue;
    const problem = makeTrainingProblem(network({ input: [...input], layers: [...layers] }), {
      batch,
      optimizer: { type: 'adam', learningRate: 1e-3 },
      seed: options.seed,
    });
    const { largest, kept } = await watchBuffers(async () => {
      const trainer = await openTrainer(gpu, problem, problem.weights);
      await trainer.run(2);
      trainer.close();
    });
    await report(id, `GPU memory to train ${title}, Adam, data included`, {
      value: largest / MEBIBYTE,
      unit: 'MiB',
      correct: true,
      note: `${kept} bytes kept after closing`,
    });
  }
  for (const quadratics of options.quick ? QUICK_QUADRATICS : QUADRATICS) {
    const id = `memory/solve-${2 ** quadratics}-paths`;
    if (!isWanted(id, options)) continue;
    const variables = Array.from({ length: quadratics }, (_, k) => `x${k + 1}`);
    const system = parseSystem({
      name: `${quadratics} quadratics`,
      variables,
      equations: variables.map((name, k) => `${name}^2 - ${k + 2}`),
    });
    let found = 0;
    const { largest, kept } = await watchBuffers(async () => {
      await solve(gpu, system, {
        start: 'total-degree',
        precision: 'gpu',
        countMilliseconds: 0,
        onSolutions: (batch) => (found += batch.length),
      });
    });
    await report(id, `GPU memory to stream ${2 ** quadratics} solutions`, {
      value: largest / MEBIBYTE,
      unit: 'MiB',
      correct: found === 2 ** quadratics,
      note: `${kept} bytes kept for the next solve`,
    });
  }
}

/** Bytes of buffers that a job held at most, and still holds at its end. */
async function watchBuffers(
  job: () => Promise<void>,
): Promise<{ readonly largest: number; readonly kept: number }> {
  const device = GPUDevice.prototype;
  const buffer = GPUBuffer.prototype;
  const { createBuffer } = device;
  const { destroy } = buffer;
  const sizes = new Map<GPUBuffer, number>();
  let held = 0;
  let largest = 0;
  device.createBuffer = function (descriptor) {
    const made = createBuffer.call(this, descriptor);
    sizes.set(made, made.size);
    held += made.size;
    largest = Math.max(largest, held);
    return made;
  };
  buffer.destroy = function () {
    held -= sizes.get(this) ?? 0;
    sizes.delete(this);
    return destroy.call(this);
  };
  try {
    await job();
  } finally {
    device.createBuffer = createBuffer;
    buffer.destroy = destroy;
  }
  return { largest, kept: held };
}
