/**
 * Boxes that meet another one: their zeros are not proved to be distinct.
 *
 * Of each box two numbers are kept, an interval that holds w . x for all of its points and one fixed w. Where these
 * intervals are disjoint the boxes are; the few others are asked for again and compared in every coordinate.
 */
import * as interval from '../../math/interval.js';
import { enlarged } from '../../math/rows.js';
import { sortedOrder } from '../../math/sorted-order.js';
import type { Stepwise } from '../../math/stepwise.js';

const { STRIDE } = interval;
/** More than all rounding of a sum, relative to its largest partial sum, per term. */
const ROUNDING = 2 ** -51;
const BOXES_PER_STEP = 1024;
const FIRST_CAPACITY = 64;

export class BoxOverlaps {
  private size = 0;
  private lows = new Float64Array(FIRST_CAPACITY);
  private highs = new Float64Array(FIRST_CAPACITY);

  /** @param box as in certificates; null where nothing was proved. */
  add(box: Float64Array | null): void {
    if (this.size === this.lows.length) {
      this.lows = enlarged(this.lows, 2 * this.size);
      this.highs = enlarged(this.highs, 2 * this.size);
    }
    const [low, high] = box ? shadowOf(box) : [Infinity, -Infinity];
    this.lows[this.size] = low;
    this.highs[this.size++] = high;
  }

  /**
   * @param boxOf a box that was added, by its number.
   * @returns the numbers of the boxes that meet another one.
   */
  *meeting(boxOf: (index: number) => Float64Array): Stepwise<Set<number>> {
    const { lows, highs, size } = this;
    const order = yield* sortedOrder(lows.subarray(0, size));
    const meeting = new Set<number>();
    const boxes = new Map<number, Float64Array>();
    const boxAt = (index: number): Float64Array => {
      const box = boxes.get(index) ?? boxOf(index);
      boxes.set(index, box);
      return box;
    };
    for (let position = 0; position < size; position++) {
      const a = order[position]!;
      if (position % BOXES_PER_STEP === 0) yield;
      for (let next = position + 1; next < size; next++) {
        const b = order[next]!;
        if (!(lows[b]! <= highs[a]!)) break;
        if (meet(boxAt(a), boxAt(b))) meeting.add(a).add(b);
        yield;
      }
    }
    return meeting;
  }
}

/** Bounds of w . x over a box; everything where the box has no bound. */
function shadowOf(box: Float64Array): [number, number] {
  let [low, high, size] = [0, 0, 0];
  for (let k = 0; k < box.length; k += 2) {
    // Fixed irrational weights serve as general ones; coincidences only cost time.
    const weight = Math.sin(0.7 + 1.9 * k);
    const [one, other] = [weight * box[k]!, weight * box[k + 1]!];
    low += Math.min(one, other);
    high += Math.max(one, other);
    size += Math.max(Math.abs(one), Math.abs(other));
  }
  const margin = ROUNDING * box.length * size;
  return Number.isFinite(margin) ? [low - margin, high + margin] : [-Infinity, Infinity];
}

function meet(a: Float64Array, b: Float64Array): boolean {
  for (let k = 0; k < a.length; k += STRIDE) {
    if (interval.areDisjoint(a, k, b, k)) return false;
  }
  return true;
}
