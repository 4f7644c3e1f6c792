/** Which learning rate of a sweep is an initializer's best. */
import { spreadOf } from './statistics.js';

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
