/**
 * The states of one unit v phi(w x + b) on m distinct inputs x_0 < ... < x_(m-1).
 *
 * A unit's root lies between two data points, outside all of them, or exactly at one. The points
 * where w x + b > 0 are then a range, and the loss in a combination of such states is convex in
 * beta_j = v_j (w_j, b_j): two variables, or one, beta ~ (1, -x_k), when the root is at x_k.
 */

export interface UnitState {
  /** Points from..to-1 are active (slope 1); the others have the negative slope, 0 for relu. */
  readonly from: number;
  readonly to: number;
  /** The point at which the unit's root lies, which is neither; null: at none. */
  readonly kink: number | null;
}

/**
 * All states in which a unit can live, neighbours next to each other, kinds one after the other.
 *
 * @param isLeaky false leaves out those with no active point, which are dead for relu
 */
export function unitStates(points: number, isLeaky: boolean): UnitState[] {
  const range = (length: number): number[] => Array.from({ length }, (_, k) => k);
  const open = [
    ...range(points - 1).map((k) => ({ from: k + 1, to: points })),
    ...range(points - 1).map((k) => ({ from: 0, to: k + 1 })),
    { from: 0, to: points },
    ...(isLeaky ? [{ from: 0, to: 0 }] : []),
  ].map((state): UnitState => ({ ...state, kink: null }));
  const kinks: UnitState[] = [
    ...range(points).map((kink) => ({ from: kink + 1, to: points, kink })),
    ...range(points).map((kink) => ({ from: 0, to: kink, kink })),
  ];
  return [...open, ...kinks.filter(({ from, to }) => isLeaky || from < to)];
}

/** The number of its kind of state: neighbours of one kind have nearly the same solution. */
export function kindOf({ from, to, kink }: UnitState, points: number): number {
  if (kink !== null) return to === points ? 0 : 1;
  if (from === to) return 2;
  return to === points ? (from === 0 ? 3 : 4) : 5;
}

/** The open states on the two sides of a kink: its point active, and not. */
export function besideKink(
  { from, to, kink }: UnitState,
  points: number,
): { active: UnitState; inactive: UnitState } {
  const open = (first: number, end: number): UnitState =>
    first === end ? { from: 0, to: 0, kink: null } : { from: first, to: end, kink: null };
  return {
    inactive: open(from, to),
    active: to === points ? open(kink!, points) : open(0, kink! + 1),
  };
}

export function isSameState(a: UnitState, b: UnitState): boolean {
  return a.from === b.from && a.to === b.to && a.kink === b.kink;
}

/**
 * Whether no strict minimum has units in both states.
 *
 * An open state and a kink next to it see all points but the kink alike, and the kink's unit gives 0
 * there: its functions are among those of the open state. Moving it into the open unit keeps the
 * output, and |beta + gamma| <= |beta| + |gamma| with equality only when they are parallel, where
 * the open unit's root is at the kink and not inside its cell.
 * All active and none active (leaky): both need gradients of length lambda, and one gradient is the
 * other times the negative slope, which is below 1.
 */
export function excludeEachOther(a: UnitState, b: UnitState, points: number): boolean {
  if (a.kink !== null && b.kink !== null) return false;
  if (a.kink === null && b.kink === null) {
    const lengths = [a.to - a.from, b.to - b.from];
    return lengths.includes(0) && lengths.includes(points);
  }
  const [open, kink] = a.kink === null ? [a, b] : [b, a];
  const { active, inactive } = besideKink(kink, points);
  return isSameState(open, active) || isSameState(open, inactive);
}
