/**
 * The states of a unit with two inputs: the cells, edges and corners into which the great circles
 * {u : u . (x_i, 1) = 0} of the data points divide the sphere of u = (w, b).
 *
 * Along the circle of point i, u = cos s (1, 0, -x_i) + sin s (0, 1, -y_i), point k changes sign where
 * (cos s, sin s) is orthogonal to x_k - x_i. Sorting these angles gives every corner and edge of the circle,
 * with sums over the active points updated from one to the next.
 */
import type { Stepwise } from '../../math/stepwise.js';

/** Angles closer than this count as one corner with several points: data on a grid, standardised, is collinear to rounding only. */
export const ALIGNED = 1e-10;

export interface SweepVisitor {
  /**
   * Edge of the circle of `point` between two corners.
   *
   * @param sums over the points that are active along it, `point` itself left out
   * @param angle s in its middle
   * @param ends a point of the corner before it and one of the corner after it
   * @param pattern a hash of the active points, `point` left out
   */
  edge(
    point: number,
    sums: Float64Array,
    angle: number,
    ends: readonly [number, number],
    pattern: Pattern,
  ): void;
  /**
   * Corner where the circles of `point` and of the others cross; visited for the first of them only.
   *
   * @param sums over the active points, those of the corner left out
   */
  corner(point: number, others: readonly number[], sums: Float64Array, angle: number): void;
}

/** Two words, one for each half of a 53-bit key. */
export interface Pattern {
  high: number;
  low: number;
}

/**
 * One circle a step.
 *
 * @param points m distinct rows of two coordinates, not all on one line
 * @param rows m rows of `width` numbers, of which sums are kept
 */
export function* sweepCircles(
  points: readonly (readonly number[])[],
  rows: Float64Array,
  width: number,
  visitor: SweepVisitor,
): Stepwise<void> {
  const m = points.length;
  const sums = new Float64Array(width);
  const hashes = pointHashes(m);
  const pattern: Pattern = { high: 0, low: 0 };
  const toggle = (k: number, sign: 1 | -1): void => {
    for (let n = 0; n < width; n++) sums[n]! += sign * rows[k * width + n]!;
    pattern.high ^= hashes.high[k]!;
    pattern.low ^= hashes.low[k]!;
  };
  for (let i = 0; i < m; i++) {
    const corners = cornersOf(points, i);
    const last = corners.at(-1)!;
    const start = (last.angle - 2 * Math.PI + corners[0]!.angle) / 2;
    sums.fill(0);
    pattern.high = pattern.low = 0;
    for (let k = 0; k < m; k++) {
      if (k !== i && sideOf(points, i, k, start) > 0) toggle(k, 1);
    }
    let before = last;
    let angle = start;
    for (const [c, corner] of corners.entries()) {
      visitor.edge(i, sums, angle, [before.points[0]!, corner.points[0]!], pattern);
      corner.points.forEach((k, at) => {
        if (!corner.turnsOn[at]) toggle(k, -1);
      });
      if (corner.points.every((k) => k > i)) visitor.corner(i, corner.points, sums, corner.angle);
      corner.points.forEach((k, at) => {
        if (corner.turnsOn[at]) toggle(k, 1);
      });
      before = corner;
      const next = corners[c + 1];
      if (next !== undefined) angle = (corner.angle + next.angle) / 2;
    }
    yield;
  }
}

/** A 53-bit number for a set of active points. */
export function patternKey(high: number, low: number): number {
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}

/** Two random words per point, the same every time. */
export function pointHashes(m: number): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(m);
  const low = new Int32Array(m);
  let state = 1;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  };
  for (let k = 0; k < m; k++) {
    high[k] = next();
    low[k] = next();
  }
  return { high, low };
}

interface Corner {
  readonly angle: number;
  readonly points: number[];
  /** Whether each of them becomes active with growing angle. */
  readonly turnsOn: boolean[];
}

function cornersOf(points: readonly (readonly number[])[], i: number): Corner[] {
  const events: { angle: number; k: number; turnsOn: boolean }[] = [];
  points.forEach((point, k) => {
    if (k === i) return;
    const direction = Math.atan2(point[1]! - points[i]![1]!, point[0]! - points[i]![0]!);
    events.push({ angle: turned(direction - Math.PI / 2), k, turnsOn: true });
    events.push({ angle: turned(direction + Math.PI / 2), k, turnsOn: false });
  });
  events.sort((a, b) => a.angle - b.angle);
  const corners: Corner[] = [];
  for (const { angle, k, turnsOn } of events) {
    const open = corners.at(-1);
    if (open !== undefined && angle - open.angle < ALIGNED) {
      open.points.push(k);
      open.turnsOn.push(turnsOn);
    } else {
      corners.push({ angle, points: [k], turnsOn: [turnsOn] });
    }
  }
  const [first, last] = [corners[0]!, corners.at(-1)!];
  if (corners.length > 1 && first.angle + 2 * Math.PI - last.angle < ALIGNED) {
    corners.pop();
    first.points.push(...last.points);
    first.turnsOn.push(...last.turnsOn);
  }
  return corners;
}

/** The same angle in [0, 2 pi). */
function turned(angle: number): number {
  return angle < 0 ? angle + 2 * Math.PI : angle;
}

/** u . (x_k, 1) for u at an angle of the circle of i. */
export function sideOf(
  points: readonly (readonly number[])[],
  i: number,
  k: number,
  angle: number,
): number {
  return (
    Math.cos(angle) * (points[k]![0]! - points[i]![0]!) +
    Math.sin(angle) * (points[k]![1]! - points[i]![1]!)
  );
}
