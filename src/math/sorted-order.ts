import type { Stepwise } from './stepwise.js';

/** Keys that are sorted in one step. */
const RUN = 4096;

/**
 * The order that sorts keys, smallest first, equal ones as they stand: a merge sort in steps, for a million
 * keys take a second.
 */
export function* sortedOrder(keys: ArrayLike<number>): Stepwise<Uint32Array> {
  const count = keys.length;
  let order = new Uint32Array(count);
  for (let k = 0; k < count; k++) order[k] = k;
  let merged = new Uint32Array(count);
  for (let first = 0; first < count; first += RUN) {
    order.subarray(first, first + RUN).sort((a, b) => keys[a]! - keys[b]!);
    yield;
  }
  for (let width = RUN; width < count; width *= 2) {
    for (let first = 0; first < count; first += 2 * width) {
      const middle = Math.min(first + width, count);
      const end = Math.min(first + 2 * width, count);
      let [a, b] = [first, middle];
      for (let to = first; to < end; to++) {
        const takesFirst = b === end || (a < middle && keys[order[a]!]! <= keys[order[b]!]!);
        merged[to] = takesFirst ? order[a++]! : order[b++]!;
        if (to % RUN === 0) yield;
      }
    }
    [order, merged] = [merged, order];
  }
  return order;
}
