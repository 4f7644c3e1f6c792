/**
 * Descents, from random starts or from where others have come to: where one ends in a minimum, the list must have it. This
 * finds what was left out, with some probability, and never accuses a list that is complete.
 */
import { minimize } from '../../math/quasi-newton.js';
import { lossAt, norm, stationarity, type NetworkPoint } from './check-minimum.js';
import type { ClaimedResult } from './read-exact.js';

const STARTS = 40;
/** Losses of equal minima, found by descent, differ by less. */
const SAME_LOSS = 1e-6;
/** What a descent's end must fulfil to count as a minimum that is missing. */
const END = { onKink: 1e-5, stationary: 1e-6, margin: 1e-3, shortest: 1e-3 };

export interface Descents {
  readonly starts: number;
  /** Ends on the list. */
  readonly listed: number;
  /** Losses of minima that the list has not. */
  readonly missing: readonly number[];
  /** Ends with a unit that is active nowhere: stuck, and no minimum. */
  readonly dead: number;
  /** Losses of ends of which nothing is proved: no minimum with a margin, and not on the list. */
  readonly unclear: readonly number[];
}

/** From points drawn from the cube of side 2, the same ones every time. */
export function descendAtRandom(result: ClaimedResult, starts = STARTS): Descents {
  const random = uniform();
  const size = result.units * (result.inputs[0]!.length + 2) + 1;
  const points = Array.from({ length: starts }, () =>
    Array.from({ length: size }, () => 2 * random() - 1),
  );
  return descendFrom(result, points);
}

/** @param points w and b of one unit after the other, then all v, then c */
export function descendFrom(
  result: ClaimedResult,
  points: readonly (readonly number[])[],
): Descents {
  let [listed, dead] = [0, 0];
  const [missing, unclear]: [number[], number[]] = [[], []];
  for (const point of points) {
    let theta: readonly number[] = point;
    // BFGS may stall at a kink: once more from there, with a fresh metric.
    for (let round = 0; round < 3; round++) {
      theta = minimize((at) => objective(result, at), theta, {
        gradientTolerance: 1e-9,
        maximumIterations: 400,
      }).point;
    }
    const end = networkOf(result, theta);
    const loss = lossAt(result, end);
    if (result.minima.some((minimum) => Math.abs(minimum.loss - loss) <= SAME_LOSS)) {
      listed++;
      continue;
    }
    // A unit that is active nowhere shrinks to nothing and stays there.
    if (end.units.some(({ inner }) => norm(inner) < END.shortest)) {
      dead++;
      continue;
    }
    const { distance, margin } = stationarity(result, end, END.onKink);
    const isMinimum = distance <= END.stationary && margin >= END.margin;
    (isMinimum ? missing : unclear).push(loss);
  }
  return { starts: points.length, listed, missing, dead, unclear };
}

/** J and its gradient; theta holds w and b of every unit, then v, then c. */
function objective(
  result: ClaimedResult,
  theta: readonly number[],
): { value: number; gradient: number[] } {
  const { inputs, targets, units, negativeSlope, regularization } = result;
  const width = inputs[0]!.length + 1;
  const outer = units * width;
  const gradient = theta.map((entry) => regularization * entry);
  let squares = 0;
  const z = new Float64Array(units);
  for (let row = 0; row < inputs.length; row++) {
    const x = inputs[row]!;
    let residual = theta[outer + units]! - targets[row]!;
    for (let j = 0; j < units; j++) {
      let line = theta[j * width + width - 1]!;
      for (let k = 0; k < width - 1; k++) line += theta[j * width + k]! * x[k]!;
      z[j] = line;
      residual += theta[outer + j]! * (line > 0 ? line : negativeSlope * line);
    }
    squares += residual * residual;
    const share = residual / inputs.length;
    for (let j = 0; j < units; j++) {
      const slope = z[j]! > 0 ? 1 : negativeSlope;
      gradient[outer + j]! += share * slope * z[j]!;
      const back = share * slope * theta[outer + j]!;
      for (let k = 0; k < width - 1; k++) gradient[j * width + k]! += back * x[k]!;
      gradient[j * width + width - 1]! += back;
    }
    gradient[outer + units]! += share;
  }
  const squaredNorm = theta.reduce((sum, entry) => sum + entry * entry, 0);
  return { value: squares / (2 * inputs.length) + (regularization / 2) * squaredNorm, gradient };
}

function networkOf({ inputs, units }: ClaimedResult, theta: readonly number[]): NetworkPoint {
  const width = inputs[0]!.length + 1;
  return {
    units: Array.from({ length: units }, (_, j) => ({
      inner: theta.slice(j * width, (j + 1) * width),
      outer: theta[units * width + j]!,
    })),
    bias: theta.at(-1)!,
  };
}

/** Park and Miller's generator: the same starts every time. */
function uniform(): () => number {
  let state = 20_261_127;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
