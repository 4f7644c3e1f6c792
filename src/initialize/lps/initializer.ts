/** `lps` and its relatives. */
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import type { Network } from '../../network/index.js';
import type { BatchTarget, Fill } from '../gpu/batch.js';
import { atOnce } from '../../math/stepwise.js';
import { chooseAnchors } from '../anchors.js';
import { layerTensors } from '../host-layers.js';
import { isNumber, type CommonOptions, type Initializer } from '../initializer.js';
import { genericLayers } from './generic.js';
import {
  DIRECTIONS,
  looksLinearSettings,
  lpsSettings,
  MAXIMUM_NONLINEARITY,
  type LpsOptions,
  type LpsSettings,
} from './layer-plan.js';
import { lpsLayers } from './lps-layers.js';

/** Kernels and what plans them are loaded when there is a GPU. */
async function planOnGpu(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  options: CommonOptions,
  settings: LpsSettings,
  target: BatchTarget,
): Promise<Fill> {
  const { isChain, planLps } = await import('../gpu/plan-lps.js');
  if (isChain(network)) return planLps(gpu, buffers, network, options, settings, target);
  const { planLpsGraph } = await import('../gpu/plan-lps-graph.js');
  return planLpsGraph(gpu, buffers, network, options, settings, target);
}

/** An initializer that does to each layer what the settings say. */
function layered<Options extends CommonOptions, const Name extends string>(
  described: Omit<Initializer<Options, Name>, 'onHost' | 'inSteps' | 'looksAtAnchors' | 'plan'>,
  settingsOf: (network: Network, options: Options) => LpsSettings,
): Initializer<Options, Name> {
  return {
    ...described,
    onHost: (network, options, address) => {
      const anchors = chooseAnchors(network, options, address);
      const steps = lpsLayers(network, anchors, settingsOf(network, options), address);
      return layerTensors(network, atOnce(steps));
    },
    looksAtAnchors: true,
    inSteps: function* (network, options, address, { anchors, ...rest }) {
      const steps = lpsLayers(network, anchors(), settingsOf(network, options), address, rest);
      return layerTensors(network, yield* steps);
    },
    plan: (gpu, buffers, network, options, target: BatchTarget): Promise<Fill> | null => {
      const settings = settingsOf(network, options);
      return planOnGpu(gpu, buffers, network, options, settings, target);
    },
  };
}

export const lps = layered<CommonOptions & LpsOptions, 'lps'>(
  {
    name: 'lps',
    summary: 'from the linear product structure: no ReLU unit is dead on the anchors',
    options: [
      {
        name: 'nonlinearity',
        needs: `a number from 0 to ${MAXIMUM_NONLINEARITY}`,
        accepts: (value) => isNumber(value) && value >= 0 && value <= MAXIMUM_NONLINEARITY,
        flag: {
          description: `of lps, from 0 (affine at the start) to ${MAXIMUM_NONLINEARITY}`,
        },
      },
      {
        name: 'scale',
        needs: 'a positive number',
        accepts: (value) => isNumber(value) && value > 0 && value < Infinity,
        flag: { description: 'of lps: deviation of the pre-activations' },
      },
      {
        name: 'directions',
        needs: "'anchors' or 'haar'",
        accepts: (value) => (DIRECTIONS as readonly unknown[]).includes(value),
        flag: {
          description: "of lps, of the first layer: the anchors' principal ones, or any",
          choices: DIRECTIONS,
        },
      },
      {
        name: 'outputMean',
        needs: 'a list of numbers, one per output',
        accepts: (value) => Array.isArray(value) && value.every(isNumber),
      },
    ],
  },
  lpsSettings,
);

/** Balduzzi, Frean, Leary, Lewis, Ma, McWilliams 2017. */
export const looksLinear = layered<CommonOptions, 'looks-linear'>(
  {
    name: 'looks-linear',
    summary: 'mirrored orthogonal rows, so that the network is linear at first; biases 0',
  },
  looksLinearSettings,
);

export const lpsGeneric: Initializer<CommonOptions, 'lps-generic'> = {
  name: 'lps-generic',
  summary: 'the start system without data: rows of uniform direction and norm sqrt(2)',
  hasSymmetricRows: true,
  onHost: (network, _options, address) => layerTensors(network, genericLayers(network, address)),
  plan: async (gpu, buffers, network, _options, target) => {
    const { planGeneric } = await import('../gpu/plan-generic.js');
    return planGeneric(gpu, buffers, network, target);
  },
};
