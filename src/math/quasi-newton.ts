/**
 * Minimisation by BFGS with a weak Wolfe line search by bisection.
 *
 * This combination, without change, also works on functions with kinks such as ReLU networks
 * (Lewis and Overton, "Nonsmooth optimization via quasi-Newton methods", Mathematical
 * Programming 141, 2013): the weak condition never needs a derivative to be continuous.
 */

import { atOnce, type Stepwise } from './stepwise.js';

export interface MinimizerOptions {
  /** Inverse Hessian to begin with, row by row, positive definite. Default: the identity. */
  readonly inverseHessian?: ArrayLike<number>;
  /** Stop when every entry of the gradient is at most this. Default 1e-10. */
  readonly gradientTolerance?: number;
  /** Default 500. */
  readonly maximumIterations?: number;
}

export interface Minimizer {
  readonly point: number[];
  readonly value: number;
  /** Largest |entry| of the gradient at `point`; stays away from 0 at a kink. */
  readonly gradientNorm: number;
  readonly iterations: number;
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const LINE_SEARCH_STEPS = 60;

/**
 * A local minimiser downhill from `start`; the value never increases.
 *
 * @param objective value and gradient at a point
 */
export function minimize(
  objective: (point: readonly number[]) => { value: number; gradient: readonly number[] },
  start: readonly number[],
  options: MinimizerOptions = {},
): Minimizer {
  return atOnce(minimizeStepwise(objective, start, options));
}

/** The same, an iteration a step. */
export function* minimizeStepwise(
  objective: (point: readonly number[]) => { value: number; gradient: readonly number[] },
  start: readonly number[],
  options: MinimizerOptions = {},
): Stepwise<Minimizer> {
  const { gradientTolerance = 1e-10, maximumIterations = 500 } = options;
  const size = start.length;
  let inverse = Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (__, j) => options.inverseHessian?.[i * size + j] ?? (i === j ? 1 : 0),
    ),
  );
  let point = [...start];
  let { value, gradient } = objective(point);
  let iterations = 0;
  const norm = (): number => Math.max(...gradient.map(Math.abs));
  while (iterations < maximumIterations && norm() > gradientTolerance) {
    yield;
    const direction = inverse.map((row) => -dot(row, gradient));
    const next = searchLine(objective, point, value, gradient, direction);
    if (next === null) {
      break; // no decrease representable in f64: a minimiser, or a kink of it
    }
    const step = next.point.map((entry, k) => entry - point[k]!);
    const change = next.gradient.map((entry, k) => entry - gradient[k]!);
    inverse = updateInverse(inverse, step, change);
    point = next.point;
    ({ value, gradient } = next);
    iterations++;
  }
  return { point, value, gradientNorm: norm(), iterations };
}

interface Evaluated {
  readonly point: number[];
  readonly value: number;
  readonly gradient: readonly number[];
}

function searchLine(
  objective: (point: readonly number[]) => { value: number; gradient: readonly number[] },
  point: readonly number[],
  value: number,
  gradient: readonly number[],
  direction: readonly number[],
): Evaluated | null {
  const slope = dot(gradient, direction);
  let [low, high, length] = [0, Infinity, 1];
  let best: Evaluated | null = null;
  for (let step = 0; step < LINE_SEARCH_STEPS; step++) {
    const candidate = point.map((entry, k) => entry + length * direction[k]!);
    const found = objective(candidate);
    if (!(found.value <= value + SUFFICIENT_DECREASE * length * slope)) {
      high = length;
    } else {
      best = { point: candidate, value: found.value, gradient: found.gradient };
      if (dot(found.gradient, direction) >= CURVATURE * slope) {
        break;
      }
      low = length;
    }
    length = high < Infinity ? (low + high) / 2 : 2 * low;
  }
  return best !== null && best.value < value ? best : null;
}

/** (I - s y'/s'y) H (I - y s'/s'y) + s s'/s'y; unchanged when s'y is not positive. */
function updateInverse(
  inverse: readonly (readonly number[])[],
  step: readonly number[],
  change: readonly number[],
): number[][] {
  const curvature = dot(step, change);
  const image = inverse.map((row) => dot(row, change));
  if (!(curvature > 0)) {
    return inverse.map((row) => [...row]);
  }
  const factor = (1 + dot(change, image) / curvature) / curvature;
  return inverse.map((row, i) =>
    row.map(
      (entry, j) =>
        entry +
        factor * step[i]! * step[j]! -
        (image[i]! * step[j]! + step[i]! * image[j]!) / curvature,
    ),
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}
