/**
 * The dual norm of a residual r = y - t, for one input:
 *
 *   max over |u| = 1 of |E r phi(u . (x, 1))| / lambda.
 *
 * At a stationary point it is at least 1 when a unit lives, for there the maximum is attained. If it is
 * 1, or at most 1 without live units, the point is the global minimum over all widths: over measures on
 * the circle of units the problem is convex, and r is its certificate (Pilanci and Ergen 2020). If it is
 * D > 1, then -r / D satisfies the dual's constraints and bounds every network's loss from below:
 *
 *   J >= <nu, t> - |nu|^2 / 2 - (E nu)^2 / (2 lambda) + spread,  nu = -r / D.
 *
 * Between two neighbouring data points the function of u is g . u for one vector g, so its maximum is
 * |g|, if g or -g lies there, or at a data point.
 */
import {
  absolute,
  dotOf,
  exactly,
  larger,
  lengthOf,
  minus,
  negated,
  over,
  plus,
  signOf,
  squared,
  times,
  ZERO,
  type Interval,
} from '../../math/real-interval.js';
import type { ReluProblem } from './state-tables.js';
import { isSameState, unitStates, type UnitState } from './unit-states.js';

export interface DualNorm {
  readonly norm: Interval;
  /** Below the loss of every network with one hidden layer, of any width. */
  readonly lowerBound: number;
}

/**
 * @param residuals y - t at every data point of a stationary point
 * @param own states in which units live at this point: there the maximum is lambda, exactly
 */
export function dualNormOnLine(
  problem: ReluProblem,
  residuals: readonly Interval[],
  own: readonly UnitState[],
): DualNorm {
  const { samples, negativeSlope, regularization } = problem;
  const x = samples.points.map((point) => exactly(point[0]!));
  const terms = residuals.map((residual, i) => times(samples.weights[i]!, residual));
  const momentOf = momentsOf(terms, x, negativeSlope);
  const lambda = exactly(regularization);
  let norm = own.length > 0 ? lambda : ZERO;
  for (const state of unitStates(x.length, true)) {
    if (own.some((other) => isSameState(state, other))) continue;
    const g = momentOf(state);
    if (state.kink !== null) {
      const direction = [exactly(1), negated(x[state.kink]!)];
      norm = larger(norm, over(absolute(dotOf(g, direction)), lengthOf(direction)));
      continue;
    }
    const inside = holdsDirection(g, state, x);
    if (inside === false) continue;
    const length = lengthOf(g);
    norm = larger(norm, inside ? length : { low: 0, high: length.high });
  }
  const ratio = over(norm, lambda);
  const dual = own.length > 0 ? larger(ratio, exactly(1)) : ratio;
  const exact = {
    low: dual.low,
    high: norm.high <= regularization && own.length > 0 ? 1 : dual.high,
  };
  return { norm: exact, lowerBound: dualBound(problem, residuals, exact.high) };
}

/** The dual function at -r / max(1, norm). */
export function dualBound(
  { samples, regularization }: ReluProblem,
  residuals: readonly Interval[],
  norm: number,
): number {
  const scale = over(exactly(-1), exactly(Math.max(1, norm)));
  const nu = residuals.map((residual) => times(scale, residual));
  const mean = (values: readonly Interval[]): Interval =>
    values.reduce((sum, value, i) => plus(sum, times(samples.weights[i]!, value)), ZERO);
  const fit = mean(nu.map((value, i) => times(value, samples.targets[i]!)));
  const size = mean(nu.map(squared));
  const bias = over(squared(mean(nu)), exactly(regularization));
  return plus(minus(fit, times(exactly(0.5), plus(size, bias))), samples.spread).low;
}

/** g of a state, in O(1) from sums over the first k points. */
function momentsOf(
  terms: readonly Interval[],
  x: readonly Interval[],
  negativeSlope: number,
): (state: UnitState) => Interval[] {
  const left = [[ZERO, ZERO]];
  const right = [[ZERO, ZERO]];
  const pair = (i: number): Interval[] => [times(terms[i]!, x[i]!), terms[i]!];
  const add = (a: readonly Interval[], b: readonly Interval[]): Interval[] =>
    a.map((entry, k) => plus(entry, b[k]!));
  for (let i = 0; i < x.length; i++) {
    left.push(add(left.at(-1)!, pair(i)));
    right.push(add(right.at(-1)!, pair(x.length - 1 - i)));
  }
  const slope = exactly(negativeSlope);
  // A kink's own point gives 0 on either side: it may count as not active.
  return ({ from, to }) => {
    const active = to === x.length ? right[x.length - from]! : left[to]!;
    if (negativeSlope === 0) return active;
    const inactive = to === x.length ? left[from]! : right[x.length - to]!;
    return active.map((entry, k) => plus(entry, times(slope, inactive[k]!)));
  };
}

/** Whether g or -g has the signs of the state; null when that is not decided. */
function holdsDirection(
  g: readonly Interval[],
  { from, to }: UnitState,
  x: readonly Interval[],
): boolean | null {
  const border = from > 0 ? from : to < x.length && to > 0 ? to : null;
  const [low, high] = border === null ? [0, x.length - 1] : [border - 1, border];
  const signs = [low, high].map((point) => signOf(plus(times(g[0]!, x[point]!), g[1]!)));
  if (signs.includes(0)) return null;
  return (signs[0] === signs[1]) === (border === null);
}
