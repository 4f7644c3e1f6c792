/**
 * Believed after it passes: data that do not fit the network or are damaged are refused before
 * anything reaches the GPU, with a message that names the sample and the numbers; data at the edge
 * of what is allowed are not. The truth is the contract of Dataset.
 */
import type { Dataset } from '../../../src/data/dataset.js';
import { describe, expect, it } from 'vitest';
import { checkTrainingData, networkInputs } from '../../../src/network/training-data.js';
import { TrainingError } from '../../../src/network/training-error.js';

const rows: Dataset = {
  count: 3,
  shape: [2],
  inputs: Float32Array.of(1, 2, 3, 4, 5, 6),
  normalization: { mean: [1, 2], deviation: [2, 4] },
  targets: { kind: 'class', labels: Uint8Array.of(0, 2, 1), classes: 3 },
};
const values: Dataset = {
  ...rows,
  targets: { kind: 'values', values: Float32Array.of(0, 1, 2, 3, 4, 5), width: 2 },
};
const images: Dataset = {
  ...rows,
  count: 1,
  shape: [1, 2, 3],
  inputs: Uint8Array.of(0, 10, 20, 30, 40, 50),
  normalization: { mean: [0, 20, 40], deviation: [10, 10, 5] },
  targets: { kind: 'class', labels: Uint8Array.of(1), classes: 2 },
};

describe('checkTrainingData', () => {
  it('accepts what fits', () => {
    checkTrainingData(rows, [2], [3]);
    checkTrainingData(rows, [2], [10]);
    checkTrainingData(values, [2], [2]);
    checkTrainingData(images, [1, 2, 3], [2]);
    // Images as rows.
    checkTrainingData(images, [6], [2]);
  });

  const bad: [string, Dataset, number[], number[], RegExp][] = [
    ['no samples', { ...rows, count: 0 }, [2], [3], /empty/],
    ['another shape', rows, [3], [3], /input is \[3\], the samples are \[2\]/],
    ['another image', images, [2, 1, 3], [2], /input is \[2, 1, 3\], the samples are \[1, 2, 3\]/],
    ['missing numbers', { ...rows, count: 4 }, [2], [3], /are 8 numbers, the data set has 6/],
    [
      'a NaN',
      { ...rows, inputs: Float32Array.of(1, 2, 3, NaN, 5, 6) },
      [2],
      [3],
      /input 1 of sample 1 is NaN/,
    ],
    [
      'an infinite target',
      {
        ...values,
        targets: { kind: 'values', values: Float32Array.of(0, 1, 2, 3, Infinity, 5), width: 2 },
      },
      [2],
      [2],
      /target 0 of sample 2 is Infinity/,
    ],
    ['more classes than outputs', rows, [2], [2], /3 classes, the network has 2 outputs/],
    [
      'a label out of range',
      { ...rows, targets: { kind: 'class', labels: Uint8Array.of(0, 3, 1), classes: 3 } },
      [2],
      [3],
      /label of sample 1 is 3: labels are whole numbers from 0 to 2/,
    ],
    [
      'a label too few',
      { ...rows, targets: { kind: 'class', labels: Uint8Array.of(0, 1), classes: 3 } },
      [2],
      [3],
      /3 samples have 2 labels/,
    ],
    ['another target width', values, [2], [3], /rows of 2, the network has 3 outputs/],
    [
      'a mean too few',
      { ...rows, normalization: { mean: [1], deviation: [1] } },
      [2],
      [3],
      /need 2 means and deviations, there are 1 and 1/,
    ],
    [
      'a deviation of 0',
      { ...rows, normalization: { mean: [1, 2], deviation: [1, 0] } },
      [2],
      [3],
      /channel 1 by mean 2 and deviation 0/,
    ],
  ];
  it.each(bad)('refuses %s', (_, data, input, output, message) => {
    const check = () => {
      checkTrainingData(data, input, output);
    };
    expect(check).toThrow(TrainingError);
    expect(check).toThrow(message);
  });
});

describe('networkInputs', () => {
  it('normalises per feature and picks samples', () => {
    expect([...networkInputs(rows)]).toEqual([0, 0, 1, 0.5, 2, 1]);
    expect([...networkInputs(rows, [2, 0])]).toEqual([2, 1, 0, 0]);
  });

  it('normalises images per channel', () => {
    expect([...networkInputs(images)]).toEqual([0, 1, 0, 1, 0, 2]);
  });
});
