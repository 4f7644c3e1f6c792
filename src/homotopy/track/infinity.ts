/**
 * Is the end of a path at infinity? A valuation proposes it, two things decide.
 *
 * The valuation om_g = d log x_0g / d log s of a homogenising coordinate has a limit > 0 exactly at
 * infinity, but finite ends sit on plateaus of it, for cyclic-7 down to s = 3e-6, for cassou down to
 * s = 1e-17. So a stable valuation is a proposal, and then
 *   the leading forms must vanish there (target-terms.ts), and
 *   the valuation must persist, which strides of up to four decades of s along the power laws that the
 *   path obeys by then tell for ten Newton iterations instead of ten a decade.
 * What is not decided by that is doubtful and needs more digits.
 *
 * Over 6,219 true ends at infinity the leading residual was at most 7.7e-3 where they were proposed,
 * and below 1e-8 for 93.5% at the end of the strides.
 */
import type { Stepwise } from '../../math/stepwise.js';
import type { PathTracker } from './path-tracker.js';
import type { TargetTerms } from './target-terms.js';

/** A leading residual above this is no infinity. */
export const SURELY_FINITE = 1e-2;
/** Below this a valuation that persisted is believed. */
const CONFIRMED_RESIDUAL = 1e-8;
/** Below this it is believed where the path cannot be followed on. */
const LIMIT_RESIDUAL = 1e-10;
/** om below this is "finite so far". */
export const FINITE_VALUATION = 0.05;
const FIRST_STRIDE = 4 * Math.LN10;
const SHORTEST_STRIDE = Math.LN10;
const SHORTEST_PRECISE_STRIDE = Math.LN10 / 5;
/** How far the valuation may stray, relative and absolute. */
const VALUATION_DRIFT = 0.06;
const VALUATION_NOISE = 0.002;
/** A coordinate with a larger valuation of its own goes to zero when nothing else remains of it. */
const VANISHING_VALUATION = 0.02;
const VANISHING_REST = 0.05;
const LARGEST_WINDING = 16;
const WINDING_TOLERANCE = 0.03;

/** Three checkpoints agree within 3% and the differences shrink: excludes every finite end with winding <= 35. */
export function isStable(values: readonly number[]): boolean {
  if (values.length < 3) return false;
  const [a, b, c] = values.slice(-3) as [number, number, number];
  const d0 = Math.abs(c - b);
  const d1 = Math.abs(b - a);
  return c >= FINITE_VALUATION && d0 <= 0.03 * c && d1 <= 0.045 * c && d0 <= d1 + 1e-3;
}

export function isLongPlateau(values: readonly number[]): boolean {
  if (values.length < 9) return false;
  const recent = values.slice(-9);
  const last = recent.at(-1)!;
  return (
    last >= FINITE_VALUATION && recent.every((value) => Math.abs(value - last) <= 0.015 * last)
  );
}

/** A group that may be going to infinity. */
const LEAST_POLE_S = 1e-3;

export interface Escape {
  readonly group: number;
  readonly valuation: number;
  /** How well the leading forms of the group vanish. */
  readonly residual: number;
}

/**
 * The group that shows best that the path goes to infinity: of those with a valuation the one whose leading
 * forms vanish best (one group at infinity is enough: with two of valuation 1/4 the residuals of the
 * 1-2-1 network are 2e-5 and 5e-15); where there is none the fastest.
 */
export function bestEscape(path: PathTracker, terms: TargetTerms): Escape {
  let best: Escape | null = null;
  let fastest: Escape | null = null;
  path.structure.groups.forEach((_, group) => {
    const valuation = path.valuation(group);
    const escape = { group, valuation, residual: terms.leadingResidual(path.point, group) };
    if (!fastest || valuation > fastest.valuation) fastest = escape;
    if (valuation >= FINITE_VALUATION && !(escape.residual >= (best?.residual ?? Infinity))) {
      best = escape;
    }
  });
  return best ?? fastest!;
}

/**
 * Strides along log s to `bottom` (a value of log s), while there are factorisations left.
 *
 * @returns true when the valuation of the group persisted; false where it strayed or Newton's method
 *   refused the shortest stride. The path is where it came to.
 */
export function* valuationPersists(
  path: PathTracker,
  group: number,
  bottom: number,
  lastFactorisation: number,
): Stepwise<boolean> {
  const valuation = path.valuation(group);
  const shortest = path.kernel.low === null ? SHORTEST_STRIDE : SHORTEST_PRECISE_STRIDE;
  let length = FIRST_STRIDE;
  let favourite = 0;
  while (path.v > bottom * (1 - 1e-12)) {
    if (path.factorisations > lastFactorisation) return false;
    length = Math.min(length, path.v - bottom);
    const predictor = strides(path, length, valuation, favourite);
    if (path.isPause(0)) yield;
    if (predictor === null) {
      if (length <= 1.001 * shortest) return false;
      length = Math.max(shortest, length / 2);
      continue;
    }
    favourite = predictor;
    const drift = Math.abs(path.valuation(group) - valuation);
    if (!(drift <= VALUATION_DRIFT * valuation + VALUATION_NOISE)) return false;
    length = Math.min(FIRST_STRIDE, 2 * length);
  }
  return true;
}

/**
 * One stride, predicted by power series as long as they may converge, or coordinate by coordinate.
 *
 * @param favourite the predictor to try first.
 * @returns the predictor that served, or null.
 */
function strides(
  path: PathTracker,
  length: number,
  valuation: number,
  favourite: number,
): number | null {
  const v = path.v - length;
  const winding = path.predictor.isFull ? likelyWinding(valuation) : 0;
  const predictors = winding > 0 ? [winding, 2 * winding, 0] : [0];
  if (predictors.includes(favourite))
    predictors.sort((a, b) => +(b === favourite) - +(a === favourite));
  for (const predictor of predictors) {
    const difference =
      predictor > 0
        ? path.predictor.predictDifference(v, predictor)
        : strideDifference(path, length);
    if (path.stride(v, difference)) return predictor;
  }
  return null;
}

/** The smallest m for which the valuation is about k / m; 0 when there is none. */
export function likelyWinding(valuation: number): number {
  for (let m = 1; m <= LARGEST_WINDING; m++) {
    const k = Math.round(valuation * m);
    // Six coefficients of the series are known.
    if (k > 5) return 0;
    if (k > 0 && Math.abs(valuation - k / m) <= WINDING_TOLERANCE * valuation) return m;
  }
  return 0;
}

/**
 * How far each coordinate moves while log s falls by `length`, if it is a constant plus one exponential
 * with the exponent w that the last two tangents show: x' (exp(-w l) - 1) / w. Where the constant is
 * nothing, as for x_0g, the coordinate's own valuation is the better exponent.
 */
function strideDifference(path: PathTracker, length: number): Float64Array {
  const { point, derivative, structure } = path;
  const out = new Float64Array(point.length);
  const tangents = path.predictor.lastTwo();
  for (let j = 0; j < structure.coordinates; j++) {
    const re = point[2 * j]!;
    const im = point[2 * j + 1]!;
    const dr = derivative[2 * j]!;
    const di = derivative[2 * j + 1]!;
    const speed = Math.hypot(dr, di);
    if (speed === 0 || path.charts[structure.groupOf[j]!] === j) continue;
    const size = Math.hypot(re, im);
    const own = (dr * re + di * im) / (size * size);
    const before = tangents && Math.hypot(tangents.before[2 * j]!, tangents.before[2 * j + 1]!);
    const decay = before ? Math.log(speed / before) / tangents.gap : own;
    const vanishes =
      j >= structure.variables ||
      (own > VANISHING_VALUATION &&
        !(Math.hypot(re - dr / decay, im - di / decay) >= VANISHING_REST * size));
    if (vanishes) {
      const growth = Math.expm1(-own * length);
      out[2 * j] = re * growth;
      out[2 * j + 1] = im * growth;
    } else {
      const exponent = Math.max(decay, VANISHING_VALUATION);
      const growth = Math.expm1(-exponent * length) / exponent;
      out[2 * j] = dr * growth;
      out[2 * j + 1] = di * growth;
    }
  }
  return out;
}

/** What is said of a path that was proposed to be at infinity. */
export function judgeInfinity(persists: boolean, residual: number): 'atInfinity' | 'doubtful' {
  return residual < (persists ? CONFIRMED_RESIDUAL : LIMIT_RESIDUAL) ? 'atInfinity' : 'doubtful';
}

/**
 * Whether a path that got stuck only passes next to infinity. Towards infinity |x_0| falls as s^om from at most 1, so it is
 * tiny where om is large; next to a pole s* the path has x_0 ~ s - s*, and om = s / (s - s*) is large because the pole is
 * near (5-point TDOA: |x_0| of 1e-4 with om = 38 at s = 0.045). Asked where s is large: poles lie anywhere in (0, 1), so
 * hardly any further down, where a valuation may still be growing.
 */
export function passesInfinity(size: number, valuation: number, s: number): boolean {
  return s > LEAST_POLE_S && size > s ** (valuation / 2);
}

/** Weaker evidence, for paths that cannot be followed further. */
export function seemsToEscape(path: PathTracker, history: readonly (readonly number[])[]): boolean {
  const s = Math.exp(path.v);
  return history.some((values, g) => {
    const om = path.valuation(g);
    const size = path.homogenisingSize(g);
    if (passesInfinity(size, om, s)) return false;
    const previous = values.at(-1) ?? 0;
    const pair = values.slice(-2);
    const triple = values.slice(-3);
    return (
      (size < 1e-4 && om > 0.5) ||
      (size < 1e-3 && om > 0.3 && previous > 0.3 && Math.abs(om - previous) < 0.35 * om) ||
      (size < 1e-3 &&
        pair.length === 2 &&
        pair.every((value) => value > 0.3) &&
        spread(pair) < 0.35) ||
      (s <= 1e-6 &&
        size < 0.03 &&
        triple.length === 3 &&
        triple[2]! >= FINITE_VALUATION &&
        spread(triple) < 0.15)
    );
  });
}

function spread(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest > 0 ? (largest - Math.min(...values)) / largest : Infinity;
}
