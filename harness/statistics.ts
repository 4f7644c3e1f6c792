/**
 * Medians, intervals of paired ratios, random order: all that the tools count with, on top of
 * simple-statistics.
 */
import { max, median, min, quantileSorted } from 'simple-statistics';
import type { RandomStream } from '../src/math/random.js';
import type { Summary } from './generated/result.js';

export { mean, median, sampleStandardDeviation, sum } from 'simple-statistics';

const RESAMPLES = 2000;
/** A 95% interval. */
const LOW = 0.025;
const HIGH = 0.975;

/** Median and range; null of nothing. */
export function summarize(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const list = [...values];
  return { median: median(list), min: min(list), max: max(list), count: list.length };
}

/**
 * The 95% percentile bootstrap interval of the median (Efron 1979).
 *
 * @param values at least one
 */
export function medianInterval(
  values: readonly number[],
  random: RandomStream,
): { readonly low: number; readonly high: number } {
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[random.integer(values.length)]!)),
  ).sort((a, b) => a - b);
  return { low: quantileSorted(medians, LOW), high: quantileSorted(medians, HIGH) };
}

/** A copy in random order (Fisher and Yates): no contender always runs after the same other. */
export function shuffled<Item>(list: readonly Item[], random: RandomStream): Item[] {
  const copy = [...list];
  for (let k = copy.length - 1; k > 0; k--) {
    const other = random.integer(k + 1);
    [copy[k], copy[other]] = [copy[other]!, copy[k]!];
  }
  return copy;
}
