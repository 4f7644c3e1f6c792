/**
 * Believed afterwards: convolutions of every kind (stride, padding, dilation, groups, odd sizes)
 * have the right output, input gradient, weight gradient and bias gradient, within the rounding of
 * their sums, on every engine; floats of padding stay zero; repeats give the same bits, and so do a
 * replica among others and alone; NaN of one replica stays there. The truth is the definition as
 * loops in f64.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { conv2d } from '../../src/network/layer.js';
import { parametersOf } from '../../src/network/parameter-layout.js';
import { alignTo, ROW_ALIGNMENT } from '../../src/network/parameters.js';
import { entriesOf } from '../../src/network/shape.js';
import { forEachEngine } from '../helpers/engine.js';
import { runPlans } from '../helpers/plan-context.js';
import { referenceActivation } from '../helpers/reference-activations.js';
import {
  convolutionData,
  convolve,
  gelu,
  identity,
  keepsPreActivation,
  planOf,
  randomCases,
  relu,
  savedSlope,
  type ConvolutionCase,
  type ConvolutionData,
  type Sums,
} from './convolution-fixture.js';

const seed = 20261123;

const named = (
  name: string,
  image: ConvolutionCase['image'],
  layer: ConvolutionCase['layer'],
  batch: number,
  more: Partial<ConvolutionCase> = {},
): ConvolutionCase => ({
  name,
  image,
  layer,
  batch,
  replicas: 1,
  activation: identity,
  inputActivation: identity,
  shared: false,
  seed,
  ...more,
});

const cases: ConvolutionCase[] = [
  named('one cell, one channel, one sample', [1, 1, 1], conv2d(1, 1), 1),
  named('5x5 read in place, first layer', [28, 28, 1], conv2d(10, 5), 3, {
    activation: relu,
    shared: true,
  }),
  named('3x3 read in place, several row tiles', [12, 12, 5], conv2d(17, 3), 2, {
    activation: relu,
    inputActivation: relu,
  }),
  named('the same in three replicas', [12, 12, 5], conv2d(17, 3), 2, {
    activation: gelu,
    inputActivation: relu,
    replicas: 3,
  }),
  named(
    'three channels, stride 2, same, odd sides',
    [13, 11, 3],
    conv2d(6, 3, { stride: 2, padding: 'same' }),
    2,
    {
      inputActivation: gelu,
    },
  ),
  named('stride 2, valid, last row and column unused', [8, 10, 2], conv2d(3, 3, { stride: 2 }), 2),
  named('1x1 with stride 2: most inputs unused', [7, 7, 4], conv2d(8, 1, { stride: 2 }), 2),
  named('dilation 2, same', [9, 9, 2], conv2d(4, 3, { dilation: 2, padding: 'same' }), 2),
  named(
    'stride 3 and dilation 2',
    [11, 13, 2],
    conv2d(4, 3, { dilation: 2, stride: 3, padding: 'same' }),
    2,
  ),
  named('kernel larger than the image', [2, 3, 2], conv2d(3, 5, { padding: 'same' }), 2),
  named('kernel row longer than a segment', [9, 16, 2], conv2d(3, [2, 7], { padding: 'same' }), 2),
  named('depthwise', [6, 7, 5], conv2d(5, 3, { groups: 5, padding: 'same' }), 2),
  named('groups with several filters', [6, 6, 6], conv2d(9, 3, { groups: 3 }), 2, { replicas: 2 }),
  named('no bias', [5, 5, 3], conv2d(4, 2, { bias: false, padding: 'same' }), 2),
  ...randomCases(16, seed),
];

/** u = 2^-24; a sum of n terms, in any order, errs by at most about n u times its terms' sizes. */
const unit = 2 ** -24;
const bound = (terms: number, size: number): number => (terms + 4) * unit * size + 1e-37;

function worst(
  got: (index: number) => number,
  expected: Sums,
  terms: number,
  factor: (index: number) => number = () => 1,
): number {
  let ratio = 0;
  expected.value.forEach((value, index) => {
    const error = Math.abs(got(index) - value * factor(index));
    // 1e-6 more: the slope itself is only f32.
    const allowed =
      bound(terms, expected.size[index]! * Math.abs(factor(index))) +
      1e-6 * Math.abs(value) +
      Number.MIN_VALUE;
    ratio = Math.max(ratio, error / allowed);
  });
  return ratio;
}

/** Ratios of error to bound, and the largest float where there must be zeros. */
function judge(
  test: ConvolutionCase,
  data: ConvolutionData,
  [output, pre, dx, gradients]: Float32Array[],
) {
  const { batch, layer, image } = test;
  const entries = { output: entriesOf(data.net.output), input: entriesOf(image) };
  const strides = {
    output: alignTo(entries.output, ROW_ALIGNMENT),
    input: alignTo(entries.input, ROW_ALIGNMENT),
  };
  const { weight, bias } = parametersOf(data.net.parameters, 'layers.0');
  const fanIn = weight!.columns;
  const blockSize = data.net.parameters.blockSize.parameters;
  const { value } = referenceActivation(test.activation);
  const ratios = {
    output: 0,
    preActivation: 0,
    inputGradient: 0,
    weightGradient: 0,
    biasGradient: 0,
  };
  for (let replica = 0; replica < test.replicas; replica++) {
    const expected = convolve(test, data, replica);
    const raise = (key: keyof typeof ratios, ratio: number): void => {
      ratios[key] = Math.max(ratios[key], ratio);
    };
    const at = (kind: 'output' | 'input', index: number): number =>
      (replica * batch + Math.floor(index / entries[kind])) * strides[kind] +
      (index % entries[kind]);
    const after: Sums = {
      value: expected.output.value.map(value),
      // No activation here is steeper than 1.13; a tiny share for its own rounding.
      size: expected.output.size.map((size) => 1.13 * size),
    };
    raise(
      'output',
      worst((index) => output![at('output', index)]!, after, fanIn + 1),
    );
    if (keepsPreActivation(test.activation))
      raise(
        'preActivation',
        worst((index) => pre![at('output', index)]!, expected.output, fanIn + 1),
      );
    if (!test.shared) {
      const saved = data.saved[replica % data.saved.length]!;
      const slope = (index: number): number =>
        savedSlope(
          test.inputActivation,
          saved[Math.floor(index / entries.input)]![index % entries.input]!,
        );
      raise(
        'inputGradient',
        worst(
          (index) => dx![at('input', index)]!,
          expected.inputGradient,
          layer.filters * layer.kernel[0] * layer.kernel[1],
          slope,
        ),
      );
    }
    const terms = batch * data.net.output[0]! * data.net.output[1]!;
    const block = replica * blockSize;
    raise(
      'weightGradient',
      worst(
        (index) =>
          gradients![
            block + weight!.offset + Math.floor(index / fanIn) * weight!.rowStride + (index % fanIn)
          ]!,
        expected.weightGradient,
        terms,
      ),
    );
    if (bias)
      raise(
        'biasGradient',
        worst((index) => gradients![block + bias.offset + index]!, expected.biasGradient, terms),
      );
  }
  return { ...ratios, padding: largestPadding(data, { output: output!, input: dx! }, gradients!) };
}

/** The largest float behind a sample's entries and between the tensors of a block. */
function largestPadding(
  data: ConvolutionData,
  tensors: { readonly output: Float32Array; readonly input: Float32Array },
  gradients: Float32Array,
): number {
  let largest = 0;
  for (const [kind, shape] of [
    ['output', data.net.output],
    ['input', data.net.input],
  ] as const) {
    const entries = entriesOf(shape);
    const stride = alignTo(entries, ROW_ALIGNMENT);
    tensors[kind].forEach((value, index) => {
      if (index % stride >= entries) largest = Math.max(largest, Math.abs(value));
    });
  }
  const used = new Set<number>();
  for (const { offset, rows, columns, rowStride } of data.net.parameters.tensors)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) used.add(offset + row * rowStride + column);
  gradients.forEach((value, index) => {
    if (!used.has(index % data.net.parameters.blockSize.parameters))
      largest = Math.max(largest, Math.abs(value));
  });
  return largest;
}

/** A replica with neighbours in front and behind, where there are as many. */
const keptReplica = (replicas: number): number => Math.floor((replicas - 1) / 2);

/** The same data with nothing but NaN in all replicas but the middle one, or the first of two. */
function withNaN(data: ConvolutionData): ConvolutionData {
  const spoil = <T>(list: readonly T[], nan: (item: T) => T): readonly T[] =>
    list.length === 1
      ? list
      : list.map((item, index) => (index === keptReplica(list.length) ? item : nan(item)));
  const fill = (numbers: readonly number[]): number[] => numbers.map(() => NaN);
  const fillAll = (samples: readonly (readonly number[])[]) => samples.map(fill);
  return {
    ...data,
    input: spoil(data.input, fillAll),
    saved: spoil(data.saved, fillAll),
    outputGradient: spoil(data.outputGradient, fillAll),
    weight: spoil(data.weight, fill),
    bias: spoil(data.bias, fill),
  };
}

forEachEngine((engine) => {
  describe(`convolution, seed ${seed}`, () => {
    const data = cases.map(convolutionData);
    let results: Float32Array[][];

    beforeAll(async () => {
      const plans = await Promise.all(cases.map((test, index) => planOf(test, data[index]!)));
      results = await runPlans(engine, plans);
    });

    it.each(cases.map(({ name }, index) => [name, index] as const))('%s', (_, index) => {
      const verdict = judge(cases[index]!, data[index]!, results[index]!);
      expect(verdict.padding).toBe(0);
      for (const [what, ratio] of Object.entries(verdict))
        expect(ratio, what).toBeLessThanOrEqual(1);
    });

    it('gives the same bits again', async () => {
      const plan = await planOf(cases[2]!, data[2]!);
      const [again] = await runPlans(engine, [plan], 2);
      expect(again).toEqual(results[2]);
    });

    it('gives each of several replicas the bits it gets alone', async () => {
      const several = cases.map((_, index) => index).filter((index) => cases[index]!.replicas > 1);
      const alone = await runPlans(
        engine,
        await Promise.all(
          several.flatMap((index) =>
            Array.from({ length: cases[index]!.replicas }, (_, replica) =>
              planOf(cases[index]!, data[index]!, replica),
            ),
          ),
        ),
      );
      let next = 0;
      for (const index of several) {
        const { replicas } = cases[index]!;
        for (let replica = 0; replica < replicas; replica++) {
          const buffers = alone[next++]!;
          results[index]!.forEach((all, read) => {
            const size = all.length / replicas;
            expect(all.subarray(replica * size, (replica + 1) * size)).toEqual(buffers[read]);
          });
        }
      }
    });

    it('keeps NaN of one replica out of the others', async () => {
      const several = cases.map((_, index) => index).filter((index) => cases[index]!.replicas > 1);
      const poisoned = await runPlans(
        engine,
        await Promise.all(several.map((index) => planOf(cases[index]!, withNaN(data[index]!)))),
      );
      several.forEach((index, place) => {
        const { replicas } = cases[index]!;
        results[index]!.forEach((all, read) => {
          const size = all.length / replicas;
          const kept = keptReplica(replicas);
          const part = (buffer: Float32Array, replica: number): Float32Array =>
            buffer.subarray(size * replica, size * (replica + 1));
          expect(part(poisoned[place]![read]!, kept)).toEqual(part(all, kept));
          // The replicas beside it did get the NaN; a single input is everybody's.
          if (read === 0 && data[index]!.input.length > 1)
            expect(part(poisoned[place]![read]!, kept + 1).some(Number.isNaN)).toBe(true);
        });
      });
    });
  });
});
