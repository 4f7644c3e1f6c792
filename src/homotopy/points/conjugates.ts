/**
 * The nonreal solutions of a real system come in conjugate pairs: a free test of completeness.
 */
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
  points: readonly Float64Array[],
): readonly number[] {
  return atOnce(withoutConjugateSteps(homotopy, points));
}

/** The same step by step. */
export function* withoutConjugateSteps(
  homotopy: Homotopy,
  points: readonly Float64Array[],
): Stepwise<readonly number[]> {
  if (!isRealTarget(homotopy)) return [];
  const conjugates = points.map((point) => point.map((part, k) => (k % 2 === 1 ? -part : part)));
  yield;
  const clusters = yield* clusterSteps(
    homotopy.structure,
    [...points, ...conjugates],
    () => SAME_POINT,
  );
  return clusters.filter((members) => members.every((member) => member < points.length)).flat();
}
