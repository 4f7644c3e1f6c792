/**
 * A data set on the GPU, uploaded once: batches are gathered from it by index.
 *
 * Bytes stay bytes, a quarter of the memory of floats, and are scaled where they are gathered; all
 * other numbers are scaled here, in f64. One binding holds 128 MiB by WebGPU's
 * default limits and CIFAR-10 is 146 MiB, so the rows may go on in a second buffer.
 */
import type { Dataset, Normalization, Targets } from '../../data/dataset.js';
import { GpuLimitError, type GpuDevice } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';
import { alignTo } from '../parameters.js';
import { padRows } from './rows.js';
import { entriesOf } from '../shape.js';
import { networkInputs } from '../training-data.js';

/** Rows are padded to whole words, and to whole vec4f. */
const BYTES_PER_WORD = 4;
const FLOATS_PER_VECTOR = 4;

export interface ResidentData {
  readonly count: number;
  /** Whether rows hold bytes, four to a word. */
  readonly bytes: boolean;
  readonly rowWords: number;
  readonly head: GPUBuffer;
  /** Rows from `headRows` on; one unused word when there are none. */
  readonly tail: GPUBuffer;
  readonly headRows: number;
  /** Means, then deviations of each four entries of a sample. */
  readonly scaling: GPUBuffer;
  /** [sample][targetWords]: labels as u32, or rows of f32 padded to whole vec4f. */
  readonly targets: GPUBuffer;
  readonly targetWords: number;
}

/**
 * Uploads a data set that checkTrainingData has passed.
 *
 * @throws {GpuLimitError} when it does not fit into two bindings
 * @throws {GpuOutOfMemoryError} when the memory is not there
 */
export async function uploadData(
  gpu: GpuDevice,
  buffers: BufferSet,
  data: Dataset,
): Promise<ResidentData> {
  const { count, shape } = data;
  const entries = entriesOf(shape);
  const bytes = data.inputs instanceof Uint8Array;
  const inputs = data.inputs instanceof Uint8Array ? data.inputs : networkInputs(data);
  const width = alignTo(entries, bytes ? BYTES_PER_WORD : FLOATS_PER_VECTOR);
  const rowBytes = width * inputs.BYTES_PER_ELEMENT;
  const available = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
  const headRows = Math.min(count, Math.floor(available / rowBytes));
  const tailRows = count - headRows;
  if (headRows === 0 || tailRows > headRows) {
    throw new GpuLimitError(
      `a data set of ${count} samples of ${rowBytes} bytes in two buffers`,
      'maxStorageBufferBindingSize',
      Math.ceil((count * rowBytes) / 2),
      available,
      'train on a part of it',
    );
  }
  const rows = padRows(inputs, entries, width);
  const { words, targetWords } = targetRows(data.targets);
  const [head, tail, scaling, targets] = await Promise.all([
    buffers.storage('data', rows.subarray(0, headRows * width)),
    buffers.storage('more data', tailRows === 0 ? 0 : rows.subarray(headRows * width)),
    buffers.storage('scaling', scalingVectors(bytes ? data.normalization : null, entries)),
    buffers.storage('targets', words),
  ]);
  return {
    count,
    bytes,
    rowWords: rowBytes / BYTES_PER_WORD,
    head,
    tail,
    headRows,
    scaling,
    targets,
    targetWords,
  };
}

/** Entries beyond the last have mean 0 and deviation 1, without a normalization all of them. */
function scalingVectors(
  normalization: Normalization | null,
  entries: number,
): Float32Array<ArrayBuffer> {
  const { mean, deviation } = normalization ?? { mean: [0], deviation: [1] };
  const vectors = Math.ceil(entries / FLOATS_PER_VECTOR);
  const plane = entries / mean.length;
  const scaling = new Float32Array(2 * FLOATS_PER_VECTOR * vectors);
  for (let entry = 0; entry < FLOATS_PER_VECTOR * vectors; entry++) {
    const lane = entry % FLOATS_PER_VECTOR;
    const place = 2 * (entry - lane) + lane;
    const channel = Math.floor(entry / plane);
    scaling[place] = entry < entries ? mean[channel]! : 0;
    scaling[place + FLOATS_PER_VECTOR] = entry < entries ? deviation[channel]! : 1;
  }
  return scaling;
}

function targetRows(targets: Targets): {
  words: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  targetWords: number;
} {
  if (targets.kind === 'class') return { words: Uint32Array.from(targets.labels), targetWords: 1 };
  const targetWords = alignTo(targets.width, FLOATS_PER_VECTOR);
  const values = Float32Array.from(targets.values);
  return { words: padRows(values, targets.width, targetWords), targetWords };
}
