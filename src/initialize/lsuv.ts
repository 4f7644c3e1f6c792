/**
 * Layer-sequential unit-variance initialization (Mishkin, Matas 2016): orthonormal weights, then
 * layer by layer divided by the deviation of the layer's outputs on data. With biases 0 an output is
 * linear in the weights, so their iteration ends after one step.
 */
import type { AffineLayer } from '../network/affine-layers.js';
import type { Network } from '../network/index.js';
import { chooseAnchors } from './anchors.js';
import { varianceOf } from '../network/host/features.js';
import { layerTensors, zeroBias, type HostLayers } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';
import { applyAffine, propagate, type AffineWeights } from '../network/host/forward-pass.js';
import { openStream, STREAMS, type ReplicaAddress } from './random-address.js';
import { semiOrthogonal } from './semi-orthogonal.js';

/** All affine layers of a network. */
function lsuvLayers(network: Network, options: CommonOptions, address: ReplicaAddress): HostLayers {
  const layers = new Map<AffineLayer, AffineWeights>();
  const warnings: string[] = [];
  propagate(network, chooseAnchors(network, options, address), {
    weightsOf: (layer, input) => {
      const { rows, columns } = layer.weight;
      const draw = openStream(address, STREAMS.reflectors, layer.tensor);
      const weight = Float32Array.from(semiOrthogonal(rows, columns, draw));
      const bias = zeroBias(layer);
      const output = applyAffine(layer, input, { weight, bias, mirrored: false });
      const deviation = Math.sqrt(varianceOf(output.data));
      if (deviation > 0 && deviation < Infinity) {
        weight.forEach((entry, index) => (weight[index] = entry / deviation));
      } else {
        warnings.push(
          `${layer.label}: its outputs on the anchors have variance ${deviation ** 2}, so its weights stay orthonormal`,
        );
      }
      const weights = { weight, bias, mirrored: false };
      layers.set(layer, weights);
      return weights;
    },
  });
  return { layers, warnings };
}

export const lsuv: Initializer<CommonOptions, 'lsuv'> = {
  name: 'lsuv',
  summary: 'orthonormal weights scaled to outputs of variance 1 on the anchors',
  onHost: (network, options, address) =>
    layerTensors(network, lsuvLayers(network, options, address)),
};
