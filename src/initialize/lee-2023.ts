/**
 * Lee, Kim, Yang, Choi 2023 (arXiv 2311.03733): no random numbers. With Q_n the orthogonal factor of the n x n
 * matrix of ones plus epsilon times the identity, a layer of m units and n inputs gets the first min(m, n)
 * columns of both: W = Q_m I_(m x n) Q_n'. Its rows (or columns) are orthonormal, all row sums are about
 * sqrt(n / m) and all column sums sqrt(m / n), so that vectors of one sign keep it; a square W is the identity.
 *
 * The public text that we had names the perturbed matrix of ones, its QR factor and the balanced sums. The product
 * for shapes that are not square is ours (it is what has those sums), so is epsilon = 0.1, and so is taking a
 * convolution as [out][fan in]. Biases are 0.
 */
import type { AffineLayer } from '../network/affine-layers.js';
import { eachLayer } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';

const EPSILON = 0.1;

/** A column of an orthogonal factor: one number in the places before its own, one there, one behind. */
interface FactorColumn {
  readonly before: number;
  readonly at: number;
  readonly behind: number;
}

/** The first `count` columns for order n: column k lies in the span of the first k of J + epsilon I. */
function factorColumns(count: number, n: number): FactorColumn[] {
  return Array.from({ length: count }, (_, k) => {
    const before = -EPSILON * (n + EPSILON);
    const behind = EPSILON ** 2;
    const at = behind * (1 + EPSILON) + EPSILON * k * (n + 2 * EPSILON);
    const norm = Math.sqrt(k * before ** 2 + at ** 2 + (n - k - 1) * behind ** 2);
    return { before: before / norm, at: at / norm, behind: behind / norm };
  });
}

/** Entry k is the sum over the first k columns of the products of these numbers. */
function partialSums(
  left: readonly FactorColumn[],
  of: keyof FactorColumn,
  right: readonly FactorColumn[],
  ofOther: keyof FactorColumn,
): Float64Array {
  const sums = new Float64Array(left.length + 1);
  left.forEach((column, k) => {
    sums[k + 1] = sums[k]! + column[of] * right[k]![ofOther];
  });
  return sums;
}

/** [row][column] in rows * columns operations: the sum over k for an entry is three partial sums and two terms. */
function balancedOrthogonal({ weight: { rows, columns } }: AffineLayer): Float32Array {
  const shared = Math.min(rows, columns);
  const ofRows = factorColumns(shared, rows);
  const ofColumns = factorColumns(shared, columns);
  const behind = partialSums(ofRows, 'behind', ofColumns, 'behind');
  const before = partialSums(ofRows, 'before', ofColumns, 'before');
  const rowFirst = partialSums(ofRows, 'before', ofColumns, 'behind');
  const columnFirst = partialSums(ofColumns, 'before', ofRows, 'behind');
  /** Of places low < high; `one` belongs to the lower one. */
  const entry = (
    low: number,
    high: number,
    one: readonly FactorColumn[],
    other: readonly FactorColumn[],
    between: Float64Array,
  ): number => {
    const end = Math.min(high, shared);
    const last = high < shared ? one[high]!.before * other[high]!.at : 0;
    const rest = before[shared]! - before[Math.min(high + 1, shared)]!;
    const first = one[low]!.at * other[low]!.behind;
    return behind[low]! + first + between[end]! - between[low + 1]! + last + rest;
  };
  const weights = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      weights[row * columns + column] =
        row === column
          ? behind[row]! + ofRows[row]!.at * ofColumns[row]!.at + before[shared]! - before[row + 1]!
          : row < column
            ? entry(row, column, ofRows, ofColumns, rowFirst)
            : entry(column, row, ofColumns, ofRows, columnFirst);
    }
  }
  return weights;
}

export const lee2023: Initializer<CommonOptions, 'lee-2023'> = {
  name: 'lee-2023',
  summary: 'orthogonal factors of perturbed matrices of ones, no random numbers',
  onHost: (network) => eachLayer(network, balancedOrthogonal),
};
