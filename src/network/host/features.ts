/**
 * What flows through a network on its anchors: rows of features, and what is known of how they were made. The type of
 * the rows is that of the arithmetic: f64, the definition, or f32, as the kernels compute.
 */
import { atOnce, inRuns, type Stepwise } from '../../math/stepwise.js';
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

/** Numbers that a step of a loop over rows takes: some milliseconds. */
export const ROWS_STEP = 2 ** 20;

/** A loop over planes of so many cells, in such steps. */
export function overPlanes(
  planes: number,
  cells: number,
  perform: (first: number, end: number) => void,
): Stepwise<void> {
  return inRuns(planes, Math.max(1, Math.floor(ROWS_STEP / cells)), perform);
}

/** Population variance of the numbers, 0 for none. */
export function varianceOf(values: ArrayLike<number>): number {
  return atOnce(varianceSteps(values));
}

/** The same in steps. */
export function* varianceSteps(values: ArrayLike<number>): Stepwise<number> {
  const { length } = values;
  let sum = 0;
  yield* inRuns(length, ROWS_STEP, (first, end) => {
    sum += sumOfPowers(values, first, end, 0, 1);
  });
  const mean = sum / Math.max(1, length);
  let squares = 0;
  yield* inRuns(length, ROWS_STEP, (first, end) => {
    squares += sumOfPowers(values, first, end, mean, 2);
  });
  return squares / Math.max(1, length);
}

/** Sum of (x - centre)^power, the power 1 or 2. */
export function sumOfPowers(
  values: ArrayLike<number>,
  first: number,
  end: number,
  centre: number,
  power: 1 | 2,
): number {
  let sum = 0;
  if (power === 1) for (let index = first; index < end; index++) sum += values[index]! - centre;
  else for (let index = first; index < end; index++) sum += (values[index]! - centre) ** 2;
  return sum;
}
