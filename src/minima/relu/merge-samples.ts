/**
 * Rows with equal inputs become one data point: a network gives them one output, so the loss sees
 * their number and their mean target only, and a constant, half the variance inside them.
 */
import {
  exactly,
  minus,
  over,
  plus,
  squared,
  times,
  ZERO,
  type Interval,
} from '../../math/real-interval.js';
import type { DataTable } from '../../data/table.js';

/** E (y - t)^2 / 2 = sum_i weight_i (y_i - target_i)^2 / 2 + spread, for the exact f64 of the rows. */
export interface MergedSamples {
  /** Distinct inputs in lexicographic order, m rows of D values. */
  readonly points: readonly (readonly number[])[];
  /** Share of the rows at each point; they add up to 1. */
  readonly weights: readonly Interval[];
  /** Mean target at each point. */
  readonly targets: readonly Interval[];
  readonly spread: Interval;
}

/** @param samples rows of D inputs and one target */
export function mergeSamples({ inputs, targets }: DataTable): MergedSamples {
  const rows = inputs.length;
  const order = inputs.map((_, row) => row).sort((a, b) => compare(inputs[a]!, inputs[b]!));
  const groups: number[][] = [];
  for (const row of order) {
    const last = groups.at(-1);
    if (last !== undefined && compare(inputs[last[0]!]!, inputs[row]!) === 0) last.push(row);
    else groups.push([row]);
  }
  const valueOf = (row: number): Interval => exactly(targets[row]![0]!);
  const means = groups.map((group) =>
    over(group.map(valueOf).reduce(plus, ZERO), exactly(group.length)),
  );
  const squares = groups.flatMap((group, k) =>
    group.length === 1 ? [] : group.map((row) => squared(minus(valueOf(row), means[k]!))),
  );
  return {
    points: groups.map((group) => inputs[group[0]!]!),
    weights: groups.map((group) => over(exactly(group.length), exactly(rows))),
    targets: means.map((mean, k) => (groups[k]!.length === 1 ? valueOf(groups[k]![0]!) : mean)),
    spread: times(exactly(0.5), over(squares.reduce(plus, ZERO), exactly(rows))),
  };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((value, k) => value !== b[k]);
  return place < 0 ? 0 : a[place]! - b[place]!;
}
