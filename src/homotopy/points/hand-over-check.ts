/**
 * Did two paths become one? At the same s > 0 all paths of a homotopy are distinct points, so two
 * that pass the same point at s = 0.1 prove that one of them jumped, even when both then go to infinity
 * and no duplicate solution would ever show it.
 *
 * Only the four invariants of each path are kept.
 */
import { enlarged } from '../../math/rows.js';
import { sortedOrder } from '../../math/sorted-order.js';
import type { Stepwise } from '../../math/stepwise.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { INVARIANTS, ProjectiveInvariants } from './projective-invariants.js';

/** f32 points are accepted with errors of about 1e-6; distinct paths this near in all four invariants are rare, and then only cost time. */
const SAME_POINT = 1e-4;
const PATHS_PER_STEP = 1024;
const FIRST_CAPACITY = 256;

export class HandOverCheck {
  /** Paths that have a point here. */
  private size = 0;
  private ids = new Uint32Array(FIRST_CAPACITY);
  private invariants = new Float64Array(FIRST_CAPACITY * INVARIANTS);
  /** Of each path by id its place here, plus 1. */
  private places = new Uint32Array(FIRST_CAPACITY);
  private readonly projective: ProjectiveInvariants;
  private readonly latest = new Float64Array(INVARIANTS);

  constructor(structure: HomotopyStructure) {
    this.projective = new ProjectiveInvariants(structure);
  }

  /**
   * Enters a path, or replaces its point when it was followed again.
   * @param point 2N projective coordinates at the common s.
   */
  add(id: number, point: Float64Array): void {
    this.projective.compute(point, this.latest, 0);
    this.restore(id, this.latest);
  }

  /** The four invariants of a path's point, null when it has none. */
  invariantsOf(id: number): Float64Array | null {
    const place = this.places[id] ?? 0;
    return place === 0
      ? null
      : this.invariants.subarray(INVARIANTS * (place - 1), INVARIANTS * place);
  }

  /** Enters a path by what `invariantsOf` gave. */
  restore(id: number, invariants: ArrayLike<number>): void {
    const place = this.placeOf(id);
    this.invariants.set(invariants, INVARIANTS * place);
  }

  private placeOf(id: number): number {
    if (id >= this.places.length)
      this.places = enlarged(this.places, Math.max(id + 1, 2 * this.places.length));
    const known = this.places[id]!;
    if (known > 0) return known - 1;
    if (this.size === this.ids.length) {
      this.ids = enlarged(this.ids, 2 * this.size);
      this.invariants = enlarged(this.invariants, 2 * this.size * INVARIANTS);
    }
    this.ids[this.size] = id;
    this.places[id] = ++this.size;
    return this.size - 1;
  }

  /** Ids of all paths whose point coincides with another one's. */
  *collisions(): Stepwise<number[]> {
    const { ids, invariants, size } = this;
    const keys = new Float64Array(size);
    for (let k = 0; k < size; k++) keys[k] = invariants[INVARIANTS * k]!;
    const order = yield* sortedOrder(keys);
    const found = new Set<number>();
    for (let position = 0; position < order.length; position++) {
      const a = order[position]!;
      if (position % PATHS_PER_STEP === 0) yield;
      for (let next = position + 1; next < order.length; next++) {
        const b = order[next]!;
        if (!(invariants[INVARIANTS * b]! - invariants[INVARIANTS * a]! < SAME_POINT)) break;
        let same = true;
        for (let w = 1; w < INVARIANTS; w++) {
          const gap = invariants[INVARIANTS * a + w]! - invariants[INVARIANTS * b + w]!;
          if (!(Math.abs(gap) < SAME_POINT)) same = false;
        }
        if (same) found.add(ids[a]!).add(ids[b]!);
      }
    }
    return [...found];
  }
}
