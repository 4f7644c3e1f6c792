/**
 * A network as operations on tensors: which kernels run, on what, in which order.
 *
 * Layers and operations differ: an activation joins the operation before it, unless asked not to, which then stores
 * what the next one needs in one pass over memory; flatten, the identity and, in inference, dropout are
 * no work at all, only another view of a tensor. Pure data, so that all of it is decided and tested
 * before any buffer is made.
 */
import type { Layer } from '../layer.js';
import type { Network } from '../network.js';
import { entriesOf, type LayerShape, type Shape } from '../shape.js';
import { fusedActivation, type FusedActivation, isActivation } from '../activations.js';

/** What a graph is for: only training runs dropout and needs slopes. */
export type GraphMode = 'training' | 'inference';

/** A tensor seen with a shape; views of one tensor have as many entries. */
export interface View {
  /** Index into Graph.tensors. */
  readonly tensor: number;
  readonly shape: Shape;
}

/** Numbers that one operation writes and others read. */
export interface GraphTensor {
  /** Of the operation that writes it; "input" for the network's. */
  readonly label: string;
  readonly entries: number;
  /** Index of the operation that writes it, null for the network's input. */
  readonly producer: number | null;
  /** Operations that read it, in order; one that adds it to itself stands twice. */
  readonly consumers: readonly number[];
  /** Whether parameters act on it, so that training needs the loss's gradient with respect to it. */
  readonly needsGradient: boolean;
}

/** A layer with the activation that follows it. */
export interface GraphOperation {
  /** "layers.3": the layer's, not the activation's. */
  readonly label: string;
  /** A layer that does work. An activation is on its own here when nothing before it takes it in. */
  readonly layer: Layer;
  /** One; two for a residual layer, which here only adds its branches. */
  readonly inputs: readonly View[];
  readonly output: View;
  /** Applied to what it stores; of an activation on its own, itself. Null for a polynomial. */
  readonly activation: FusedActivation | null;
  /** "layers.4": the layer that the activation is; null without one. */
  readonly activationLabel: string | null;
}

/** All work of a forward pass. */
export interface Graph {
  readonly mode: GraphMode;
  /** Tensor 0 is the network's input. */
  readonly tensors: readonly GraphTensor[];
  /** In the order in which they run. */
  readonly operations: readonly GraphOperation[];
  readonly output: View;
}

/** Layers whose kernels apply an activation to what they store. */
const FUSES: ReadonlySet<Layer['type']> = new Set<Layer['type']>([
  'dense',
  'conv2d',
  'max-pool2d',
  'average-pool2d',
  'global-average-pool2d',
  'batch-norm',
  'residual',
]);

/** Layers that passing on a gradient costs nothing: it is the gradient of their output. */
export function passesGradientOn({ layer }: GraphOperation): boolean {
  return layer.type === 'residual' || (isActivation(layer) && layer.type !== 'polynomial');
}

/** Layers with parameters. */
export function isTrained({ layer }: GraphOperation): boolean {
  return layer.type === 'dense' || layer.type === 'conv2d' || layer.type === 'batch-norm';
}

type Writable<Data> = { -readonly [Key in keyof Data]: Data[Key] };

/**
 * Makes the operations of a network.
 *
 * @param activations 'apart' stores what every activation reads, for who wants to see it
 */
export function buildGraph(
  network: Network,
  mode: GraphMode,
  activations: 'fused' | 'apart' = 'fused',
): Graph {
  const tensors: (Writable<GraphTensor> & { consumers: number[] })[] = [];
  const operations: Writable<GraphOperation>[] = [];
  /** Tensors that a branch still reads: an activation may not change them in place. */
  const shared = new Set<number>();

  const addTensor = (label: string, shape: Shape, producer: number | null): View => {
    const entries = entriesOf(shape);
    tensors.push({ label, entries, producer, consumers: [], needsGradient: false });
    return { tensor: tensors.length - 1, shape };
  };
  const addOperation = (label: string, layer: Layer, inputs: readonly View[], shape: Shape) => {
    const index = operations.length;
    const output = addTensor(label, shape, index);
    for (const { tensor } of inputs) {
      tensors[tensor]!.consumers.push(index);
    }
    const operation: GraphOperation = {
      label,
      layer,
      inputs,
      output,
      activation: null,
      activationLabel: null,
    };
    operations.push(operation);
    tensors[output.tensor]!.needsGradient =
      isTrained(operation) || inputs.some(({ tensor }) => tensors[tensor]!.needsGradient);
    return output;
  };

  /** Adds an activation to the operation that made its input, or as an operation of its own. */
  const addActivation = (
    label: string,
    layer: Layer,
    activation: FusedActivation,
    input: View,
  ): View => {
    const { producer } = tensors[input.tensor]!;
    const before = producer === null ? undefined : operations[producer];
    // Adding branches keeps no pre-activation: on its own, the activation finds it in its input.
    const stores =
      before?.layer.type !== 'residual' ||
      mode === 'inference' ||
      activation.slopeFrom === 'output';
    if (
      activations === 'fused' &&
      before &&
      FUSES.has(before.layer.type) &&
      before.activation === null &&
      stores &&
      !shared.has(input.tensor)
    ) {
      before.activation = activation;
      before.activationLabel = label;
      return input;
    }
    const output = addOperation(label, layer, [input], input.shape);
    Object.assign(operations.at(-1)!, { activation, activationLabel: label });
    return output;
  };

  const addLayer = (layer: Layer, { label, output, body, shortcut }: LayerShape, input: View) => {
    if (layer.type === 'residual') {
      shared.add(input.tensor);
      const ends = [
        addLayers(layer.body, body, input),
        addLayers(layer.shortcut, shortcut, input),
      ].map(({ tensor }) => ({ tensor, shape: output }));
      return addOperation(label, layer, ends, output);
    }
    const isView =
      layer.type === 'flatten' ||
      layer.type === 'identity' ||
      (layer.type === 'dropout' && (mode === 'inference' || layer.rate === 0));
    if (isView) {
      return { tensor: input.tensor, shape: output };
    }
    const activation = isActivation(layer) ? fusedActivation(layer) : null;
    return activation
      ? addActivation(label, layer, activation, input)
      : addOperation(label, layer, [input], output);
  };
  const addLayers = (layers: readonly Layer[], shapes: readonly LayerShape[], input: View): View =>
    layers.reduce((view, layer, index) => addLayer(layer, shapes[index]!, view), input);

  const input = addTensor('input', network.input, null);
  const output = addLayers(network.layers, network.shapes, input);
  return { mode, tensors, operations, output };
}
