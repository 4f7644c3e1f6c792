/**
 * NumPy's files: .npy, an array behind a header, and .npz, a ZIP archive of such.
 *
 * Sources: numpy.lib.format ("NPY format", versions 1 to 3); PKWARE's APPNOTE.TXT, sections 4.3.7
 * (local header), 4.3.12 (central directory) and 4.3.16 (its end).
 */
import type { ArrayData, NumberArray } from './arrays.js';
import { DatasetError } from './dataset.js';

interface NumberType {
  readonly bytes: number;
  readonly integers: boolean;
  readonly create: (count: number) => NumberArray;
  readonly get: (view: DataView, offset: number, little: boolean) => number;
}

/** Types by the code in `descr`, without the byte order. */
const TYPES: Readonly<Record<string, NumberType>> = {
  b1: integer(
    1,
    (count) => new Uint8Array(count),
    (view, at) => view.getUint8(at),
  ),
  u1: integer(
    1,
    (count) => new Uint8Array(count),
    (view, at) => view.getUint8(at),
  ),
  i1: integer(
    1,
    (count) => new Int8Array(count),
    (view, at) => view.getInt8(at),
  ),
  u2: integer(
    2,
    (count) => new Uint16Array(count),
    (view, at, le) => view.getUint16(at, le),
  ),
  i2: integer(
    2,
    (count) => new Int16Array(count),
    (view, at, le) => view.getInt16(at, le),
  ),
  u4: integer(
    4,
    (count) => new Uint32Array(count),
    (view, at, le) => view.getUint32(at, le),
  ),
  i4: integer(
    4,
    (count) => new Int32Array(count),
    (view, at, le) => view.getInt32(at, le),
  ),
  // Above 2^53 whole numbers are rounded, as everywhere in JavaScript.
  u8: integer(
    8,
    (count) => new Float64Array(count),
    (view, at, le) => Number(view.getBigUint64(at, le)),
  ),
  i8: integer(
    8,
    (count) => new Float64Array(count),
    (view, at, le) => Number(view.getBigInt64(at, le)),
  ),
  f4: real(
    4,
    (count) => new Float32Array(count),
    (view, at, le) => view.getFloat32(at, le),
  ),
  f8: real(
    8,
    (count) => new Float64Array(count),
    (view, at, le) => view.getFloat64(at, le),
  ),
};

function integer(bytes: number, create: NumberType['create'], get: NumberType['get']): NumberType {
  return { bytes, integers: true, create, get };
}

function real(bytes: number, create: NumberType['create'], get: NumberType['get']): NumberType {
  return { bytes, integers: false, create, get };
}

export function isNpy(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);
}

/** Whether the bytes begin as a ZIP archive does, or an empty one. */
export function isNpz(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]) || startsWith(bytes, [0x50, 0x4b, 0x05, 0x06]);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads an .npy file. Arrays in Fortran's order are turned round.
 *
 * @param name of the file, for messages
 * @throws DatasetError for a file that is not .npy, is cut off or too long, or holds anything but
 *   whole numbers, f32, f64 or booleans
 */
export function readNpy(bytes: Uint8Array, name = 'the array'): ArrayData {
  const fail = (problem: string): never => {
    throw new DatasetError(`${name} ${problem}`);
  };
  if (!isNpy(bytes)) fail('is no .npy file: it does not begin with 93 "NUMPY"');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = (bytes[6] ?? 1) >= 2;
  const start = long ? 12 : 10;
  if (bytes.length < start) fail('is truncated in its header');
  const headerBytes = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (bytes.length < start + headerBytes) fail('is truncated in its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + headerBytes));
  const descr = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z]\d*)'/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const sizes = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header);
  if (order === null || sizes === null)
    return fail(`has the header ${header.trim().slice(0, 80)}, which is not NumPy's`);
  const type = descr === null ? undefined : TYPES[descr[2]!];
  if (type === undefined) {
    const found = /'descr'\s*:\s*(\[.{1,60}?\]|[^,]{1,40})/.exec(header)?.[1] ?? 'unknown';
    const remedy = /^'[<>|=]?[OSU]/.test(found)
      ? 'number the words with numpy.unique(words, return_inverse=True)'
      : 'save it with .astype("float32")';
    return fail(
      `holds entries of the type ${found}; float32, float64, whole numbers and booleans can be read: ${remedy}`,
    );
  }
  const shape = sizes[1]!
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const needed = start + headerBytes + count * type.bytes;
  if (bytes.length !== needed) {
    fail(
      `${bytes.length < needed ? 'is truncated' : 'is too long'}: its shape [${shape.join(', ')}] needs ${needed} bytes, the file has ${bytes.length}`,
    );
  }
  const little = descr![1] !== '>';
  const data = type.create(count);
  for (let index = 0; index < count; index++) {
    data[index] = type.get(view, start + headerBytes + index * type.bytes, little);
  }
  const { integers } = type;
  return { shape, data: order[1] === 'True' ? fromFortran(data, shape, type) : data, integers };
}

/** The same array with its last dimension fastest. */
function fromFortran(data: NumberArray, shape: readonly number[], type: NumberType): NumberArray {
  const result = type.create(data.length);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  for (let place = 0; place < data.length; place++) {
    result[place] = data[index.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return result;
}

/** The bytes of an .npy file (version 1): f32 in C's order. */
export function writeNpy(data: Float32Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + 4 * data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  data.forEach((value, index) => {
    view.setFloat32(10 + length + 4 * index, value, true);
  });
  return bytes;
}

/**
 * The arrays of an .npz file by name, without ".npy".
 *
 * @throws DatasetError for an archive that is damaged, encrypted, larger than 4 GB or of other files, or an array that
 *   readNpy refuses
 */
export async function readNpz(
  bytes: Uint8Array<ArrayBuffer>,
  name = 'the archive',
): Promise<ReadonlyMap<string, ArrayData>> {
  const fail = (problem: string): never => {
    throw new DatasetError(`${name} ${problem}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end < 0) return fail('is a truncated or damaged archive: its directory is missing');
  const entries = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const arrays = new Map<string, ArrayData>();
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) {
      return fail('is a damaged archive: its directory cannot be read');
    }
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 20, true);
    const nameBytes = view.getUint16(at + 28, true);
    const header = view.getUint32(at + 42, true);
    const file = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    if (!file.endsWith('.npy')) {
      return fail(
        `is a ZIP archive with ${file} in it, not one of NumPy's; save a spreadsheet as CSV, arrays by numpy.savez`,
      );
    }
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (header + 30 > bytes.length) return fail(`is a damaged archive: ${file} lies outside of it`);
    const start =
      header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const packed = bytes.subarray(start, start + size);
    if (method !== 0 && method !== 8)
      return fail(`has ${file} packed in a way that NumPy does not use`);
    const unpacked = method === 0 ? packed : await inflate(packed, `${file} in ${name}`);
    arrays.set(file.replace(/\.npy$/, ''), readNpy(unpacked, `${file} in ${name}`));
  }
  return arrays;
}

/** Offset of the end of the central directory, which a comment may follow. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0; at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  return -1;
}

async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new DatasetError(`${name} is damaged; write the file again`, { cause: error });
  }
}
