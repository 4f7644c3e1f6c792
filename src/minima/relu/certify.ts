/**
 * Whether a combination of cells holds a strict local minimum, decided by interval arithmetic.
 *
 * At the solution of the convex problem, where no unit is zero, there is a minimum of the network
 * exactly when every unit's (w, b) = beta / v has the signs of its cell at every data point, and the
 * loss rises across its kinks. Directional derivatives there are J'(d) = g . d plus, for each kink
 * point k, w_k r_k (slope on the side that d leads to) d . (x_k, 1); different units' add up, so
 * each is looked at on its own. On either side the loss is convex, hence what rises at first rises.
 */
import {
  absolute,
  dotOf,
  exactly,
  lengthOf,
  minus,
  over,
  plus,
  root,
  signOf,
  times,
  ZERO,
  type Interval,
} from '../../math/real-interval.js';
import { encloseSolution, type EnclosedSolution } from './enclose-solution.js';
import type { ReluProblem } from './state-tables.js';
import type { UnitCell } from './unit-cell.js';

/** A condition whose sign intervals cannot tell: to rounding the root of an open unit is a data point. */
export type Tie =
  | { readonly unit: number; readonly kind: 'border'; readonly point: number }
  | { readonly unit: number; readonly kind: 'kink'; readonly side: 'active' | 'inactive' };

export interface CertifiedMinimum {
  readonly verdict: 'minimum';
  readonly solution: EnclosedSolution;
  /** Sign of v per unit. */
  readonly signs: readonly (-1 | 1)[];
  /**
   * Lower bound of the least of all strict inequalities: the sine of the angle of a unit to a border of
   * its cell, or the slope across a kink divided by lambda.
   */
  readonly margin: number;
  /** Conditions that hold or fail by rounding alone; all others hold strictly. */
  readonly ties: readonly Tie[];
}

export type Certificate =
  | CertifiedMinimum
  | { readonly verdict: 'none' }
  | { readonly verdict: 'undecided'; readonly reason: string };

/** @param betas the solution, approximately; a zero unit is one whose entries are all 0 */
export function certify(
  problem: ReluProblem,
  cells: readonly UnitCell[],
  betas: readonly (readonly number[])[],
): Certificate {
  const solution = encloseSolution(problem, cells, betas);
  if (solution === null) {
    return hasZeroUnit(problem, cells, betas)
      ? { verdict: 'none' }
      : {
          verdict: 'undecided',
          reason:
            'no box contains the solution for sure: it is not unique, or a unit is almost zero',
        };
  }
  const ties: Tie[] = [];
  const signs: (-1 | 1)[] = [];
  let margin = Infinity;
  for (const [unit, cell] of cells.entries()) {
    const sign = outputSign(problem, cell, solution.betas[unit]!);
    if (sign === 0) return { verdict: 'undecided', reason: 'the sign of an output weight' };
    signs.push(sign);
    for (const condition of [
      ...cellConditions(problem, cell, solution, unit, sign),
      ...kinkConditions(problem, cell, solution, unit, sign),
    ]) {
      const decided = signOf(condition.value);
      if (decided < 0) return { verdict: 'none' };
      if (decided > 0) margin = Math.min(margin, condition.value.low);
      else ties.push(condition.tie);
    }
  }
  return { verdict: 'minimum', solution, signs, margin, ties };
}

interface Condition {
  /** Must be above zero; divided by its natural scale. */
  readonly value: Interval;
  readonly tie: Tie;
}

/** Whether some of the units are zero for sure, the others solving the problem without them. */
function hasZeroUnit(
  problem: ReluProblem,
  cells: readonly UnitCell[],
  betas: readonly (readonly number[])[],
): boolean {
  const units = cells.map((_, unit) => unit);
  for (let subset = 1; subset < 2 ** units.length; subset++) {
    const zero = units.filter((unit) => (subset >> unit) & 1);
    const live = units.filter((unit) => !zero.includes(unit));
    const solution = encloseSolution(
      problem,
      live.map((unit) => cells[unit]!),
      live.map((unit) => betas[unit]!),
    );
    if (
      solution !== null &&
      zero.every(
        (unit) => momentLength(problem, cells[unit]!, solution).high < problem.regularization,
      )
    ) {
      return true;
    }
  }
  return false;
}

/** The length of a unit's moment within the space of its cell: sqrt(a' B^-1 a), a = basis . g. */
function momentLength(problem: ReluProblem, cell: UnitCell, solution: EnclosedSolution): Interval {
  const g = moment(problem, cell, solution);
  const { basis } = cell;
  if (basis.length === g.length) return lengthOf(g);
  const along = basis.map((vector) => dotOf(vector, g));
  if (basis.length === 1) return over(absolute(along[0]!), lengthOf(basis[0]!));
  const [p, q] = [basis[0]!, basis[1]!];
  const [pp, pq, qq] = [dotOf(p, p), dotOf(p, q), dotOf(q, q)];
  const [a, b] = [along[0]!, along[1]!];
  const top = plus(
    minus(times(times(a, a), qq), times(exactly(2), times(times(a, b), pq))),
    times(times(b, b), pp),
  );
  return root(over(top, minus(times(pp, qq), times(pq, pq))));
}

/** g = E s (y - t) (x, 1), kink points not counted. */
function moment(
  { samples, negativeSlope }: ReluProblem,
  { signs }: UnitCell,
  { residuals }: EnclosedSolution,
): Interval[] {
  const { points, weights } = samples;
  const size = points[0]!.length + 1;
  return Array.from({ length: size }, (_, entry) =>
    residuals.reduce((sum, residual, i) => {
      if (signs[i] === 0 || (signs[i] === -1 && negativeSlope === 0)) return sum;
      const weighted = times(weights[i]!, residual);
      const term = entry === size - 1 ? weighted : times(weighted, exactly(points[i]![entry]!));
      return plus(sum, signs[i] === 1 ? term : times(exactly(negativeSlope), term));
    }, ZERO),
  );
}

function lineAt(beta: readonly Interval[], point: readonly number[]): Interval {
  return point.reduce(
    (sum, value, k) => plus(sum, times(beta[k]!, exactly(value))),
    beta[point.length]!,
  );
}

/** v has the sign with which beta / v has the cell's signs: that of the point furthest from the root. */
function outputSign(
  { samples: { points } }: ReluProblem,
  { signs }: UnitCell,
  beta: readonly Interval[],
): -1 | 0 | 1 {
  let best: -1 | 0 | 1 = 0;
  let furthest = 0;
  points.forEach((point, i) => {
    const line = lineAt(beta, point);
    const distance = absolute(line).low / Math.hypot(...point, 1);
    if (signs[i] === 0 || !(distance > furthest)) return;
    furthest = distance;
    best = signOf(line) === signs[i] ? 1 : -1;
  });
  return best;
}

function cellConditions(
  { samples: { points } }: ReluProblem,
  { signs }: UnitCell,
  { betas, lengths }: EnclosedSolution,
  unit: number,
  sign: -1 | 1,
): Condition[] {
  return points.flatMap((point, i): Condition[] => {
    if (signs[i] === 0) return [];
    const line = times(exactly(sign * signs[i]!), lineAt(betas[unit]!, point));
    const scale = times(lengths[unit]!, lengthOf([...point, 1].map(exactly)));
    return [{ value: over(line, scale), tie: { unit, kind: 'border', point: i } }];
  });
}

function kinkConditions(
  problem: ReluProblem,
  cell: UnitCell,
  solution: EnclosedSolution,
  unit: number,
  sign: -1 | 1,
): Condition[] {
  if (cell.rays.length === 0) return [];
  const { samples, negativeSlope, regularization } = problem;
  const g = moment(problem, cell, solution);
  return cell.rays.map(({ direction, signs }): Condition => {
    let slope = dotOf(g, direction);
    let isActive = false;
    for (const [point, side] of signs) {
      if (side === 0) continue;
      isActive = side === sign;
      const across = times(
        times(samples.weights[point]!, solution.residuals[point]!),
        lineAt(direction, samples.points[point]!),
      );
      slope = plus(slope, isActive ? across : times(exactly(negativeSlope), across));
    }
    return {
      value: over(slope, times(exactly(regularization), lengthOf(direction))),
      tie: { unit, kind: 'kink', side: isActive ? 'active' : 'inactive' },
    };
  });
}
