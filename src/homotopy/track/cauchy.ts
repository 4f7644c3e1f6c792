/**
 * Cauchy loops: the end point of a path with winding number m as the mean of x over m turns
 * around s = 0.
 *
 * A mean alone proves nothing (with branch points inside the circle it is constant in the radius
 * too). The proof is in the negative-frequency Fourier coefficients, which vanish exactly when
 * x(s) is a power series in s^(1/m) on the disc. (Morgan, Sommese, Wampler 1991; Bertini.)
 */
import type { Stepwise } from '../../math/stepwise.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import type { PathTracker } from './path-tracker.js';
import { circleRoute, logRoute } from './route.js';
import { mainRules, type StepRules } from './step-rules.js';
import type { TargetTerms } from './target-terms.js';

export interface CauchyResult {
  readonly winding: number;
  /** Mean over the loop, 2N projective coordinates. */
  readonly limit: Float64Array;
  /** m = 1 and Newton's method converges at s = 0: the kernel holds the regular zero. */
  readonly regular: boolean;
  readonly atInfinity: boolean;
  /** The path's point where the loop began, 2N, and the largest distance of the loop from it. */
  readonly start: Float64Array;
  readonly size: number;
}

const SAMPLES = 8;
/** From one sample to the next three are usual; where rounding alone makes larger corrections than are aimed at, steps shrink without end. */
const STEPS_PER_SAMPLE = 200;
const LARGEST_WINDING = 24;
/** Largest negative-frequency coefficient relative to the positive ones. */
const NEGATIVE_PART = 1e-4;
const LARGEST_RESIDUAL = 1e-8;
/** Of the scale-free residual: 1e-6 at all true ends of 16 systems and 1 at a false one. */
const LARGEST_SCALED_RESIDUAL = 1e-6;
/** The mean has few digits: parts below these may be rounding of 0, without which a term cannot vanish. */
const ZERO_PARTS = [0, 1e-9, 1e-7, 1e-5];

const circleRules: StepRules = {
  ...mainRules,
  minimumIterations: 2,
  relativeWeight: 0.01,
  tangentError: Infinity,
  firstStep: 0.1,
  largestStep: Math.PI / 4,
  smallestStep: 1e-4,
};

/** @returns null when the loop does not close or its evidence is not good enough; `path` is back where it was. */
export function* cauchyLoop(
  path: PathTracker,
  radius: number,
  terms: TargetTerms,
): Stepwise<CauchyResult | null> {
  const before = path.snapshot();
  const v = path.v;
  const result = yield* walk(path, radius, terms);
  if (result?.regular) return result;
  path.resume(before);
  path.setRoute(logRoute, v);
  return result;
}

function* walk(
  path: PathTracker,
  radius: number,
  terms: TargetTerms,
): Stepwise<CauchyResult | null> {
  const charts = path.charts.slice();
  const samples: Float64Array[] = [path.point.slice()];
  path.setRoute(circleRoute(radius), 0);
  for (let m = 1; m <= LARGEST_WINDING; m++) {
    for (let k = 1; k <= SAMPLES; k++) {
      const end = 2 * Math.PI * (m - 1 + k / SAMPLES);
      for (let steps = 0; path.v < end; steps++) {
        if (steps === STEPS_PER_SAMPLE) return null;
        let speed = 0;
        for (const part of path.derivative) speed = Math.max(speed, Math.abs(part));
        const tolerance = Math.min(1e-4, Math.max(0.02 * speed, 1e4 * path.kernel.epsilon));
        if (path.step(end, circleRules, tolerance) === 'stuck') return null;
      }
      if (!path.polish()) return null;
      samples.push(inCharts(path, charts));
      yield;
    }
    const first = samples[0]!;
    const size = Math.max(...samples.map((sample) => distance(sample, first)));
    if (distance(samples.at(-1)!, first) < 1e-3 * size) {
      samples.pop();
      return judge(path, samples, m, size, terms);
    }
  }
  return null;
}

/** Normalised to the charts of the loop's start, so that samples can be averaged. */
function inCharts(path: PathTracker, charts: Int32Array): Float64Array {
  const out = path.point.slice();
  const { groupOf } = path.structure;
  for (let j = 0; j < groupOf.length; j++) {
    const k = charts[groupOf[j]!]!;
    const cr = path.point[2 * k]!;
    const ci = path.point[2 * k + 1]!;
    const norm = cr * cr + ci * ci;
    const re = path.point[2 * j]!;
    const im = path.point[2 * j + 1]!;
    out[2 * j] = (re * cr + im * ci) / norm;
    out[2 * j + 1] = (im * cr - re * ci) / norm;
  }
  return out;
}

function judge(
  path: PathTracker,
  samples: readonly Float64Array[],
  winding: number,
  loopSize: number,
  terms: TargetTerms,
): CauchyResult | null {
  const count = samples.length;
  const length = samples[0]!.length;
  const amplitude = (frequency: number): Float64Array => {
    const sum = new Float64Array(length);
    samples.forEach((sample, t) => {
      const angle = (-2 * Math.PI * frequency * t) / count;
      const c = Math.cos(angle) / count;
      const s = Math.sin(angle) / count;
      for (let k = 0; k < length; k += 2) {
        sum[k]! += c * sample[k]! - s * sample[k + 1]!;
        sum[k + 1]! += c * sample[k + 1]! + s * sample[k]!;
      }
    });
    return sum;
  };
  let positive = 0;
  let negative = 0;
  for (let f = 1; f < count / 2; f++) {
    positive = Math.max(positive, norm(amplitude(f)));
    negative = Math.max(negative, norm(amplitude(-f)));
  }
  if (!(negative < NEGATIVE_PART * positive)) return null;

  const limit = amplitude(0);
  path.place(limit);
  const singularity = path.iterate(0, 0);
  const residual = Math.max(...path.kernel.value.map(Math.abs));
  if (!(residual < LARGEST_RESIDUAL)) return null;
  const projective = path.kernel.point.slice();
  const loop = { winding, start: samples[0]!, size: loopSize };
  if (winding === 1 && path.jump(projective, 1e-3)) {
    return { ...loop, limit: path.kernel.point.slice(), regular: true, atInfinity: false };
  }
  const kind = classOfMean(path.structure, terms, limit, loopSize * (negative / positive));
  if (kind === null) return null;
  // x(s) is analytic: a zero that is not regular lies on a positive-dimensional set, where the
  // Jacobian is singular to rounding (1e-13 and below on redcyc, proddeco, cyclic-4).
  if (winding === 1 && singularity > path.smallestPivotRatio()) return null;
  return { ...loop, limit: projective, regular: false, atInfinity: kind === 'atInfinity' };
}

/**
 * Where the mean of a loop is that is no regular zero.
 *
 * @param mean 2N, in the charts of the loop's start
 * @param error how far the negative part says that it may be off
 * @returns null where it is no zero, or cannot be told from one at infinity
 */
export function classOfMean(
  structure: HomotopyStructure,
  terms: TargetTerms,
  mean: Float64Array,
  error: number,
): 'singular' | 'atInfinity' | null {
  if (!ZERO_PARTS.some((part) => terms.residual(snap(mean, part)) < LARGEST_SCALED_RESIDUAL))
    return null;
  const sizes = structure.groups.map((_, g) => {
    const at = 2 * (structure.variables + g);
    return Math.hypot(mean[at]!, mean[at + 1]!);
  });
  if (sizes.some((size) => size < 1e-9)) return 'atInfinity';
  return sizes.every((size) => size > 1e-5 && size > 30 * error) ? 'singular' : null;
}

/** Parts smaller than `part` times the largest are 0. */
function snap(point: Float64Array, part: number): Float64Array {
  const limit = part * point.reduce((largest, each) => Math.max(largest, Math.abs(each)), 0);
  return point.map((each) => (Math.abs(each) < limit ? 0 : each));
}

function norm(vector: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < vector.length; k += 2) {
    largest = Math.max(largest, Math.hypot(vector[k]!, vector[k + 1]!));
  }
  return largest;
}

function distance(a: Float64Array, b: Float64Array): number {
  return norm(a.map((part, k) => part - b[k]!));
}
