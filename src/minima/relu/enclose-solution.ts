/**
 * A box that surely contains the solution of a combination's convex problem, by Krawczyk's test.
 *
 * Unknowns are the coefficients z of every unit in its cell's basis, and the output bias c. Where no
 * unit is zero the loss is smooth and its gradient is
 *
 *   G(z, c) = A (z, c) - q + lambda B z_j / |z_j|_B  for each unit,  |z|_B^2 = z' B z,
 *
 * A with lambda added for c. When K(X) = x - C G(x) + (I - C G'(X)) (X - x) lies inside X, there is
 * one zero of G in X and no other (Krawczyk 1969). F is convex, so this zero is its minimum, and an
 * isolated minimum of a convex function is the only one.
 */
import { inverse, Matrix } from 'ml-matrix';
import {
  dotOf,
  exactly,
  liesInside,
  midpoint,
  minus,
  ONE,
  over,
  plus,
  root,
  squared,
  times,
  ZERO,
  type Interval,
} from '../../math/real-interval.js';
import type { ReluProblem } from './state-tables.js';
import type { UnitCell } from './unit-cell.js';

export interface EnclosedSolution {
  /** (v w, v b) of every unit. */
  readonly betas: readonly (readonly Interval[])[];
  readonly lengths: readonly Interval[];
  readonly bias: Interval;
  /** y - t at every data point. */
  readonly residuals: readonly Interval[];
  readonly loss: Interval;
}

const POLISHING_STEPS = 4;
/** A box that is too narrow for the test grows by this factor, so many times. */
const GROWTH = 8;
const ATTEMPTS = 8;

/**
 * @param betas where the solution is, approximately: (v w, v b) of every unit, none zero
 * @returns null when the test fails: a unit may be zero, or the solution may not be unique
 */
export function encloseSolution(
  problem: ReluProblem,
  cells: readonly UnitCell[],
  betas: readonly (readonly number[])[],
): EnclosedSolution | null {
  const system = new ConvexSystem(problem, cells);
  const start = system.startAt(betas);
  const center = start && system.polish(start);
  const box = center && system.krawczyk(center);
  return box && system.describe(box);
}

class ConvexSystem {
  /** Row per unknown: the output at every data point for one unit of it. */
  private readonly features: Interval[][];
  private readonly gram: Interval[][];
  private readonly right: Interval[];
  /** Per unit: where its unknowns begin, and the Gram matrix of its basis. */
  private readonly groups: { readonly at: number; readonly metric: Interval[][] }[] = [];
  private readonly lambda: Interval;

  constructor(
    private readonly problem: ReluProblem,
    private readonly cells: readonly UnitCell[],
  ) {
    const { samples, negativeSlope, regularization } = problem;
    const { points, weights, targets } = samples;
    this.lambda = exactly(regularization);
    this.features = [];
    for (const { signs, basis } of cells) {
      this.groups.push({
        at: this.features.length,
        metric: basis.map((a) => basis.map((b) => dotOf(a, b))),
      });
      for (const vector of basis) {
        this.features.push(
          points.map((point, i) => {
            if (signs[i] === 0) return ZERO;
            const line = dotOf(vector, [...point.map(exactly), ONE]);
            return signs[i] === 1 ? line : times(exactly(negativeSlope), line);
          }),
        );
      }
    }
    this.features.push(points.map(() => ONE));
    const weighted = this.features.map((row) => row.map((entry, i) => times(weights[i]!, entry)));
    this.gram = this.features.map((row) => weighted.map((other) => dotOf(row, other)));
    const bias = this.features.length - 1;
    this.gram[bias]![bias] = plus(this.gram[bias]![bias]!, this.lambda);
    this.right = weighted.map((row) => dotOf(row, targets));
  }

  /** Coefficients of the betas in the bases, and the best bias; null when a unit is zero. */
  startAt(betas: readonly (readonly number[])[]): number[] | null {
    const start: number[] = [];
    for (const [j, { basis }] of this.cells.entries()) {
      const rows = basis.map((vector) => vector.map(midpoint));
      const right = rows.map((row) =>
        row.reduce((sum, entry, k) => sum + entry * betas[j]![k]!, 0),
      );
      const metric = this.groups[j]!.metric.map((row) => row.map(midpoint));
      const coefficients = solve(metric, right);
      if (!coefficients?.some((value) => value !== 0)) return null;
      start.push(...coefficients);
    }
    const bias = this.gram.length - 1;
    const row = this.gram[bias]!.map(midpoint);
    const rest = start.reduce((sum, value, k) => sum + row[k]! * value, 0);
    return [...start, (midpoint(this.right[bias]!) - rest) / row[bias]!];
  }

  /** A few steps of Newton's method in f64. */
  polish(start: readonly number[]): number[] {
    let point = [...start];
    for (let step = 0; step < POLISHING_STEPS; step++) {
      const box = point.map(exactly);
      const jacobian = this.jacobian(box)?.map((row) => row.map(midpoint));
      const gradient = this.gradient(box)?.map(midpoint);
      const change = jacobian && gradient && solve(jacobian, gradient);
      if (!change) break;
      point = point.map((value, k) => value - change[k]!);
    }
    return point;
  }

  krawczyk(center: readonly number[]): Interval[] | null {
    const at = center.map(exactly);
    const gradient = this.gradient(at);
    const jacobian = this.jacobian(at);
    if (gradient === null || jacobian === null) return null;
    const approximate = invert(jacobian.map((row) => row.map(midpoint)));
    if (approximate === null) return null;
    const inverseRows = approximate.map((row) => row.map(exactly));
    const step = inverseRows.map((row) => dotOf(row, gradient));
    let radii = step.map(
      ({ low, high }, k) => 2 * Math.max(-low, high) + 1e-16 * Math.abs(center[k]!) + 1e-30,
    );
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const offsets = radii.map((radius) => ({ low: -radius, high: radius }));
      const box = at.map((value, k) => plus(value, offsets[k]!));
      const slopes = this.jacobian(box);
      if (slopes === null) return null;
      const image = at.map((value, i) => {
        const row = slopes.map((_, j) => {
          const product = inverseRows[i]!.reduce(
            (sum, entry, k) => plus(sum, times(entry, slopes[k]![j]!)),
            ZERO,
          );
          return minus(i === j ? ONE : ZERO, product);
        });
        return plus(minus(value, step[i]!), dotOf(row, offsets));
      });
      if (image.every((entry, k) => liesInside(entry, box[k]!))) return image;
      radii = radii.map((radius) => GROWTH * radius);
    }
    return null;
  }

  describe(box: readonly Interval[]): EnclosedSolution {
    const { samples, regularization } = this.problem;
    const bias = box.at(-1)!;
    const residuals = samples.targets.map((target, i) =>
      minus(
        box.reduce((sum, value, k) => plus(sum, times(value, this.features[k]![i]!)), ZERO),
        target,
      ),
    );
    const lengths = this.groups.map((_, j) => this.lengthOf(j, box));
    const squares = residuals.reduce(
      (sum, residual, i) => plus(sum, times(samples.weights[i]!, squared(residual))),
      ZERO,
    );
    const penalty = lengths.reduce(plus, times(exactly(0.5), squared(bias)));
    return {
      betas: this.cells.map(({ basis }, j) =>
        basis[0]!.map((_, entry) =>
          basis.reduce(
            (sum, vector, k) => plus(sum, times(box[this.groups[j]!.at + k]!, vector[entry]!)),
            ZERO,
          ),
        ),
      ),
      lengths,
      bias,
      residuals,
      loss: plus(
        plus(samples.spread, times(exactly(0.5), squares)),
        times(exactly(regularization), penalty),
      ),
    };
  }

  private image(j: number, box: readonly Interval[]): Interval[] {
    const { at, metric } = this.groups[j]!;
    return metric.map((row) => dotOf(row, box.slice(at, at + metric.length)));
  }

  private lengthOf(j: number, box: readonly Interval[]): Interval {
    const { at, metric } = this.groups[j]!;
    if (metric.length === 1) {
      const z = box[at]!;
      const size = z.low >= 0 ? z : z.high <= 0 ? { low: -z.high, high: -z.low } : null;
      return size === null ? { low: 0, high: Infinity } : times(size, root(metric[0]![0]!));
    }
    return root(dotOf(box.slice(at, at + metric.length), this.image(j, box)));
  }

  /** null when a unit may be zero in the box. */
  private gradient(box: readonly Interval[]): Interval[] | null {
    const result = this.gram.map((row, k) => minus(dotOf(row, box), this.right[k]!));
    for (const [j, { at }] of this.groups.entries()) {
      const length = this.lengthOf(j, box);
      if (!(length.low > 0)) return null;
      this.image(j, box).forEach((entry, k) => {
        result[at + k] = plus(result[at + k]!, times(this.lambda, over(entry, length)));
      });
    }
    return result;
  }

  /** G' over the box: A + lambda (B / |z| - B z (B z)' / |z|^3); null when a unit may be zero. */
  private jacobian(box: readonly Interval[]): Interval[][] | null {
    const result = this.gram.map((row) => [...row]);
    for (const [j, { at, metric }] of this.groups.entries()) {
      if (metric.length === 1) continue;
      const length = this.lengthOf(j, box);
      if (!(length.low > 0)) return null;
      const unit = this.image(j, box).map((entry) => over(entry, length));
      metric.forEach((row, k) => {
        row.forEach((entry, l) => {
          const square = k === l ? squared(unit[k]!) : times(unit[k]!, unit[l]!);
          const curvature = times(this.lambda, over(minus(entry, square), length));
          result[at + k]![at + l] = plus(result[at + k]![at + l]!, curvature);
        });
      });
    }
    return result;
  }
}

function invert(rows: number[][]): number[][] | null {
  try {
    const result = inverse(new Matrix(rows)).to2DArray();
    return result.every((row) => row.every(Number.isFinite)) ? result : null;
  } catch {
    return null; // singular to rounding
  }
}

function solve(rows: number[][], right: readonly number[]): number[] | null {
  const inverted = invert(rows);
  return inverted?.map((row) => row.reduce((sum, entry, k) => sum + entry * right[k]!, 0)) ?? null;
}
