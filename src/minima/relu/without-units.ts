/**
 * The constant network: a minimum when its dual norm is below 1, and then the global one. Above 1 a
 * unit with small weights lowers the loss.
 */
import type { Interval } from '../../math/real-interval.js';
import type { NetworkLayout } from '../../network/architecture.js';
import type { DualNorm } from './dual-norm.js';
import { encloseSolution } from './enclose-solution.js';
import { describeMinimum, type ReluMinimum } from './relu-minimum.js';
import type { ReluProblem } from './state-tables.js';

/** @returns null when it is no minimum */
export function withoutUnits(
  problem: ReluProblem,
  layout: NetworkLayout,
  dualNorm: (residuals: readonly Interval[]) => DualNorm,
): ReluMinimum | null | 'undecided' {
  const solution = encloseSolution(problem, [], [])!;
  const dual = dualNorm(solution.residuals);
  const { low, high } = dual.norm;
  if (low > 1) return null;
  if (!(high < 1)) return 'undecided';
  return describeMinimum(
    layout,
    { verdict: 'minimum', solution, signs: [], margin: 1 - high, ties: [] },
    0,
    dual,
  );
}
