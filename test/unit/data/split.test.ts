/**
 * Believed afterwards: splits lose no sample and double none, keep sample and target together, have
 * the shares asked for (in every class when stratified), depend on the seed alone, and leave a test
 * set that comes with the data as it is; standardization sees only the training part. The truth is
 * counting, and means and deviations computed here from their definitions.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetError, makeDataset, type Dataset } from '../../../src/data/dataset.js';
import { diabetesDataset, digitsDataset } from '../../../src/data/embedded.js';
import {
  selectSamples,
  trainValidationTestSplit,
  type DataParts,
} from '../../../src/data/split.js';
import { standardization, standardizeParts, toUnits } from '../../../src/data/standardization.js';

/** Sample s has the inputs 2s, 2s + 1 and a label that its inputs determine. */
function numbered(count: number, classes: number): Dataset {
  return makeDataset({
    name: 'numbered',
    shape: [2],
    inputs: Float32Array.from({ length: 2 * count }, (_, index) => index),
    targets: {
      kind: 'class',
      labels: Uint8Array.from({ length: count }, (_, sample) => (sample * sample) % classes),
      classes,
    },
  });
}

const samplesOf = (part: Dataset | null): number[] =>
  part === null ? [] : Array.from({ length: part.count }, (_, row) => part.inputs[2 * row]! / 2);

const labelsOf = (part: Dataset | null): number[] =>
  part?.targets.kind === 'class' ? [...part.targets.labels] : [];

const all = ({ train, validation, test }: DataParts): (Dataset | null)[] => [
  train,
  validation,
  test,
];

it('puts every sample into one part, with its own target', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 1, max: 7 }),
      fc.double({ min: 0.1, max: 0.4, noNaN: true }),
      fc.double({ min: 0.1, max: 0.4, noNaN: true }),
      fc.boolean(),
      fc.maxSafeNat(),
      (count, classes, validation, test, stratify, seed) => {
        const parts = trainValidationTestSplit(numbered(count, classes), {
          validation,
          test,
          stratify,
          seed,
        });
        const samples = all(parts).map(samplesOf);
        expect(samples.flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, sample) => sample),
        );
        all(parts).forEach((part, index) =>
          expect(labelsOf(part)).toEqual(
            samples[index]!.map((sample) => (sample * sample) % classes),
          ),
        );
        expect(Math.abs(parts.test!.count - count * test)).toBeLessThanOrEqual(0.5 + 1e-9);
        const rest = count - parts.test!.count;
        expect(Math.abs(parts.validation!.count - rest * validation)).toBeLessThanOrEqual(
          0.5 + 1e-9,
        );
      },
    ),
    { seed: 71, numRuns: 200 },
  );
});

it('keeps the proportions of the classes when stratified', async () => {
  const parts = trainValidationTestSplit(await digitsDataset(), { seed: 3 });
  const published = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
  published.forEach((count, digit) => {
    const test = labelsOf(parts.test).filter((label) => label === digit).length;
    const validation = labelsOf(parts.validation).filter((label) => label === digit).length;
    expect(Math.abs(test - 0.2 * count)).toBeLessThan(1);
    expect(Math.abs(validation - 0.1 * (count - test))).toBeLessThan(1);
  });
});

it('depends on the seed alone', () => {
  const data = numbered(100, 3);
  const split = (seed: number): number[][] =>
    all(trainValidationTestSplit(data, { seed })).map(samplesOf);
  expect(split(5)).toEqual(split(5));
  expect(split(5)).not.toEqual(split(6));
});

it('leaves a test set that comes with the data as it is', () => {
  const own = selectSamples(numbered(300, 3), [250, 260]);
  const parts = trainValidationTestSplit(
    { train: numbered(40, 3), test: own },
    { validation: 0.25 },
  );
  expect(parts.test).toBe(own);
  expect([parts.train.count, parts.validation!.count]).toEqual([30, 10]);
});

it('leaves out parts without a share', () => {
  const parts = trainValidationTestSplit(numbered(10, 2), { validation: 0, test: 0 });
  expect(parts).toMatchObject({ train: { count: 10 }, validation: null, test: null });
});

it('refuses what it cannot do', () => {
  const data = numbered(10, 2);
  expect(() => trainValidationTestSplit(data, { test: 1 })).toThrow(/test share must be from 0/);
  expect(() => trainValidationTestSplit(data, { validation: NaN })).toThrow(RangeError);
  expect(() => trainValidationTestSplit(data, { seed: -1 })).toThrow(RangeError);
  expect(() => trainValidationTestSplit(diabetesDataset(), { stratify: true })).toThrow(
    DatasetError,
  );
  expect(() => trainValidationTestSplit(numbered(2, 1), { validation: 0.1 })).toThrow(
    /2 samples leave none for validation/,
  );
  expect(() => selectSamples(data, [3, 10])).toThrow(/has 10 samples, there is no 10/);
});

describe('standardization', () => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: readonly number[]): number =>
    Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

  it('is per channel of images', () => {
    // Two images of 1 x 2 pixels and two channels: channel 0 is 1, 2 and 5, 8, channel 1 constant.
    const images = makeDataset({
      name: 'images',
      shape: [1, 2, 2],
      inputs: Uint8Array.of(1, 2, 9, 9, 5, 8, 9, 9),
      targets: { kind: 'class', labels: Uint8Array.of(0, 1), classes: 2 },
    });
    expect(standardization(images)).toEqual({
      mean: Float64Array.of(4, 9),
      deviation: Float64Array.of(Math.sqrt(7.5), 1),
    });
  });

  it('takes a constant feature that no f32 represents as constant', () => {
    const rows = makeDataset({
      name: 'rows',
      shape: [1],
      inputs: new Float32Array(1000).fill(0.1),
      targets: { kind: 'values', values: new Float32Array(1000), width: 1 },
    });
    expect(standardization(rows)).toEqual({
      mean: Float64Array.of(Math.fround(0.1)),
      deviation: Float64Array.of(1),
    });
  });

  it('sees the training part only, for inputs and targets', () => {
    const raw = trainValidationTestSplit(diabetesDataset(), { seed: 11 });
    const parts = standardizeParts(raw);
    const column = (part: Dataset, place: number): number[] =>
      Array.from({ length: part.count }, (_, row) => part.inputs[10 * row + place]!);
    for (let place = 0; place < 10; place++) {
      const values = column(raw.train, place);
      for (const part of all(parts)) {
        expect(part!.normalization.mean[place]).toBeCloseTo(mean(values), 4);
        expect(part!.normalization.deviation[place]).toBeCloseTo(deviation(values), 4);
      }
    }
    const targets = all(parts).map((part) => part!.targets);
    const values = (index: number): number[] => {
      const target = targets[index]!;
      return target.kind === 'values' ? [...target.values] : [];
    };
    expect(mean(values(0))).toBeCloseTo(0, 6);
    expect(deviation(values(0))).toBeCloseTo(1, 6);
    all(raw).forEach((part, index) => {
      const target = targets[index]!;
      if (target.kind !== 'values' || part!.targets.kind !== 'values') throw new Error('values');
      const back = toUnits(target.values, target.units!);
      part!.targets.values.forEach((value, row) => expect(back[row]).toBeCloseTo(value, 3));
    });
    // Twice is once: the units stay the data's.
    const twice = standardizeParts(parts).train.targets;
    if (twice.kind !== 'values') throw new Error('values');
    expect(toUnits(twice.values, twice.units!)[0]).toBeCloseTo(
      raw.train.targets.kind === 'values' ? raw.train.targets.values[0]! : NaN,
      3,
    );
    // Probabilities stay what they are.
    expect(standardizeParts(raw, 'as they are').test!.targets).toEqual(raw.test!.targets);
  });
  it.each([
    ['large', 1e300],
    ['small', 1e-300],
  ])('refuses numbers whose squares are too %s', (size, unit) => {
    const values = Float64Array.of(0, unit, 2 * unit);
    const targets = { kind: 'values', values, width: 1, columns: ['y'] } as const;
    const sound = { shape: [1], inputs: Float64Array.of(0, 1, 2), columns: ['x'] };
    const parts = (own: object): DataParts => ({
      train: makeDataset({ name: 'units', ...sound, targets, ...own }),
      validation: null,
      test: null,
    });
    expect(() => standardizeParts(parts({}))).toThrow(
      `target "y" cannot be standardised, its numbers are too ${size}`,
    );
    expect(() => standardizeParts(parts({ inputs: values }))).toThrow(
      `input "x" cannot be standardised`,
    );
  });
});
