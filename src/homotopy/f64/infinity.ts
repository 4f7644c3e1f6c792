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
import type { Path } from './path.js';

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
/** How far the valuation may stray, relative and absolute. */
const VALUATION_DRIFT = 0.06;
const VALUATION_NOISE = 0.002;
/** A coordinate with a larger valuation of its own goes to zero when nothing else remains of it. */
const VANISHING_VALUATION = 0.02;
const VANISHING_REST = 0.05;

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

/** The group that goes to infinity fastest. */
export function fastestGroup(path: Path): { readonly group: number; readonly valuation: number } {
  let fastest = { group: 0, valuation: -Infinity };
  path.structure.groups.forEach((_, group) => {
    const valuation = path.valuation(group);
    if (valuation > fastest.valuation) fastest = { group, valuation };
  });
  return fastest;
}

/**
 * Strides along log s to `bottom` (a value of log s).
 *
 * @returns true when the valuation of the group persisted; false where it strayed or Newton's method
 *   refused a stride of one decade. The path is where it came to.
 */
export function valuationPersists(path: Path, group: number, bottom: number): boolean {
  const valuation = path.valuation(group);
  while (path.v > bottom * (1 - 1e-12)) {
    let length = Math.min(FIRST_STRIDE, path.v - bottom);
    while (!path.stride(path.v - length, strideDifference(path, length))) {
      if (length <= 1.001 * SHORTEST_STRIDE) return false;
      length = Math.max(SHORTEST_STRIDE, length / 2);
    }
    const drift = Math.abs(path.valuation(group) - valuation);
    if (!(drift <= VALUATION_DRIFT * valuation + VALUATION_NOISE)) return false;
  }
  return true;
}

/**
 * How far each coordinate moves while log s falls by `length`, if it is a constant plus one exponential
 * with the exponent w that the last two tangents show: x' (exp(-w l) - 1) / w. Where the constant is
 * nothing, as for x_0g, the coordinate's own valuation is the better exponent.
 */
function strideDifference(path: Path, length: number): Float64Array {
  const { point, derivative, structure } = path;
  const out = new Float64Array(point.length);
  const tangents = path.history.lastTwo();
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

/** Weaker evidence, for paths that cannot be followed further. */
export function seemsToEscape(path: Path, history: readonly (readonly number[])[]): boolean {
  const s = Math.exp(path.v);
  return history.some((values, g) => {
    const om = path.valuation(g);
    const size = path.homogenisingSize(g);
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
