/**
 * Weights as a safetensors file, which PyTorch, JAX and tfjs users have readers for.
 *
 * A file is the length of its header as u64, the header as JSON (name -> type, shape, byte range)
 * and the tensors' bytes, everything little-endian. A reader must not trust any of it: byte ranges
 * have to cover the data without gaps or overlaps, as in the reference implementation.
 *
 * Source: https://github.com/huggingface/safetensors, README section "Format", and
 * safetensors/src/tensor.rs (Metadata::validate).
 */
import { LpsError } from '../math/lps-error.js';
import { FLOAT_TYPES, type FloatType } from './float-formats.js';
import type { Weights, WeightTensor } from './weights.js';

/** A file that is not safetensors, damaged, or with tensors that are no weights. */
export class SafetensorsError extends LpsError {
  override readonly name = 'SafetensorsError';
  override readonly kind = 'input';
}

/** The reference implementation reads no longer header. */
const MAXIMUM_HEADER = 100_000_000;

/** Length field; the data begin at a multiple of it, as the reference implementation writes. */
const LENGTH_BYTES = 8;

const METADATA = '__metadata__';

/**
 * The bytes of a safetensors file, all tensors F32, in the order of the map.
 *
 * @throws SafetensorsError for a tensor whose length is not that of its shape, or named
 *   `__metadata__`
 */
export function writeSafetensors(weights: Weights): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = [];
  if (Object.keys(weights.metadata).length > 0) header.push([METADATA, weights.metadata]);
  let size = 0;
  for (const [name, { shape, data }] of weights.tensors) {
    const count = product(shape);
    if (name === METADATA || data.length !== count) {
      throw new SafetensorsError(
        name === METADATA
          ? `a tensor cannot be named ${METADATA}`
          : `${name} has ${data.length} numbers, its shape [${shape.join(', ')}] needs ${count}`,
      );
    }
    const end = size + 4 * count;
    header.push([name, { dtype: 'F32', shape, data_offsets: [size, end] }]);
    size = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES;
  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  bytes.set(json, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerLength;
  for (const { data } of weights.tensors.values()) {
    for (const value of data) {
      view.setFloat32(offset, value, true);
      offset += 4;
    }
  }
  return bytes;
}

/**
 * Reads a safetensors file; F64, F16, BF16 and I64 tensors become f32.
 *
 * @param name of the file, for messages
 * @throws SafetensorsError when the file is truncated, its header is not the format's, byte ranges
 *   overlap, leave gaps or disagree with shapes, or a tensor's type is another one
 */
export function readSafetensors(bytes: Uint8Array, name = 'the safetensors data'): Weights {
  const fail = (problem: string): never => {
    throw new SafetensorsError(`${name}: ${problem}`);
  };
  const headerLength = readHeaderLength(bytes, fail);
  const start = LENGTH_BYTES + headerLength;
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, start), fail);
  const { [METADATA]: metadata = {}, ...entries } = header;
  const places = Object.entries(entries).map(([tensor, entry]) => readPlace(tensor, entry, fail));
  checkCover(places, bytes.length - start, fail);
  const tensors = new Map<string, WeightTensor>();
  for (const { tensor, type, shape, begin, count } of places) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start + begin, count * type.bytes);
    const data = new Float32Array(count);
    for (let index = 0; index < count; index++) data[index] = type.read(view, index * type.bytes);
    tensors.set(tensor, { shape, data });
  }
  return { tensors, metadata: readMetadata(metadata, fail) };
}

type Fail = (problem: string) => never;

interface TensorPlace {
  readonly tensor: string;
  readonly type: FloatType;
  readonly shape: readonly number[];
  /** Bytes from the start of the data. */
  readonly begin: number;
  readonly end: number;
  readonly count: number;
}

function readHeaderLength(bytes: Uint8Array, fail: Fail): number {
  if (bytes.length < LENGTH_BYTES) {
    fail(`truncated: ${bytes.length} bytes, the length of the header alone takes ${LENGTH_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > MAXIMUM_HEADER) {
    fail(
      `this is no safetensors file: its header would take ${length} bytes, at most ${MAXIMUM_HEADER} are read; of a PyTorch model make one by safetensors.torch.save_file(model.state_dict(), FILE)`,
    );
  }
  if (LENGTH_BYTES + Number(length) > bytes.length) {
    fail(
      `truncated: its header takes ${length} bytes, ${bytes.length - LENGTH_BYTES} bytes are there`,
    );
  }
  return Number(length);
}

function parseHeader(json: Uint8Array, fail: Fail): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    fail(`its header is not JSON: ${(error as Error).message}`);
  }
  return isJsonObject(header) ? header : fail('its header is not a JSON object');
}

function readPlace(tensor: string, entry: unknown, fail: Fail): TensorPlace {
  if (!isJsonObject(entry)) return fail(`${tensor} is not described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = typeof dtype === 'string' ? FLOAT_TYPES.get(dtype) : undefined;
  if (type === undefined) {
    return fail(
      `${tensor} has the type ${JSON.stringify(dtype)}; ${[...FLOAT_TYPES.keys()].join(', ')} can be read`,
    );
  }
  if (!isSizes(shape)) {
    return fail(`${tensor} has the shape ${JSON.stringify(shape)}; sizes from 0 are needed`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    return fail(
      `${tensor} has the byte range ${JSON.stringify(offsets)}; [begin, end] is needed, begin <= end`,
    );
  }
  const [begin, end] = offsets as readonly [number, number];
  const count = product(shape);
  if (!Number.isSafeInteger(count) || end - begin !== count * type.bytes) {
    return fail(
      `${tensor} takes bytes ${begin} to ${end}, its shape [${shape.join(', ')}] of ${dtype as string} needs ${count * type.bytes} bytes`,
    );
  }
  return { tensor, type, shape, begin, end, count };
}

/** Every byte of the data belongs to one tensor. */
function checkCover(places: readonly TensorPlace[], size: number, fail: Fail): void {
  let covered = 0;
  let previous = 'the header';
  for (const { tensor, begin, end } of places.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin < covered) fail(`${tensor} begins at byte ${begin}, inside ${previous}`);
    if (begin > covered) fail(`bytes ${covered} to ${begin} before ${tensor} belong to no tensor`);
    covered = end;
    previous = tensor;
  }
  if (covered > size) {
    fail(`truncated: its tensors take ${covered} bytes, ${size} bytes are there`);
  }
  if (covered < size) fail(`${size - covered} bytes at its end belong to no tensor`);
}

function readMetadata(metadata: unknown, fail: Fail): Readonly<Record<string, string>> {
  if (!isJsonObject(metadata)) return fail(`${METADATA} is not a JSON object`);
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') {
      fail(`${METADATA} ${JSON.stringify(key)} is ${JSON.stringify(value)}; a string is needed`);
    }
  }
  return metadata as Readonly<Record<string, string>>;
}

function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)
  );
}

function product(shape: readonly number[]): number {
  return shape.reduce((result, size) => result * size, 1);
}
