/**
 * Did two paths become one? At the same s > 0 all paths of a homotopy are distinct points, so two
 * that pass the same point at s = 0.1 prove that one of them jumped, even when both then go to infinity
 * and no duplicate solution would ever show it.
 *
 * Only the four invariants of each path are kept.
 */
import { sortedOrder } from '../../math/sorted-order.js';
import type { Stepwise } from '../../math/stepwise.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { INVARIANTS, ProjectiveInvariants } from './projective-invariants.js';

/** f32 points are accepted with errors of about 1e-6; distinct paths this near in all four invariants are rare, and then only cost time. */
const SAME_POINT = 1e-4;
const PATHS_PER_STEP = 1024;

export class HandOverCheck {
  private readonly ids: number[] = [];
  private readonly invariants: number[] = [];
  private readonly places = new Map<number, number>();
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

  private placeOf(id: number): number {
    let place = this.places.get(id);
    if (place === undefined) {
      place = this.ids.length;
      this.places.set(id, place);
      this.ids.push(id);
    }
    return place;
  }

  /** The four invariants of a path's point, null when it has none. */
  invariantsOf(id: number): number[] | null {
    const place = this.places.get(id);
    return place === undefined
      ? null
      : this.invariants.slice(INVARIANTS * place, INVARIANTS * (place + 1));
  }

  /** Enters a path by what `invariantsOf` gave. */
  restore(id: number, invariants: ArrayLike<number>): void {
    const place = this.placeOf(id);
    for (let w = 0; w < INVARIANTS; w++) this.invariants[INVARIANTS * place + w] = invariants[w]!;
  }

  /** Ids of all paths whose point coincides with another one's. */
  *collisions(): Stepwise<number[]> {
    const { ids, invariants } = this;
    const keys = Float64Array.from(ids, (_, k) => invariants[INVARIANTS * k]!);
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
