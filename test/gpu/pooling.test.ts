/**
 * Believed afterwards: largest, average and global average pooling and their gradients are right for
 * windows that overlap, leave gaps or run into padding, on every engine; equal cells give their
 * gradient to the first one; NaN is passed on; floats of padding stay zero; repeats and replicas give
 * the same bits. The truth is the definition as loops in f64.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/math/random.js';
import { type ActivationLayer, fusedActivation } from '../../src/network/activations.js';
import { planPooling } from '../../src/network/gpu/operations/pooling.js';
import {
  averagePool2d,
  globalAveragePool2d,
  maxPool2d,
  type GlobalAveragePool2dLayer,
  type Pool2dLayer,
} from '../../src/network/layer.js';
import { network } from '../../src/network/network.js';
import { alignTo, ROW_ALIGNMENT } from '../../src/network/parameters.js';
import { entriesOf } from '../../src/network/shape.js';
import { forEachEngine } from '../helpers/engine.js';
import { PlanRecorder, runPlans, type RecordedPlan } from '../helpers/plan-context.js';
import { referenceActivation } from '../helpers/reference-activations.js';

const seed = 20261124;

interface Case {
  readonly name: string;
  readonly image: readonly [height: number, width: number, channels: number];
  readonly layer: Pool2dLayer | GlobalAveragePool2dLayer;
  readonly batch: number;
  readonly replicas: number;
  readonly activation: ActivationLayer;
  readonly inputActivation: ActivationLayer;
}

const relu: ActivationLayer = { type: 'relu' };
const silu: ActivationLayer = { type: 'silu' };
const identity: ActivationLayer = { type: 'identity' };

const named = (
  name: string,
  image: Case['image'],
  layer: Case['layer'],
  more: Partial<Case> = {},
): Case => ({
  name,
  image,
  layer,
  batch: 2,
  replicas: 1,
  activation: identity,
  inputActivation: identity,
  ...more,
});

const side = fc.constantFrom(1, 2, 3, 5, 7, 8, 11);
const random = fc.sample(
  fc
    .record({
      image: fc.tuple(side, side, fc.constantFrom(1, 3, 4)),
      kind: fc.constantFrom(maxPool2d, averagePool2d),
      size: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      padding: fc.constantFrom('valid' as const, 'same' as const),
      batch: fc.constantFrom(1, 3),
      replicas: fc.constantFrom(1, 2),
      activation: fc.constantFrom(identity, relu, silu),
      inputActivation: fc.constantFrom(identity, relu),
    })
    .filter(
      ({ image, size, padding }) =>
        padding === 'same' || (size[0] <= image[0] && size[1] <= image[1]),
    )
    .map(({ kind, size, stride, padding, ...rest }): Case => {
      const layer = kind(size, { stride, padding });
      return { ...rest, layer, name: JSON.stringify({ image: rest.image, ...layer }) };
    }),
  { numRuns: 14, seed },
);

const cases: Case[] = [
  named('largest of 2x2', [24, 24, 3], maxPool2d(2), { inputActivation: relu, replicas: 2 }),
  named('largest of 2x2, odd sides', [5, 7, 3], maxPool2d(2), { activation: silu }),
  named(
    'largest of overlapping 3x3, same',
    [7, 6, 2],
    maxPool2d(3, { stride: 2, padding: 'same' }),
  ),
  named(
    'mean of overlapping 3x3, same',
    [7, 6, 2],
    averagePool2d(3, { stride: 2, padding: 'same' }),
    {
      inputActivation: silu,
    },
  ),
  named('gaps between windows', [9, 9, 1], averagePool2d(2, { stride: 3 }), { batch: 1 }),
  named(
    'windows of one step, much padding',
    [3, 4, 2],
    maxPool2d(5, { stride: 1, padding: 'same' }),
  ),
  named('global average', [5, 7, 6], globalAveragePool2d(), { inputActivation: relu, replicas: 2 }),
  named('global average of one cell', [1, 1, 5], globalAveragePool2d(), { batch: 1 }),
  ...random,
];

/** [replica][sample][entry] */
type Samples = number[][][];

interface Data {
  readonly output: readonly number[];
  readonly input: Samples;
  readonly saved: Samples;
  readonly outputGradient: Samples;
}

function dataOf(test: Case, index: number): Data {
  const stream = randomStream(seed, 0, index);
  const { output } = network({ input: test.image, layers: [test.layer] });
  const samples = (entries: number, draw: () => number): Samples =>
    Array.from({ length: test.replicas }, () =>
      Array.from({ length: test.batch }, () => Array.from({ length: entries }, draw)),
    );
  const normal = (): number => Math.fround(stream.normal());
  return {
    output,
    // Few different values, so that windows have equal largest cells.
    input: samples(entriesOf(test.image), () => stream.integer(7) - 3),
    saved: samples(entriesOf(test.image), normal),
    outputGradient: samples(entriesOf(output), normal),
  };
}

async function planOf(test: Case, data: Data, only?: number): Promise<RecordedPlan> {
  const pick = (samples: Samples): Samples => (only === undefined ? samples : [samples[only]!]);
  const input = pick(data.input);
  const { parameters } = network({ input: test.image, layers: [test.layer] });
  const recorder = new PlanRecorder({
    mode: 'training',
    batch: test.batch,
    replicas: input.length,
    layout: parameters,
  });
  const activation = fusedActivation(test.activation)!;
  const output = recorder.tensor(data.output);
  const preActivation = recorder.tensor(data.output);
  const inputGradient = recorder.tensor(test.image);
  const operation = await planPooling(
    recorder.context,
    test.layer,
    {},
    {
      label: 'layers.0',
      input: recorder.tensor(test.image, input),
      output,
      activation,
      preActivation: activation.slopeFrom === 'pre-activation' ? preActivation : null,
      outputGradient: recorder.tensor(data.output, pick(data.outputGradient)),
      inputGradient,
      inputSlope: {
        activation: fusedActivation(test.inputActivation)!,
        saved: recorder.tensor(test.image, pick(data.saved)),
      },
    },
  );
  return recorder.plan([operation], [output.buffer, preActivation.buffer, inputGradient.buffer]);
}

/** Output before the activation and gradient before the slope, one sample. */
function pool(test: Case, data: Data, input: readonly number[], gradient: readonly number[]) {
  const [height, width, channels] = test.image;
  const global = test.layer.type === 'global-average-pool2d';
  const rows = global ? 1 : data.output[0]!;
  const columns = global ? 1 : data.output[1]!;
  const { size, stride, padding } =
    test.layer.type === 'global-average-pool2d'
      ? ({ size: [height, width], stride: [1, 1], padding: 'valid' } as const)
      : test.layer;
  const before = (axis: 0 | 1, cells: number, output: number): number =>
    padding === 'valid'
      ? 0
      : Math.floor(Math.max((output - 1) * stride[axis] + size[axis] - cells, 0) / 2);
  const [beforeY, beforeX] = [before(0, height, rows), before(1, width, columns)];
  const output: number[] = [];
  const inputGradient = new Float64Array(input.length);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const cells: number[] = [];
        for (let u = 0; u < size[0]; u++)
          for (let v = 0; v < size[1]; v++) {
            const y = i * stride[0] + u - beforeY;
            const x = j * stride[1] + v - beforeX;
            if (y >= 0 && y < height && x >= 0 && x < width)
              cells.push((channel * height + y) * width + x);
          }
        const given = gradient[output.length]!;
        if (test.layer.type === 'max-pool2d') {
          const largest = cells.reduce((best, cell) => (input[cell]! > input[best]! ? cell : best));
          output.push(input[largest]!);
          inputGradient[largest]! += given;
        } else {
          output.push(cells.reduce((sum, cell) => sum + input[cell]!, 0) / cells.length);
          for (const cell of cells) inputGradient[cell]! += given / cells.length;
        }
      }
  return { output, inputGradient };
}

/** Sums of up to 35 numbers below 3, or of up to 25 gradients below 6, and one division. */
const tolerance = 40 * 2 ** -24 * 6;

forEachEngine((engine) => {
  describe(`pooling, seed ${seed}`, () => {
    const data = cases.map(dataOf);
    let results: Float32Array[][];

    beforeAll(async () => {
      results = await runPlans(
        engine,
        await Promise.all(cases.map((test, index) => planOf(test, data[index]!))),
        // Twice, so that what the first run left behind would show.
        2,
      );
    });

    it.each(cases.map(({ name }, index) => [name, index] as const))('%s', (_, index) => {
      const test = cases[index]!;
      const { input, saved, outputGradient, output: shape } = data[index]!;
      const [output, preActivation, inputGradient] = results[index]!;
      const activation = referenceActivation(test.activation);
      const inputActivation = referenceActivation(test.inputActivation);
      const expectTensor = (got: Float32Array, expected: readonly number[][]): void => {
        const stride = alignTo(expected[0]!.length, ROW_ALIGNMENT);
        expect(got).toHaveLength(expected.length * stride);
        expected.forEach((entries, sample) => {
          for (let entry = 0; entry < stride; entry++) {
            const value = got[sample * stride + entry]!;
            if (entry < entries.length)
              expect(Math.abs(value - entries[entry]!)).toBeLessThanOrEqual(tolerance);
            else expect(value).toBe(0);
          }
        });
      };
      const samples = input.flatMap((replica, r) =>
        replica.map((sample, s) => ({
          ...pool(test, data[index]!, sample, outputGradient[r]![s]!),
          saved: saved[r]![s]!,
        })),
      );
      expectTensor(
        output!,
        samples.map((sample) => sample.output.map(activation.value)),
      );
      if (test.activation.type === 'silu')
        expectTensor(
          preActivation!,
          samples.map((sample) => sample.output),
        );
      expectTensor(
        inputGradient!,
        samples.map((sample) =>
          [...sample.inputGradient].map(
            (value, entry) => value * inputActivation.slope(sample.saved[entry]!),
          ),
        ),
      );
      expect(entriesOf(shape)).toBe(samples[0]!.output.length);
    });

    it('gives each of several replicas the bits it gets alone', async () => {
      const several = cases.flatMap(({ replicas }, index) =>
        replicas > 1 ? Array.from({ length: replicas }, (_, replica) => ({ index, replica })) : [],
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

    it('lets NaN through and keeps it out of other windows', async () => {
      const test = named('NaN', [2, 6, 1], maxPool2d(2), { batch: 1 });
      const plain = dataOf(test, 0);
      const input = [[plain.input[0]![0]!.map((value, entry) => (entry === 3 ? NaN : value))]];
      const [[output]] = (await runPlans(engine, [await planOf(test, { ...plain, input })])) as [
        [Float32Array],
      ];
      expect([...output].map(Number.isNaN)).toEqual([false, true, false, false]);
    });
  });
});
