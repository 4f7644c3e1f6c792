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
import { eachLayer } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';
import { openStream, STREAMS, type ReplicaAddress } from './random-address.js';
import { semiOrthogonal } from './semi-orthogonal.js';

/** One layer's weights, [out][fan in]. */
function orthogonalWeights(layer: AffineLayer, address: ReplicaAddress): Float32Array {
  const { rows, columns } = layer.weight;
  const draw = openStream(address, STREAMS.reflectors, layer.tensor);
  const gain = activationGain(layer.activation);
  return Float32Array.from(semiOrthogonal(rows, columns, draw), (entry) => gain * entry);
}

/** The same with a convolution's weights in the centre of its window. */
function deltaOrthogonalWeights(layer: AffineLayer, address: ReplicaAddress): Float32Array {
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

export const orthogonal: Initializer<CommonOptions, 'orthogonal'> = {
  name: 'orthogonal',
  summary: 'semi-orthogonal matrices times the gain',
  hasSymmetricRows: true,
  onHost: (network, _options, address) =>
    eachLayer(network, (layer) => orthogonalWeights(layer, address)),
  plan: async (gpu, buffers, network, _options, target) => {
    const { planOrthogonal } = await import('./gpu/plan-orthogonal.js');
    return planOrthogonal(gpu, buffers, network, target);
  },
};

export const deltaOrthogonal: Initializer<CommonOptions, 'delta-orthogonal'> = {
  name: 'delta-orthogonal',
  summary: 'the same in the centre of convolution windows, 0 around it',
  onHost: (network, _options, address) =>
    eachLayer(network, (layer) => deltaOrthogonalWeights(layer, address)),
};
