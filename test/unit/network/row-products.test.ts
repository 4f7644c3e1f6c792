/**
 * Believed after it passes: blocks of products give what one sum after another gives, to the last bit, for
 * every remainder of rows and columns. Truth: the definition.
 */
import { expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { addRowProducts } from '../../../src/network/host/row-products.js';

it('adds up each product in the order of its entries', () => {
  const stream = randomStream(11, 0);
  const normal = (count: number) => Float64Array.from({ length: count }, () => stream.normal());
  const depth = 7;
  for (let rows = 1; rows <= 9; rows++) {
    for (let columns = 1; columns <= 5; columns++) {
      const left = normal(rows * depth);
      const right = normal(columns * depth);
      const result = normal(3 + rows * columns);
      const expected = result.slice();
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          for (let k = 0; k < depth; k++) {
            expected[3 + j * rows + i]! += left[i * depth + k]! * right[j * depth + k]!;
          }
        }
      }
      addRowProducts({ left, right, depth, result, first: 3, leftStride: 1, rightStride: rows });
      expect(result).toEqual(expected);
    }
  }
});
