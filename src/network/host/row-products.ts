/**
 * Products of all rows of one matrix with all rows of another, in f64: what a layer's weights make of rows
 * or patches. Blocks of 4 x 2 sums share their loads; each sum is added up in the order of its entries, so
 * that a block's shape changes no result.
 */

export interface RowProducts {
  /** [row][depth] */
  readonly left: Float64Array;
  /** [row][depth] */
  readonly right: Float64Array;
  readonly depth: number;
  /** left row i . right row j is added to entry first + i leftStride + j rightStride. */
  readonly result: Float64Array;
  readonly first: number;
  readonly leftStride: number;
  readonly rightStride: number;
}

/** Adds the products to what is there. */
export function addRowProducts(products: RowProducts): void {
  const { left, right, depth, result, first, leftStride, rightStride } = products;
  const rows = left.length / depth;
  const columns = right.length / depth;
  // Rows and columns that fill no block are computed one by one.
  const blockRows = rows - (rows % 4);
  const blockColumns = columns - (columns % 2);
  for (let i = 0; i < blockRows; i += 4) {
    for (let j = 0; j < blockColumns; j += 2) {
      const place = first + i * leftStride + j * rightStride;
      const [p1, p2, p3] = [place + leftStride, place + 2 * leftStride, place + 3 * leftStride];
      let [s00, s10, s20, s30] = [result[place]!, result[p1]!, result[p2]!, result[p3]!];
      let s01 = result[place + rightStride]!;
      let s11 = result[p1 + rightStride]!;
      let s21 = result[p2 + rightStride]!;
      let s31 = result[p3 + rightStride]!;
      let l0 = i * depth;
      let l1 = l0 + depth;
      let l2 = l1 + depth;
      let l3 = l2 + depth;
      let r0 = j * depth;
      let r1 = r0 + depth;
      for (const end = l0 + depth; l0 < end; l0++, l1++, l2++, l3++, r0++, r1++) {
        const x = right[r0]!;
        const y = right[r1]!;
        const a = left[l0]!;
        const b = left[l1]!;
        const c = left[l2]!;
        const d = left[l3]!;
        s00 += a * x;
        s10 += b * x;
        s20 += c * x;
        s30 += d * x;
        s01 += a * y;
        s11 += b * y;
        s21 += c * y;
        s31 += d * y;
      }
      result[place] = s00;
      result[p1] = s10;
      result[p2] = s20;
      result[p3] = s30;
      result[place + rightStride] = s01;
      result[p1 + rightStride] = s11;
      result[p2 + rightStride] = s21;
      result[p3 + rightStride] = s31;
    }
  }
  for (let i = 0; i < rows; i++) {
    for (let j = i < blockRows ? blockColumns : 0; j < columns; j++) {
      const place = first + i * leftStride + j * rightStride;
      let sum = result[place]!;
      for (let k = 0; k < depth; k++) sum += left[i * depth + k]! * right[j * depth + k]!;
      result[place] = sum;
    }
  }
}
