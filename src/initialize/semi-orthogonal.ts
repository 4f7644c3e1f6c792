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
import { NORMAL_UNIT, standardNormal } from '../math/normal-fixed-point.js';
import { rowWords, type DrawBlock } from './random-address.js';

/**
 * @param draw reflector k is drawn from row k of a matrix of max(rows, columns) columns
 * @returns [row][column]; orthonormal rows when rows <= columns, else orthonormal columns
 */
export function semiOrthogonal(rows: number, columns: number, draw: DrawBlock): Float64Array {
  const long = Math.max(rows, columns);
  const short = Math.min(rows, columns);
  const reflectors = Array.from({ length: short }, (_, index) => reflector(index, long, draw));
  const result = new Float64Array(rows * columns);
  const vectors = Array.from({ length: TOGETHER }, () => new Float64Array(long));
  for (let first = 0; first < short; first += TOGETHER) {
    const count = Math.min(TOGETHER, short - first);
    vectors.forEach((vector, place) => {
      vector.fill(0);
      if (place < count) vector[first + place] = reflectors[first + place]!.sign;
    });
    for (let k = first + count - 1; k >= 0; k--) {
      // Vector number i is turned by the reflections i to 0; before, it is 0 where they look.
      reflect(vectors, reflectors[k]!.direction, k);
    }
    for (let place = 0; place < count; place++) {
      const vector = vectors[place]!;
      const index = first + place;
      if (rows <= columns) {
        result.set(vector, index * columns);
        continue;
      }
      for (let entry = 0; entry < long; entry++) result[entry * columns + index] = vector[entry]!;
    }
  }
  return result;
}

/** Vectors that are turned together, so that a sum need not wait for the one before. */
const TOGETHER = 4;

/** H = I - v v^T. */
export interface Reflector {
  /** v: entries below `index` are 0; the others have norm sqrt 2. */
  readonly direction: Float64Array;
  /** Makes the triangular factor's diagonal positive, without which it is not Haar. */
  readonly sign: number;
}

/** The reflection that maps a normal vector of the coordinates from `index` on to the first axis. */
export function reflector(index: number, dimension: number, draw: DrawBlock): Reflector {
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

/** The four vectors from entry `from` on. */
function reflect(
  [one, two, three, four]: readonly Float64Array[],
  direction: Float64Array,
  from: number,
): void {
  const [a, b, c, d] = [one!, two!, three!, four!];
  let [inA, inB, inC, inD] = [0, 0, 0, 0];
  for (let entry = from; entry < a.length; entry++) {
    const along = direction[entry]!;
    inA += along * a[entry]!;
    inB += along * b[entry]!;
    inC += along * c[entry]!;
    inD += along * d[entry]!;
  }
  for (let entry = from; entry < a.length; entry++) {
    const along = direction[entry]!;
    a[entry]! -= inA * along;
    b[entry]! -= inB * along;
    c[entry]! -= inC * along;
    d[entry]! -= inD * along;
  }
}
