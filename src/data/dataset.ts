/**
 * What every reader makes and training and initializers take: samples of one shape with a class or
 * values each. (The rows of named columns that minima are found on are a DataTable, table.ts.)
 *
 * Images stay bytes as they are in the files, a quarter of their size as f32, and go to the GPU
 * like that. The network's input is
 *
 *   input = (value - mean[c]) / deviation[c],  c the channel of images, the feature of rows,
 *
 * for bytes computed where a batch is gathered, for all other numbers in f64 before they are rounded
 * to f32: seconds since 1970 differ in their last digits only.
 */
import { LpsError } from '../math/lps-error.js';

/** Shift and scale per channel of images, per feature of rows. */
export interface Normalization {
  readonly mean: ArrayLike<number>;
  /** > 0 */
  readonly deviation: ArrayLike<number>;
}

/** One class per sample. */
export interface ClassTargets {
  readonly kind: 'class';
  /** One per sample, 0..classes-1. */
  readonly labels: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  readonly classes: number;
  /** As many as classes, where they have names. */
  readonly classNames?: readonly string[];
  /** Name of the column in a table. */
  readonly columns?: readonly string[];
}

/** Numbers per sample; none (width 0) of data that have inputs only. */
export interface ValueTargets {
  readonly kind: 'values';
  /** [sample][value], as the network learns them. */
  readonly values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  /** Values of one sample. */
  readonly width: number;
  /** Names of the columns in a table. */
  readonly columns?: readonly string[];
  /** value in the data's units = mean + deviation * value, when they were standardised. */
  readonly units?: Normalization;
}

export type Targets = ClassTargets | ValueTargets;

export interface Dataset {
  /** In reports and messages. */
  readonly name?: string;
  /** Of one sample: [features] or [height, width, channels]. */
  readonly shape: readonly number[];
  /** Samples. */
  readonly count: number;
  /** [sample][entry]; the entries of an image are ordered channel, row, column. */
  readonly inputs: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  /** Names of the inputs in a table, one per feature. */
  readonly columns?: readonly string[];
  readonly targets: Targets;
  readonly normalization: Normalization;
}

/** Data that cannot be used; the message says why, and where in the file or the rows. */
export class DatasetError extends LpsError {
  override readonly name = 'DatasetError';
  override readonly kind = 'input';
}

/** How messages call a data set. */
export function describeDataset({ name }: Dataset): string {
  return name === undefined ? 'the data set' : `data set "${name}"`;
}

/** Entries of one sample. */
export function entriesOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Numbers in `normalization`: channels of images, features of rows. */
export function normalizedGroups(shape: readonly number[]): number {
  return shape.at(-1) ?? 0;
}

/** Leaves values as they are, divided by `scale`: 255 takes bytes to 0..1. */
export function scaleOnly(shape: readonly number[], scale = 1): Normalization {
  const groups = normalizedGroups(shape);
  return { mean: new Float32Array(groups), deviation: new Float32Array(groups).fill(scale) };
}

/**
 * Puts a data set together and checks that its parts fit.
 *
 * @param parts a data set whose normalization defaults to 0..255 -> 0..1 for bytes, none for floats
 * @throws DatasetError when there are no samples, a shape has a size below 1, lengths disagree, a
 *   label is outside 0..classes-1, or an input or value is not finite; samples count from 0
 */
export function makeDataset(
  parts: Omit<Dataset, 'normalization' | 'count' | 'name'> & {
    readonly name: string;
    readonly normalization?: Normalization;
  },
): Dataset & { readonly name: string } {
  const { name, shape, columns, inputs, targets } = parts;
  const fail = (problem: string): never => {
    throw new DatasetError(`data set "${name}": ${problem}`);
  };
  if (![1, 3].includes(shape.length) || shape.some((size) => !Number.isInteger(size) || size < 1)) {
    fail(`the shape [${shape.join(', ')}] is neither [features] nor [height, width, channels]`);
  }
  const entries = entriesOf(shape);
  const count = targets.kind === 'class' ? targets.labels.length : inputs.length / entries;
  if (columns !== undefined && columns.length !== entries) {
    fail(`${columns.length} names of columns for ${entries} inputs`);
  }
  if (count === 0) fail('there are no samples');
  if (inputs.length !== count * entries) {
    fail(
      `${inputs.length} input numbers are not ${count} samples of [${shape.join(', ')}], which take ${count * entries}`,
    );
  }
  if (targets.kind === 'class') checkLabels(targets, fail);
  else checkValues(targets, count, fail);
  if (!(inputs instanceof Uint8Array)) {
    const bad = firstNotFinite(inputs);
    if (bad >= 0) {
      fail(
        `sample ${Math.floor(bad / entries)}, input ${bad % entries} is ${inputs[bad]}; inputs must be finite`,
      );
    }
  }
  const normalization =
    parts.normalization ?? scaleOnly(shape, inputs instanceof Uint8Array ? 255 : 1);
  return {
    name,
    shape,
    count,
    ...(columns && { columns }),
    inputs,
    targets,
    normalization,
  };
}

/** A largest label above that many per label that occurs is a slip. */
const LABELS_PER_CLASS = 10;

/** More outputs than that are values that were taken for classes. */
export const MAXIMUM_CLASSES = 65_536;

/**
 * What is wrong with labels whose number of classes nobody states: one far above the others would make a
 * network of outputs that hardly any sample needs.
 *
 * @returns null when nothing is
 */
export function findSparseLabel(
  labels: Uint32Array,
): { readonly sample: number; readonly problem: string } | null {
  const most = labels.reduce((a, b) => Math.max(a, b));
  const occurring = new Set(labels).size;
  if (most < LABELS_PER_CLASS * occurring) return null;
  return {
    sample: labels.indexOf(most),
    problem: `the label ${most} needs ${most + 1} outputs, only ${occurring} labels occur; number the classes from 0, or state their number`,
  };
}

function checkLabels(targets: ClassTargets, fail: (problem: string) => never): void {
  const { labels, classes, classNames } = targets;
  if (!Number.isInteger(classes) || classes < 1) fail(`${classes} is not a number of classes`);
  if (classNames !== undefined && classNames.length !== classes) {
    fail(`${classNames.length} class names for ${classes} classes`);
  }
  const bad = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (bad >= 0) {
    fail(`the label of sample ${bad} is ${labels[bad]}; labels go from 0 to ${classes - 1}`);
  }
}

function checkValues(targets: ValueTargets, count: number, fail: (problem: string) => never): void {
  const { values, width } = targets;
  if (!Number.isInteger(width) || width < 0 || values.length !== count * width) {
    fail(`${values.length} target numbers are not ${count} samples of ${width} values`);
  }
  const bad = firstNotFinite(values);
  if (bad >= 0) {
    fail(
      `sample ${Math.floor(bad / width)}, target ${bad % width} is ${values[bad]}; targets must be finite`,
    );
  }
}

function firstNotFinite(values: Float32Array | Float64Array): number {
  return values.findIndex((value) => !Number.isFinite(value));
}
