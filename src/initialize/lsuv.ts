/**
 * Layer-sequential unit-variance initialization (Mishkin, Matas 2016): orthonormal weights, then
 * layer by layer divided by the deviation of the layer's outputs on data. With biases 0 an output is
 * linear in the weights, so their iteration ends after one step.
 */
import { atOnce, inSlices, type Stepwise } from '../math/stepwise.js';
import type { AffineLayer } from '../network/affine-layers.js';
import type { Network } from '../network/index.js';
import { varianceSteps, type Features, type RowData } from '../network/host/features.js';
import {
  propagateSteps,
  type AffineWeights,
  type Propagation,
} from '../network/host/forward-pass.js';
import { chooseAnchors, takesLong } from './anchors.js';
import { layerTensors, packTensors, weightsIn, zeroBias, type HostLayers } from './host-layers.js';
import type { CommonOptions, Initializer } from './initializer.js';
import { openStream, STREAMS, type ReplicaAddress } from './random-address.js';
import {
  multiplyReflections,
  semiOrthogonalSteps,
  type MultiplyReflections,
} from './semi-orthogonal.js';

/** All affine layers of a network. */
function* lsuvLayers<Data extends RowData>(
  network: Network,
  anchors: Features<Data>,
  /** Orthonormal weights, [out][fan in]. */
  orthonormal: (layer: AffineLayer) => RowData | Stepwise<RowData>,
  rest: Pick<Propagation<Data>, 'observe' | 'products'> = {},
): Stepwise<HostLayers> {
  const layers = new Map<AffineLayer, AffineWeights & { readonly weight: Float32Array }>();
  const warnings: string[] = [];
  yield* propagateSteps(network, anchors, {
    ...rest,
    weightsOf: function* (layer) {
      const made = orthonormal(layer);
      const weight = Float32Array.from('next' in made ? yield* made : made);
      const weights = { weight, bias: zeroBias(layer), mirrored: false };
      layers.set(layer, weights);
      return weights;
    },
    scaleOutput: function* (layer, { data }) {
      const deviation = Math.sqrt(yield* varianceSteps(data));
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

/** The matrices that the host draws. */
const drawnAt =
  (address: ReplicaAddress, multiply: MultiplyReflections) =>
  ({ weight: { rows, columns }, tensor }: AffineLayer): Stepwise<RowData> => {
    const draw = openStream(address, STREAMS.reflectors, tensor);
    return semiOrthogonalSteps(rows, columns, draw, multiply);
  };

export const lsuv: Initializer<CommonOptions, 'lsuv'> = {
  name: 'lsuv',
  summary: 'orthonormal weights scaled to outputs of variance 1 on the anchors',
  onHost: (network, options, address) => {
    const anchors = chooseAnchors(network, options, address);
    const steps = lsuvLayers(network, anchors, drawnAt(address, multiplyReflections));
    return layerTensors(network, atOnce(steps));
  },
  looksAtAnchors: true,
  inSteps: function* (network, _options, address, { anchors, multiplyReflections, ...rest }) {
    const drawn = drawnAt(address, multiplyReflections);
    return layerTensors(network, yield* lsuvLayers(network, anchors(), drawn, rest));
  },
  /** The matrices by kernels, their scale on the host. */
  plan: async (gpu, buffers, network, options, target) => {
    const { planOrthogonal } = await import('./gpu/plan-orthogonal.js');
    const fill = await planOrthogonal(gpu, buffers, network, target, { gainOf: () => 1 });
    const rowThreads = takesLong(network, options) ? await import('./row-threads.js') : null;
    return async (addresses) => {
      await fill(addresses);
      const made = new Float32Array(await gpu.read(target.values));
      const warnings: string[][] = [];
      const threads = rowThreads?.openRowThreads(gpu);
      try {
        for (const [place, address] of addresses.entries()) {
          const start = place * target.block;
          const block = made.subarray(start, start + target.block);
          const anchors = chooseAnchors(network, options, address);
          const drawn = (layer: AffineLayer): Float32Array => weightsIn(block, layer);
          const steps = threads
            ? lsuvLayers(network, threads.inF32(anchors), drawn, { products: threads.products })
            : lsuvLayers(network, anchors, drawn);
          const scaled = layerTensors(network, await inSlices(steps, options.signal));
          const packed = packTensors(network, scaled.tensors);
          gpu.write(target.values, packed, Float32Array.BYTES_PER_ELEMENT * start);
          warnings.push([...scaled.warnings]);
        }
      } finally {
        threads?.close();
      }
      return warnings;
    };
  },
};
