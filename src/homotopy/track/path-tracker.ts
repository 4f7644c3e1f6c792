/**
 * One path of H(x, s) = 0: Hermite predictor (predictor.ts), Newton corrector, adaptive step.
 *
 * The path is followed along a route s(v): v = s itself, v = log s, or the angle on a circle.
 * Charts: in each projective group one coordinate is 1; when another grows past RECHART the chart
 * moves there and the predictor is transformed with it.
 */
import { sumError } from '../../math/double-double.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { Predictor } from './predictor.js';
import { linearRoute, type Route } from './route.js';
import type { StepRules } from './step-rules.js';
import type { NewtonKernel } from '../newton/kernel.js';

/**
 * Nearer to singular than this, the rounding of the coefficients alone decides what is a regular
 * zero: positive-dimensional sets break up into such points (fourbar: ratios of 3e-11), while the
 * worst regular zero of all test systems has a condition of 1e8.
 */
const SMALLEST_PIVOT_RATIO = 1e-10;
/**
 * In double-double, where all zeros are known to be isolated, or some x_0g is small: far out the projective Jacobian is nearly singular by
 * scale alone (5.6e-17 at two solutions of norm 2,500 of a pair of coupled oscillators).
 */
const SMALLEST_PRECISE_PIVOT_RATIO = 1e-20;
const FAR = 1e-3;
const RECHART = 1.4;
const LARGEST_FIRST_CORRECTION = 0.1;
const MAXIMUM_ITERATIONS = 3;
/**
 * What corrections of x_0g count relative to its size. Beside a plain tolerance of 1e-4 a path that passes next to infinity
 * cannot be told from solutions at infinity, and goes on along these.
 */
const HOMOGENISING_WEIGHT = 0.01;
/** Coordinates below this may be rounding of zero: no relative accuracy is asked of them. */
const SMALLEST_COORDINATE = 1e-10;
const SMALLEST_PRECISE_COORDINATE = 1e-20;
/** What double-double can reach is this over the pivot ratio. */
const PRECISE_GOAL = 1e3 * 2 ** -104;
/** A stride is believed when Newton's corrections, relative to each coordinate, behave like this. */
interface SettleRules {
  /** Largest first correction, and how much of the one before each later one may be. */
  readonly trust: number;
  readonly contraction: number;
  /** A point is accepted when a correction falls below this, after `minimum` iterations. */
  readonly acceptance: number;
  readonly minimum: number;
  readonly maximum: number;
}
const STRIDE_RULES: SettleRules = {
  trust: 0.5,
  contraction: 0.6,
  acceptance: 1e-6,
  minimum: 2,
  maximum: 8,
};
/** Near positive-dimensional sets rounding to f64 alone makes corrections of 1e-4, which do not shrink. */
const HARMLESS = 1e-3;
const TAKE_OVER_RULES: SettleRules = { ...STRIDE_RULES, acceptance: 1e-12, maximum: 20 };

/** A saved state, enough to continue from. */
export interface PathSnapshot {
  readonly point: Float64Array;
  readonly low: Float64Array | null;
  readonly charts: Int32Array;
}

const STEPS_A_PAUSE = 16;

export class PathTracker {
  readonly charts: Int32Array;
  /** Evaluations with factorisation so far. */
  factorisations = 0;
  /** Size of the correction that made the accepted point; the tangent is as accurate as the point before it. */
  lastCorrection = 0;
  /** Pivot ratio of the last iteration. */
  pivotRatio = 1;
  /** Last accepted tangent dx/dv, 2N. */
  readonly derivative: Float64Array;
  /** Accepted point, 2N (leading parts). */
  readonly point: Float64Array;
  v = 0;
  stepSize = 0;
  /** Winding number for the predictor along log s (Predictor); 0 predicts in log s itself. */
  winding = 0;
  /** All zeros of F are known to be isolated: then nearly singular ones are regular, too. */
  zerosAreIsolated = false;

  /** Of the path: Newton's method turns an error d into this times d^2. */
  private curvature = 0;
  private route: Route = linearRoute;
  private readonly low: Float64Array | null;
  readonly predictor: Predictor;
  private readonly prediction: { readonly high: Float64Array; readonly low: Float64Array };

  constructor(
    readonly structure: HomotopyStructure,
    readonly kernel: NewtonKernel,
  ) {
    const length = 2 * structure.coordinates;
    const make = () => new Float64Array(length);
    this.charts = new Int32Array(structure.groups.length);
    this.derivative = make();
    this.point = make();
    this.low = kernel.low ? make() : null;
    this.predictor = new Predictor(length);
    this.prediction = { high: make(), low: make() };
  }

  /**
   * Starts at a point (2N projective coordinates), refined by Newton's method at s(v).
   * @returns false when it does not converge from a first correction below `trust`.
   */
  start(point: Float64Array, route: Route, v: number, trust: number): boolean {
    this.place(point);
    const [re, im] = route.s(v);
    if (!this.converge(re, im, trust, this.low ? 1e-25 : 1e-13)) return false;
    this.accept(v);
    this.setRoute(route, v);
    return true;
  }

  /**
   * Goes on, in more digits, from where another path was left: its point has the rounding of f64 over the
   * pivot ratio, which is a lot, but little relative to each coordinate.
   */
  takeOver(point: Float64Array, route: Route, v: number): boolean {
    this.place(point);
    const [re, im] = route.s(v);
    if (!this.settle(re, im, TAKE_OVER_RULES)) return false;
    this.accept(v);
    this.setRoute(route, v);
    return true;
  }

  /** Whether a page may have its turn after so many steps: one takes microseconds in f64, and up to milliseconds in double-double. */
  isPause(steps: number): boolean {
    return this.low !== null || steps % STEPS_A_PAUSE === STEPS_A_PAUSE - 1;
  }

  /** Puts a point into the kernel, in the charts of its largest coordinates. */
  place(point: Float64Array): void {
    this.curvature = 0;
    this.kernel.setPoint(point);
    this.chooseCharts(this.kernel.point);
    this.kernel.rechart(this.charts);
  }

  /** Continues from the current point along another route, with an empty predictor. */
  setRoute(route: Route, v: number): void {
    this.route = route;
    this.winding = 0;
    this.v = v;
    this.predictor.clear();
    this.stepSize = 0;
    this.restore();
    const [re, im] = route.s(v);
    this.iterate(re, im);
    this.setDerivative(v);
    this.predictor.add(this.v, this.point, this.derivative, this.low);
  }

  /** Newton's method from the kernel's point until corrections fall below `goal` or stop falling near it. */
  converge(sRe: number, sIm: number, trust: number, finest: number): boolean {
    let previous = Infinity;
    for (let k = 0; k < 8; k++) {
      if (!(this.iterate(sRe, sIm) > 0)) return false;
      const size = this.kernel.correctionSize();
      const goal = this.low ? Math.max(finest, PRECISE_GOAL / this.pivotRatio) : finest;
      if (!(size < (k === 0 ? trust : 0.25 * previous))) return previous < 1e3 * goal;
      this.kernel.applyCorrection();
      if (size < goal) return true;
      previous = size;
    }
    return false;
  }

  /**
   * One step of the current size (or to `end`, whichever is nearer).
   * @returns 'accepted', 'rejected' (smaller step next) or 'stuck' (step size exhausted).
   */
  step(end: number, rules: StepRules, tolerance = rules.predictorTolerance): StepOutcome {
    if (this.stepSize === 0) this.stepSize = rules.firstStep;
    const left = end - this.v;
    const limit = Math.min(this.stepSize, rules.largestStep);
    // Never leave a sliver: two points of the predictor that nearly coincide wreck the interpolation.
    const reachesEnd = Math.abs(left) <= limit * 1.01;
    const length = reachesEnd ? Math.abs(left) : limit;
    const vNext = reachesEnd ? end : this.v + Math.sign(left) * length;
    const order = 2 * this.predictor.count;
    this.placePrediction(vNext);
    const [re, im] = this.route.s(vNext);
    const first = this.correct(re, im, rules);
    if (first >= 0 && this.kernel.hasFiniteTangent()) {
      // What rounding makes no step is short enough for.
      const aim = Math.max(tolerance, this.noise());
      const growth = clamp(0.9 * (aim / Math.max(first, 1e-300)) ** (1 / order), 0.3, 2);
      // A step cut short by `end` says little about longer ones.
      this.stepSize =
        length < this.stepSize ? Math.max(this.stepSize, length * growth) : length * growth;
      this.accept(vNext);
      this.setDerivative(vNext);
      this.predictor.add(this.v, this.point, this.derivative, this.low);
      this.rechartIfNeeded();
      return 'accepted';
    }
    this.stepSize = 0.4 * length;
    this.restore();
    // Written so that NaN is stuck.
    return this.stepSize >= rules.smallestStep ? 'rejected' : 'stuck';
  }

  /** One more Newton iteration at the accepted point: fresh tangent, and the correction applied. */
  polish(): boolean {
    this.restore();
    const [re, im] = this.route.s(this.v);
    if (!(this.iterate(re, im) > 0)) return false;
    if (!(this.kernel.correctionSize() < 1e-3)) return false;
    this.kernel.applyCorrection();
    this.accept(this.v);
    this.setDerivative(this.v);
    this.predictor.replaceLast(this.point, this.derivative, this.low);
    return true;
  }

  /**
   * A long step along the current route to a point predicted by its difference from the accepted one.
   * @param difference 2N, zero at the chart coordinates.
   * @returns false, with the path where it was, when Newton's method does not settle there.
   */
  stride(v: number, difference: Float64Array): boolean {
    this.placeDifference(difference);
    const [re, im] = this.route.s(v);
    if (!this.settle(re, im, STRIDE_RULES)) {
      this.restore();
      return false;
    }
    this.accept(v);
    this.setDerivative(v);
    this.predictor.add(this.v, this.point, this.derivative, this.low);
    this.rechartIfNeeded();
    return true;
  }

  /** Newton's method by corrections relative to each coordinate. */
  private settle(sRe: number, sIm: number, rules: SettleRules): boolean {
    const harmless = this.low ? 0 : HARMLESS;
    let previous = Infinity;
    for (let k = 1; k <= rules.maximum; k++) {
      if (!(this.iterate(sRe, sIm) > 0)) return false;
      const size = this.relativeSize();
      const limit = Math.max(k === 1 ? rules.trust : rules.contraction * previous, harmless);
      if (!(size < limit)) return false;
      this.kernel.applyCorrection();
      this.lastCorrection = size;
      const isFine = size < rules.acceptance || (size < harmless && size > 0.6 * previous);
      if (isFine && k >= rules.minimum) return this.kernel.hasFiniteTangent();
      previous = size;
    }
    return false;
  }

  /**
   * Newton's method at s = 0; the accepted point stays as it is.
   * @returns true when it converges to a point with an acceptable pivot ratio: a regular zero of F.
   */
  jump(prediction: Float64Array, trust: number): boolean {
    this.kernel.setPoint(prediction);
    return this.land(trust);
  }

  /** Jumps to the Hermite prediction at v = 0 of the linear route. */
  jumpByPrediction(trust: number): boolean {
    this.placePrediction(0);
    return this.land(trust);
  }

  /** Jumps to x - s x', along the logarithmic route. */
  jumpByTangent(trust: number): boolean {
    this.placeDifference(this.derivative.map((part) => -part));
    return this.land(trust);
  }

  private land(trust: number): boolean {
    return (
      this.converge(0, 0, trust, this.low ? 1e-17 : 1e-12) &&
      this.pivotRatio > this.smallestPivotRatio()
    );
  }

  /** Zeros of F with a smaller pivot ratio than this are not taken for regular. */
  smallestPivotRatio(): number {
    if (!this.low) return SMALLEST_PIVOT_RATIO;
    const { structure, kernel } = this;
    const isFar = () =>
      structure.groups.some((_, g) => homogenisingSize(structure, kernel.point, g) < FAR);
    return this.zerosAreIsolated || isFar() ? SMALLEST_PRECISE_PIVOT_RATIO : SMALLEST_PIVOT_RATIO;
  }

  /** Puts the Hermite prediction at v into the kernel. */
  private placePrediction(v: number): void {
    if (this.low || this.winding > 0)
      this.placeDifference(this.predictor.predictDifference(v, this.winding));
    else this.kernel.setPoint(this.predict(v));
  }

  /** Puts the accepted point plus a difference into the kernel, in the kernel's precision. */
  private placeDifference(difference: Float64Array): void {
    const { high, low } = this.prediction;
    for (let k = 0; k < high.length; k++) {
      const sum = this.point[k]! + difference[k]!;
      high[k] = sum;
      low[k] = sumError(this.point[k]!, difference[k]!, sum) + (this.low?.[k] ?? 0);
    }
    this.kernel.setPoint(high, low);
  }

  /** Hermite prediction at v (2N), in f64. The returned array is reused. */
  private predict(v: number): Float64Array {
    const prediction = this.predictor.predict(v);
    // Rounding must not move the chart coordinates.
    for (const chart of this.charts) {
      prediction[2 * chart] = 1;
      prediction[2 * chart + 1] = 0;
    }
    return prediction;
  }

  /** s d/ds log(x_0g / x_chart) for the homogenising coordinate of group g: its valuation as s -> 0. */
  valuation(group: number): number {
    const x0 = 2 * (this.structure.variables + group);
    const re = this.point[x0]!;
    const im = this.point[x0 + 1]!;
    const norm = re * re + im * im;
    if (norm === 0) return 0;
    return (this.derivative[x0]! * re + this.derivative[x0 + 1]! * im) / norm;
  }

  /** |x_0g| / max |x_j| over the group. */
  homogenisingSize(group: number): number {
    return homogenisingSize(this.structure, this.point, group);
  }

  snapshot(): PathSnapshot {
    return {
      point: this.point.slice(),
      low: this.low ? this.low.slice() : null,
      charts: this.charts.slice(),
    };
  }

  resume(snapshot: PathSnapshot): void {
    this.point.set(snapshot.point);
    if (this.low && snapshot.low) this.low.set(snapshot.low);
    this.charts.set(snapshot.charts);
    this.restore();
  }

  /** Puts the accepted point back into the kernel. */
  restore(): void {
    this.kernel.setPoint(this.point, this.low ?? undefined);
    this.kernel.setCharts(this.charts);
  }

  /** Also counts weight * |correction_j| / |x_j|, with a floor for coordinates other than x_0g; weight 0: of x_0g alone. */
  private weightedSize(weight: number): number {
    const { point, correction } = this.kernel;
    const { variables, coordinates } = this.structure;
    let largest = 0;
    for (let j = weight > 0 ? 0 : variables; j < coordinates; j++) {
      const re = correction[2 * j]!;
      const im = correction[2 * j + 1]!;
      const moved = re * re + im * im;
      if (moved === 0) continue;
      const size = point[2 * j]! * point[2 * j]! + point[2 * j + 1]! * point[2 * j + 1]!;
      const ratio = moved / (j < variables ? Math.max(size, SMALLEST_COORDINATE ** 2) : size);
      if (ratio > largest) largest = ratio;
    }
    return Math.max(
      this.kernel.correctionSize(),
      (weight || HOMOGENISING_WEIGHT) * Math.sqrt(largest),
    );
  }

  /** Largest correction relative to its coordinate, with a floor for coordinates other than x_0g. */
  private relativeSize(): number {
    const { point, correction } = this.kernel;
    const floor = (this.low ? SMALLEST_PRECISE_COORDINATE : SMALLEST_COORDINATE) ** 2;
    let largest = 0;
    for (let j = 0; j < this.structure.coordinates; j++) {
      const moved = correction[2 * j]! ** 2 + correction[2 * j + 1]! ** 2;
      if (moved === 0) continue;
      const size = square(point, j);
      largest = Math.max(
        largest,
        moved / (j < this.structure.variables ? Math.max(size, floor) : size),
      );
    }
    return Math.sqrt(largest);
  }

  iterate(sRe: number, sIm: number): number {
    this.factorisations++;
    this.pivotRatio = this.kernel.iterate(sRe, sIm);
    return this.pivotRatio;
  }

  private iterateOnTheWay(sRe: number, sIm: number): number {
    this.factorisations++;
    this.pivotRatio = this.kernel.iterateOnTheWay(sRe, sIm);
    return this.pivotRatio;
  }

  /** @returns the first correction, or -1 when the corrector rejects. */
  private correct(sRe: number, sIm: number, rules: StepRules): number {
    let first = 0;
    let previous = 0;
    let accepted = false;
    for (let k = 0; k < MAXIMUM_ITERATIONS + (accepted ? 1 : 0); k++) {
      if (!(this.iterateOnTheWay(sRe, sIm) > 0)) break;
      const size = this.weightedSize(rules.relativeWeight);
      const isShrinking =
        k === 0
          ? size < LARGEST_FIRST_CORRECTION
          : size <= rules.contraction * previous || size < this.noise();
      if (!isShrinking) break;
      this.kernel.applyCorrection();
      this.lastCorrection = size;
      if (k === 0) first = size;
      else this.curvature = size / previous ** 2;
      accepted = size < rules.acceptance && k + 1 >= rules.minimumIterations;
      if (accepted && (this.curvature * size < rules.tangentError || size < this.noise())) break;
      previous = size;
    }
    return accepted ? first : -1;
  }

  /** Rounding alone makes corrections of this size; near singular points far more than 2^-52. */
  private noise(): number {
    return Math.min(1e-7, (64 * this.kernel.epsilon) / this.pivotRatio);
  }

  private accept(v: number): void {
    this.point.set(this.kernel.point);
    if (this.low) this.low.set(this.kernel.low!);
    this.v = v;
  }

  private setDerivative(v: number): void {
    const [re, im] = this.route.derivative(v);
    const { tangent } = this.kernel;
    for (let k = 0; k < tangent.length; k += 2) {
      this.derivative[k] = re * tangent[k]! - im * tangent[k + 1]!;
      this.derivative[k + 1] = re * tangent[k + 1]! + im * tangent[k]!;
    }
  }

  private chooseCharts(point: Float64Array): void {
    this.structure.groups.forEach((group, g) => {
      let best = group[0]!;
      for (const j of group) if (square(point, j) > square(point, best)) best = j;
      this.charts[g] = best;
    });
  }

  private rechartIfNeeded(): void {
    let moved = false;
    const { groupOf } = this.structure;
    for (let j = 0; j < groupOf.length; j++) {
      if (square(this.point, j) > RECHART * RECHART) moved = true;
    }
    if (!moved) return;
    this.chooseCharts(this.point);
    this.predictor.rechart(groupOf, this.charts);
    this.kernel.rechart(this.charts);
    this.point.set(this.kernel.point);
    this.derivative.set(this.predictor.lastDerivative());
    if (!this.low) return;
    // The older points have no low parts in the new charts.
    this.low.set(this.kernel.low!);
    this.predictor.clear();
    this.predictor.add(this.v, this.point, this.derivative, this.low);
  }
}

export type StepOutcome = 'accepted' | 'rejected' | 'stuck';

/** |x_0g| / max |x_j| over group g. */
export function homogenisingSize(
  structure: HomotopyStructure,
  point: Float64Array,
  group: number,
): number {
  let largest = 0;
  for (const j of structure.groups[group]!) largest = Math.max(largest, square(point, j));
  return Math.sqrt(square(point, structure.variables + group) / largest);
}

function square(point: Float64Array, j: number): number {
  return point[2 * j]! * point[2 * j]! + point[2 * j + 1]! * point[2 * j + 1]!;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
