/**
 * One multiple zero, or several simple ones close together? A Cauchy loop around both looks alike: what
 * it would show lies below its precision (negative frequencies of gap^2 / 8 r).
 *
 * Newton's method at s = 0 in double-double tells: from points of the loop it converges by a constant
 * factor to a multiple zero, and in the end quadratically to simple ones, whatever is near. As many
 * simple zeros as paths end here must be found, else it stays one multiple zero.
 */
import type { Path } from './f64/path.js';
import type { EndPoint } from './regular-ends.js';

export interface SeparatedZero {
  /** 2N projective coordinates, rounded to f64. */
  readonly point: Float64Array;
  readonly pivotRatio: number;
}

const MOST_ITERATIONS = 100;
/** Two contractions in a row like this are no convergence to a multiple zero. */
const QUADRATIC = 0.05;
const SMALLEST_PIVOT_RATIO = 1e-13;
/** Corrections this small that still shrink by a constant factor: a multiple zero. */
const MULTIPLE = 1e-16;
/** Zeros further from the mean than this many sizes of the loop do not belong to it. */
const REACH = 2;
/** Simple zeros nearer together than this are not told apart. */
const SAME = 2e-15;
/** Multiple zeros found from this many points: no use to try more. */
const CONVINCED = 2;
/** Turns of the loops' points about the mean, for the zeros that no path's own point led to. */
const TURNS = 8;

/**
 * @param path in double-double, its kernel ready for the target.
 * @param ends of paths whose Cauchy loops have the same mean.
 * @returns one simple zero for each end, or null.
 */
export function separateZeros(path: Path, ends: readonly EndPoint[]): SeparatedZero[] | null {
  const loops = ends.flatMap(({ loop }) => (loop ? [loop] : []));
  const size = Math.max(0, ...loops.map((loop) => loop.size));
  const { kernel } = path;
  path.place(ends[0]!.point);
  const charts = path.charts.slice();
  const mean = kernel.point.slice();
  const inCharts = (point: Float64Array): Float64Array => {
    kernel.setPoint(point);
    kernel.rechart(charts);
    return kernel.point.slice();
  };
  const starts = loops.map(({ start }) => inCharts(start));
  const zeros: (SeparatedZero & { readonly low: Float64Array })[] = [];
  let multiple = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    for (const start of starts) {
      kernel.setPoint(turned(mean, start, turn / TURNS));
      kernel.setCharts(charts);
      const isSimple = findSimpleZero(path);
      if (!isSimple && ++multiple === CONVINCED && zeros.length === 0) return null;
      if (!isSimple || distance(kernel.point, mean) > REACH * size) continue;
      const low = kernel.low!;
      if (zeros.some((zero) => distance(kernel.point, zero.point, low, zero.low) < SAME)) continue;
      zeros.push({ point: kernel.point.slice(), low: low.slice(), pivotRatio: path.pivotRatio });
      if (zeros.length === ends.length) {
        return zeros.map(({ point, pivotRatio }) => ({ point, pivotRatio }));
      }
    }
  }
  return null;
}

/** Newton's method from the kernel's point; true when it ends quadratically at a simple zero. */
function findSimpleZero(path: Path): boolean {
  let previous = Infinity;
  let fast = 0;
  for (let k = 0; k < MOST_ITERATIONS; k++) {
    if (!(path.iterate(0, 0) > 0)) return false;
    const size = path.correctionSize();
    if (!(size < 10)) return false;
    path.kernel.applyCorrection();
    fast = size < QUADRATIC * previous && k > 0 ? fast + 1 : 0;
    if (fast >= 2 && path.pivotRatio > SMALLEST_PIVOT_RATIO) {
      // Trust: the next correction is smaller than this one.
      return path.converge(0, 0, size, 1e-26);
    }
    if (size < MULTIPLE) return false;
    previous = size;
  }
  return false;
}

/** mean + exp(2 pi i turn) (point - mean) */
function turned(mean: Float64Array, point: Float64Array, turn: number): Float64Array {
  const c = Math.cos(2 * Math.PI * turn);
  const s = Math.sin(2 * Math.PI * turn);
  const out = mean.slice();
  for (let k = 0; k < out.length; k += 2) {
    const re = point[k]! - mean[k]!;
    const im = point[k + 1]! - mean[k + 1]!;
    out[k]! += c * re - s * im;
    out[k + 1]! += s * re + c * im;
  }
  return out;
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
