/** A cell, edge or corner of the sphere of a unit with two inputs, as the certificate needs it. */
import { exactly, minus, negated, ONE, times, type Interval } from '../../math/real-interval.js';
import { wholeSpace, type Ray, type UnitCell } from './unit-cell.js';

export interface PlaneState {
  /** Per data point: 1 active, -1 not, 0 on the kink. */
  readonly signs: Int8Array;
  /** Points on the kink: none in a cell, one on an edge, two in a corner. */
  readonly kinks: readonly number[];
}

export function cellOnPlane(
  { signs, kinks }: PlaneState,
  points: readonly (readonly number[])[],
): UnitCell {
  const extended = kinks.map((k) => [...points[k]!.map(exactly), ONE]);
  const [p, q] = extended;
  if (p === undefined) return { signs, basis: wholeSpace(3), rays: [] };
  if (q === undefined) {
    const [k] = kinks as [number];
    return {
      signs,
      basis: [
        [exactly(1), exactly(0), negated(p[0]!)],
        [exactly(0), exactly(1), negated(p[1]!)],
      ],
      rays: both(p, new Map([[k, 1]])),
    };
  }
  const direction = cross(p, q);
  const [first, second] = kinks as [number, number];
  // Orthogonal to the unit and to one point: (p x d) . q = d . (q x p) = -|d|^2, and the other way round.
  return {
    signs,
    basis: [direction],
    rays: [
      ...both(
        cross(p, direction),
        new Map<number, -1 | 0 | 1>([
          [first, 0],
          [second, -1],
        ]),
      ),
      ...both(
        cross(q, direction),
        new Map<number, -1 | 0 | 1>([
          [first, 1],
          [second, 0],
        ]),
      ),
    ],
  };
}

function both(direction: readonly Interval[], signs: ReadonlyMap<number, -1 | 0 | 1>): Ray[] {
  const opposite = new Map(Array.from(signs, ([k, sign]) => [k, -sign as -1 | 0 | 1] as const));
  return [
    { direction, signs },
    { direction: direction.map(negated), signs: opposite },
  ];
}

function cross(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const entry = (i: number, j: number): Interval => minus(times(a[i]!, b[j]!), times(a[j]!, b[i]!));
  return [entry(1, 2), entry(2, 0), entry(0, 1)];
}
