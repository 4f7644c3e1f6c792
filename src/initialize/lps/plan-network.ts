/**
 * Plans `lps` for a whole network before any number is drawn: follows what is known of the features
 * through all layers, as src/network/host/forward-pass.ts does with the features themselves.
 */
import type { Layer, LayerShape, Network } from '../../network/index.js';
import { entriesOf } from '../../network/shape.js';
import { isActivation, isAntithetic } from '../../network/activations.js';
import type { Features } from '../../network/host/features.js';
import { planLayer, type LayerPlan, type LpsSettings } from './layer-plan.js';

type Known = Pick<Features, 'structure' | 'channels' | 'entries'>;

/** One plan per affine layer, in the order of `affineLayers`. */
export function planNetwork(network: Network, settings: LpsSettings): LayerPlan[] {
  const affine = new Map(network.affineLayers.map((layer) => [layer.label, layer]));
  const plans: LayerPlan[] = [];
  const through = (layers: readonly Layer[], shapes: readonly LayerShape[], start: Known): Known =>
    layers.reduce((known, layer, index) => after(layer, shapes[index]!, known), start);
  const after = (layer: Layer, shape: LayerShape, input: Known): Known => {
    const entries = entriesOf(shape.output);
    if (isActivation(layer)) {
      const isPaired = input.structure === 'mirrored' && isAntithetic(layer);
      return { ...input, structure: isPaired ? 'paired' : 'plain' };
    }
    switch (layer.type) {
      case 'dense':
      case 'conv2d': {
        const plan = planLayer(affine.get(shape.label)!, input, settings);
        plans.push(plan);
        const structure = plan.rows === 'pairs' ? 'mirrored' : 'plain';
        return { structure, channels: shape.output.at(-1)!, entries };
      }
      case 'flatten':
      case 'dropout':
        return input;
      case 'average-pool2d':
      case 'global-average-pool2d':
        return { ...input, entries };
      case 'max-pool2d':
      case 'batch-norm':
        return { ...input, entries, structure: 'plain' };
      case 'residual': {
        const body = through(layer.body, shape.body, input);
        through(layer.shortcut, shape.shortcut, input);
        return { ...body, structure: 'plain' };
      }
    }
  };
  through(network.layers, network.shapes, {
    structure: 'plain',
    channels: network.input.at(-1)!,
    entries: entriesOf(network.input),
  });
  return plans;
}
