/**
 * The layers that have weights, in the order in which an input meets them, each with what its
 * surroundings say of it: a network's `affineLayers`.
 */
import { isActivation, type ActivationLayer } from './activations.js';
import type { Conv2dLayer, DenseLayer, Layer } from './layer.js';
import type { ParameterTensor } from './parameters.js';
import type { LayerShape } from './shape.js';

/** A dense or convolution layer. */
export interface AffineLayer {
  /** "layers.3.body.1" */
  readonly label: string;
  readonly layer: DenseLayer | Conv2dLayer;
  readonly shape: LayerShape;
  readonly weight: ParameterTensor;
  /** Number of the weight tensor in the network's layout: its random numbers' substream. */
  readonly tensor: number;
  readonly bias: ParameterTensor | null;
  /** The next activation on the way out, whatever lies between; null when there is none. */
  readonly activation: ActivationLayer | null;
  /** Whether that activation reads this layer's output itself (dropout, identical at first, aside). */
  readonly directlyActivated: boolean;
  /** Whether nothing after it has weights or bends: its outputs are the network's. */
  readonly isOutput: boolean;
  /** Groups of a convolution, 1 for a dense layer. */
  readonly groups: number;
}

/** All affine layers, body before shortcut. */
export function findAffineLayers(
  allLayers: readonly Layer[],
  allShapes: readonly LayerShape[],
  tensors: readonly ParameterTensor[],
): readonly AffineLayer[] {
  const found: AffineLayer[] = [];
  const visit = (
    layers: readonly Layer[],
    shapes: readonly LayerShape[],
    after: readonly Layer[],
    insideResidual: boolean,
  ): void => {
    layers.forEach((layer, index) => {
      const shape = shapes[index]!;
      const rest = [...layers.slice(index + 1), ...after];
      if (layer.type === 'residual') {
        visit(layer.body, shape.body, rest, true);
        visit(layer.shortcut, shape.shortcut, rest, true);
      }
      if (layer.type !== 'dense' && layer.type !== 'conv2d') return;
      const tensor = tensors.findIndex(({ name }) => name === `${shape.label}.weight`);
      const activation = rest.find(isActivation) ?? null;
      const next = layers.slice(index + 1).find(({ type }) => type !== 'dropout');
      found.push({
        label: shape.label,
        layer,
        shape,
        weight: tensors[tensor]!,
        tensor,
        bias: tensors.find(({ name }) => name === `${shape.label}.bias`) ?? null,
        activation,
        directlyActivated: activation !== null && next === activation,
        isOutput: !insideResidual && !rest.some(bends),
        groups: layer.type === 'conv2d' ? layer.groups : 1,
      });
    });
  };
  visit(allLayers, allShapes, [], false);
  return found;
}

/** Whether a layer has weights or is not linear; max pooling only passes values on. */
function bends(layer: Layer): boolean {
  return (
    layer.type === 'dense' ||
    layer.type === 'conv2d' ||
    layer.type === 'residual' ||
    isActivation(layer)
  );
}
