/**
 * Believed afterwards: batch normalisation of images and of features, in training (moments of the
 * batch, running statistics by PyTorch's rule) and in inference, and its gradients are right on every
 * engine, also when the mean is a thousand deviations away from 0, for one sample and for many parts;
 * floats of padding stay zero; repeats and replicas give the same bits. The truth is f64 arithmetic.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/math/random.js';
import { type ActivationLayer, fusedActivation } from '../../src/network/activations.js';
import { planBatchNorm } from '../../src/network/gpu/operations/batch-norm.js';
import { batchNorm } from '../../src/network/layer.js';
import { network } from '../../src/network/network.js';
import { parametersOf } from '../../src/network/parameter-layout.js';
import { alignTo, ROW_ALIGNMENT } from '../../src/network/parameters.js';
import { entriesOf } from '../../src/network/shape.js';
import { forEachEngine } from '../helpers/engine.js';
import { PlanRecorder, runPlans, type RecordedPlan } from '../helpers/plan-context.js';
import { referenceActivation } from '../helpers/reference-activations.js';

const seed = 20261125;

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly batch: number;
  readonly mode: 'training' | 'inference';
  readonly replicas: number;
  readonly momentum: number;
  readonly activation: ActivationLayer;
  readonly inputActivation: ActivationLayer;
  /** Mean of the input; its deviation is about 1. */
  readonly mean: number;
}

const relu: ActivationLayer = { type: 'relu' };
const silu: ActivationLayer = { type: 'silu' };
const identity: ActivationLayer = { type: 'identity' };

const named = (
  name: string,
  shape: Case['shape'],
  batch: number,
  more: Partial<Case> = {},
): Case => ({
  name,
  shape,
  batch,
  mode: 'training',
  replicas: 1,
  momentum: 0.1,
  activation: identity,
  inputActivation: identity,
  mean: 0.5,
  ...more,
});

const cases: Case[] = [
  named('features', [7], 5, { activation: relu, inputActivation: relu }),
  named('more features than a workgroup', [130], 3, { inputActivation: silu }),
  named('images', [5, 3, 4], 6, { activation: silu, replicas: 3 }),
  named('images of one channel, many parts', [13, 11, 1], 17, { momentum: 0.3 }),
  named('features, many parts', [3], 1300),
  named('a mean far from zero', [6, 6, 3], 8, { mean: 1000 }),
  named('one sample of one number', [5], 1),
  named('one image', [4, 4, 2], 1, { activation: relu }),
  named('inference on features', [9], 4, { mode: 'inference', activation: relu }),
  named('inference on images', [3, 5, 6], 2, { mode: 'inference', replicas: 2 }),
];

/** [replica][sample][entry] */
type Samples = number[][][];

interface Data {
  readonly input: Samples;
  readonly saved: Samples;
  readonly outputGradient: Samples;
  /** By name, per replica. */
  readonly parameters: Map<string, number[]>[];
}

function dataOf(test: Case, index: number): Data {
  const stream = randomStream(seed, 0, index);
  const normal = (): number => Math.fround(stream.normal());
  const samples = (draw: () => number): Samples =>
    Array.from({ length: test.replicas }, () =>
      Array.from({ length: test.batch }, () => Array.from({ length: entriesOf(test.shape) }, draw)),
    );
  const numbers = (draw: () => number): number[] =>
    Array.from({ length: test.shape.at(-1)! }, () => Math.fround(draw()));
  return {
    input: samples(() => Math.fround(test.mean + normal())),
    saved: samples(normal),
    outputGradient: samples(normal),
    parameters: Array.from(
      { length: test.replicas },
      () =>
        new Map([
          ['layers.0.weight', numbers(() => 0.5 + stream.uniform())],
          ['layers.0.bias', numbers(normal)],
          ['layers.0.running_mean', numbers(() => test.mean + 0.1 * normal())],
          ['layers.0.running_var', numbers(() => 0.5 + stream.uniform())],
        ]),
    ),
  };
}

const netOf = ({ shape, momentum }: Case) =>
  network({ input: shape, layers: [batchNorm({ momentum })] });

async function planOf(test: Case, data: Data, only?: number): Promise<RecordedPlan> {
  const pick = <T>(list: T[]): T[] => (only === undefined ? list : [list[only]!]);
  const net = netOf(test);
  const recorder = new PlanRecorder({
    mode: test.mode,
    batch: test.batch,
    replicas: pick(data.input).length,
    layout: net.parameters,
    parameters: pick(data.parameters),
  });
  const isTraining = test.mode === 'training';
  const activation = fusedActivation(test.activation)!;
  const output = recorder.tensor(test.shape);
  const preActivation = recorder.tensor(test.shape);
  const inputGradient = recorder.tensor(test.shape);
  const operation = await planBatchNorm(
    recorder.context,
    batchNorm({ momentum: test.momentum }),
    parametersOf(net.parameters, 'layers.0'),
    {
      label: 'layers.0',
      input: recorder.tensor(test.shape, pick(data.input)),
      output,
      activation,
      preActivation: isTraining && activation.slopeFrom === 'pre-activation' ? preActivation : null,
      outputGradient: isTraining ? recorder.tensor(test.shape, pick(data.outputGradient)) : null,
      inputGradient: isTraining ? inputGradient : null,
      inputSlope: isTraining
        ? {
            activation: fusedActivation(test.inputActivation)!,
            saved: recorder.tensor(test.shape, pick(data.saved)),
          }
        : null,
    },
  );
  const { gradients, statistics } = recorder.context.parameters;
  return recorder.plan(
    [operation],
    [
      output.buffer,
      preActivation.buffer,
      inputGradient.buffer,
      statistics,
      ...(gradients ? [gradients] : []),
    ],
  );
}

/** What one replica should get; everything [sample][entry] or [channel], in f64. */
function normalizeReference(test: Case, data: Data, replica: number) {
  const channels = test.shape.at(-1)!;
  const positions = entriesOf(test.shape) / channels;
  const parameters = data.parameters[replica]!;
  const of = (name: string): number[] => parameters.get(`layers.0.${name}`)!;
  const input = data.input[replica]!;
  const gradient = data.outputGradient[replica]!;
  const { epsilon } = batchNorm();
  const count = test.batch * positions;
  const result = {
    before: input.map((sample) => sample.map(() => 0)),
    inputGradient: input.map((sample) => sample.map(() => 0)),
    runningMean: [...of('running_mean')],
    runningVariance: [...of('running_var')],
    scaleGradient: Array.from({ length: channels }, () => 0),
    shiftGradient: Array.from({ length: channels }, () => 0),
    /** Sum of |dy x^| and |dy|, which errors of the sums are measured by. */
    sizes: Array.from({ length: channels }, () => 0),
  };
  for (let channel = 0; channel < channels; channel++) {
    const cells = input.flatMap((_, sample) =>
      Array.from({ length: positions }, (_, position) => ({
        sample,
        entry: channel * positions + position,
      })),
    );
    const x = ({ sample, entry }: (typeof cells)[number]): number => input[sample]![entry]!;
    let mean = of('running_mean')[channel]!;
    let variance = of('running_var')[channel]!;
    if (test.mode === 'training') {
      mean = cells.reduce((sum, cell) => sum + x(cell), 0) / count;
      const squares = cells.reduce((sum, cell) => sum + (x(cell) - mean) ** 2, 0);
      variance = squares / count;
      const unbiased = count > 1 ? squares / (count - 1) : variance;
      result.runningMean[channel]! += test.momentum * (mean - result.runningMean[channel]!);
      result.runningVariance[channel]! +=
        test.momentum * (unbiased - result.runningVariance[channel]!);
    }
    const deviation = Math.sqrt(variance + epsilon);
    const standardized = (cell: (typeof cells)[number]): number => (x(cell) - mean) / deviation;
    for (const cell of cells) {
      const dy = gradient[cell.sample]![cell.entry]!;
      result.before[cell.sample]![cell.entry] =
        of('weight')[channel]! * standardized(cell) + of('bias')[channel]!;
      result.shiftGradient[channel]! += dy;
      result.scaleGradient[channel]! += dy * standardized(cell);
      result.sizes[channel]! += Math.abs(dy) * (1 + Math.abs(standardized(cell)));
    }
    for (const cell of cells) {
      const dy = gradient[cell.sample]![cell.entry]!;
      result.inputGradient[cell.sample]![cell.entry] =
        (of('weight')[channel]! / deviation) *
        (dy -
          result.shiftGradient[channel]! / count -
          (standardized(cell) * result.scaleGradient[channel]!) / count);
    }
  }
  return result;
}

/**
 * A sum of 512 numbers about as large as the mean, then of the parts, errs by some u = 2^-24 of them
 * (the errors of single additions are random: some tens, not hundreds). That is the error of the
 * mean, and so of every deviation from it; standardised numbers here are below 5.
 */
const errorOf = ({ mean }: Case): number => 64 * 2 ** -24 * (1 + Math.abs(mean)) * 5;

/** Largest |got - expected| over a tensor with padding; the padding must be zero. */
function worstOf(got: Float32Array, expected: readonly (readonly number[])[]): number {
  const stride = alignTo(expected[0]!.length, ROW_ALIGNMENT);
  let worst = 0;
  expect(got).toHaveLength(expected.length * stride);
  expected.forEach((entries, sample) => {
    for (let entry = 0; entry < stride; entry++) {
      const value = got[sample * stride + entry]!;
      if (entry < entries.length) worst = Math.max(worst, Math.abs(value - entries[entry]!));
      else expect(value).toBe(0);
    }
  });
  return worst;
}

forEachEngine((engine) => {
  describe(`batch norm, seed ${seed}`, () => {
    const data = cases.map(dataOf);
    let results: Float32Array[][];

    beforeAll(async () => {
      results = await runPlans(
        engine,
        await Promise.all(cases.map((test, index) => planOf(test, data[index]!))),
      );
    });

    it.each(cases.map(({ name }, index) => [name, index] as const))('%s', (_, index) => {
      const test = cases[index]!;
      const [output, preActivation, inputGradient, statistics, gradients] = results[index]!;
      const activation = referenceActivation(test.activation);
      const inputActivation = referenceActivation(test.inputActivation);
      const error = errorOf(test);
      const replicas = data[index]!.input.map((_, replica) =>
        normalizeReference(test, data[index]!, replica),
      );
      expect(
        worstOf(
          output!,
          replicas.flatMap(({ before }) => before.map((sample) => sample.map(activation.value))),
        ),
      ).toBeLessThanOrEqual(error);

      const net = netOf(test);
      const tensors = parametersOf(net.parameters, 'layers.0');
      const { blockSize } = net.parameters;
      replicas.forEach((expected, replica) => {
        const start = replica * blockSize.statistics;
        expected.runningMean.forEach((value, channel) => {
          const got = statistics![start + tensors['running-mean']!.offset + channel]!;
          expect(Math.abs(got - value)).toBeLessThanOrEqual(error);
        });
        expected.runningVariance.forEach((value, channel) => {
          const got = statistics![start + tensors['running-variance']!.offset + channel]!;
          expect(Math.abs(got - value)).toBeLessThanOrEqual(error);
        });
      });
      if (test.mode === 'inference') return;

      if (test.activation.type === 'silu')
        expect(
          worstOf(
            preActivation!,
            replicas.flatMap(({ before }) => before),
          ),
        ).toBeLessThanOrEqual(error);
      const saved = data[index]!.saved.flat();
      // One number alone is its own mean: the gradient is 0, times 1 / sqrt(epsilon) = 316.
      const steepness = test.batch * entriesOf(test.shape) > test.shape.at(-1)! ? 4 : 316;
      expect(
        worstOf(
          inputGradient!,
          replicas
            .flatMap((replica) => replica.inputGradient)
            .map((sample, s) =>
              sample.map((value, entry) => value * inputActivation.slope(saved[s]![entry]!)),
            ),
        ),
      ).toBeLessThanOrEqual(error * steepness);
      replicas.forEach((expected, replica) => {
        const start = replica * blockSize.parameters;
        expected.sizes.forEach((size, channel) => {
          const scale = gradients![start + tensors.scale!.offset + channel]!;
          const shift = gradients![start + tensors.shift!.offset + channel]!;
          expect(Math.abs(scale - expected.scaleGradient[channel]!)).toBeLessThanOrEqual(
            error * (1 + size),
          );
          expect(Math.abs(shift - expected.shiftGradient[channel]!)).toBeLessThanOrEqual(
            64 * 2 ** -24 * (1 + size),
          );
        });
      });
    });

    it('gives the same bits again, and each of several replicas those it gets alone', async () => {
      const several = cases.flatMap(({ replicas }, index) =>
        Array.from({ length: replicas }, (_, replica) => ({ index, replica })),
      );
      const alone = await runPlans(
        engine,
        await Promise.all(
          several.map(({ index, replica }) => planOf(cases[index]!, data[index]!, replica)),
        ),
      );
      several.forEach(({ index, replica }, place) => {
        results[index]!.forEach((all, read) => {
          const size = all.length / cases[index]!.replicas;
          expect(all.subarray(replica * size, (replica + 1) * size)).toEqual(alone[place]![read]);
        });
      });
    });
  });
});
