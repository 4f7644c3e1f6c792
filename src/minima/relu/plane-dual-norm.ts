/**
 * The dual norm for two inputs: |E r phi(u . (x, 1))| / lambda at most, over the sphere of u.
 *
 * In a cell the function is g . u: its maximum is |g| when g or -g lies there, else on an edge, where the
 * same holds of g's projection, or in a corner. All are computed in f64 with a bound of the error: every
 * sum has at most 4 m updates, and r is known to its interval.
 */
import { midpoint, type Interval } from '../../math/real-interval.js';
import { atOnce } from '../../math/stepwise.js';
import { dualBound, type DualNorm } from './dual-norm.js';
import type { PlaneState } from './plane-cell.js';
import { sweepCircles } from './plane-sweep.js';
import type { ReluProblem } from './state-tables.js';

const UNIT_ROUNDOFF = 2 ** -53;
/** Moves corners whose points are collinear to rounding; see plane-sweep.ts. */
const ALIGNMENT = 1e-9;

/** @param own the state in which the unit lives: there the maximum is lambda, exactly; null: none lives */
export function dualNormOnPlane(
  problem: ReluProblem,
  residuals: readonly Interval[],
  own: PlaneState | null,
): DualNorm {
  const { samples, negativeSlope: a, regularization: lambda } = problem;
  const { points } = samples;
  const m = points.length;
  const rows = new Float64Array(3 * m);
  const total = new Float64Array(3);
  let size = 0;
  let width = 0;
  residuals.forEach((residual, k) => {
    const value = midpoint(samples.weights[k]!) * midpoint(residual);
    const [x, y] = [points[k]![0]!, points[k]![1]!];
    rows.set([value * x, value * y, value], 3 * k);
    for (let n = 0; n < 3; n++) total[n]! += rows[3 * k + n]!;
    const length = Math.hypot(x, y, 1);
    size += Math.abs(value) * length;
    width += (residual.high - residual.low) * midpoint(samples.weights[k]!) * length;
  });
  const error = (16 * m * UNIT_ROUNDOFF + ALIGNMENT * lambda) * size + width;
  let low = 0;
  let high = 0;
  /** |value| is attained; or it is a bound that may not be. */
  const take = (value: number, isAttained: boolean): void => {
    high = Math.max(high, value + error);
    if (isAttained) low = Math.max(low, value - error);
  };
  const isOwn = (
    point: number,
    others: readonly number[],
    direction: readonly number[],
    side: number,
  ): boolean =>
    own !== null &&
    own.signs[point] === side &&
    own.kinks.length === (side === 0 ? 1 + others.length : 0) &&
    others.every((k) => own.kinks.includes(k)) &&
    points.every(
      (_, k) =>
        k === point || own.signs[k] === 0 || lineAt(direction, k) > 0 === (own.signs[k] === 1),
    );
  const moment = [0, 0, 0];
  const setMoment = (sums: Float64Array, point: number | null, left: readonly number[]): void => {
    for (let n = 0; n < 3; n++) {
      const on = sums[n]! + (point === null ? 0 : rows[3 * point + n]!);
      let off = a === 0 ? 0 : total[n]! - on;
      if (a !== 0) for (const k of left) off -= rows[3 * k + n]!;
      moment[n] = on + a * off;
    }
  };
  const lineAt = (vector: readonly number[], k: number): number =>
    vector[0]! * points[k]![0]! + vector[1]! * points[k]![1]! + vector[2]!;
  /**
   * Whether a vector, or its opposite, has the signs of a state: yes 1, no -1, or perhaps 0.
   * Nearly always the ends of the edge tell; they are looked at first.
   */
  const hasSigns = (
    vector: readonly number[],
    direction: readonly number[],
    point: number,
    side: -1 | 0 | 1,
    ends: readonly number[],
  ): -1 | 0 | 1 => {
    let agreed = false;
    let opposed = false;
    let isClose = false;
    const look = (k: number): void => {
      const line = lineAt(vector, k);
      const [x, y] = [points[k]![0]!, points[k]![1]!];
      if (line * line <= error * error * (x * x + y * y + 1)) isClose = true;
      else if (line > 0 === (k === point ? side > 0 : lineAt(direction, k) > 0)) agreed = true;
      else opposed = true;
    };
    ends.forEach(look);
    for (let k = 0; k < m && !(agreed && opposed); k++) {
      if (k !== point || side !== 0) look(k);
    }
    if (agreed && opposed) return -1;
    return isClose ? 0 : 1;
  };
  const directionAt = (point: number, angle: number): number[] => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [c, s, -c * points[point]![0]! - s * points[point]![1]!];
  };
  atOnce(
    sweepCircles(points, rows, 3, {
      edge: (point, sums, angle, ends) => {
        const direction = directionAt(point, angle);
        for (const side of [1, -1] as const) {
          setMoment(sums, side === 1 ? point : null, []);
          const inCell = hasSigns(moment, direction, point, side, ends);
          if (inCell >= 0 && !isOwn(point, [], direction, side)) {
            take(Math.hypot(...moment), inCell > 0);
          }
        }
        setMoment(sums, null, [point]);
        const extended = [points[point]![0]!, points[point]![1]!, 1];
        const share =
          lineAt(moment, point) / extended.reduce((sum, entry) => sum + entry * entry, 0);
        const projected = moment.map((entry, n) => entry - share * extended[n]!);
        const onEdge = hasSigns(projected, direction, point, 0, ends);
        if (onEdge >= 0 && !isOwn(point, [], direction, 0)) {
          take(Math.hypot(...projected), onEdge > 0);
        }
      },
      corner: (point, others, sums, angle) => {
        const direction = directionAt(point, angle);
        if (isOwn(point, others, direction, 0)) return;
        setMoment(sums, null, [point, ...others]);
        const value = direction.reduce((sum, entry, n) => sum + entry * moment[n]!, 0);
        take(Math.abs(value) / Math.hypot(...direction), true);
      },
    }),
  );
  const floor = own === null ? 0 : 1;
  const norm = {
    low: Math.max(floor, (low / lambda) * (1 - 1e-15)),
    high: high <= lambda && own !== null ? 1 : Math.max(floor, (high / lambda) * (1 + 1e-15)),
  };
  return { norm, lowerBound: dualBound(problem, residuals, norm.high) };
}
