/**
 * The last points of a path with their derivatives, and the predictor that they give: Hermite
 * interpolation of order 2K through K <= 3 points.
 *
 * All points are 2N projective coordinates in the same charts. A chart coordinate is 1 with derivative
 * zero, so the interpolation keeps it at 1. In double-double the points have low parts, and it is
 * the small difference from the last point that is interpolated: rounded to f64, that loses nothing.
 */
import { rechartPoint } from '../newton/kernel.js';

const POINTS = 3;

export class Predictor {
  /** Number of points, 0 to 3. */
  count = 0;
  private readonly points: Float64Array[];
  private readonly derivatives: Float64Array[];
  /** Low parts of the points; all 0 in f64. */
  private readonly lows: Float64Array[];
  private readonly parameters = new Float64Array(POINTS);
  private readonly prediction: Float64Array;

  /** @param length numbers of a point, 2N */
  constructor(length: number) {
    const make = () => Array.from({ length: POINTS }, () => new Float64Array(length));
    this.points = make();
    this.derivatives = make();
    this.lows = make();
    this.prediction = new Float64Array(length);
  }

  get isFull(): boolean {
    return this.count === POINTS;
  }

  clear(): void {
    this.count = 0;
  }

  /** The oldest of more than three points is forgotten. `low`: null in f64. */
  add(v: number, point: Float64Array, derivative: Float64Array, low: Float64Array | null): void {
    if (this.count === POINTS) {
      for (const list of [this.points, this.derivatives, this.lows]) list.push(list.shift()!);
      this.parameters.copyWithin(0, 1);
      this.count--;
    }
    this.count++;
    this.parameters[this.count - 1] = v;
    this.replaceLast(point, derivative, low);
  }

  /** Does nothing while there is no point. */
  replaceLast(point: Float64Array, derivative: Float64Array, low: Float64Array | null): void {
    if (this.count === 0) return;
    const [points, derivatives] = [this.points[this.count - 1]!, this.derivatives[this.count - 1]!];
    // By hand: TypedArray.set costs more than the copies of so few numbers.
    for (let k = 0; k < point.length; k++) {
      points[k] = point[k]!;
      derivatives[k] = derivative[k]!;
    }
    if (low) this.lows[this.count - 1]!.set(low);
  }

  /**
   * The last two points' derivatives and how far they are apart in v, last minus the one before; null
   * when there is only one.
   */
  lastTwo(): { before: Float64Array; last: Float64Array; gap: number } | null {
    if (this.count < 2) return null;
    return {
      before: this.derivatives[this.count - 2]!,
      last: this.derivatives[this.count - 1]!,
      gap: this.parameters[this.count - 1]! - this.parameters[this.count - 2]!,
    };
  }

  /** There must be a point. */
  lastDerivative(): Float64Array {
    return this.derivatives[this.count - 1]!;
  }

  /** Hermite prediction at v (2N). The returned array is reused. */
  predict(v: number): Float64Array {
    const { prediction } = this;
    prediction.fill(0);
    for (let i = 0; i < this.count; i++) {
      const [a, b] = this.basis(i, v);
      const point = this.points[i]!;
      const derivative = this.derivatives[i]!;
      for (let k = 0; k < prediction.length; k++)
        prediction[k]! += a * point[k]! + b * derivative[k]!;
    }
    return prediction;
  }

  /**
   * The same prediction minus the last point, of double-double points. The returned array is reused.
   *
   * @param winding m > 0: interpolates in t = exp(v / m), in which an end with winding number m is
   *   analytic when v = log s; 0: in v itself.
   */
  predictDifference(v: number, winding = 0): Float64Array {
    const { prediction, count } = this;
    const origin = this.points[count - 1]!;
    const originLow = this.lows[count - 1]!;
    prediction.fill(0);
    for (let i = 0; i < count; i++) {
      // The a of all points sum to 1, so taking the last point from each takes it from the sum.
      const [a, b] = this.basis(i, v, winding);
      const point = this.points[i]!;
      const low = this.lows[i]!;
      const derivative = this.derivatives[i]!;
      for (let k = 0; k < prediction.length; k++) {
        const difference = point[k]! - origin[k]! + (low[k]! - originLow[k]!);
        prediction[k]! += a * difference + b * derivative[k]!;
      }
    }
    return prediction;
  }

  /** Weights of point i and of its derivative: l^2 (1 - 2 (v - vi) l'(vi)) and l^2 (v - vi), l = Lagrange basis. */
  private basis(i: number, v: number, winding = 0): readonly [number, number] {
    const { count, parameters } = this;
    const origin = parameters[i]!;
    const own = parameterFrom(origin, origin, winding);
    const here = parameterFrom(origin, v, winding);
    let lagrange = 1;
    let slope = 0;
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const other = parameterFrom(origin, parameters[j]!, winding);
      lagrange *= (here - other) / (own - other);
      slope += 1 / (own - other);
    }
    const square = lagrange * lagrange;
    const b = square * (here - own);
    return [square - 2 * slope * b, winding > 0 ? b * winding : b];
  }

  /** Moves all points into other charts: y = x / x_k, y' = (x' - y x_k') / x_k. */
  rechart(groupOf: readonly number[], charts: Int32Array): void {
    for (let i = 0; i < this.count; i++) {
      const point = this.points[i]!;
      const derivative = this.derivatives[i]!;
      const pivots = Array.from(charts, (k) => [
        point[2 * k]!,
        point[2 * k + 1]!,
        derivative[2 * k]!,
        derivative[2 * k + 1]!,
      ]);
      rechartPoint(point, groupOf, charts);
      for (let j = 0; j < groupOf.length; j++) {
        const [pr, pi, dr, di] = pivots[groupOf[j]!]! as [number, number, number, number];
        const yr = point[2 * j]!;
        const yi = point[2 * j + 1]!;
        const re = derivative[2 * j]! - (yr * dr - yi * di);
        const im = derivative[2 * j + 1]! - (yr * di + yi * dr);
        const norm = pr * pr + pi * pi;
        derivative[2 * j] = (re * pr + im * pi) / norm;
        derivative[2 * j + 1] = (im * pr - re * pi) / norm;
      }
    }
  }
}

/**
 * The interpolation's variable t at u relative to t at the origin, so that nothing underflows and dt/dv = t / m is
 * 1 / m there. No closure: in the bundle each would be named at every call, a tenth of the tracker's time.
 */
function parameterFrom(origin: number, u: number, winding: number): number {
  return winding > 0 ? Math.exp((u - origin) / winding) : u - origin;
}
