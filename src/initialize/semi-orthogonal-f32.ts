/**
 * The matrices of semi-orthogonal.ts in f32, for layers of thousands of inputs: the same reflections from the same random
 * numbers, taken together in blocks, so that nearly all work is products of matrices.
 *
 * H_1 ... H_b = I - V T V^T with T upper triangular: Schreiber, Van Loan, "A storage-efficient WY representation for
 * products of Householder transformations", SIAM J. Sci. Stat. Comput. 10, 1989.
 */
import {
  F32Multiplier,
  type RightFactor,
  rowsAsColumns,
  TILE_COLUMNS,
} from '../network/host/f32-product.js';
import type { Stepwise } from '../math/stepwise.js';
import type { Reflection } from './semi-orthogonal.js';

/** Reflections taken together. */
const BLOCK = 64;

/** @returns as `multiplyReflections`, equal to it up to rounding; with a pause every few milliseconds */
export function* multiplyReflectionsInF32(
  rows: number,
  columns: number,
  reflectionOf: (index: number) => Reflection,
): Stepwise<Float32Array> {
  const long = Math.max(rows, columns);
  const short = Math.min(rows, columns);
  const multiplier = F32Multiplier.ofThread();
  const reflections = new Float32Array(short * long);
  /** [vector][entry] */
  const vectors = new Float32Array(short * long);
  for (let index = 0; index < short; index++) {
    const { direction, sign } = reflectionOf(index);
    reflections.set(direction, index * long);
    vectors[index * long + index] = sign;
    yield;
  }
  for (let end = short; end > 0;) {
    const first = Math.max(0, end - BLOCK);
    const count = end - first;
    const width = long - first;
    const own = reflections.subarray(first * long + first, end * long);
    const from = { data: own, first: 0, rows: count, stride: long };
    const gram = new Float32Array(count * count);
    yield* multiplier.addProducts(
      from,
      rowsAsColumns(own, count, long),
      width,
      matrix(gram, count),
    );
    // Vectors before the block are not turned by it: they are 0 where it looks.
    const turned = vectors.subarray(first * long + first);
    const moved = short - first;
    const along = new Float32Array(moved * count);
    const left = { data: turned, first: 0, rows: moved, stride: long };
    yield* multiplier.addProducts(
      left,
      rowsAsColumns(own, count, long),
      width,
      matrix(along, count),
    );
    timesMinusTransposed(along, blockFactor(gram, count), count);
    const back = { data: along, first: 0, rows: moved, stride: count };
    const place = { data: turned, first: 0, rowStride: long, run: width, runStride: 0 };
    yield* multiplier.addProducts(back, matrixColumns(own, width, long), count, place);
    end = first;
  }
  if (rows <= columns) return vectors;
  const result = new Float32Array(rows * columns);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++)
      result[row * columns + column] = vectors[column * long + row]!;
    yield;
  }
  return result;
}

const matrix = (data: Float32Array, columns: number) => ({
  data,
  first: 0,
  rowStride: columns,
  run: columns,
  runStride: 0,
});

/** T, from the products of the directions with one another: T_j = [T_j-1, -T_j-1 V^T v_j; 0, 1]. */
function blockFactor(gram: Float32Array, count: number): Float64Array {
  const factor = new Float64Array(count * count);
  for (let column = 0; column < count; column++) {
    factor[column * count + column] = 1;
    for (let row = 0; row < column; row++) {
      let sum = 0;
      for (let k = row; k < column; k++)
        sum += factor[row * count + k]! * gram[k * count + column]!;
      factor[row * count + column] = -sum;
    }
  }
  return factor;
}

/** Rows w become -(T w)^T, in place. */
function timesMinusTransposed(rows: Float32Array, factor: Float64Array, count: number): void {
  for (let start = 0; start < rows.length; start += count) {
    // Of an upper triangle, from the first on: those that are still needed come later.
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let k = row; k < count; k++) sum += factor[row * count + k]! * rows[start + k]!;
      rows[start + row] = -sum;
    }
  }
}

/** A matrix [term][column], rows `stride` numbers apart. */
function matrixColumns(data: Float32Array, count: number, stride: number): RightFactor {
  return {
    columns: count,
    pack: (target, { term, terms, column, columns }) => {
      for (let panel = 0; panel < columns; panel += TILE_COLUMNS) {
        const filled = Math.min(TILE_COLUMNS, columns - panel);
        let to = panel * terms;
        for (let index = term; index < term + terms; index++, to += TILE_COLUMNS) {
          const start = index * stride + column + panel;
          for (let place = 0; place < filled; place++) target[to + place] = data[start + place]!;
        }
      }
    },
  };
}
