/**
 * Which tensors of a plan share memory: those whose lives do not overlap.
 *
 * A tensor's padding is zero and stays zero, so tensors may only follow one another in a buffer when
 * they have no padding, or have it in the same places.
 */
import { GpuLimitError, type GpuDevice } from '../../gpu/index.js';
import { alignTo, ROW_ALIGNMENT } from '../parameters.js';

/** When a tensor of `entries` per sample is written first and read last. */
export interface Life {
  readonly label: string;
  readonly entries: number;
  readonly first: number;
  readonly last: number;
}

/** Which buffer each tensor gets, and how large the buffers are. */
export interface Sharing {
  /** Index into `buffers` for each life, in the order of the lives. */
  readonly places: readonly number[];
  /** Floats per sample of each buffer, and the label of its largest tensor. */
  readonly buffers: readonly { readonly label: string; readonly sampleStride: number }[];
}

/**
 * Assigns buffers in order of birth, each time the smallest free one that is large enough, else the
 * largest free one, which grows.
 */
export function shareBuffers(lives: readonly Life[]): Sharing {
  const buffers: { label: string; sampleStride: number; kind: string; busyUntil: number }[] = [];
  const places: number[] = new Array<number>(lives.length).fill(0);
  const order = lives.map((life, index) => ({ life, index }));
  order.sort((a, b) => a.life.first - b.life.first || a.index - b.index);
  for (const { life, index } of order) {
    const sampleStride = alignTo(life.entries, ROW_ALIGNMENT);
    const kind = sampleStride === life.entries ? 'unpadded' : `${life.entries} entries`;
    const free = buffers
      .map((buffer, place) => ({ buffer, place }))
      .filter(({ buffer }) => buffer.kind === kind && buffer.busyUntil < life.first)
      .sort((a, b) => a.buffer.sampleStride - b.buffer.sampleStride);
    const chosen = free.find(({ buffer }) => buffer.sampleStride >= sampleStride) ?? free.at(-1);
    if (!chosen) {
      places[index] = buffers.length;
      buffers.push({ label: life.label, sampleStride, kind, busyUntil: life.last });
      continue;
    }
    places[index] = chosen.place;
    chosen.buffer.busyUntil = life.last;
    if (sampleStride > chosen.buffer.sampleStride) {
      Object.assign(chosen.buffer, { sampleStride, label: life.label });
    }
  }
  return { places, buffers: buffers.map(({ label, sampleStride }) => ({ label, sampleStride })) };
}

/**
 * Refuses a plan whose tensors are larger than one binding may be, before any is allocated.
 *
 * @param tensors floats of each tensor over all samples and replicas
 * @throws {GpuLimitError} naming the largest, the bytes needed and available, and what would fit
 */
export function requireTensorsFit(
  gpu: GpuDevice,
  { batch, replicas }: { readonly batch: number; readonly replicas: number },
  tensors: readonly { readonly label: string; readonly floats: number }[],
): void {
  const largest = tensors.reduce((a, b) => (b.floats > a.floats ? b : a));
  const needed = largest.floats * Float32Array.BYTES_PER_ELEMENT;
  const available = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
  if (needed > available) {
    const share = available / needed;
    const advice = [
      ...(batch * share >= 1 ? [`batches of at most ${Math.floor(batch * share)} samples`] : []),
      ...(replicas * share >= 1 && replicas > 1
        ? [`at most ${Math.floor(replicas * share)} replicas at once`]
        : []),
    ];
    throw new GpuLimitError(
      `"${largest.label}" of ${batch} samples and ${replicas} replicas`,
      'maxStorageBufferBindingSize',
      needed,
      available,
      advice.length > 0 ? `use ${advice.join(', or ')}` : 'make the layer smaller',
    );
  }
  const planes = gpu.limits.maxComputeWorkgroupsPerDimension;
  if (replicas > planes) {
    throw new GpuLimitError(
      `${replicas} replicas, one plane of workgroups each`,
      'maxComputeWorkgroupsPerDimension',
      replicas,
      planes,
      `train at most ${planes} replicas at once`,
    );
  }
}
