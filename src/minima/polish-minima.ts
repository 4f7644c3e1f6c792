/** From every minimum of the polynomial network to one of the network with its true activation. */
import type { NetworkMinima } from './find-minima.js';
import type { Stepwise } from '../math/stepwise.js';
import { polishMinimumStepwise, type PolishedMinimum } from './polish.js';

/** Losses closer than this, relatively, are the same minimum reached twice. */
const SAME_LOSS = 1e-8;

/** Different polished minima by loss, one start per orbit under the network's symmetries; an iteration a step. */
export function* polishMinimaStepwise({
  problem,
  points,
  minima,
}: NetworkMinima): Stepwise<PolishedMinimum[]> {
  const { family, activation, options, loss } = problem;
  const starts = new Map(minima.map((index) => [points[index]!.orbit, points[index]!.unknowns]));
  const polished: PolishedMinimum[] = [];
  for (const start of starts.values()) {
    const minimum = yield* polishMinimumStepwise(
      family.layout,
      activation.activation,
      options.data,
      options.regularization,
      start,
      loss(start).hessian,
    );
    polished.push(minimum);
  }
  return polished
    .sort((a, b) => a.loss - b.loss)
    .filter(({ loss: value }, k, all) => k === 0 || value - all[k - 1]!.loss > SAME_LOSS * value);
}
