/**
 * Orthogonal initialization (Saxe, McClelland, Ganguli 2014): every weight matrix, a convolution's
 * as [out][in * height * width], is a uniformly distributed semi-orthogonal one times the
 * activation's gain, as torch.nn.init.orthogonal_ does; biases are 0.
 *
 * 'delta' (Xiao, Bahri, Sohl-Dickstein, Schoenholz, Pennington 2018, algorithm 2): a convolution
 * is 0 but for the centre of its window, which holds the semi-orthogonal [out][in].
 */
import { atOnce, type Stepwise } from '../math/stepwise.js';
import type { AffineLayer } from '../network/affine-layers.js';
import { activationGain } from './gain.js';
import { eachLayer } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';
import { openStream, STREAMS, type ReplicaAddress } from './random-address.js';
import {
  multiplyReflections,
  semiOrthogonalSteps,
  type MultiplyReflections,
} from './semi-orthogonal.js';

const gainOf = (layer: AffineLayer): number => activationGain(layer.activation);

/** A layer's weights, [out][fan in]; `isDelta` with a convolution's in the centre of its window. */
function* orthogonalWeights(
  layer: AffineLayer,
  address: ReplicaAddress,
  multiply: MultiplyReflections,
  isDelta: boolean,
): Stepwise<Float32Array> {
  const { rows, columns } = layer.weight;
  const [height, width] = isDelta && layer.layer.type === 'conv2d' ? layer.layer.kernel : [1, 1];
  const cells = height * width;
  const channels = columns / cells;
  const draw = openStream(address, STREAMS.reflectors, layer.tensor);
  const matrix = yield* semiOrthogonalSteps(rows, channels, draw, multiply);
  const gain = gainOf(layer);
  const centre = Math.floor(height / 2) * width + Math.floor(width / 2);
  const weights = new Float32Array(rows * columns);
  matrix.forEach((entry, index) => {
    weights[index * cells + centre] = gain * entry;
  });
  return weights;
}

function orthogonalInitializer<const Name extends string>(
  described: Pick<Initializer<CommonOptions, Name>, 'name' | 'summary' | 'hasSymmetricRows'>,
  isDelta: boolean,
): Initializer<CommonOptions, Name> {
  return {
    ...described,
    onHost: (network, _options, address) =>
      eachLayer(network, (layer) =>
        atOnce(orthogonalWeights(layer, address, multiplyReflections, isDelta)),
      ),
    inSteps: function* (network, _options, address, pass) {
      const weights = new Map<AffineLayer, Float32Array>();
      for (const layer of network.affineLayers) {
        const steps = orthogonalWeights(layer, address, pass.multiplyReflections, isDelta);
        weights.set(layer, yield* steps);
      }
      return eachLayer(network, (layer) => weights.get(layer)!);
    },
    plan: async (gpu, buffers, network, _options, target) => {
      const { planOrthogonal } = await import('./gpu/plan-orthogonal.js');
      return planOrthogonal(gpu, buffers, network, target, { gainOf, isDelta });
    },
  };
}

export const orthogonal = orthogonalInitializer(
  {
    name: 'orthogonal',
    summary: 'semi-orthogonal matrices times the gain',
    hasSymmetricRows: true,
  },
  false,
);

export const deltaOrthogonal = orthogonalInitializer(
  {
    name: 'delta-orthogonal',
    summary: 'the same in the centre of convolution windows, 0 around it',
  },
  true,
);
