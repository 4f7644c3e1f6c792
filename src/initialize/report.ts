/**
 * How a freshly initialized network behaves on its anchors, layer by layer: which units are ever
 * active, how large its outputs are, and how its layers' Jacobians stretch and shrink.
 *
 * Computed in f64 from the stored f32 weights, in f32 where that would take long (row-threads.ts), unless the outputs were
 * measured on the way.
 */
import { atOnce, type Stepwise } from '../math/stepwise.js';
import type { Network } from '../network/index.js';
import type { Weights } from '../network/weights.js';
import { chooseAnchors } from './anchors.js';
import { measuring, type MeasuredOutput, type UnitActivity } from './measured-output.js';
import type { RowThreads } from './row-threads.js';
import { varianceOf, type Features, type RowData } from '../network/host/features.js';
import { jacobianSpectra, type JacobianSpectrum } from './jacobian.js';
import {
  checkOptions,
  type InitializationOptions,
  type InitializerMethod,
} from './initializers.js';
import { propagateSteps, storedWeights, type Propagation } from '../network/host/forward-pass.js';

/** One dense or convolution layer. */
export interface InitializedLayer {
  /** "layers.3" */
  readonly label: string;
  readonly type: 'dense' | 'conv2d';
  readonly fanIn: number;
  readonly fanOut: number;
  /** Units of a dense layer, channels of a convolution. */
  readonly units: number;
  /** Deviation of the weights' entries. */
  readonly scale: number;
  /** Variance of the outputs over anchors, units and positions, before any activation. */
  readonly outputVariance: number;
  /** Of the activation that reads this layer's outputs itself; null when another layer does. */
  readonly activity: UnitActivity | null;
  /** By the network's input, at the first anchor; null when it would take too long or too much. */
  readonly jacobian: JacobianSpectrum | null;
}

export interface InitializationReport {
  readonly method: InitializerMethod;
  readonly seed: number;
  readonly replica: number;
  /** Anchors that were looked at; the layers' figures are over them. */
  readonly anchors: number;
  /** Whether the anchors are the caller's data or synthetic. */
  readonly anchorSource: 'data' | 'synthetic';
  readonly layers: readonly InitializedLayer[];
  /** ReLU units and channels that are active on no anchor, in all layers. */
  readonly deadUnits: number;
  readonly warnings: readonly string[];
}

/** Looks at initial weights on their anchors. */
export function reportInitialization(
  network: Network,
  weights: Weights,
  options: InitializationOptions,
): InitializationReport {
  return atOnce(reportSteps(network, weights, options));
}

/** What is known of an initialization before it is reported. */
export interface KnownOfInitialization {
  /** To be said. */
  readonly warnings: readonly string[];
  /** By the labels of layers with weights and of ReLUs; null when the anchors have yet to go through. */
  readonly outputs: ReadonlyMap<string, MeasuredOutput> | null;
}

/** The same with a pause after every image of every layer. */
export function* reportSteps(
  network: Network,
  weights: Weights,
  options: InitializationOptions,
  known: KnownOfInitialization = { warnings: [], outputs: null },
  threads?: RowThreads,
): Stepwise<InitializationReport> {
  const { name: method } = checkOptions(options);
  const { seed = 0, replica = 0 } = options;
  const anchors = chooseAnchors(network, options, { seed, replica });
  const weightsOf = storedWeights(weights);
  const measure = { weightsOf, onLayer: options.onLayer };
  const outputs =
    known.outputs ??
    (threads
      ? yield* measureOutputs(network, threads.inF32(anchors), {
          ...measure,
          products: threads.products,
        })
      : yield* measureOutputs(network, anchors, measure));
  const affine = new Set(network.affineLayers.map(({ label }) => label));
  const dead = [...outputs].flatMap(([label, { activity }]) =>
    affine.has(label) || activity.inactiveUnits === 0
      ? []
      : [{ label, units: activity.inactiveUnits }],
  );
  const probe = anchors.data.subarray(0, anchors.entries);
  const spectra = yield* jacobianSpectra(network, probe, weightsOf);
  const layers = network.affineLayers.map((layer): InitializedLayer => {
    const { variance, activity } = outputs.get(layer.label)!;
    const { fanIn, fanOut, rows } = layer.weight;
    return {
      label: layer.label,
      type: layer.layer.type,
      fanIn,
      fanOut,
      units: rows,
      scale: Math.sqrt(varianceOf(weights.tensors.get(layer.weight.name)!.data)),
      outputVariance: variance,
      activity: layer.directlyActivated ? activity : null,
      jacobian: spectra.get(layer.label) ?? null,
    };
  });
  return {
    method,
    seed,
    replica,
    anchors: anchors.count,
    anchorSource: options.anchors === undefined ? 'synthetic' : 'data',
    layers,
    deadUnits: dead.reduce((sum, { units }) => sum + units, 0),
    warnings: [
      ...known.warnings,
      ...dead.map(
        ({ label, units }) => `${label}: ${units} of its ReLU units are active on no anchor`,
      ),
    ],
  };
}

/** Sends the anchors through the network. */
function* measureOutputs<Data extends RowData>(
  network: Network,
  anchors: Features<Data>,
  {
    onLayer,
    ...rest
  }: Pick<Propagation<Data>, 'weightsOf' | 'products'> & {
    readonly onLayer: InitializationOptions['onLayer'] | undefined;
  },
): Stepwise<ReadonlyMap<string, MeasuredOutput>> {
  const outputs = new Map<string, MeasuredOutput>();
  const observe = measuring(outputs, (label) => onLayer?.({ label, step: 'report' }));
  yield* propagateSteps(network, anchors, { ...rest, observe });
  return outputs;
}
