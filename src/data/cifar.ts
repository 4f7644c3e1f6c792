/**
 * The binary version of CIFAR-10 and CIFAR-100: records of one label byte (CIFAR-100: coarse, then
 * fine) and 3072 pixel bytes, 32 rows of 32 for red, green, blue: our memory order as it is.
 *
 * Source: A. Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
 */
import { DatasetError, makeDataset, type Dataset } from './dataset.js';

const SIDE = 32;
const CHANNELS = 3;
const PIXELS = SIDE * SIDE * CHANNELS;

export const CIFAR10_CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/** What a record holds before its pixels. */
const KINDS = {
  'cifar-10': { labels: 1, used: 0, classes: 10 },
  'cifar-100': { labels: 2, used: 1, classes: 100 },
  /** The 20 superclasses. */
  'cifar-100-coarse': { labels: 2, used: 0, classes: 20 },
} as const;

export type CifarKind = keyof typeof KINDS;

/** One file's bytes, and its name for messages. */
export interface CifarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A data set from one or several files, one after another.
 *
 * @param options.name defaults to the kind; class names are known for cifar-10 only
 * @throws DatasetError for no file, a file that is empty or not a whole number of records, or a
 *   label out of range
 */
export function readCifar(
  files: readonly CifarFile[],
  kind: CifarKind,
  options: { readonly name?: string; readonly classNames?: readonly string[] } = {},
): Dataset {
  const { labels: labelBytes, used, classes } = KINDS[kind];
  const record = labelBytes + PIXELS;
  if (files.length === 0) throw new DatasetError(`${kind}: at least one file is needed`);
  for (const { name, bytes } of files) {
    if (bytes.length === 0 || bytes.length % record !== 0) {
      throw new DatasetError(
        `${name} is ${bytes.length === 0 ? 'empty' : 'truncated or not in the binary version'}: ${kind} needs records of ${record} bytes, the file has ${bytes.length}`,
      );
    }
  }
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / record, 0);
  const inputs = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let sample = 0;
  for (const { name, bytes } of files) {
    for (let start = 0; start < bytes.length; start += record, sample++) {
      const label = bytes[start + used]!;
      if (label >= classes) {
        throw new DatasetError(
          `${name}: the label of record ${start / record + 1} is ${label}; labels of ${kind} go from 0 to ${classes - 1}`,
        );
      }
      labels[sample] = label;
      inputs.set(bytes.subarray(start + labelBytes, start + record), sample * PIXELS);
    }
  }
  const classNames = options.classNames ?? (kind === 'cifar-10' ? CIFAR10_CLASSES : undefined);
  return makeDataset({
    name: options.name ?? kind,
    shape: [SIDE, SIDE, CHANNELS],
    inputs,
    targets: {
      kind: 'class',
      labels,
      classes,
      ...(classNames === undefined ? {} : { classNames }),
    },
  });
}
