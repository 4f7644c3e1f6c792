/**
 * Layer-sequential unit-variance initialization (Mishkin, Matas 2016): orthonormal weights, then
 * layer by layer divided by the deviation of the layer's outputs on data. With biases 0 an output is
 * linear in the weights, so their iteration ends after one step.
 */
import { atOnce, inSlices, type Stepwise } from '../math/stepwise.js';
import type { AffineLayer } from '../network/affine-layers.js';
import type { Network } from '../network/index.js';
import { varianceOf } from '../network/host/features.js';
import { propagateSteps, type AffineWeights } from '../network/host/forward-pass.js';
import { chooseAnchors } from './anchors.js';
import { layerTensors, packTensors, weightsIn, zeroBias, type HostLayers } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';
import { openStream, STREAMS, type ReplicaAddress } from './random-address.js';
import { semiOrthogonal } from './semi-orthogonal.js';

/** All affine layers of a network, with a pause after every image of every layer. */
function* lsuvLayers(
  network: Network,
  options: CommonOptions,
  address: ReplicaAddress,
  /** Orthonormal weights, [out][fan in]. */
  orthonormal: (layer: AffineLayer) => Float32Array,
): Stepwise<HostLayers> {
  const layers = new Map<AffineLayer, AffineWeights & { readonly weight: Float32Array }>();
  const warnings: string[] = [];
  yield* propagateSteps(network, chooseAnchors(network, options, address), {
    weightsOf: (layer) => {
      const weights = { weight: orthonormal(layer), bias: zeroBias(layer), mirrored: false };
      layers.set(layer, weights);
      return weights;
    },
    scaleOutput: (layer, { data }) => {
      const deviation = Math.sqrt(varianceOf(data));
      if (!(deviation > 0 && deviation < Infinity)) {
        warnings.push(
          `${layer.label}: its outputs on the anchors have variance ${deviation ** 2}, so its weights stay orthonormal`,
        );
        return 1;
      }
      const { weight } = layers.get(layer)!;
      weight.forEach((entry, index) => (weight[index] = entry / deviation));
      return 1 / deviation;
    },
  });
  return { layers, warnings };
}

export const lsuv: Initializer<CommonOptions, 'lsuv'> = {
  name: 'lsuv',
  summary: 'orthonormal weights scaled to outputs of variance 1 on the anchors',
  onHost: (network, options, address) => {
    const steps = lsuvLayers(network, options, address, ({ weight, tensor }) => {
      const draw = openStream(address, STREAMS.reflectors, tensor);
      return Float32Array.from(semiOrthogonal(weight.rows, weight.columns, draw));
    });
    return layerTensors(network, atOnce(steps));
  },
  /** The matrices by kernels, their scale on the host. */
  plan: async (gpu, buffers, network, options, target) => {
    const { planOrthogonal } = await import('./gpu/plan-orthogonal.js');
    const fill = await planOrthogonal(gpu, buffers, network, target, { gainOf: () => 1 });
    return async (addresses) => {
      await fill(addresses);
      const made = new Float32Array(await gpu.read(target.values));
      const warnings: string[][] = [];
      for (const [place, address] of addresses.entries()) {
        const start = place * target.block;
        const block = made.subarray(start, start + target.block);
        const steps = lsuvLayers(network, options, address, (layer) => weightsIn(block, layer));
        const scaled = layerTensors(network, await inSlices(steps, options.signal));
        const packed = packTensors(network, scaled.tensors);
        gpu.write(target.values, packed, Float32Array.BYTES_PER_ELEMENT * start);
        warnings.push([...scaled.warnings]);
      }
      return warnings;
    };
  },
};
