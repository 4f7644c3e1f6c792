/**
 * The largest absolute value of a function that is smooth between given breaks: sampled at
 * Chebyshev points of every panel (ends included, so kinks and end points count), then every
 * local maximum of the samples is refined by golden section.
 */

/** Per panel; a degree-16 polynomial error has at most 17 extrema in all. */
const SAMPLES = 65;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** 0.618^40 of the sample distance: below the square root of the rounding unit, where maxima are flat. */
const REFINEMENTS = 40;

/**
 * max |f| over [breaks_0, breaks_last].
 *
 * @param breaks increasing; the function is smooth inside every panel
 */
export function largestAbsoluteValue(f: (x: number) => number, breaks: readonly number[]): number {
  const size = (x: number): number => Math.abs(f(x));
  let largest = 0;
  for (let k = 0; k + 1 < breaks.length; k++) {
    const left = breaks[k]!;
    const half = (breaks[k + 1]! - left) / 2;
    const points = Array.from(
      { length: SAMPLES },
      (_, i) => left + half * (1 - Math.cos((Math.PI * i) / (SAMPLES - 1))),
    );
    const values = points.map(size);
    for (let i = 0; i < SAMPLES; i++) {
      const value = values[i]!;
      const before = values[i - 1] ?? -1;
      const after = values[i + 1] ?? -1;
      if (value < before || value < after) {
        continue;
      }
      const from = points[Math.max(0, i - 1)]!;
      const to = points[Math.min(SAMPLES - 1, i + 1)]!;
      largest = Math.max(largest, value, goldenMaximum(size, from, to));
    }
  }
  return largest;
}

function goldenMaximum(size: (x: number) => number, from: number, to: number): number {
  let [left, right] = [from, to];
  let inner = right - GOLDEN * (right - left);
  let outer = left + GOLDEN * (right - left);
  let [innerValue, outerValue] = [size(inner), size(outer)];
  for (let step = 0; step < REFINEMENTS; step++) {
    if (innerValue >= outerValue) {
      [right, outer, outerValue] = [outer, inner, innerValue];
      inner = right - GOLDEN * (right - left);
      innerValue = size(inner);
    } else {
      [left, inner, innerValue] = [inner, outer, outerValue];
      outer = left + GOLDEN * (right - left);
      outerValue = size(outer);
    }
  }
  return Math.max(innerValue, outerValue);
}
