/**
 * What flows through a network on its anchors, in f64: rows of features, and what is known of how
 * they were made.
 */
import { entriesOf, type Shape } from '../shape.js';

/** A batch of rows between two layers. */
export interface Features {
  readonly count: number;
  /** [features] or [height, width, channels]; rows lie in memory channel by channel. */
  readonly shape: Shape;
  /** Channels of the images that these were, also after flattening: each a run of equal length. */
  readonly channels: number;
  /** Numbers of one row. */
  readonly entries: number;
  /** [row][entry] */
  readonly data: Float64Array;
  /**
   * 'mirrored': channels 2i and 2i + 1 are t - lo and hi - t, as an antithetic layer makes them.
   * 'paired': f of those, f antithetic, so that their difference carries t. An odd last channel
   * stands alone.
   */
  readonly structure: 'plain' | 'mirrored' | 'paired';
}

/** Rows of numbers as features of a network's input. */
export function inputFeatures(shape: Shape, data: Float64Array, count: number): Features {
  return {
    count,
    shape,
    channels: shape.at(-1)!,
    entries: entriesOf(shape),
    data,
    structure: 'plain',
  };
}

/** Population variance of the numbers, 0 for none. */
export function varianceOf(values: ArrayLike<number>): number {
  let mean = 0;
  for (let index = 0; index < values.length; index++) mean += values[index]! / values.length;
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += (values[index]! - mean) ** 2;
  return values.length === 0 ? 0 : squares / values.length;
}
