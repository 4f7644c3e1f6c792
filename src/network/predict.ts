/** predict: what a trained network says of samples in the data's own units. */
import type { Dataset } from '../data/dataset.js';
import type { Device } from '../gpu/index.js';
import type { Score } from './training-run.js';
import { ModelError, type Model } from './model.js';
import { forward } from './forward.js';
import { entriesOf } from './shape.js';
import { networkInputs } from './training-data.js';

/** Rows, or all of them in one array: [sample][entry], images channel by channel. */
export type Samples =
  | readonly (readonly number[])[]
  | Uint8Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

export interface Prediction {
  /** Samples. */
  readonly count: number;
  /** [sample][output] as the network gives them. */
  readonly outputs: Float32Array;
  /** [sample][value]: values in the data's units, or the probability of each class. */
  readonly values: Float64Array;
  /** The most likely class of each sample; null for values. */
  readonly labels: Uint32Array | null;
}

/**
 * Predicts values or classes.
 *
 * @example
 * const model = readModel(readSafetensors(bytes));
 * const { values } = await predict(gpu, model, [[5.1, 3.5], [4.9, 3.0]]);
 * @param samples in the units of the data that the model was trained on
 * @throws ModelError for samples of another length, or numbers that are not finite
 */
export async function predict(gpu: Device, model: Model, samples: Samples): Promise<Prediction> {
  const { network, weights, targets, loss } = model;
  const data = dataOf(model, samples);
  const outputs = await forward(gpu, network, weights, networkInputs(data));
  const width = entriesOf(network.output);
  if (targets.kind === 'class') {
    const { values, labels } = classProbabilities(outputs, width, targets.classes);
    return { count: data.count, outputs, values, labels };
  }
  const { units } = targets;
  const values = Float64Array.from(outputs, (output, index) => {
    const value = loss === 'binary-cross-entropy' ? 1 / (1 + Math.exp(-output)) : output;
    const column = index % width;
    return units === undefined ? value : units.mean[column]! + units.deviation[column]! * value;
  });
  return { count: data.count, outputs, values, labels: null };
}

function dataOf({ inputs: { shape, mean, deviation } }: Model, samples: Samples): Dataset {
  const entries = entriesOf(shape);
  let inputs: Dataset['inputs'];
  if (isRows(samples)) {
    const wrong = samples.findIndex((row) => row.length !== entries);
    if (wrong >= 0) {
      throw new ModelError(
        `sample ${wrong} has ${samples[wrong]!.length} numbers, the model needs ${entries}`,
      );
    }
    inputs = Float64Array.from(samples.flat());
  } else {
    inputs = samples;
  }
  const count = inputs.length / entries;
  if (!Number.isInteger(count) || count === 0) {
    throw new ModelError(
      `${inputs.length} numbers are no samples of ${entries}, which the model needs`,
    );
  }
  const bad = inputs.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new ModelError(
      `input ${bad % entries} of sample ${Math.floor(bad / entries)} is ${inputs[bad]}; a finite number is needed`,
    );
  }
  const targets = { kind: 'values', values: new Float32Array(0), width: 0 } as const;
  return { shape, count, inputs, targets, normalization: { mean, deviation } };
}

function isRows(samples: Samples): samples is readonly (readonly number[])[] {
  return Array.isArray(samples);
}

/** Softmax over all outputs; outputs beyond the classes have no name and are left out. */
function classProbabilities(
  outputs: Float32Array,
  width: number,
  classes: number,
): { values: Float64Array; labels: Uint32Array } {
  const count = outputs.length / width;
  const values = new Float64Array(count * classes);
  const labels = new Uint32Array(count);
  for (let sample = 0; sample < count; sample++) {
    const row = outputs.subarray(sample * width, (sample + 1) * width);
    const most = Math.max(...row);
    const sum = row.reduce((total, output) => total + Math.exp(output - most), 0);
    for (let k = 0; k < classes; k++) {
      values[sample * classes + k] = Math.exp(row[k]! - most) / sum;
      if (row[k]! > row[labels[sample]!]!) labels[sample] = k;
    }
  }
  return { values, labels };
}

/** How good predictions are. */
export interface Evaluation extends Score {
  /** Root of the mean squared error of each value in its own units; null for classes. */
  readonly errors: readonly number[] | null;
  /** [true class][predicted class], samples; null for values. */
  readonly confusion: readonly (readonly number[])[] | null;
}

/**
 * Holds predictions against the truth: the loss that the model was trained with, and what people ask.
 *
 * @param targets in the data's own units, or classes as the model numbers them
 * @throws ModelError for targets of another kind or number
 */
export function evaluatePrediction(
  { targets, loss, network }: Model,
  prediction: Prediction,
  truth: Dataset['targets'],
): Evaluation {
  const { outputs, values, labels, count } = prediction;
  const width = entriesOf(network.output);
  if (truth.kind !== targets.kind) {
    throw new ModelError(
      `the model predicts ${targets.kind === 'class' ? 'classes' : 'values'}, the data have other targets`,
    );
  }
  if (truth.kind === 'class') {
    if (truth.labels.length !== count) fail(truth.labels.length, count);
    const classes = targets.kind === 'class' ? targets.classes : 0;
    const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    let sum = 0;
    let right = 0;
    truth.labels.forEach((label, sample) => {
      if (label >= classes) {
        throw new ModelError(
          `the class of sample ${sample} is ${label}, the model knows 0 to ${classes - 1}`,
        );
      }
      const row = outputs.subarray(sample * width, (sample + 1) * width);
      const most = Math.max(...row);
      const total = row.reduce((all, output) => all + Math.exp(output - most), 0);
      sum += Math.log(total) + most - row[label]!;
      confusion[label]![labels![sample]!]!++;
      if (labels![sample] === label) right++;
    });
    return { loss: sum / count, accuracy: right / count, errors: null, confusion };
  }
  if (truth.width !== width || truth.values.length !== count * width) {
    fail(truth.values.length, count * width);
  }
  const units = targets.kind === 'values' ? targets.units : undefined;
  const squares = new Float64Array(width);
  let sum = 0;
  values.forEach((value, index) => {
    const wanted = truth.values[index]!;
    const column = index % width;
    squares[column]! += (value - wanted) ** 2;
    const output = outputs[index]!;
    sum +=
      loss === 'binary-cross-entropy'
        ? Math.max(output, 0) + Math.log1p(Math.exp(-Math.abs(output))) - wanted * output
        : ((value - wanted) / (units?.deviation[column] ?? 1)) ** 2;
  });
  return {
    loss: sum / values.length,
    accuracy: null,
    errors: [...squares].map((square) => Math.sqrt(square / count)),
    confusion: null,
  };
}

function fail(found: number, needed: number): never {
  throw new ModelError(`the data have ${found} targets, ${needed} are needed`);
}
