/** What training asks of a data set, and the inputs that the network gets of it. */
import type { Dataset } from '../data/dataset.js';
import type { LossName } from './loss.js';
import { TrainingError } from './training-error.js';
import { entriesOf, formatShape } from './shape.js';

/**
 * Checks a data set against itself and against the shapes of a network.
 *
 * @param input shape of the network's input; a network of rows also takes images, flattened
 * @param output shape of the network's output
 * @throws TrainingError code 'data'
 */
export function checkTrainingData(
  data: Dataset,
  input: readonly number[],
  output: readonly number[],
): void {
  const { count, shape, inputs } = data;
  const entries = entriesOf(shape);
  if (count < 1) fail('the data set is empty: give at least one sample');
  const same = formatShape(shape) === formatShape(input);
  if (!same && !(entries === entriesOf(input) && (shape.length === 1 || input.length === 1))) {
    fail(
      `the network's input is ${formatShape(input)}, the samples are ${formatShape(shape)}: change the network's input or the data`,
    );
  }
  if (inputs.length !== count * entries) {
    fail(
      `${count} samples of shape ${formatShape(shape)} are ${count * entries} numbers, the data set has ${inputs.length}`,
    );
  }
  checkFinite(inputs, entries, 'input');
  checkNormalization(data);
  checkTargets(data, output);
}

function fail(message: string): never {
  throw new TrainingError('data', message);
}

function checkFinite(
  values: Uint8Array | Float32Array | Float64Array,
  width: number,
  what: string,
): void {
  if (values instanceof Uint8Array) return;
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    fail(
      `${what} ${wrong % width} of sample ${Math.floor(wrong / width)} is ${values[wrong]}: remove the sample or fill in a number`,
    );
  }
}

function checkNormalization({ shape, normalization }: Dataset): void {
  const channels = shape.at(-1)!;
  const { mean, deviation } = normalization;
  if (mean.length !== channels || deviation.length !== channels) {
    fail(
      `samples of shape ${formatShape(shape)} need ${channels} means and deviations, there are ${mean.length} and ${deviation.length}`,
    );
  }
  for (let k = 0; k < channels; k++) {
    if (!Number.isFinite(mean[k]) || !Number.isFinite(deviation[k]) || !(deviation[k]! > 0)) {
      fail(
        `normalization of channel ${k} by mean ${mean[k]} and deviation ${deviation[k]}: both must be finite, the deviation above 0`,
      );
    }
  }
}

function checkTargets({ count, targets }: Dataset, output: readonly number[]): void {
  const outputs = entriesOf(output);
  if (targets.kind === 'class') {
    const { labels, classes } = targets;
    if (labels.length !== count) fail(`${count} samples have ${labels.length} labels`);
    if (classes > outputs) {
      const fromOne = labels.includes(0) ? '' : ', or number the classes from 0: no sample has it';
      fail(
        `the data have ${classes} classes, the network has ${outputs} outputs: end it with dense(${classes})${fromOne}`,
      );
    }
    // Whoever has no types may pass signed or fractional numbers.
    const wrong = labels.findIndex(
      (label) => !(Number.isInteger(label) && label >= 0 && label < classes),
    );
    if (wrong >= 0) {
      fail(
        `the label of sample ${wrong} is ${labels[wrong]}: labels are whole numbers from 0 to ${classes - 1}`,
      );
    }
    return;
  }
  const { values, width } = targets;
  if (width === 0) fail('the data have inputs only: name their targets');
  if (width !== outputs) {
    const asClasses = width === 1 ? ', or give the targets as classes (--classes)' : '';
    fail(
      `targets are rows of ${width}, the network has ${outputs} outputs: end it with dense(${width})${asClasses}`,
    );
  }
  if (values.length !== count * width) {
    fail(
      `${count} targets of ${width} numbers are ${count * width}, the data set has ${values.length}`,
    );
  }
  checkFinite(values, width, 'target');
}

/**
 * Inputs as the network gets them: (x - mean) / deviation, in f32.
 *
 * @param samples which ones, in this order; default all
 * @returns [sample][entry]
 */
export function networkInputs(
  { count, shape, inputs, normalization }: Dataset,
  samples: ArrayLike<number> = { length: count },
): Float32Array<ArrayBuffer> {
  const entries = entriesOf(shape);
  const { mean, deviation } = normalization;
  const plane = entries / mean.length;
  const rows = new Float32Array(samples.length * entries);
  for (let row = 0; row < samples.length; row++) {
    const first = (samples[row] ?? row) * entries;
    for (let entry = 0; entry < entries; entry++) {
      const channel = Math.floor(entry / plane);
      rows[row * entries + entry] = (inputs[first + entry]! - mean[channel]!) / deviation[channel]!;
    }
  }
  return rows;
}

/** Classes for cross-entropy, rows of numbers for the others. @throws {TrainingError} code 'data' */
export function checkLoss(loss: LossName, { targets }: Dataset): void {
  const needed = loss === 'softmax-cross-entropy' ? 'class' : 'values';
  if (targets.kind !== needed) {
    const what = { class: 'a class label for each sample', values: 'rows of numbers as targets' };
    throw new TrainingError(
      'data',
      `the loss "${loss}" needs ${what[needed]}, the data have ${what[targets.kind]}: use ${needed === 'class' ? '"mse" or "binary-cross-entropy"' : '"softmax-cross-entropy"'} or other data`,
    );
  }
  if (loss === 'binary-cross-entropy' && targets.kind === 'values') {
    const wrong = targets.values.findIndex((value) => !(value >= 0 && value <= 1));
    if (wrong >= 0) {
      throw new TrainingError(
        'data',
        `target ${wrong % targets.width} of sample ${Math.floor(wrong / targets.width)} is ${targets.values[wrong]}: the loss "${loss}" needs probabilities from 0 to 1`,
      );
    }
  }
}

/**
 * The samples that an array of inputs holds.
 *
 * @param inputs [sample][entry] without padding
 * @throws {RangeError} when they are no whole number of samples
 */
export function countSamples(input: readonly number[], inputs: Float32Array): number {
  const entries = entriesOf(input);
  const samples = inputs.length / entries;
  if (!Number.isInteger(samples) || samples === 0) {
    throw new RangeError(
      `the network takes samples of ${entries} numbers, ${inputs.length} numbers are no whole number of them`,
    );
  }
  return samples;
}
