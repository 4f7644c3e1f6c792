/** Medians, ranges and the order of paired rounds. */

/** Middle value of a list of numbers (mean of the two middle ones); NaN of none. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** { median, smallest, largest, count } of a list; null of none. */
export function summary(values) {
  if (values.length === 0) return null;
  return {
    median: median(values),
    smallest: Math.min(...values),
    largest: Math.max(...values),
    count: values.length,
  };
}

/** A uniform random generator on [0, 1) from a 32-bit seed (mulberry32). */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A copy in random order (Fisher and Yates): no contender always runs after the same other.
 *
 * @template Item
 * @param {readonly Item[]} list
 * @param {() => number} random
 * @returns {Item[]}
 */
export function shuffled(list, random) {
  const copy = [...list];
  for (let k = copy.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [copy[k], copy[other]] = [copy[other], copy[k]];
  }
  return copy;
}
