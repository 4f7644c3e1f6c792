/**
 * ZerO initialization (Zhao, Schaefer, Anandkumar 2022, algorithms 1 and 2): no random numbers. A matrix that
 * does not widen is the identity, cut off; one that does is 2^(-(m - 1) / 2) times the upper left part of the
 * Hadamard matrix of order 2^m, m = ceil(log2 rows). A convolution holds it in the centre of its window; biases
 * are 0.
 *
 * Their residual networks also begin with branches of 0; a network does not say which of its layers are meant.
 */
import type { AffineLayer } from '../network/affine-layers.js';
import { eachLayer } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';

/** [row][column] */
function zeroEntry(row: number, column: number, widens: boolean, scale: number): number {
  if (!widens) return row === column ? 1 : 0;
  // Sylvester's construction: the sign is the parity of the bits that both numbers have.
  let bits = row & column;
  let sign = scale;
  for (; bits > 0; bits &= bits - 1) sign = -sign;
  return sign;
}

/** One layer's weights, [out][fan in]; every group of a convolution has the same. */
function zeroWeights({ layer, weight: { rows, columns }, groups }: AffineLayer): Float32Array {
  const [height, width] = layer.type === 'conv2d' ? layer.kernel : [1, 1];
  const window = height * width;
  const centre = Math.floor(height / 2) * width + Math.floor(width / 2);
  const outputs = rows / groups;
  const inputs = columns / window;
  const scale = 2 ** (-(Math.ceil(Math.log2(outputs)) - 1) / 2);
  const weights = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < inputs; column++) {
      const entry = zeroEntry(row % outputs, column, outputs > inputs, scale);
      weights[row * columns + column * window + centre] = entry;
    }
  }
  return weights;
}

export const zero: Initializer<CommonOptions, 'zero'> = {
  name: 'zero',
  summary: 'ZerO: identities and Hadamard matrices, no random numbers',
  onHost: (network) => eachLayer(network, zeroWeights),
};
