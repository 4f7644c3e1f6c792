/**
 * How a freshly initialized network behaves on its anchors, layer by layer: which units are ever
 * active, how large its outputs are, and how its layers' Jacobians stretch and shrink.
 *
 * Computed in f64 from the stored f32 weights.
 */
import { atOnce, type Stepwise } from '../math/stepwise.js';
import type { Network } from '../network/index.js';
import type { Weights } from '../network/weights.js';
import { chooseAnchors } from './anchors.js';
import { varianceOf, type Features } from '../network/host/features.js';
import { jacobianSpectra, type JacobianSpectrum } from './jacobian.js';
import {
  checkOptions,
  type InitializationOptions,
  type InitializerMethod,
} from './initializers.js';
import { propagateSteps, storedWeights } from '../network/host/forward-pass.js';

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

/** Pre-activations above 0. */
export interface UnitActivity {
  /** Of all pre-activations on the anchors. */
  readonly activeFraction: number;
  /** Units (channels) that are above 0 on no anchor: dead ones when the activation is ReLU. */
  readonly inactiveUnits: number;
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

/** The same with a pause after every image of every layer. @param warnings what is known to be said */
export function* reportSteps(
  network: Network,
  weights: Weights,
  options: InitializationOptions,
  warnings: readonly string[] = [],
  onLayer?: InitializationOptions['onLayer'],
): Stepwise<InitializationReport> {
  const { name: method } = checkOptions(options);
  const { seed = 0, replica = 0 } = options;
  const anchors = chooseAnchors(network, options, { seed, replica });
  const weightsOf = storedWeights(weights);
  const outputs = new Map<string, { readonly variance: number; readonly activity: UnitActivity }>();
  const dead = new Map<string, number>();
  yield* propagateSteps(network, anchors, {
    weightsOf,
    observe: (label, layer, input, output) => {
      if (layer.type === 'dense' || layer.type === 'conv2d') {
        outputs.set(label, { variance: varianceOf(output.data), activity: activityOf(output) });
        onLayer?.({ label, step: 'report' });
      }
      if (layer.type === 'relu') dead.set(label, activityOf(input).inactiveUnits);
    },
  });
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
    deadUnits: [...dead.values()].reduce((sum, count) => sum + count, 0),
    warnings: [
      ...warnings,
      ...[...dead]
        .filter(([, count]) => count > 0)
        .map(([label, count]) => `${label}: ${count} of its ReLU units are active on no anchor`),
    ],
  };
}

function activityOf({ count, channels, entries, data }: Features): UnitActivity {
  const cells = entries / channels;
  const isActive = new Uint8Array(channels);
  let active = 0;
  for (let row = 0; row < count; row++) {
    for (let entry = 0; entry < entries; entry++) {
      if (data[row * entries + entry]! > 0) {
        active++;
        isActive[Math.floor(entry / cells)] = 1;
      }
    }
  }
  return {
    activeFraction: active / data.length,
    inactiveUnits: channels - isActive.reduce((sum, flag) => sum + flag, 0),
  };
}
