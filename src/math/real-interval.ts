/**
 * Real interval arithmetic in f64: pairs that surely contain the exact result, rounded outwards as
 * in `interval.ts`. Plain values for a few thousand operations; tracking has its own, in place.
 */
import { above, below } from './interval.js';

/** All real numbers from `low` to `high`; infinite or NaN bounds prove nothing. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const ZERO: Interval = { low: 0, high: 0 };
export const ONE: Interval = { low: 1, high: 1 };

/** The f64 itself. */
export function exactly(value: number): Interval {
  return { low: value, high: value };
}

export function plus(a: Interval, b: Interval): Interval {
  return { low: below(a.low + b.low), high: above(a.high + b.high) };
}

export function minus(a: Interval, b: Interval): Interval {
  return { low: below(a.low - b.high), high: above(a.high - b.low) };
}

export function negated(a: Interval): Interval {
  return { low: -a.high, high: -a.low };
}

export function times(a: Interval, b: Interval): Interval {
  const products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high] as const;
  return { low: below(Math.min(...products)), high: above(Math.max(...products)) };
}

/** a / b; everything when b may be zero. */
export function over(a: Interval, b: Interval): Interval {
  if (!(b.low > 0 || b.high < 0)) return { low: -Infinity, high: Infinity };
  const quotients = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high] as const;
  return { low: below(Math.min(...quotients)), high: above(Math.max(...quotients)) };
}

/** a^2, which is never negative. */
export function squared(a: Interval): Interval {
  const size = absolute(a);
  return { low: Math.max(0, below(size.low * size.low)), high: above(size.high * size.high) };
}

/** The square root of what is not negative in a. */
export function root(a: Interval): Interval {
  return {
    low: Math.max(0, below(Math.sqrt(Math.max(0, a.low)))),
    high: above(Math.sqrt(Math.max(0, a.high))),
  };
}

/** |a| */
export function absolute(a: Interval): Interval {
  if (a.low >= 0) return a;
  if (a.high <= 0) return negated(a);
  return { low: 0, high: Math.max(-a.low, a.high) };
}

/** The larger of the two. */
export function larger(a: Interval, b: Interval): Interval {
  return { low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) };
}

/** 1 or -1 when all of a has that sign, else 0: not decided. */
export function signOf(a: Interval): -1 | 0 | 1 {
  if (a.low > 0) return 1;
  return a.high < 0 ? -1 : 0;
}

export function sumOf(terms: readonly Interval[]): Interval {
  return terms.reduce(plus, ZERO);
}

export function dotOf(a: readonly Interval[], b: readonly Interval[]): Interval {
  return a.reduce((sum, entry, k) => plus(sum, times(entry, b[k]!)), ZERO);
}

/** |a|, Euclidean. */
export function lengthOf(a: readonly Interval[]): Interval {
  return root(sumOf(a.map(squared)));
}

/** An f64 inside. */
export function midpoint(a: Interval): number {
  const middle = a.low + (a.high - a.low) / 2;
  return Math.min(a.high, Math.max(a.low, middle));
}

/** True when a lies in the interior of b. */
export function liesInside(a: Interval, b: Interval): boolean {
  return a.low > b.low && a.high < b.high;
}
