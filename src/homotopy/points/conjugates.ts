/**
 * The nonreal solutions of a real system come in conjugate pairs: a free test of completeness.
 */
import type { Items } from '../../math/rows.js';
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import { clusterSteps } from './cluster.js';
import type { Homotopy } from '../program/homotopy.js';

/** Solutions whose conjugate is this far away lack it (projective coordinates, largest 1). */
const SAME_POINT = 1e-6;

/** Whether all coefficients of the target are real. */
export function isRealTarget({ termCoefficients }: Homotopy): boolean {
  return termCoefficients.every((part, k) => k % 2 === 0 || part === 0);
}

/**
 * @param points 2N projective coordinates of all regular zeros found.
 * @returns which of them have no conjugate among the points; none for systems that are not real.
 */
export function withoutConjugate(
  homotopy: Homotopy,
  points: Items<Float64Array>,
): readonly number[] {
  return atOnce(withoutConjugateSteps(homotopy, points));
}

/** The same step by step. */
export function* withoutConjugateSteps(
  homotopy: Homotopy,
  points: Items<Float64Array>,
): Stepwise<readonly number[]> {
  if (!isRealTarget(homotopy)) return [];
  const { length } = points;
  // Each point and its conjugate after it. Whoever asks has done with one before it asks for the next.
  const scratch = new Float64Array(2 * homotopy.structure.coordinates);
  const both = {
    length: 2 * length,
    at(index: number) {
      const point = points.at(index >> 1)!;
      return index % 2 === 0 ? point : conjugateInto(point, scratch);
    },
  };
  const firsts = yield* clusterSteps(homotopy.structure, both, () => SAME_POINT);
  const hasConjugate = new Uint8Array(2 * length);
  for (let index = 0; index < length; index++) hasConjugate[firsts[2 * index + 1]!] = 1;
  const lonely: number[] = [];
  for (let index = 0; index < length; index++)
    if (hasConjugate[firsts[2 * index]!] === 0) lonely.push(index);
  return lonely;
}

function conjugateInto(point: Float64Array, out: Float64Array): Float64Array {
  for (let k = 0; k < out.length; k += 2) {
    out[k] = point[k]!;
    out[k + 1] = -point[k + 1]!;
  }
  return out;
}
