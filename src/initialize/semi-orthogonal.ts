/**
 * Semi-orthogonal matrices, uniformly distributed (Haar measure).
 *
 * Not by factoring a square normal matrix, whose last columns lose as many digits as its condition
 * number has: Stewart's product of reflections, each from its own normal vector, is the same
 * distribution and stable to rounding, so that f32 on the GPU and f64 here agree entry by entry.
 *
 * Source: Stewart, "The efficient generation of random orthogonal matrices with an application to
 * condition estimators", SIAM J. Numer. Anal. 17, 1980, section 3.
 */
import type { Stepwise } from '../math/stepwise.js';
import type { RowData } from '../network/host/features.js';
import { NORMAL_UNIT, standardNormal } from '../math/normal-fixed-point.js';
import { rowWords, type DrawBlock } from './random-address.js';

/**
 * @param draw reflector k is drawn from row k of a matrix of max(rows, columns) columns
 * @returns [row][column]; orthonormal rows when rows <= columns, else orthonormal columns
 */
export function semiOrthogonal(rows: number, columns: number, draw: DrawBlock): Float64Array {
  return multiplyReflections(rows, columns, reflectionsOf(rows, columns, draw));
}

/** The same by other means of multiplying. */
export function* semiOrthogonalSteps(
  rows: number,
  columns: number,
  draw: DrawBlock,
  multiply: MultiplyReflections,
): Stepwise<RowData> {
  const made = multiply(rows, columns, reflectionsOf(rows, columns, draw));
  return 'next' in made ? yield* made : made;
}

/** Multiplies reflections, at once or in steps. */
export type MultiplyReflections = (
  rows: number,
  columns: number,
  reflectionOf: (index: number) => Reflection,
) => RowData | Stepwise<RowData>;

/** The reflections whose product the matrix is, by number. */
export function reflectionsOf(
  rows: number,
  columns: number,
  draw: DrawBlock,
): (index: number) => Reflection {
  return (index) => reflection(index, Math.max(rows, columns), draw);
}

/** The first columns of a product of reflections, or its rows. */
export function multiplyReflections(
  rows: number,
  columns: number,
  reflectionOf: (index: number) => Reflection,
): Float64Array {
  const long = Math.max(rows, columns);
  const short = Math.min(rows, columns);
  const reflections = Array.from({ length: short }, (_, index) => reflectionOf(index));
  const result = new Float64Array(rows * columns);
  const vector = new Float64Array(long);
  for (let index = 0; index < short; index++) {
    vector.fill(0);
    vector[index] = reflections[index]!.sign;
    for (let k = index; k >= 0; k--) reflect(vector, reflections[k]!.direction, k);
    for (let entry = 0; entry < long; entry++) {
      const place = rows <= columns ? index * columns + entry : entry * columns + index;
      result[place] = vector[entry]!;
    }
  }
  return result;
}

/** H = I - v v^T. */
export interface Reflection {
  /** v: entries below `index` are 0; the others have norm sqrt 2. */
  readonly direction: Float64Array;
  /** Makes the triangular factor's diagonal positive, without which it is not Haar. */
  readonly sign: number;
}

/** The reflection that maps a normal vector of the coordinates from `index` on to the first axis. */
function reflection(index: number, dimension: number, draw: DrawBlock): Reflection {
  const direction = new Float64Array(dimension);
  const words = rowWords(draw, index, dimension);
  let squares = 0;
  for (let entry = index; entry < dimension; entry++) {
    const value = standardNormal(words[entry]!) * NORMAL_UNIT;
    direction[entry] = value;
    squares += value * value;
  }
  const first = direction[index]!;
  const norm = Math.sqrt(squares);
  const sign = first < 0 ? 1 : -1;
  // All numbers 0 (possible in one dimension, once in 4 million): the axis itself.
  direction[index] = norm === 0 ? 1 : first - sign * norm;
  let total = 0;
  for (const entry of direction) total += entry * entry;
  const scale = Math.sqrt(2 / total);
  for (let entry = index; entry < dimension; entry++) direction[entry]! *= scale;
  return { direction, sign };
}

function reflect(vector: Float64Array, direction: Float64Array, from: number): void {
  let product = 0;
  for (let entry = from; entry < vector.length; entry++) {
    product += direction[entry]! * vector[entry]!;
  }
  for (let entry = from; entry < vector.length; entry++) {
    vector[entry]! -= product * direction[entry]!;
  }
}
