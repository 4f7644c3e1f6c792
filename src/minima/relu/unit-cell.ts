/**
 * A state of a unit as a cell of the arrangement of data points, for any number of inputs D: the set
 * of (w, b) with given signs of w . x_i + b, and what across its kinks must be looked at.
 */
import { exactly, negated, type Interval } from '../../math/real-interval.js';
import type { UnitState } from './unit-states.js';

export interface UnitCell {
  /** Per data point: 1 active, -1 not, 0 on the kink. */
  readonly signs: Int8Array;
  /** Vectors of D + 1 entries that span the (w, b) with those kinks. */
  readonly basis: readonly (readonly Interval[])[];
  /**
   * Directions across the kinks. The loss is linear between neighbouring ones, so it rises to all
   * sides when it rises along them.
   */
  readonly rays: readonly Ray[];
}

export interface Ray {
  readonly direction: readonly Interval[];
  /** Sign of direction . (x_i, 1) at every kink point i. */
  readonly signs: ReadonlyMap<number, -1 | 0 | 1>;
}

/** The cell of a state of a unit with one input. */
export function cellOnLine(state: UnitState, points: readonly (readonly number[])[]): UnitCell {
  const { from, to, kink } = state;
  const signs = Int8Array.from(points, (_, i) => (i === kink ? 0 : from <= i && i < to ? 1 : -1));
  if (kink === null) return { signs, basis: wholeSpace(2), rays: [] };
  const x = exactly(points[kink]![0]!);
  const normal = [x, exactly(1)];
  return {
    signs,
    basis: [[exactly(1), negated(x)]],
    rays: [
      { direction: normal, signs: new Map([[kink, 1]]) },
      { direction: normal.map(negated), signs: new Map([[kink, -1]]) },
    ],
  };
}

/** The unit vectors. */
export function wholeSpace(size: number): Interval[][] {
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => exactly(i === j ? 1 : 0)),
  );
}
