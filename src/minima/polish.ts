/**
 * From a minimum of the polynomial network to one of the network with its true activation.
 *
 * The polynomial minimum only promises to be a starting point (the activations differ by
 * maxError and more outside [-R, R]); what the true loss gains from there is reported.
 */
import { inverse, Matrix } from 'ml-matrix';
import { minimizeStepwise } from '../math/quasi-newton.js';
import type { Stepwise } from '../math/stepwise.js';
import type { NetworkLayout } from '../network/architecture.js';
import type { DifferentiableFunction } from '../network/activations.js';
import { dataLoss } from './data-loss.js';
import type { DataTable } from '../data/table.js';

export interface PolishedMinimum {
  readonly unknowns: readonly number[];
  /** J with the true activation at the polynomial minimum. */
  readonly lossBefore: number;
  /** J with the true activation after polishing. */
  readonly loss: number;
  /** Largest |dJ/dtheta| there; not small when the minimum lies on a kink. */
  readonly gradientNorm: number;
  readonly iterations: number;
}

/**
 * Minimises the loss under the true activation from a minimum under its polynomial, an iteration a step.
 *
 * @param hessian of the polynomial loss at the start, row by row, positive definite: the first metric
 */
export function* polishMinimumStepwise(
  layout: NetworkLayout,
  activation: DifferentiableFunction,
  samples: DataTable,
  regularization: number,
  start: readonly number[],
  hessian: ArrayLike<number>,
): Stepwise<PolishedMinimum> {
  const size = start.length;
  const objective = dataLoss(layout, activation, samples, regularization);
  const result = yield* minimizeStepwise(objective, start, {
    inverseHessian: inverse(Matrix.from1DArray(size, size, Array.from(hessian))).to1DArray(),
  });
  return {
    unknowns: result.point,
    lossBefore: objective(start).value,
    loss: result.value,
    gradientNorm: result.gradientNorm,
    iterations: result.iterations,
  };
}
