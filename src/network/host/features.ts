/**
 * What flows through a network on its anchors: rows of features, and what is known of how they were made. The type of
 * the rows is that of the arithmetic: f64, the definition, or f32, as the kernels compute.
 */
import { entriesOf, type Shape } from '../shape.js';

export type RowData = Float64Array | Float32Array;

/** A batch of rows between two layers. */
export interface Features<Data extends RowData = Float64Array> {
  readonly count: number;
  /** [features] or [height, width, channels]; rows lie in memory channel by channel. */
  readonly shape: Shape;
  /** Channels of the images that these were, also after flattening: each a run of equal length. */
  readonly channels: number;
  /** Numbers of one row. */
  readonly entries: number;
  /** [row][entry] */
  readonly data: Data;
  /**
   * 'mirrored': channels 2i and 2i + 1 are t - lo and hi - t, as an antithetic layer makes them.
   * 'paired': f of those, f antithetic, so that their difference carries t. An odd last channel
   * stands alone.
   */
  readonly structure: 'plain' | 'mirrored' | 'paired';
}

/** Rows of numbers as features of a network's input. */
export function inputFeatures<Data extends RowData>(
  shape: Shape,
  data: Data,
  count: number,
): Features<Data> {
  return {
    count,
    shape,
    channels: shape.at(-1)!,
    entries: entriesOf(shape),
    data,
    structure: 'plain',
  };
}

/** Room for numbers of the same type, where other threads see them if they see these. */
export function roomLike<Data extends RowData>(data: Data, length: number): Data {
  if (data instanceof Float64Array) return new Float64Array(length) as Data;
  const isShared =
    typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer;
  const bytes = Float32Array.BYTES_PER_ELEMENT * length;
  return new Float32Array(isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)) as Data;
}

/** Population variance of the numbers, 0 for none. */
export function varianceOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  const mean = sum / Math.max(1, values.length);
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += (values[index]! - mean) ** 2;
  return values.length === 0 ? 0 : squares / values.length;
}
