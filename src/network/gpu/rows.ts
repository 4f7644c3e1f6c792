/** Rows of samples without padding, and as tensors hold them. */
import type { Tensor } from './operation.js';

/** Rows of entries to rows of the tensor's sample stride, padded with zeros. */
export function padRows(
  rows: Float32Array,
  { entries, sampleStride }: Tensor,
): Float32Array<ArrayBuffer> {
  const samples = rows.length / entries;
  const padded = new Float32Array(samples * sampleStride);
  for (let sample = 0; sample < samples; sample++) {
    padded.set(rows.subarray(sample * entries, (sample + 1) * entries), sample * sampleStride);
  }
  return padded;
}

/** The other way round. */
export function unpadRows(
  padded: Float32Array,
  { entries, sampleStride }: Tensor,
  samples: number,
): Float32Array {
  const rows = new Float32Array(samples * entries);
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * sampleStride;
    rows.set(padded.subarray(start, start + entries), sample * entries);
  }
  return rows;
}
