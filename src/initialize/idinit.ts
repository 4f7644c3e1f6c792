/**
 * IDInit (Pan et al. 2025): identities padded by further identities, so that no row and no column of a matrix
 * that is not square is 0; 10^-6 times that in the last layer of a residual branch, which so begins as good as
 * empty without being dead. A convolution is taken as the matrix [out][in * height * width].
 *
 * The public text that we had gives these, and tau = 1 and epsilon = 10^-6. It names noise that loosens the
 * identity ("loose condition") without its size: ours is normal with deviation epsilon.
 */
import { NORMAL_UNIT, standardNormal } from '../math/normal-fixed-point.js';
import type { AffineLayer } from '../network/affine-layers.js';
import type { Network } from '../network/index.js';
import { eachLayer } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';
import { openStream, rowWords, STREAMS, type ReplicaAddress } from './random-address.js';
import { residualBranch } from './residual-branch.js';

const EPSILON = 1e-6;

/** One layer's weights, [out][fan in]; every group of a convolution has an identity of its own. */
function idinitWeights(
  layer: AffineLayer,
  network: Network,
  address: ReplicaAddress,
): Float32Array {
  const { rows, columns } = layer.weight;
  const outputs = rows / layer.groups;
  const period = Math.min(outputs, columns);
  const size = residualBranch(layer, network)?.isLast ? EPSILON : 1;
  const draw = openStream(address, STREAMS.weights, layer.tensor);
  const weights = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    rowWords(draw, row, columns).forEach((word, column) => {
      const entry = ((row % outputs) - column) % period === 0 ? size : 0;
      weights[row * columns + column] = entry + EPSILON * NORMAL_UNIT * standardNormal(word);
    });
  }
  return weights;
}

export const idinit: Initializer<CommonOptions, 'idinit'> = {
  name: 'idinit',
  summary: 'IDInit: padded identities, near 0 at the end of residual branches',
  onHost: (network, _options, address) =>
    eachLayer(network, (layer) => idinitWeights(layer, network, address)),
};
