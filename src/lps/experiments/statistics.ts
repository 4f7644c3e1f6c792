/** Statistics of repeated runs. */
import type { LayerRecord } from '../../network/index.js';

/** Mean and sample deviation of some numbers. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Divided by count - 1; 0 of one number. */
  readonly deviation: number;
}

/** Null of no numbers. */
export function spreadOf(values: readonly number[]): Spread | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, deviation: count === 1 ? 0 : Math.sqrt(squares / (count - 1)) };
}

/**
 * Share of hidden units that are dead, each layer weighted alike; the output layer, the last,
 * cannot die.
 *
 * @returns null when nothing was measured
 */
export function deadShare(layers: readonly LayerRecord[]): number | null {
  const hidden = layers.slice(0, -1);
  return spreadOf(hidden.map(({ deadFraction }) => deadFraction))?.mean ?? null;
}

/** Four significant digits: more would only make files larger. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
