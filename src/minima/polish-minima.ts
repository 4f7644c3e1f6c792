/** From every minimum of the polynomial network to one of the network with its true activation. */
import type { NetworkMinima } from './find-minima.js';
import { polishMinimum, type PolishedMinimum } from './polish.js';

/** Losses closer than this, relatively, are the same minimum reached twice. */
const SAME_LOSS = 1e-8;

/** Different polished minima by loss, one start per orbit under the network's symmetries. */
export function polishMinima({ problem, points, minima }: NetworkMinima): PolishedMinimum[] {
  const { family, activation, options, loss } = problem;
  const starts = new Map(minima.map((index) => [points[index]!.orbit, points[index]!.unknowns]));
  const polished = [...starts.values()].map((start) =>
    polishMinimum(
      family.layout,
      activation.activation,
      options.data,
      options.regularization,
      start,
      loss(start).hessian,
    ),
  );
  return polished
    .sort((a, b) => a.loss - b.loss)
    .filter(({ loss: value }, k, all) => k === 0 || value - all[k - 1]!.loss > SAME_LOSS * value);
}
