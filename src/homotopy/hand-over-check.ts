/**
 * Did two paths become one? At the same s > 0 all paths of a homotopy are distinct points, so two
 * that hand over the same point prove that one of them jumped, even when both then go to infinity
 * and no duplicate solution would ever show it.
 *
 * Only four numbers per path are kept: |w . x|^2 / |x|^2 for fixed complex vectors w, summed over
 * the projective groups. They do not depend on the scale or phase of the coordinates.
 */
import type { HomotopyStructure } from './homotopy.js';

const INVARIANTS = 4;
/** f32 points are accepted with errors of about 1e-6; distinct paths this near in all four invariants are rare, and then only cost time. */
const SAME_POINT = 1e-4;

export class HandOverCheck {
  private readonly ids: number[] = [];
  private readonly invariants: number[] = [];

  constructor(private readonly structure: HomotopyStructure) {}

  /** @param point 2N projective coordinates at the common s. */
  add(id: number, point: Float64Array): void {
    this.ids.push(id);
    for (let w = 0; w < INVARIANTS; w++) this.invariants.push(this.invariant(point, w));
  }

  /** Ids of all paths whose point coincides with another one's. */
  collisions(): number[] {
    const { ids, invariants } = this;
    const order = ids.map((_, k) => k);
    order.sort((a, b) => invariants[INVARIANTS * a]! - invariants[INVARIANTS * b]!);
    const found = new Set<number>();
    order.forEach((a, position) => {
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
    });
    return [...found];
  }

  private invariant(point: Float64Array, w: number): number {
    let total = 0;
    for (const group of this.structure.groups) {
      let re = 0;
      let im = 0;
      let norm = 0;
      for (const j of group) {
        const c = Math.cos(1.7 + 2.3 * j + 5.1 * w * (j + 1));
        const s = Math.sin(0.4 + 3.1 * j + 2.7 * w * (j + 1));
        const xr = point[2 * j]!;
        const xi = point[2 * j + 1]!;
        re += c * xr - s * xi;
        im += c * xi + s * xr;
        norm += xr * xr + xi * xi;
      }
      total += (re * re + im * im) / norm;
    }
    return total;
  }
}
