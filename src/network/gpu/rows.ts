/** Rows without padding, and as buffers hold them: from one row to the next as many entries as kernels ask for. */

/** Rows of `entries` values in rows of `stride`, zeros behind each; the same array when they are equal. */
export function padRows<Values extends Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(
  values: Values,
  entries: number,
  stride: number,
): Values {
  if (entries === stride) return values;
  const rows = values.length / entries;
  const padded =
    values instanceof Uint8Array ? new Uint8Array(rows * stride) : new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    padded.set(values.subarray(row * entries, (row + 1) * entries), row * stride);
  }
  return padded as Values;
}

/** The other way round, for so many rows. */
export function unpadRows(
  padded: Float32Array,
  entries: number,
  stride: number,
  rows: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(rows * entries);
  for (let row = 0; row < rows; row++) {
    const start = row * stride;
    values.set(padded.subarray(start, start + entries), row * entries);
  }
  return values;
}
