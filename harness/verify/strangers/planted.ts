/**
 * The truth of a draft, checked: every planted point is an exact zero, simple where it should be, and
 * different from the others; and how far a right answer may be from it.
 */
import type { PlantedDraft } from './build.js';
import type { ExpectedPoint } from './judge.js';
import * as p from './polynomial.js';
import * as q from './rational.js';

/** Relative distance that any right answer keeps, however good its condition. */
const RELATIVE = 1e-9;
/** Roundings of f64 that a right answer may have made in every term. */
const ROUNDINGS = 16 * Number.EPSILON;
/** Relative distance of a multiple point: f64 alone keeps eps^(1/m), means and double-double do better. */
const MULTIPLE = 1e-4;
/** A coordinate this much smaller than the unknown's largest is as good as 0. */
const FLOOR = 1e-13;
/** Points are at least so far apart, relative to the size of a coordinate: what the kinds promise. */
const CLOSEST = 1e-6;
/** Tolerances stay below this share of the way to the next point. */
const SHARE = 1 / 3;

/**
 * The planted points as plain numbers with a tolerance per coordinate; null when the draft is not what
 * it was meant to be.
 */
export function plantedPoints({ polynomials, points }: PlantedDraft): ExpectedPoint[] | null {
  const n = polynomials.length;
  const jacobian = polynomials.map((f) => Array.from({ length: n }, (_, j) => p.derivative(f, j)));
  const sizes = Array.from({ length: n }, (_, j) =>
    Math.max(...points.map(({ coordinates }) => q.modulus(coordinates[j]!))),
  );
  const records: ExpectedPoint[] = [];
  for (const { coordinates, multiplicity } of points) {
    if (polynomials.some((f) => !q.isZero(p.evaluate(f, coordinates)))) return null;
    const inverse = q.invertMatrix(
      jacobian.map((row) => row.map((entry) => p.evaluate(entry, coordinates))),
    );
    if ((inverse === null) !== multiplicity > 1) return null;
    records.push({
      coordinates: coordinates.map(({ re, im }): [number, number] => [re.valueOf(), im.valueOf()]),
      multiplicity,
      tolerance: inverse
        ? simpleTolerance(polynomials, coordinates, inverse, sizes)
        : sizes.map((size) => MULTIPLE * (size || 1)),
    });
  }
  if (records.some((record, k) => records.slice(0, k).some((other) => isTooClose(record, other))))
    return null;
  return separated(records);
}

function distances(first: ExpectedPoint, second: ExpectedPoint): number[] {
  return first.coordinates.map(([re, im], j) =>
    Math.hypot(re - second.coordinates[j]![0], im - second.coordinates[j]![1]),
  );
}

function isTooClose(first: ExpectedPoint, second: ExpectedPoint): boolean {
  return distances(first, second).every((distance, j) => {
    const size = Math.max(
      ...[first, second].map(({ coordinates }) => Math.hypot(...coordinates[j]!)),
    );
    return distance <= CLOSEST * size;
  });
}

/**
 * A change of every coefficient by one rounding moves x_j by at most sum_i |J^-1_ji| sum_t |term_it|
 * roundings: a bound that scaling of unknowns or equations does not change.
 */
function simpleTolerance(
  polynomials: readonly p.Polynomial[],
  coordinates: readonly q.Gaussian[],
  inverse: readonly (readonly q.Gaussian[])[],
  sizes: readonly number[],
): number[] {
  const terms = polynomials.map((f) =>
    p.termValues(f, coordinates).reduce((sum, value) => sum + q.modulus(value), 0),
  );
  return coordinates.map((value, j) => {
    const moved = inverse[j]!.reduce((sum, entry, i) => sum + q.modulus(entry) * terms[i]!, 0);
    return ROUNDINGS * moved + RELATIVE * q.modulus(value) + FLOOR * sizes[j]!;
  });
}

/** With tolerances so small that no answer is near two points. */
function separated(records: readonly ExpectedPoint[]): ExpectedPoint[] {
  return records.map((record) => {
    const factor = records.reduce((smallest, other) => {
      if (other === record) return smallest;
      const ratios = distances(record, other).map((distance, j) => distance / record.tolerance[j]!);
      return Math.min(smallest, SHARE * Math.max(...ratios));
    }, 1);
    return { ...record, tolerance: record.tolerance.map((value) => value * factor) };
  });
}
