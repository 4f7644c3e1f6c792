/**
 * Networks, losses and gradients on the CPU in f64 by plain loops: what kernels are compared with.
 *
 * Shares with src/ only the description of a network. Its own gradients are held against central
 * differences of its own losses in test/unit/network/reference.test.ts.
 */
import type { Layer } from '../../src/network/layer.js';
import type { Network } from '../../src/network/network.js';
import type { LayerShape } from '../../src/network/shape.js';
import { applyLayer, type Applied, type Batch } from './reference-layers.js';

export type { Batch } from './reference-layers.js';

/** Tensors by PyTorch's name, row-major in PyTorch's shape. Running statistics are among them. */
export type ReferenceParameters = ReadonlyMap<string, readonly number[]>;

export interface ReferenceOptions {
  /** 'training' unless stated. */
  readonly mode?: 'training' | 'inference';
  /** Dropout's factors [sample][entry] by label, 0 or 1 / (1 - rate); needed in training only. */
  readonly dropout?: ReadonlyMap<string, Batch>;
}

export type ReferenceLoss =
  /** Mean over batch and outputs of (y - t)^2. */
  | { readonly kind: 'mse'; readonly targets: Batch }
  /** Mean over the batch of -log softmax(y)[label]. */
  | { readonly kind: 'softmax-cross-entropy'; readonly labels: readonly number[] }
  /** Mean over batch and outputs of the cross-entropy of sigmoid(y) and t in [0, 1]. */
  | { readonly kind: 'binary-cross-entropy'; readonly targets: Batch };

export interface ReferenceForward {
  readonly output: number[][];
  /** Output of every layer by label. */
  readonly layers: ReadonlyMap<string, number[][]>;
  /** New running statistics by name; empty in inference. */
  readonly statistics: ReadonlyMap<string, number[]>;
}

export interface ReferenceGradients extends ReferenceForward {
  readonly loss: number;
  /** Of every trained tensor by name. */
  readonly parameters: ReadonlyMap<string, number[]>;
  readonly input: number[][];
  /** With respect to every layer's output, by label. */
  readonly layerOutputs: ReadonlyMap<string, number[][]>;
}

/** Runs a network on a batch. */
export function referenceForward(
  network: Network,
  parameters: ReferenceParameters,
  input: Batch,
  options: ReferenceOptions = {},
): ReferenceForward {
  const { applied, layers, statistics } = run(network, parameters, input, options);
  return { output: applied.output, layers, statistics };
}

/** The loss of a batch and all its gradients. */
export function referenceGradients(
  network: Network,
  parameters: ReferenceParameters,
  input: Batch,
  loss: ReferenceLoss,
  options: ReferenceOptions = {},
): ReferenceGradients {
  const { applied, layers, statistics, gradients, layerOutputs } = run(
    network,
    parameters,
    input,
    options,
  );
  const { value, gradient } = referenceLoss(loss, applied.output);
  return {
    loss: value,
    output: applied.output,
    layers,
    statistics,
    layerOutputs,
    input: applied.backward(gradient),
    parameters: gradients,
  };
}

/** A loss and its gradient with respect to the network's outputs. */
export function referenceLoss(
  loss: ReferenceLoss,
  output: Batch,
): { readonly value: number; readonly gradient: number[][] } {
  const outputs = output.length * output[0]!.length;
  let value = 0;
  const gradient = output.map((row, s) => {
    switch (loss.kind) {
      case 'mse':
        return row.map((y, o) => {
          const error = y - loss.targets[s]![o]!;
          value += error ** 2 / outputs;
          return (2 * error) / outputs;
        });
      case 'binary-cross-entropy':
        return row.map((y, o) => {
          const target = loss.targets[s]![o]!;
          value += (Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y))) - target * y) / outputs;
          return (1 / (1 + Math.exp(-y)) - target) / outputs;
        });
      case 'softmax-cross-entropy': {
        const largest = Math.max(...row);
        const powers = row.map((y) => Math.exp(y - largest));
        const sum = powers.reduce((total, power) => total + power, 0);
        const label = loss.labels[s]!;
        value += (Math.log(sum) - (row[label]! - largest)) / output.length;
        return powers.map((power, o) => (power / sum - (o === label ? 1 : 0)) / output.length);
      }
    }
  });
  return { value, gradient };
}

/** A central difference and how far the differences to either side are apart. */
export interface NumericDerivative {
  readonly value: number;
  /** |right - left|: of the step's order where the loss is smooth, not so across a kink. */
  readonly kink: number;
}

/**
 * Step of the central differences: their rounding error is near 1e-16 / step, their truncation
 * near step^2, and a kink of the loss is rarely that close.
 */
export const DIFFERENCE_STEP = 1e-6;

/** The derivative of the loss with respect to one entry of one tensor, from three losses. */
export function numericDerivative(
  network: Network,
  parameters: ReferenceParameters,
  input: Batch,
  loss: ReferenceLoss,
  at: { readonly name: string; readonly index: number },
  options: ReferenceOptions = {},
): NumericDerivative {
  const lossAt = (change: number): number => {
    const changed = new Map(parameters);
    changed.set(
      at.name,
      parameters.get(at.name)!.map((value, index) => (index === at.index ? value + change : value)),
    );
    return referenceLoss(loss, referenceForward(network, changed, input, options).output).value;
  };
  const [left, middle, right] = [lossAt(-DIFFERENCE_STEP), lossAt(0), lossAt(DIFFERENCE_STEP)];
  return {
    value: (right - left) / (2 * DIFFERENCE_STEP),
    kink: Math.abs(right - 2 * middle + left) / DIFFERENCE_STEP,
  };
}

/** A network applied to a batch, with what was collected on the way. */
function run(
  network: Network,
  parameters: ReferenceParameters,
  input: Batch,
  { mode = 'training', dropout = new Map() }: ReferenceOptions,
) {
  const layers = new Map<string, number[][]>();
  const layerOutputs = new Map<string, number[][]>();
  const statistics = new Map<string, number[]>();
  const gradients = new Map<string, number[]>();
  const needed = <Value>(from: ReadonlyMap<string, Value>, name: string): Value => {
    const value = from.get(name);
    if (value === undefined) {
      throw new Error(`the reference network was not given ${name}`);
    }
    return value;
  };
  for (const { name, block } of network.parameters.tensors) {
    if (block === 'parameters') {
      gradients.set(
        name,
        needed(parameters, name).map(() => 0),
      );
    }
  }
  const applyOne = (layer: Layer, shape: LayerShape, batch: Batch): Applied => {
    const { label } = shape;
    if (layer.type === 'residual') {
      const body = applyAll(layer.body, shape.body, batch);
      const shortcut = applyAll(layer.shortcut, shape.shortcut, batch);
      return {
        output: sum(body.output, shortcut.output),
        backward: (gradient) => sum(body.backward(gradient), shortcut.backward(gradient)),
      };
    }
    return applyLayer(layer, batch, {
      label,
      mode,
      inputShape: shape.input,
      outputShape: shape.output,
      parameter: (name) => needed(parameters, `${label}.${name}`),
      gradient: (name) => needed(gradients, `${label}.${name}`),
      updateStatistic: (name, values) => statistics.set(`${label}.${name}`, values),
      dropoutFactors: () => needed(dropout, label),
    });
  };
  const applyAll = (
    list: readonly Layer[],
    shapes: readonly LayerShape[],
    batch: Batch,
  ): Applied => {
    const backwards: Applied['backward'][] = [];
    let output = batch.map((row) => [...row]);
    list.forEach((layer, index) => {
      const { label } = shapes[index]!;
      const applied = applyOne(layer, shapes[index]!, output);
      output = applied.output;
      layers.set(label, output);
      backwards.unshift((gradient) => {
        layerOutputs.set(
          label,
          gradient.map((row) => [...row]),
        );
        return applied.backward(gradient);
      });
    });
    return {
      output,
      backward: (gradient) =>
        backwards.reduce(
          (current, backward) => backward(current),
          gradient.map((row) => [...row]),
        ),
    };
  };
  const applied = applyAll(network.layers, network.shapes, input);
  return { applied, layers, layerOutputs, statistics, gradients };
}

function sum(left: Batch, right: Batch): number[][] {
  return left.map((row, s) => row.map((value, e) => value + right[s]![e]!));
}
