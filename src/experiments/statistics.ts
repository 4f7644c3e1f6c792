/** Statistics of repeated runs. */
import type { LayerRecord } from '../network/index.js';

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

/** Student's t, two-sided 95%, for 1 to 20 degrees of freedom; that of 20 stands for more. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
];

/** 95% interval of the mean of at least two normal values. */
export function interval95({
  count,
  mean,
  deviation,
}: Spread): readonly [low: number, high: number] {
  const half = ((STUDENT[count - 2] ?? 2.086) * deviation) / Math.sqrt(count);
  return [mean - half, mean + half];
}

/**
 * Differences of two initializers' values, one pair a seed: what the seed does to both drops out.
 *
 * @param values of one and of the other, by seed; seeds that only one has are left out
 */
export function pairedDifferences(
  values: ReadonlyMap<number, number>,
  others: ReadonlyMap<number, number>,
): Spread | null {
  return spreadOf(
    [...values].flatMap(([seed, value]) => {
      const other = others.get(seed);
      return other === undefined ? [] : value - other;
    }),
  );
}

/** Whether a mean difference is above 0 by more than two standard errors; never of one pair. */
export function isClearlyPositive({ count, mean, deviation }: Spread): boolean {
  return count > 1 && mean > (2 * deviation) / Math.sqrt(count);
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

/** Means of stretches of `length` steps. */
export function curveOf(losses: Float64Array, length: number): number[] {
  return Array.from({ length: Math.floor(losses.length / length) }, (_, k) => {
    const stretch = losses.subarray(k * length, (k + 1) * length);
    return rounded(spreadOf([...stretch])!.mean);
  });
}

/** What the choice needs of a run. */
export interface RatedRun {
  readonly rate: number;
  /** At the end of training; null when it diverged. */
  readonly loss: number | null;
}

/**
 * The rate with the lowest mean training loss; rates at which a run diverged come last. The choice
 * does not look at test samples.
 *
 * @returns null of no runs
 */
export function bestRate(runs: readonly RatedRun[]): number | null {
  const meanLoss = (rate: number): number => {
    const losses = runs.filter((run) => run.rate === rate).map(({ loss }) => loss);
    return losses.includes(null) ? Infinity : spreadOf(losses as number[])!.mean;
  };
  const rates = [...new Set(runs.map(({ rate }) => rate))].sort((a, b) => a - b);
  return rates.reduce<number | null>(
    (best, rate) => (best === null || meanLoss(rate) < meanLoss(best) ? rate : best),
    null,
  );
}
