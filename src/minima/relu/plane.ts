/**
 * One unit with two inputs: every cell, edge and corner of its sphere, one convex problem each.
 *
 * With one unit the problem has a closed form but for the length t of beta = t z,
 * (t M + lambda) z = q with |z| = 1, and beta = 0 where |q| <= lambda. What is not surely no minimum, by
 * the bound of combination-search.ts, is decided by intervals. A corner with more than two points is
 * left undecided unless it is surely none: to rounding nobody knows whether they lie on one line.
 */
import { midpoint } from '../../math/real-interval.js';
import { inSlices, type Stepwise } from '../../math/stepwise.js';
import type { NetworkLayout } from '../../network/architecture.js';
import { certify } from './certify.js';
import { NO_COUNTS } from './combination-search.js';
import type { FoundMinima, ReluMinimaOptions, UndecidedCombination } from './relu-minima.js';
import { dualNormOnPlane } from './plane-dual-norm.js';
import { patternKey, pointHashes, sideOf, sweepCircles } from './plane-sweep.js';
import { describeMinimum, type ReluMinimum } from './relu-minimum.js';
import type { ReluProblem } from './state-tables.js';
import { cellOnPlane, type PlaneState } from './plane-cell.js';
import { withoutUnits } from './without-units.js';

/** Sums per data point: w (x, 1)(x, 1)' as six numbers, w t (x, 1) as three. */
const WIDTH = 9;
const STEPS = 60;
const UNIT_ROUNDOFF = 2 ** -53;

type Vector = readonly [number, number, number];

/** In slices, between which the thread is free. */
export function enumerateOnPlane(
  problem: ReluProblem,
  layout: NetworkLayout,
  options: ReluMinimaOptions,
): Promise<FoundMinima> {
  return inSlices(decideOnPlane(problem, layout, options));
}

function* decideOnPlane(
  problem: ReluProblem,
  layout: NetworkLayout,
  { signal, onProgress }: ReluMinimaOptions,
): Stepwise<FoundMinima> {
  const search = new PlaneSearch(problem);
  yield* search.run(signal, (done, total) => onProgress?.({ done, total, secondsLeft: 0 }));
  const minima: ReluMinimum[] = [];
  const undecided: UndecidedCombination[] = [...search.undecided];
  const constant = withoutUnits(problem, layout, (residuals) =>
    dualNormOnPlane(problem, residuals, null),
  );
  if (constant === 'undecided') undecided.push({ states: [], reason: 'the dual norm may be 1' });
  else if (constant !== null) minima.push(constant);
  for (const { state, beta } of search.candidates) {
    yield;
    if (signal?.aborted) break;
    const certificate = certify(problem, [cellOnPlane(state, problem.samples.points)], [beta]);
    if (certificate.verdict === 'none') continue;
    if (certificate.verdict === 'undecided' || certificate.ties.length > 0) {
      const reason =
        certificate.verdict === 'undecided'
          ? certificate.reason
          : 'a root lies at a data point to rounding';
      undecided.push({ states: [], reason });
      continue;
    }
    const dual = dualNormOnPlane(problem, certificate.solution.residuals, state);
    minima.push(describeMinimum(layout, certificate, state.kinks.length > 0 ? 1 : 0, dual));
  }
  const live = minima.filter(({ distinctUnits }) => distinctUnits === 1).length;
  return {
    partial: signal?.aborted ?? false,
    byUnits: [{ ...search.counts, units: 1, minima: live }],
    undecided,
    minima,
  };
}

interface PlaneCandidate {
  readonly state: PlaneState;
  readonly beta: Vector;
}

class PlaneSearch {
  readonly counts = { ...NO_COUNTS };
  readonly candidates: PlaneCandidate[] = [];
  readonly undecided: UndecidedCombination[] = [];
  private readonly points: readonly (readonly number[])[];
  private readonly weights: Float64Array;
  private readonly targets: Float64Array;
  private readonly rows: Float64Array;
  private readonly total = new Float64Array(WIDTH);
  private readonly meanTarget: number;
  /** Upper bound of |beta*|; of |moment . n| per |n| and |change of y|; of the rounding of a gradient. */
  private readonly longest: number;
  private readonly sensitivity: number;
  private readonly rounding: number;
  private readonly seen = new Set<number>();
  /** Length of the solution before: the start of the next one. */
  private length = 0;
  private readonly scratch = new Float64Array(WIDTH);

  constructor(private readonly problem: ReluProblem) {
    const { samples, regularization } = problem;
    this.points = samples.points;
    const m = this.points.length;
    this.weights = Float64Array.from(samples.weights, midpoint);
    this.targets = Float64Array.from(samples.targets, midpoint);
    this.rows = new Float64Array(WIDTH * m);
    this.points.forEach(([x, y], k) => {
      const w = this.weights[k]!;
      const t = w * this.targets[k]!;
      const row = [w * x! * x!, w * x! * y!, w * y! * y!, w * x!, w * y!, w, t * x!, t * y!, t];
      this.rows.set(row, WIDTH * k);
      row.forEach((value, n) => (this.total[n]! += value));
    });
    this.meanTarget = this.total[8]!;
    const squares = this.targets.reduce((sum, t, k) => sum + this.weights[k]! * t * t, 0);
    const trace = this.total[0]! + this.total[2]! + this.total[5]!;
    this.longest = (squares / 2 / regularization) * (1 + 1e-9);
    this.sensitivity = Math.sqrt(trace) * (1 + 1e-9);
    // Every sum has at most 4 m updates of terms that add up to at most trace, or sqrt(trace squares).
    this.rounding = 8 * m * UNIT_ROUNDOFF * (trace + Math.sqrt(trace * squares));
  }

  *run(
    signal: AbortSignal | undefined,
    onCircle: (done: number, total: number) => void,
  ): Stepwise<void> {
    const m = this.points.length;
    const hashes = pointHashes(m);
    let circle = -1;
    let edges = 0;
    let corners = 0;
    const sweep = sweepCircles(this.points, this.rows, WIDTH, {
      edge: (point, sums, angle, ends, pattern) => {
        if (signal?.aborted) return;
        if (point !== circle) {
          circle = point;
          onCircle(point, m);
        }
        edges++;
        this.decide({ point, others: [], angle, active: null }, sums, ends);
        for (const isActive of [true, false]) {
          const key = isActive
            ? patternKey(pattern.high ^ hashes.high[point]!, pattern.low ^ hashes.low[point]!)
            : patternKey(pattern.high, pattern.low);
          if (this.seen.has(key)) continue;
          this.seen.add(key);
          this.decide({ point, others: [], angle, active: isActive }, sums, ends);
        }
      },
      corner: (point, others, sums, angle) => {
        if (signal?.aborted) return;
        corners++;
        this.decide({ point, others, angle, active: null }, sums, null);
      },
    });
    while (!signal?.aborted && !sweep.next().done) yield;
    // Euler: corners - edges + cells = 2. Two cells with one key would be one too few.
    if (!signal?.aborted && corners - edges + this.seen.size !== 2) {
      this.undecided.push({
        states: [],
        reason: 'the cells could not be counted: points almost coincide',
      });
    }
  }

  private decide(place: Place, sums: Float64Array, ends: readonly [number, number] | null): void {
    this.counts.combinations++;
    const { point, active } = place;
    const kinks = active === null ? [point, ...place.others] : [];
    const sum = this.scratch;
    const a = this.problem.negativeSlope;
    // Sums with slopes: linear terms with s, quadratic ones with s^2; kink points give nothing.
    for (let n = 0; n < WIDTH; n++) {
      const on = sums[n]! + (active === true ? this.rows[WIDTH * point + n]! : 0);
      let off = 0;
      if (a !== 0) {
        off = this.total[n]! - on;
        for (const k of kinks) off -= this.rows[WIDTH * k + n]!;
      }
      sum[n] = on + (n < 6 ? a * a : a) * off;
    }
    const mean = this.meanOf(sums, place, kinks);
    const basis = basisOf(this.points, place);
    const { beta, moment } = this.solve(sum, mean, basis);
    const { regularization: lambda } = this.problem;
    const size = Math.hypot(...beta);
    let error = this.rounding * (1 + 4 * size);
    if (size === 0) {
      const along = Math.hypot(...basis.map((vector) => dot3(vector, moment)));
      if (along + error < lambda) {
        this.counts.zeroUnit++;
        return;
      }
    } else {
      error += Math.hypot(...basis.map((v) => dot3(v, moment) + (lambda * dot3(v, beta)) / size));
    }
    const rho = Math.sqrt(error * (size + this.longest)) * this.sensitivity;
    const verdict = size === 0 ? null : this.violated(place, kinks, beta, moment, mean, ends, rho);
    if (verdict !== null) {
      this.counts[verdict]++;
      return;
    }
    this.counts.enclosed++;
    if (kinks.length > 2) {
      this.undecided.push({ states: [], reason: 'more than two points on one line, to rounding' });
      return;
    }
    this.candidates.push({ state: this.stateOf(place, kinks), beta });
  }

  /** E s (x, 1): what the bias takes up. */
  private meanOf(sums: Float64Array, { point, active }: Place, kinks: readonly number[]): Vector {
    const a = this.problem.negativeSlope;
    const entry = (n: number): number => {
      const on = sums[n]! + (active === true ? this.rows[WIDTH * point + n]! : 0);
      if (a === 0) return on;
      const off = kinks.reduce((rest, k) => rest - this.rows[WIDTH * k + n]!, this.total[n]! - on);
      return on + a * off;
    };
    return [entry(3), entry(4), entry(5)];
  }

  /** beta, and the moment E s (y - t) (x, 1) there. */
  private solve(
    sum: Float64Array,
    mean: Vector,
    basis: readonly Vector[],
  ): { beta: Vector; moment: Vector } {
    const { regularization: lambda } = this.problem;
    const scale = 1 / (1 + lambda);
    const matrix = [
      [
        sum[0]! - mean[0] * mean[0] * scale,
        sum[1]! - mean[0] * mean[1] * scale,
        sum[3]! - mean[0] * mean[2] * scale,
      ],
      [
        sum[1]! - mean[0] * mean[1] * scale,
        sum[2]! - mean[1] * mean[1] * scale,
        sum[4]! - mean[1] * mean[2] * scale,
      ],
      [
        sum[3]! - mean[0] * mean[2] * scale,
        sum[4]! - mean[1] * mean[2] * scale,
        sum[5]! - mean[2] * mean[2] * scale,
      ],
    ] as const;
    const right: Vector = [
      sum[6]! - this.meanTarget * scale * mean[0],
      sum[7]! - this.meanTarget * scale * mean[1],
      sum[8]! - this.meanTarget * scale * mean[2],
    ];
    const reduced = basis.map((u) => {
      const image: Vector = [dot3(matrix[0], u), dot3(matrix[1], u), dot3(matrix[2], u)];
      return basis.map((v) => dot3(v, image));
    });
    const q = basis.map((u) => dot3(u, right));
    const z = shrink(reduced, q, lambda, this.length);
    this.length = Math.hypot(...z);
    const beta = combine(basis, z);
    return {
      beta,
      moment: [
        dot3(matrix[0], beta) - right[0],
        dot3(matrix[1], beta) - right[1],
        dot3(matrix[2], beta) - right[2],
      ],
    };
  }

  /** A condition that surely fails. `rho` bounds the error of moment . n for |n| = 1. */
  private violated(
    place: Place,
    kinks: readonly number[],
    beta: Vector,
    moment: Vector,
    mean: Vector,
    ends: readonly [number, number] | null,
    rho: number,
  ): 'outsideCell' | 'fallsOff' | null {
    const { points, problem } = this;
    const { point, angle, active } = place;
    const direction = unitAt(points, point, angle);
    // beta is a negative multiple of the moment: in a cell exactly, on an edge of its projection,
    // whose error is not larger.
    const vector: Vector = active === null ? beta : [-moment[0], -moment[1], -moment[2]];
    const scale = active === null ? Math.hypot(...beta) / problem.regularization : 1;
    const bound = (rho + this.rounding) * scale * (1 + 1e-9);
    let agreed = false;
    let opposed = false;
    const look = (k: number): void => {
      const [x, y] = points[k] as [number, number];
      const line = vector[0] * x + vector[1] * y + vector[2];
      if (line * line <= bound * bound * (x * x + y * y + 1)) return;
      const wanted =
        k === point && active !== null
          ? active
          : direction[0] * x + direction[1] * y + direction[2] > 0;
      if (line > 0 === wanted) agreed = true;
      else opposed = true;
    };
    // Nearly always the ends of the edge tell.
    ends?.forEach(look);
    if (active !== null) look(point);
    for (let k = 0; k < points.length && !(agreed && opposed); k++) {
      if (!kinks.includes(k)) look(k);
    }
    if (agreed && opposed) return 'outsideCell';
    if (kinks.length === 0) return null;
    // v has the sign with which beta / v points along the state's direction.
    const along = dot3(direction, beta);
    const v = along > 0 ? 1 : -1;
    const bias = (this.meanTarget - dot3(mean, beta)) / (1 + problem.regularization);
    for (const ray of raysOf(points, kinks, direction)) {
      let slope = dot3(moment, ray);
      let error = rho + this.rounding;
      for (const k of kinks) {
        const step = dot3(ray, extended(points[k]!));
        if (Math.abs(step) < 1e-9) continue;
        const side = step * v > 0 ? 1 : problem.negativeSlope;
        slope += side * step * this.weights[k]! * (bias - this.targets[k]!);
        error += Math.abs(step) * (rho * Math.sqrt(this.weights[k]!) + 1e-12);
      }
      if (slope < -error - 1e-8 * problem.regularization) return 'fallsOff';
    }
    return null;
  }

  private stateOf(place: Place, kinks: readonly number[]): PlaneState {
    const { point, angle, active } = place;
    const signs = Int8Array.from(this.points, (_, k) => {
      if (kinks.includes(k)) return 0;
      if (k === point) return active ? 1 : -1;
      return sideOf(this.points, point, k, angle) > 0 ? 1 : -1;
    });
    return { signs, kinks };
  }
}

/** Where a state is: on the circle of `point`, or beside it. */
interface Place {
  readonly point: number;
  /** The other points of a corner. */
  readonly others: readonly number[];
  readonly angle: number;
  /** Side of the circle for a cell; null on it. */
  readonly active: boolean | null;
}

function unitAt(points: readonly (readonly number[])[], i: number, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, s, -c * points[i]![0]! - s * points[i]![1]!];
}

/** An orthonormal basis of the units of a state. */
function basisOf(points: readonly (readonly number[])[], place: Place): Vector[] {
  if (place.active !== null) {
    return [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
  }
  const first = unit3(unitAt(points, place.point, place.angle));
  if (place.others.length > 0) return [first];
  return [first, unit3(cross3(extended(points[place.point]!), first))];
}

/** Directions across the kinks, of length 1, between which the slope is linear. */
function raysOf(
  points: readonly (readonly number[])[],
  kinks: readonly number[],
  direction: Vector,
): Vector[] {
  const both = (ray: Vector): Vector[] => [ray, [-ray[0], -ray[1], -ray[2]]];
  const normals = kinks.map((k) => unit3(extended(points[k]!)));
  return kinks.length === 1
    ? both(normals[0]!)
    : normals.flatMap((normal) => both(unit3(cross3(normal, direction))));
}

/** t z with (t M + lambda) z = q, |z| = 1; zero where |q| <= lambda. See group-lasso.ts on its convergence. */
function shrink(
  matrix: readonly (readonly number[])[],
  q: readonly number[],
  lambda: number,
  start: number,
): number[] {
  if (Math.hypot(...q) <= lambda) return q.map(() => 0);
  let t = start;
  for (let step = 0; ; step++) {
    const shifted = matrix.map((row, i) =>
      row.map((entry, j) => t * entry + (i === j ? lambda : 0)),
    );
    const z = solveSymmetric(shifted, q);
    const length = Math.hypot(...z);
    const image = matrix.map((row) => row.reduce((sum, entry, j) => sum + entry * z[j]!, 0));
    const back = solveSymmetric(shifted, image);
    const slope = z.reduce((sum, entry, k) => sum + entry * back[k]!, 0) / length ** 3;
    const next = Math.max(0, t + (1 - 1 / length) / slope);
    if (step === STEPS || Math.abs(next - t) <= 1e-15 * t) return z.map((entry) => (t * entry) / 1);
    t = next;
  }
}

/** Cramer's rule for one, two or three unknowns. */
function solveSymmetric(m: readonly (readonly number[])[], q: readonly number[]): number[] {
  if (q.length === 1) return [q[0]! / m[0]![0]!];
  if (q.length === 2) {
    const determinant = m[0]![0]! * m[1]![1]! - m[0]![1]! * m[1]![0]!;
    return [
      (q[0]! * m[1]![1]! - q[1]! * m[0]![1]!) / determinant,
      (q[1]! * m[0]![0]! - q[0]! * m[1]![0]!) / determinant,
    ];
  }
  const columns = [0, 1, 2].map((k): Vector => [m[0]![k]!, m[1]![k]!, m[2]![k]!]);
  const [a, b, c] = columns as [Vector, Vector, Vector];
  const right: Vector = [q[0]!, q[1]!, q[2]!];
  const determinant = dot3(a, cross3(b, c));
  return [
    dot3(right, cross3(b, c)) / determinant,
    dot3(a, cross3(right, c)) / determinant,
    dot3(a, cross3(b, right)) / determinant,
  ];
}

function extended(point: readonly number[]): Vector {
  return [point[0]!, point[1]!, 1];
}

function combine(basis: readonly Vector[], z: readonly number[]): Vector {
  const entry = (n: 0 | 1 | 2): number =>
    basis.reduce((sum, vector, k) => sum + z[k]! * vector[n], 0);
  return [entry(0), entry(1), entry(2)];
}

function dot3(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross3(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit3(a: Vector): Vector {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}
