/**
 * Four numbers that tell points of a product of projective spaces apart: |w . x|^2 / |x|^2 for
 * fixed complex vectors w, summed over the groups. They do not depend on the scale or phase of the
 * coordinates, so points need not be normalised first.
 */
import type { HomotopyStructure } from '../program/homotopy.js';

/** Invariants per point. */
export const INVARIANTS = 4;

export class ProjectiveInvariants {
  /** INVARIANTS vectors of 2N. */
  private readonly weights: Float64Array;

  constructor(private readonly structure: HomotopyStructure) {
    const { coordinates: N } = structure;
    this.weights = new Float64Array(INVARIANTS * 2 * N);
    for (let w = 0; w < INVARIANTS; w++) {
      for (let j = 0; j < N; j++) {
        // Fixed irrational angles serve as general vectors; coincidences only cost time.
        this.weights[2 * (w * N + j)] = Math.cos(1.7 + 2.3 * j + 5.1 * w * (j + 1));
        this.weights[2 * (w * N + j) + 1] = Math.sin(0.4 + 3.1 * j + 2.7 * w * (j + 1));
      }
    }
  }

  /** @param point 2N projective coordinates; the invariants go to out[at]... */
  compute(point: Float64Array, out: Float64Array, at: number): void {
    const { weights, structure } = this;
    out.fill(0, at, at + INVARIANTS);
    for (const group of structure.groups) {
      let norm = 0;
      for (const j of group) norm += point[2 * j]! ** 2 + point[2 * j + 1]! ** 2;
      for (let w = 0; w < INVARIANTS; w++) {
        let re = 0;
        let im = 0;
        for (const j of group) {
          const k = 2 * (w * structure.coordinates + j);
          const xr = point[2 * j]!;
          const xi = point[2 * j + 1]!;
          re += weights[k]! * xr - weights[k + 1]! * xi;
          im += weights[k]! * xi + weights[k + 1]! * xr;
        }
        out[at + w]! += (re * re + im * im) / norm;
      }
    }
  }
}
