/**
 * What the convex problems of all combinations are made of: Gram entries of any two states in O(1)
 * from sums over the first k data points, with the output bias eliminated,
 *
 *   c = (E t - sum_j m_j . beta_j) / (1 + lambda),  m_j = E s_j (x, 1),
 *
 * where s_j(x) is the slope of unit j at x, 1 or the negative slope. Every state has an orthonormal
 * basis: the plane's for open states; for a kink at x_k the unit's line, (1, -x_k), and its normal.
 */
import { exactly, midpoint, plus, times, ZERO, type Interval } from '../../math/real-interval.js';
import type { MergedSamples } from './merge-samples.js';
import { kindOf, unitStates, type UnitState } from './unit-states.js';

/** One convex problem per combination: data, activation and lambda in common. */
export interface ReluProblem {
  readonly samples: MergedSamples;
  /** Slope of the activation on z < 0, in [0, 1): 0 is relu. */
  readonly negativeSlope: number;
  /** lambda > 0 */
  readonly regularization: number;
}

/** Numbers per block of two states, row by row. */
export const BLOCK = 4;
const UNIT_ROUNDOFF = 2 ** -53;

/** Sums over the first k points, and a bound of their errors. */
class PrefixSums {
  readonly values: Float64Array;
  error = 0;
  largest = 0;

  constructor(terms: readonly Interval[]) {
    this.values = new Float64Array(terms.length + 1);
    let sum = ZERO;
    let sizes = 0;
    terms.forEach((term, k) => {
      sum = plus(sum, term);
      sizes += Math.max(Math.abs(term.low), Math.abs(term.high));
      this.values[k + 1] = midpoint(sum);
      this.error = Math.max(this.error, sum.high - sum.low);
    });
    this.largest = sizes;
  }

  over(from: number, to: number): number {
    return to > from ? this.values[to]! - this.values[from]! : 0;
  }
}

export class StateTables {
  readonly states: readonly UnitState[];
  readonly kinds: Int32Array;
  /** 2 for open states, 1 at kinks. */
  readonly dimensions: Uint8Array;
  /** Four numbers per state: first basis vector, second basis vector. */
  readonly bases: Float64Array;
  /** Two numbers per state, in its basis: q. */
  readonly linear: Float64Array;
  /** Two numbers per state, in its basis: m, what c loses by it times 1 + lambda. */
  readonly means: Float64Array;
  /** Four numbers per state: its block with itself. */
  readonly diagonal: Float64Array;
  /** Inputs, weights and targets rounded to f64. */
  readonly x: Float64Array;
  readonly weights: Float64Array;
  readonly targets: Float64Array;
  readonly lambda: number;
  readonly slope: number;
  readonly meanTarget: number;
  /** F(0) - F(beta) <= this for every combination; F counts from there. */
  readonly zeroLoss: number;
  /** |entry| of any block or q, and a bound of its error. */
  readonly largestEntry: number;
  readonly entryError: number;

  private readonly w: PrefixSums;
  private readonly wx: PrefixSums;
  private readonly wxx: PrefixSums;
  private readonly wt: PrefixSums;
  private readonly wtx: PrefixSums;

  constructor({ samples, negativeSlope, regularization }: ReluProblem) {
    const points = samples.points.map((point) => exactly(point[0]!));
    const m = points.length;
    this.states = unitStates(m, negativeSlope !== 0);
    this.lambda = regularization;
    this.slope = negativeSlope;
    this.x = Float64Array.from(points, midpoint);
    this.weights = Float64Array.from(samples.weights, midpoint);
    this.targets = Float64Array.from(samples.targets, midpoint);
    const product = (...factors: readonly (readonly Interval[])[]): PrefixSums =>
      new PrefixSums(
        points.map((_, k) => factors.map((factor) => factor[k]!).reduce(times, exactly(1))),
      );
    this.w = product(samples.weights);
    this.wx = product(samples.weights, points);
    this.wxx = product(samples.weights, points, points);
    this.wt = product(samples.weights, samples.targets);
    this.wtx = product(samples.weights, samples.targets, points);
    const sums = [this.w, this.wx, this.wxx, this.wt, this.wtx];
    this.meanTarget = this.wt.over(0, m);
    const squares = this.targets.reduce((sum, t, k) => sum + this.weights[k]! * t * t, 0);
    this.zeroLoss = squares / 2;
    const largest = Math.max(1, ...sums.map((sum) => sum.largest));
    // A block is U' (F - m m' / (1 + lambda)) V: fewer than 64 operations on sums, whose products are
    // at most largest^2, with orthonormal U and V, whose entries add up to at most 2 each.
    this.largestEntry = 8 * largest * largest;
    const error = 4 * Math.max(...sums.map((sum) => sum.error));
    this.entryError = 8 * largest * error + 64 * UNIT_ROUNDOFF * this.largestEntry;
    const count = this.states.length;
    this.kinds = Int32Array.from(this.states, (state) => kindOf(state, m));
    this.dimensions = Uint8Array.from(this.states, ({ kink }) => (kink === null ? 2 : 1));
    this.bases = new Float64Array(BLOCK * count);
    this.linear = new Float64Array(2 * count);
    this.means = new Float64Array(2 * count);
    this.diagonal = new Float64Array(BLOCK * count);
    for (let s = 0; s < count; s++) this.fillState(s);
    const block = new Float64Array(BLOCK);
    for (let s = 0; s < count; s++) {
      this.fillBlock(s, s, block, 0);
      this.diagonal.set(block, BLOCK * s);
    }
  }

  /** row[BLOCK * t ..] = the block of states s and t, rows in the basis of s. */
  fillRow(s: number, row: Float64Array): void {
    for (let t = 0; t < this.states.length; t++) this.fillBlock(s, t, row, BLOCK * t);
  }

  /** sqrt(E (s_j (x, 1) . n)^2): how much a moment g_j . n moves per unit of |change of y|. */
  sensitivity(s: number, normalX: number, normalY: number): number {
    const { from, to } = this.states[s]!;
    const m = this.x.length;
    const a = this.slope;
    const mean = (sums: PrefixSums): number =>
      a * a * sums.over(0, m) + (1 - a * a) * sums.over(from, to);
    const square =
      normalX * normalX * mean(this.wxx) +
      2 * normalX * normalY * mean(this.wx) +
      normalY * normalY * mean(this.w);
    const size = (Math.abs(normalX) + Math.abs(normalY)) ** 2;
    return Math.sqrt(Math.max(0, square) + size * this.entryError) * (1 + 1e-12);
  }

  private fillState(s: number): void {
    const { kink, from, to } = this.states[s]!;
    const { bases, linear, means, lambda } = this;
    const at = BLOCK * s;
    if (kink === null) {
      bases[at] = bases[at + 3] = 1;
    } else {
      const x = this.x[kink]!;
      const length = Math.sqrt(1 + x * x);
      bases[at] = bases[at + 3] = 1 / length;
      bases[at + 1] = -x / length;
      bases[at + 2] = x / length;
    }
    const [mx, m1] = [this.mean(this.wx, from, to), this.mean(this.w, from, to)];
    const share = this.meanTarget / (1 + lambda);
    const qx = this.mean(this.wtx, from, to) - share * mx;
    const q1 = this.mean(this.wt, from, to) - share * m1;
    for (let i = 0; i < 2; i++) {
      const [u, v] = [bases[at + 2 * i]!, bases[at + 2 * i + 1]!];
      linear[2 * s + i] = u * qx + v * q1;
      means[2 * s + i] = u * mx + v * m1;
    }
  }

  /** out[at ..] = the block of two states, rows in the basis of s. */
  fillBlock(s: number, t: number, out: Float64Array, at: number): void {
    const a = this.states[s]!;
    const b = this.states[t]!;
    const { bases, slope, lambda } = this;
    const m = this.x.length;
    const from = Math.max(a.from, b.from);
    const to = Math.min(a.to, b.to);
    let [xx, x1, one] = [this.wxx.over(from, to), this.wx.over(from, to), this.w.over(from, to)];
    if (slope !== 0) {
      const [inner, one_, all] = [(1 - slope) ** 2, slope * (1 - slope), slope * slope];
      const mix = (sums: PrefixSums, both: number): number =>
        inner * both +
        one_ * (sums.over(a.from, a.to) + sums.over(b.from, b.to)) +
        all * sums.over(0, m);
      [xx, x1, one] = [mix(this.wxx, xx), mix(this.wx, x1), mix(this.w, one)];
    }
    const ax = this.mean(this.wx, a.from, a.to);
    const a1 = this.mean(this.w, a.from, a.to);
    const bx = this.mean(this.wx, b.from, b.to) / (1 + lambda);
    const b1 = this.mean(this.w, b.from, b.to) / (1 + lambda);
    xx -= ax * bx;
    const x1ab = x1 - ax * b1;
    const x1ba = x1 - a1 * bx;
    one -= a1 * b1;
    const [u, v] = [BLOCK * s, BLOCK * t];
    for (let i = 0; i < 2; i++) {
      const p = bases[u + 2 * i]! * xx + bases[u + 2 * i + 1]! * x1ba;
      const r = bases[u + 2 * i]! * x1ab + bases[u + 2 * i + 1]! * one;
      out[at + 2 * i] = p * bases[v]! + r * bases[v + 1]!;
      out[at + 2 * i + 1] = p * bases[v + 2]! + r * bases[v + 3]!;
    }
  }

  /** E s_j f for the function f whose sums are given. */
  private mean(sums: PrefixSums, from: number, to: number): number {
    const inside = sums.over(from, to);
    return this.slope === 0
      ? inside
      : this.slope * sums.over(0, this.x.length) + (1 - this.slope) * inside;
  }
}
