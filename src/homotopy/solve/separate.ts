/**
 * One multiple zero, or several simple ones close together? A Cauchy loop around both looks alike: what
 * it would show lies below its precision (negative frequencies of gap^2 / 8 r).
 *
 * Newton's method at s = 0 in double-double tells: from a point of the loop it converges by a constant
 * factor to a multiple zero, and in the end quadratically to a simple one, whatever is near. All of a
 * cluster's zeros are then looked for at once, from the points of all loops, by the corrections of
 * Ehrlich and Aberth: Newton's, each divided by 1 - correction * sum 1 / (distance to another point), so
 * that no two points go to one zero. (Along a random direction: a cluster lies on a curve, nearly.)
 * As many simple zeros as paths end here must be found, or fewer beside one multiple zero that all other
 * points lead to; else it stays one multiple zero.
 */
import type { Items } from '../../math/rows.js';
import type { PathTracker } from '../track/path-tracker.js';
import type { EndPoint } from './regular-ends.js';

export interface SeparatedZero {
  /** 2N projective coordinates, rounded to f64. */
  readonly point: Float64Array;
  readonly pivotRatio: number;
}

const MOST_ITERATIONS = 150;
/** Two contractions in a row like this are no convergence to a multiple zero. */
const QUADRATIC = 0.05;
/** In double-double, with exact coefficients, zeros that are not isolated have pivot ratios of 1e-28. */
const SMALLEST_PIVOT_RATIO = 1e-20;
/** Corrections this small that still shrink by a constant factor: a multiple zero. */
const MULTIPLE = 1e-16;
/** Convergence goes on by this much from there, if it was more than chance. */
const CHANCE = 1e-3;
/** Zeros further from the mean than this many sizes of the loop do not belong to it. */
const REACH = 2;
/** Simple zeros nearer together than this are not told apart. */
const SAME = 2e-15;
/** Zeros must be this many times further apart than rounding moves them. */
const CLEAR = 1e3;
/** Multiple zeros found from this many points: no use to try more. */
const CONVINCED = 2;
/** How well Newton's method finds a multiple zero in double-double. */
const SAME_MULTIPLE = 1e-8;
const SIMULTANEOUS_ITERATIONS = 60;
/** Of the reach of the loop: next to a zero, but not at it. */
const NEARBY = 1e-7;
/** Starting points on both sides of a known zero: from the reach of the loop down by powers of two. */
const MOST_HALVINGS = 30;
/** Starting points around a multiple zero, and how far from it, in sizes of the loop. */
const DIRECTIONS = 12;
const BESIDE = 0.5;
/** Corrections this small, relative to the loop, leave the rest to Newton's method. */
const SETTLED = 1e-9;

interface Place {
  high: Float64Array;
  low: Float64Array;
}

interface Zero extends SeparatedZero, Place {
  /** Rounding makes corrections of this size there. */
  readonly noise: number;
}

/** What a cluster of ends consists of. */
export interface Separation {
  /** Simple zeros, one for an end each. */
  readonly zeros: readonly SeparatedZero[];
  /** The multiple zero at which all other ends are, or null when there are none. */
  readonly rest: Float64Array | null;
}

/**
 * @param path in double-double, its kernel ready for the target.
 * @param ends of paths whose Cauchy loops have the same mean.
 * @param taken regular zeros at which other paths ended: they are none of these ends'.
 * @param isThorough whether simple zeros are looked for from all points although the first ones lead to a
 *   multiple one.
 * @returns null when nothing simple is there, or not all of it was found.
 */
export function separateZeros(
  path: PathTracker,
  ends: readonly EndPoint[],
  taken: Items<Float64Array>,
  isThorough: boolean,
): Separation | null {
  const loops = ends.flatMap(({ loop }) => (loop ? [loop] : []));
  const reach = REACH * Math.max(0, ...loops.map((loop) => loop.size));
  const { kernel } = path;
  path.place(ends[0]!.point);
  const charts = path.charts.slice();
  const mean = kernel.point.slice();
  const charted = (point: Float64Array): Float64Array => {
    kernel.setPoint(point);
    kernel.rechart(charts);
    return kernel.point.slice();
  };
  const starts = loops.map(({ start }): Place => ({
    high: charted(start),
    low: kernel.low!.slice(),
  }));
  const put = ({ high, low }: Place) => {
    kernel.setPoint(high, low);
    kernel.setCharts(charts);
  };

  // Along the curve of the cluster, as the loops show it, by a complex step.
  const along = direction(starts[1]?.high ?? mean, starts[0]!.high);
  const moved = (point: Float64Array, re: number, im = 0) =>
    point.map((part, k) =>
      k % 2 === 0
        ? part + re * along[k]! - im * along[k + 1]!
        : part + re * along[k]! + im * along[k - 1]!,
    );

  const multiples: Float64Array[] = [];
  const zeros: Zero[] = [];
  const others: Zero[] = [];
  let isBlurred = false;
  const enter = (place: Place, list: Zero[]) => {
    put(place);
    const noise = findSimpleZero(path);
    const near = distance(kernel.point, mean) <= reach;
    if (noise === null && near && path.kernel.correctionSize() < MULTIPLE) {
      multiples.push(kernel.point.slice());
    }
    if (noise === null || !near) return;
    const zero = { high: kernel.point.slice(), low: kernel.low!.slice() };
    for (const other of [...zeros, ...others]) {
      const gap = distance(zero.high, other.high, zero.low, other.low);
      if (gap < SAME) return;
      // Points around a multiple zero, scattered by rounding, are no zeros.
      if (gap < CLEAR * Math.max(noise, other.noise)) isBlurred = true;
    }
    list.push({ ...zero, noise, point: zero.high, pivotRatio: path.pivotRatio });
  };
  for (let k = 0; k < taken.length; k++) {
    const high = charted(taken.at(k)!);
    if (distance(high, mean) <= reach) enter({ high, low: kernel.low!.slice() }, others);
  }
  multiples.length = 0;
  // Newton's method alone finds most; what it leaves out takes all points at once.
  for (const start of starts) {
    enter(start, zeros);
    if (!isThorough && multiples.length === CONVINCED && zeros.length === 0) return null;
  }
  if (zeros.length < ends.length && multiples.length === 0) {
    repel(path, starts, put, reach);
    // Convergence cannot be seen from a zero itself.
    for (const { high, low } of starts) enter({ high: moved(high, NEARBY * reach), low }, zeros);
  }
  // Beside a double zero a simple one draws half of the directions, but not all points of the loops.
  const beside = ends.length > 2 && isThorough && zeros.length === 0 ? multiples[0] : undefined;
  for (let k = 0; beside && k < DIRECTIONS && zeros.length === 0; k++) {
    const angle = (2 * Math.PI * (k + 0.5)) / DIRECTIONS;
    const step = (reach / REACH) * BESIDE;
    const high = moved(beside, step * Math.cos(angle), step * Math.sin(angle));
    enter({ high, low: new Float64Array(high.length) }, zeros);
  }
  // What is left lies beyond a zero that is known, seen along the curve of the cluster.
  if (zeros.length + others.length > 0) {
    for (let halvings = 0; halvings < MOST_HALVINGS && zeros.length < ends.length; halvings++) {
      if (multiples.length >= CONVINCED) break;
      for (const zero of [...zeros, ...others]) {
        for (const sign of [1, -1]) {
          const step = sign * reach * 2 ** -halvings;
          enter({ high: moved(zero.high, step), low: zero.low }, zeros);
        }
      }
    }
  }
  if (isBlurred || zeros.length + others.length === 0) return null;
  const found = zeros.map(({ point, pivotRatio }) => ({ point, pivotRatio }));
  if (found.length === ends.length) return { zeros: found, rest: null };
  // A multiple zero takes two ends at least, and all points that did not find a simple one.
  const rest = multiples[0];
  const isOne = rest && multiples.every((point) => distance(point, rest) < SAME_MULTIPLE);
  const isClear =
    rest && [...zeros, ...others].every(({ high }) => distance(high, rest) > CLEAR * SAME_MULTIPLE);
  return found.length <= ends.length - 2 && isOne && isClear ? { zeros: found, rest } : null;
}

/**
 * Newton's method from the kernel's point.
 *
 * @returns null unless it ends quadratically at a simple zero; else the size of the corrections that
 *   rounding makes there.
 */
function findSimpleZero(path: PathTracker): number | null {
  let previous = Infinity;
  let fast = 0;
  for (let k = 0; k < MOST_ITERATIONS; k++) {
    if (!(path.iterate(0, 0) > 0)) return null;
    const size = path.kernel.correctionSize();
    if (!(size < 10)) return null;
    path.kernel.applyCorrection();
    fast = size < QUADRATIC * previous && k > 0 ? fast + 1 : 0;
    const isQuadratic = fast >= 2 || (fast === 1 && size < MULTIPLE);
    if (isQuadratic && path.pivotRatio > SMALLEST_PIVOT_RATIO) {
      const noise = exhaust(path, size);
      // One good step may be chance, where rounding moves a multiple zero.
      if (fast < 2 && !(noise < CHANCE * size)) return null;
      return path.pivotRatio > SMALLEST_PIVOT_RATIO ? noise : null;
    }
    if (size < MULTIPLE) return null;
    previous = size;
  }
  return null;
}

/** Newton's method as long as corrections shrink, from one of `size` on; the first that does not. */
function exhaust(path: PathTracker, size: number): number {
  let previous = size;
  while (previous > 0 && path.iterate(0, 0) > 0) {
    const next = path.kernel.correctionSize();
    if (!(next < 0.25 * previous)) return next;
    path.kernel.applyCorrection();
    previous = next;
  }
  return previous;
}

/** Ehrlich-Aberth iterations on all places together, until all have settled. */
function repel(
  path: PathTracker,
  places: Place[],
  put: (place: Place) => void,
  reach: number,
): void {
  const { kernel } = path;
  const along = (vector: Float64Array): readonly [number, number] => {
    let re = 0;
    let im = 0;
    for (let k = 0; k < vector.length; k += 2) {
      // Fixed irrational angles serve as a random direction.
      const c = Math.cos(1.7 + 2.3 * k);
      const s = Math.sin(1.7 + 2.3 * k);
      re += c * vector[k]! - s * vector[k + 1]!;
      im += c * vector[k + 1]! + s * vector[k]!;
    }
    return [re, im];
  };
  for (let iteration = 0; iteration < SIMULTANEOUS_ITERATIONS; iteration++) {
    let largest = 0;
    for (const place of places) {
      put(place);
      if (!(path.iterate(0, 0) > 0)) continue;
      const correction = kernel.correction.slice();
      const [dr, di] = along(correction);
      // 1 - correction * sum 1 / (this - other)
      let re = 1;
      let im = 0;
      for (const other of places) {
        if (other === place) continue;
        const [tr, ti] = along(
          place.high.map((part, k) => part - other.high[k]! + (place.low[k]! - other.low[k]!)),
        );
        const norm = tr * tr + ti * ti;
        if (norm === 0) continue;
        re -= (dr * tr + di * ti) / norm;
        im -= (di * tr - dr * ti) / norm;
      }
      const norm = re * re + im * im;
      const move = new Float64Array(correction.length);
      for (let k = 0; k < move.length; k += 2) {
        move[k] = -(correction[k]! * re + correction[k + 1]! * im) / norm;
        move[k + 1] = -(correction[k + 1]! * re - correction[k]! * im) / norm;
      }
      const size = distance(move, new Float64Array(move.length));
      // A step out of the cluster is none of its own.
      if (!(size <= reach)) continue;
      largest = Math.max(largest, size);
      place.high = place.high.map((part, k) => part + move[k]!);
    }
    if (largest < SETTLED * reach) return;
  }
}

/** (b - a) / |b - a| */
function direction(a: Float64Array, b: Float64Array): Float64Array {
  const length = distance(a, b);
  return a.map((part, k) => (length > 0 ? (b[k]! - part) / length : 0));
}

function distance(
  a: Float64Array,
  b: Float64Array,
  aLow?: Float64Array,
  bLow?: Float64Array,
): number {
  let largest = 0;
  const part = (k: number) => a[k]! - b[k]! + ((aLow?.[k] ?? 0) - (bLow?.[k] ?? 0));
  for (let k = 0; k < a.length; k += 2) {
    largest = Math.max(largest, Math.hypot(part(k), part(k + 1)));
  }
  return largest;
}
