/**
 * Orthogonal initialization (Saxe, McClelland, Ganguli 2014): every weight matrix, a convolution's
 * as [out][in * height * width], is a uniformly distributed semi-orthogonal one times the
 * activation's gain, as torch.nn.init.orthogonal_ does; biases are 0.
 *
 * 'delta' (Xiao, Bahri, Sohl-Dickstein, Schoenholz, Pennington 2018, algorithm 2): a convolution
 * is 0 but for the centre of its window, which holds the semi-orthogonal [out][in].
 */
import type { AffineLayer } from '../network/affine-layers.js';
import { activationGain } from './gain.js';
import { openStream, STREAMS, type ReplicaAddress } from './random-address.js';
import { semiOrthogonal } from './semi-orthogonal.js';

/** One layer's weights, [out][fan in]. */
export function orthogonalWeights(layer: AffineLayer, address: ReplicaAddress): Float32Array {
  const { rows, columns } = layer.weight;
  const draw = openStream(address, STREAMS.reflectors, layer.tensor);
  const gain = activationGain(layer.activation);
  return Float32Array.from(semiOrthogonal(rows, columns, draw), (entry) => gain * entry);
}

/** The same with a convolution's weights in the centre of its window. */
export function deltaOrthogonalWeights(layer: AffineLayer, address: ReplicaAddress): Float32Array {
  if (layer.layer.type === 'dense') return orthogonalWeights(layer, address);
  const { rows, columns } = layer.weight;
  const [height, width] = layer.layer.kernel;
  const channels = columns / (height * width);
  const draw = openStream(address, STREAMS.reflectors, layer.tensor);
  const gain = activationGain(layer.activation);
  const centre = Math.floor(height / 2) * width + Math.floor(width / 2);
  const weights = new Float32Array(rows * columns);
  semiOrthogonal(rows, channels, draw).forEach((entry, index) => {
    weights[index * height * width + centre] = gain * entry;
  });
  return weights;
}
