/**
 * IDX, the format of MNIST and its relatives: two zero bytes, a type, the number of dimensions, the
 * sizes as big-endian u32, then big-endian numbers with the last dimension fastest.
 *
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "File formats".
 */
import { DatasetError, makeDataset, type Dataset } from './dataset.js';

export type IdxArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

export interface IdxData {
  readonly shape: readonly number[];
  readonly data: IdxArray;
}

interface IdxType {
  readonly bytes: number;
  readonly read: (view: DataView, count: number) => IdxArray;
}

const filled =
  <T extends IdxArray>(
    create: (count: number) => T,
    get: (view: DataView, index: number) => number,
  ) =>
  (view: DataView, count: number): T => {
    const values = create(count);
    for (let index = 0; index < count; index++) values[index] = get(view, index);
    return values;
  };

/** By the third byte of the header. */
const TYPES: Readonly<Record<number, IdxType>> = {
  0x08: {
    bytes: 1,
    read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count).slice(),
  },
  0x09: {
    bytes: 1,
    read: filled(
      (count) => new Int8Array(count),
      (view, i) => view.getInt8(i),
    ),
  },
  0x0b: {
    bytes: 2,
    read: filled(
      (count) => new Int16Array(count),
      (view, i) => view.getInt16(2 * i),
    ),
  },
  0x0c: {
    bytes: 4,
    read: filled(
      (count) => new Int32Array(count),
      (view, i) => view.getInt32(4 * i),
    ),
  },
  0x0d: {
    bytes: 4,
    read: filled(
      (count) => new Float32Array(count),
      (view, i) => view.getFloat32(4 * i),
    ),
  },
  0x0e: {
    bytes: 8,
    read: filled(
      (count) => new Float64Array(count),
      (view, i) => view.getFloat64(8 * i),
    ),
  },
};

/** Whether the bytes begin as an IDX file does. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && TYPES[bytes[2] ?? -1] !== undefined && bytes[3]! > 0;
}

/**
 * Reads an IDX file (not compressed).
 *
 * @param name of the file, for messages
 * @throws DatasetError when the file is empty, its header is not IDX, or the data are shorter or
 *   longer than the header says
 */
export function readIdx(bytes: Uint8Array, name = 'the IDX data'): IdxData {
  const fail = (problem: string): never => {
    throw new DatasetError(`${name} ${problem}`);
  };
  if (bytes.length === 0) fail('is empty; an IDX file is needed');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0'));
  const type = TYPES[bytes[2] ?? -1];
  const dimensions = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || dimensions === 0) {
    return fail(
      `is not an IDX file: it begins with ${magic.join(' ')}, where 00 00, a type of 08 to 0e and a number of dimensions are needed`,
    );
  }
  const header = 4 + 4 * dimensions;
  if (bytes.length < header) {
    fail(`is truncated: its header takes ${header} bytes, the file has ${bytes.length}`);
  }
  const shape = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index));
  const count = shape.reduce((product, size) => product * size, 1);
  const needed = header + count * type.bytes;
  if (bytes.length !== needed) {
    fail(
      `${bytes.length < needed ? 'is truncated' : 'is too long'}: its header says ${shape.join(' x ')} numbers of ${type.bytes} bytes, ${needed} bytes in all, the file has ${bytes.length}`,
    );
  }
  const body = new DataView(bytes.buffer, bytes.byteOffset + header, count * type.bytes);
  return { shape, data: type.read(body, count) };
}

export interface IdxDatasetOptions {
  readonly name: string;
  readonly classes: number;
  readonly classNames?: readonly string[];
  /** Label of the first class in the file: EMNIST letters begin at 1. Default 0. */
  readonly firstLabel?: number;
  /** Names of the two files, for messages. */
  readonly files?: { readonly images: string; readonly labels: string };
}

/**
 * A data set from a file of grey images and one of labels.
 *
 * @param images IDX of bytes, [count, height, width]
 * @param labels IDX of bytes, [count]
 * @throws DatasetError for files that are not IDX, of other types or dimensions, of different
 *   counts, or a label that is out of range
 */
export function readIdxDataset(
  images: Uint8Array,
  labels: Uint8Array,
  options: IdxDatasetOptions,
): Dataset {
  const { name, classes, classNames, firstLabel = 0 } = options;
  const { images: imagesName = 'the image file', labels: labelsName = 'the label file' } =
    options.files ?? {};
  const pixels = requireBytes(readIdx(images, imagesName), 3, imagesName);
  const marks = requireBytes(readIdx(labels, labelsName), 1, labelsName);
  const [count, height, width] = pixels.shape as [number, number, number];
  if (marks.shape[0] !== count) {
    throw new DatasetError(
      `${imagesName} has ${count} images, ${labelsName} ${marks.shape[0]} labels; they do not belong together`,
    );
  }
  const low = marks.data.findIndex((label) => label < firstLabel);
  if (low >= 0) {
    throw new DatasetError(
      `data set "${name}": the label of sample ${low} is ${marks.data[low]}; labels go from ${firstLabel}`,
    );
  }
  return makeDataset({
    name,
    shape: [height, width, 1],
    inputs: pixels.data,
    targets: {
      kind: 'class',
      labels: marks.data.map((label) => label - firstLabel),
      classes,
      ...(classNames === undefined ? {} : { classNames }),
    },
  });
}

function requireBytes(
  idx: IdxData,
  dimensions: number,
  name: string,
): { readonly shape: readonly number[]; readonly data: Uint8Array<ArrayBuffer> } {
  const { shape, data } = idx;
  if (!(data instanceof Uint8Array) || shape.length !== dimensions) {
    throw new DatasetError(
      `${name} holds ${shape.join(' x ')} numbers as ${data.constructor.name}; ${dimensions} dimension${dimensions > 1 ? 's' : ''} of bytes are needed`,
    );
  }
  return { shape, data };
}
