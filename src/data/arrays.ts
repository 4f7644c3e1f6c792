/** Arrays of numbers from files (.npy, .npz, IDX), and data sets made of them. */
import {
  DatasetError,
  findSparseLabel,
  makeDataset,
  MAXIMUM_CLASSES,
  type Dataset,
  type Targets,
} from './dataset.js';

export type NumberArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** An array of any number of dimensions, the last one fastest. */
export interface ArrayData {
  readonly shape: readonly number[];
  readonly data: NumberArray;
  /** Whether the file holds whole numbers. */
  readonly integers: boolean;
}

/** Order of an image's dimensions in a file: PyTorch's, or TensorFlow's and that of image files. */
export const LAYOUTS = ['nchw', 'nhwc'] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface ArrayDatasetOptions {
  readonly name: string;
  /** Of images with channels. Default 'nchw', unless the shape looks like 'nhwc'. */
  readonly layout?: Layout;
  /** What targets are. Default: classes when they are one whole number each, else values. */
  readonly kind?: 'class' | 'values';
  /** Default: the largest label and one. */
  readonly classes?: number;
  readonly classNames?: readonly string[];
  /** Of the arrays, for messages. */
  readonly files?: { readonly inputs: string; readonly targets: string };
}

/**
 * A data set of rows [sample, feature], grey images [sample, row, column] or images with channels.
 *
 * @param targets labels [sample] or [sample, 1], or values [sample, value]; null for inputs only
 * @throws DatasetError for other dimensions, images of either layout, different numbers of samples, labels that are fractional,
 *   negative or far above the others, or numbers that are not finite
 */
export function readArrayDataset(
  inputs: ArrayData,
  targets: ArrayData | null,
  options: ArrayDatasetOptions,
): Dataset {
  const { inputs: inputsName = 'the inputs', targets: targetsName = 'the targets' } =
    options.files ?? {};
  const [count = 0, ...rest] = inputs.shape;
  if (rest.length < 1 || rest.length > 3) {
    throw new DatasetError(
      `${inputsName} has the shape [${inputs.shape.join(', ')}]; [sample, feature], [sample, row, column] or images of four dimensions are needed${rest.length === 0 && inputs.shape.length === 1 ? ': save it with .reshape(-1, 1)' : ''}`,
    );
  }
  if (count === 0 || rest.includes(0)) throw new DatasetError(`${inputsName} holds no samples`);
  if (targets !== null && targets.shape[0] !== count) {
    throw new DatasetError(
      `${inputsName} has ${count} samples, ${targetsName} ${targets.shape[0] ?? 'none'}; they do not belong together`,
    );
  }
  const { name, layout = 'nchw' } = options;
  const [channels = 0, , last = 0] = rest;
  if (options.layout === undefined && rest.length === 3 && last <= 4 && channels > 4) {
    throw new DatasetError(
      `${inputsName} has the shape [${inputs.shape.join(', ')}], which may be images of ${last} channels or of ${channels}: say which (--layout nhwc or nchw)`,
    );
  }
  const bytes = inputs.data instanceof Uint8Array;
  return makeDataset({
    name,
    shape: sampleShape(rest, layout),
    inputs: channelsFirst(
      bytes || inputs.data instanceof Float32Array || inputs.data instanceof Float64Array
        ? (inputs.data as Uint8Array<ArrayBuffer>)
        : Float64Array.from(inputs.data),
      rest,
      layout,
    ),
    targets: targetsOf(targets, targetsName, options),
  });
}

/** [features] or [height, width, channels]. */
function sampleShape(rest: readonly number[], layout: Layout): readonly number[] {
  const [first, second, third] = rest as [number, number, number];
  if (rest.length === 1) return [first];
  if (rest.length === 2) return [first, second, 1];
  return layout === 'nchw' ? [second, third, first] : [first, second, third];
}

/** Our memory order is channel, row, column. */
export function channelsFirst<Values extends Uint8Array | Float32Array | Float64Array>(
  values: Values,
  rest: readonly number[],
  layout: Layout,
): Values {
  const channels = rest.length === 3 ? rest[2]! : 1;
  if (layout === 'nchw' || channels === 1) return values;
  const cells = rest[0]! * rest[1]!;
  const result = values.slice() as Values;
  const samples = values.length / (cells * channels);
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * cells * channels;
    for (let cell = 0; cell < cells; cell++) {
      for (let channel = 0; channel < channels; channel++) {
        result[start + channel * cells + cell] = values[start + cell * channels + channel]!;
      }
    }
  }
  return result;
}

function targetsOf(array: ArrayData | null, name: string, options: ArrayDatasetOptions): Targets {
  if (array === null) return { kind: 'values', values: new Float64Array(0), width: 0 };
  const { shape, data } = array;
  if (shape.length > 2) {
    throw new DatasetError(
      `${name} has the shape [${shape.join(', ')}]; labels [sample] or values [sample, value] are needed`,
    );
  }
  const width = shape[1] ?? 1;
  const kind = options.kind ?? (array.integers && width === 1 ? 'class' : 'values');
  if (kind === 'values') return { kind, values: Float64Array.from(data), width };
  if (width !== 1) {
    throw new DatasetError(
      `${name} has ${width} numbers a sample; a class is one number: turn one-hot rows into labels`,
    );
  }
  const limit = options.classes ?? MAXIMUM_CLASSES;
  const wrong = data.findIndex(
    (label) => !(Number.isInteger(label) && label >= 0 && label < limit),
  );
  if (wrong >= 0) {
    throw new DatasetError(
      `${name}: the label of sample ${wrong} is ${data[wrong]}; labels are whole numbers from 0 to ${limit - 1}; number the classes from 0`,
    );
  }
  const labels = Uint32Array.from(data);
  const most = labels.reduce((a, b) => Math.max(a, b));
  const sparse = options.classes === undefined ? findSparseLabel(labels) : null;
  if (sparse !== null) {
    throw new DatasetError(`${name}, sample ${sparse.sample}: ${sparse.problem}`);
  }
  const { classNames } = options;
  const classes = options.classes ?? classNames?.length ?? most + 1;
  return { kind, labels, classes, ...(classNames && { classNames }) };
}
