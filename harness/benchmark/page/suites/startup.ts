/**
 * What it costs to begin: opening a device, compiling, the first step and the first solve, the size
 * of the library. Each on a device of its own, in a browser that has compiled nothing before.
 */
import { openGpu, type GpuDevice } from '../../../../src/gpu/index.js';
import { solve } from '../../../../src/homotopy/solve/solve.js';
import { network } from '../../../../src/network/network.js';
import type { Layer } from '../../../../src/network/layer.js';
import { parseSystem } from '../../../../src/polynomial/index.js';
import { openTrainer } from '../ours/train.js';
import type { SuiteContext } from '../suite.js';
import { CONVOLUTIONAL, perceptron } from './train.js';
import { CHECKED_STEPS, lossAgreement, makeTrainingProblem } from '../train-problem.js';
import { isWanted, type NumberRow } from '../types.js';

/** Runs the suite. */
export async function startupSuite(context: SuiteContext): Promise<void> {
  const { options, host } = context;
  const number = async (
    id: string,
    title: string,
    measure: () => Promise<Pick<NumberRow, 'value' | 'unit'> & Partial<NumberRow>>,
  ): Promise<void> => {
    if (!isWanted(id, options)) return;
    const before = await host.cpuSeconds();
    const measured = await measure();
    const after = await host.cpuSeconds();
    // With neighbours the wall clock says little.
    const cpu =
      measured.unit === 'ms' && before !== null && after !== null
        ? `CPU time of all this ${Math.round(1000 * (after - before))} ms`
        : null;
    const note = [measured.note, cpu].filter(Boolean).join(', ');
    await host.row({
      kind: 'number',
      id,
      title,
      better: 'smaller',
      correct: true,
      ...measured,
      ...(note ? { note } : {}),
    });
  };
  const withDevice = async <Result>(job: (gpu: GpuDevice) => Promise<Result>): Promise<Result> => {
    const gpu = await openGpu({ prefer: options.adapter });
    try {
      return await job(gpu);
    } finally {
      gpu.close();
    }
  };

  await number('startup/open', 'open the GPU, with the precision self-test', async () => {
    const begin = performance.now();
    return withDevice(() => Promise.resolve({ value: performance.now() - begin, unit: 'ms' }));
  });
  const firstStep = (input: readonly number[], layers: readonly Layer[], batch: number) => () =>
    withDevice((gpu) => measureFirstStep(gpu, { input, layers, batch, seed: options.seed }));
  await number(
    'startup/first-step-mlp',
    'first step of MLP 784-256-128-10, compiling included',
    firstStep([784], perceptron(256, 128, 10), 128),
  );
  if (!options.quick)
    await number(
      'startup/first-step-conv',
      'first step of the convolutional network, compiling included',
      firstStep([28, 28, 1], CONVOLUTIONAL, 64),
    );
  await number('startup/first-solve', 'first solve (81 paths), compiling included', async () => {
    const task = await host.call<{ input: Parameters<typeof parseSystem>[0]; solutions: number }>(
      'system',
      'dense_n4_d3',
    );
    return withDevice(async (gpu) => {
      const begin = performance.now();
      const result = await solve(gpu, parseSystem(task.input), {
        start: 'total-degree',
        precision: 'gpu',
      });
      return {
        value: performance.now() - begin,
        unit: 'ms',
        correct: result.counts.nonsingular === task.solutions,
      };
    });
  });
  const bundle = await host.call<{ bytes: number; gzip: number } | null>('bundle');
  if (!bundle) return;
  const size = (bytes: number) => () => Promise.resolve({ value: bytes / 1024, unit: 'KiB' });
  await number(
    'startup/bundle',
    'the library as a page loads it, without charts and data sets',
    size(bundle.bytes),
  );
  await number('startup/bundle-gzip', 'the same, compressed', size(bundle.gzip));
}

async function measureFirstStep(
  gpu: GpuDevice,
  {
    input,
    layers,
    batch,
    seed,
  }: {
    readonly input: readonly number[];
    readonly layers: readonly Layer[];
    readonly batch: number;
    readonly seed: number;
  },
): Promise<Pick<NumberRow, 'value' | 'unit' | 'correct' | 'note'>> {
  const net = network({ input: [...input], layers: [...layers] });
  const problem = makeTrainingProblem(net, {
    batch,
    optimizer: { type: 'sgd', learningRate: 0.05 },
    seed,
  });
  const before = gpu.compileStatistics;
  const begin = performance.now();
  const trainer = await openTrainer(gpu, problem, problem.weights);
  const losses = await trainer.run(1);
  const value = performance.now() - begin;
  const after = gpu.compileStatistics;
  while (losses.length < CHECKED_STEPS) losses.push(...(await trainer.run(1)));
  trainer.close();
  const { error, tolerance } = lossAgreement(problem, [losses]);
  return {
    value,
    unit: 'ms',
    correct: error <= tolerance,
    note: `${after.compiled - before.compiled} kernels compiled`,
  };
}
