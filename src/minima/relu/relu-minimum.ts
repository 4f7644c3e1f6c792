/** A proved minimum as the library returns it. */
import { midpoint, type Interval } from '../../math/real-interval.js';
import type { NetworkLayout } from '../../network/architecture.js';
import type { CertifiedMinimum } from './certify.js';
import type { DualNorm } from './dual-norm.js';

export interface ReluMinimum {
  /** J = 1/(2S) sum (y - t)^2 + (lambda/2) |theta|^2 */
  readonly loss: number;
  /** Bounds that surely contain it. */
  readonly lossBounds: readonly [low: number, high: number];
  /** Units that differ. With fewer than the network has, the minimum is a flat family: one unit split. */
  readonly distinctUnits: number;
  /** Of the different units: how many have their root at a data point. */
  readonly kinks: number;
  /**
   * Lower bound of the least of all strict inequalities that prove it: the sine of the angle of a unit
   * to a border of its cell, or the slope across a kink over lambda. 0 when a root lies at a data point
   * to rounding, so that intervals cannot tell on which side the minimum is.
   */
  readonly margin: number;
  /** Bounds of the dual norm; [1, 1] and `global` when this is the best of all widths. */
  readonly dualNorm: readonly [low: number, high: number];
  /** Proved to be the global minimum over all widths. */
  readonly global: boolean;
  /** No network with one hidden layer, of any width, has a lower loss; follows from the dual norm. */
  readonly lowerBound: number;
  /** theta in the order of the network's layout; of a flat family the member with equal parts. */
  readonly unknowns: readonly number[];
}

/** @param layout of a network with at least as many units as the minimum has */
export function describeMinimum(
  layout: NetworkLayout,
  { solution, signs, margin, ties }: CertifiedMinimum,
  kinks: number,
  { norm, lowerBound }: DualNorm,
): ReluMinimum {
  return {
    ...bounded(solution.loss),
    distinctUnits: signs.length,
    kinks,
    margin: ties.length > 0 ? 0 : margin,
    dualNorm: [norm.low, norm.high],
    global: norm.high <= 1,
    lowerBound: norm.high <= 1 ? solution.loss.low : lowerBound,
    unknowns: unknownsOf(
      layout,
      solution.betas.map((beta) => beta.map(midpoint)),
      signs,
      midpoint(solution.bias),
    ),
  };
}

function bounded(loss: Interval): Pick<ReluMinimum, 'loss' | 'lossBounds'> {
  return { loss: midpoint(loss), lossBounds: [loss.low, loss.high] };
}

/** |v| = |u| for every unit, the first one split into equal parts where there are more places. */
function unknownsOf(
  { network, variables }: NetworkLayout,
  betas: readonly (readonly number[])[],
  signs: readonly number[],
  bias: number,
): number[] {
  const [hidden, output] = [network.affineLayers[0]!, network.affineLayers[1]!];
  const result = variables.map(() => 0);
  const [places, inputs] = hidden.weight.shape as [number, number];
  const parts = places - betas.length + 1;
  for (let place = 0; place < places && betas.length > 0; place++) {
    const unit = Math.max(0, place - parts + 1);
    const beta = betas[unit]!.map((entry) => entry / (unit === 0 ? parts : 1));
    const v = signs[unit]! * Math.sqrt(Math.hypot(...beta));
    for (let k = 0; k < inputs; k++) {
      result[hidden.weight.first + place * inputs + k] = beta[k]! / v;
    }
    result[hidden.bias!.first + place] = beta[inputs]! / v;
    result[output.weight.first + place] = v;
  }
  result[output.bias!.first] = bias;
  return result;
}
