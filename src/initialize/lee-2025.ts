/**
 * After Lee, Kim, Choi 2025 (arXiv 2509.00362): semi-orthogonal matrices W on the Stiefel manifold with the mean of
 * what they give calibrated. Of all W with orthonormal rows (or columns) those with the largest sum of entries map
 * the unit vector of equal entries onto the one of their outputs: W = H_m diag(1, Q) H_n, H_k the reflection that
 * exchanges (1, ..., 1) / sqrt k and the first axis, Q any semi-orthogonal (m - 1) x (n - 1) matrix: Haar here.
 *
 * The public text that we had says that an optimization problem on the Stiefel manifold calibrates the mean of the
 * pre-activations and keeps the scale, and that a family of solutions in closed form is sampled. The objective
 * (largest sum of entries) and hence the family are our reading. Biases are 0; a convolution is [out][fan in].
 */
import type { AffineLayer } from '../network/affine-layers.js';
import { eachLayer } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';
import { openStream, STREAMS, type ReplicaAddress } from './random-address.js';
import { semiOrthogonal } from './semi-orthogonal.js';

/** The direction of the reflection that exchanges (1, ..., 1) / sqrt n and the first axis, with norm sqrt 2. */
function reflectorOfOnes(n: number): Float64Array {
  const direction = new Float64Array(n).fill(-1 / Math.sqrt(n));
  direction[0]! += 1;
  const squares = direction.reduce((sum, entry) => sum + entry * entry, 0);
  // n = 1: both are the axis.
  return squares === 0 ? direction : direction.map((entry) => entry * Math.sqrt(2 / squares));
}

/** One layer's weights, [out][fan in]. */
function meanKeepingWeights(layer: AffineLayer, address: ReplicaAddress): Float32Array {
  const { rows, columns } = layer.weight;
  const draw = openStream(address, STREAMS.reflectors, layer.tensor);
  const inner = semiOrthogonal(rows - 1, columns - 1, draw);
  const matrix = new Float64Array(rows * columns);
  matrix[0] = 1;
  for (let row = 1; row < rows; row++) {
    const from = (row - 1) * (columns - 1);
    matrix.set(inner.subarray(from, from + columns - 1), row * columns + 1);
  }
  const left = reflectorOfOnes(rows);
  for (let column = 0; column < columns; column++) {
    reflectStrided(matrix, left, column, columns);
  }
  const right = reflectorOfOnes(columns);
  for (let row = 0; row < rows; row++) reflectStrided(matrix, right, row * columns, 1);
  return Float32Array.from(matrix);
}

/** Reflects the vector of every `stride`-th entry from `start` on. */
function reflectStrided(
  matrix: Float64Array,
  direction: Float64Array,
  start: number,
  stride: number,
): void {
  let product = 0;
  direction.forEach((entry, k) => (product += entry * matrix[start + k * stride]!));
  direction.forEach((entry, k) => (matrix[start + k * stride]! -= product * entry));
}

export const lee2025: Initializer<CommonOptions, 'lee-2025'> = {
  name: 'lee-2025',
  summary: 'semi-orthogonal matrices with the largest sum of entries: the mean passes unchanged',
  onHost: (network, _options, address) =>
    eachLayer(network, (layer) => meanKeepingWeights(layer, address)),
};
