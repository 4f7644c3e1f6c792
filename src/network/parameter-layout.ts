/**
 * Lays out the tensors of a network in the two blocks of src/network/parameters.ts.
 *
 * Tensors stand in the order of PyTorch's state dictionary: layer by layer, weight before bias,
 * body before shortcut.
 */
import { NetworkError } from './errors.js';
import type { Layer } from './layer.js';
import {
  alignTo,
  ROW_ALIGNMENT,
  TENSOR_ALIGNMENT,
  type ParameterLayout,
  type ParameterRole,
  type ParameterTensor,
} from './parameters.js';
import { describeLayer, entriesOf, type LayerShape, type Shape } from './shape.js';

/** Floats of a block that a byte offset of 32 bits still reaches. */
export const MAXIMUM_BLOCK_SIZE = 2 ** 30;

/** A tensor before it has a place. */
interface Need {
  readonly suffix: 'weight' | 'bias' | 'running_mean' | 'running_var';
  readonly role: ParameterRole;
  readonly shape: Shape;
}

/**
 * Finds a place for every parameter and running statistic.
 *
 * Fans are PyTorch's (torch.nn.init): fanIn = shape[1] x window, fanOut = shape[0] x window, the
 * latter undivided by groups.
 *
 * @throws NetworkError code 'too-large' when a block has more than MAXIMUM_BLOCK_SIZE floats
 */
export function layOutParameters(
  layers: readonly Layer[],
  shapes: readonly LayerShape[],
): ParameterLayout {
  const tensors: ParameterTensor[] = [];
  const blockSize = { parameters: 0, statistics: 0 };
  const counts = { parameters: 0, statistics: 0 };

  const place = (label: string, type: string, { suffix, role, shape }: Need): void => {
    const block =
      role === 'running-mean' || role === 'running-variance' ? 'statistics' : 'parameters';
    const isMatrix = shape.length > 1;
    const rows = isMatrix ? shape[0]! : 1;
    const columns = entriesOf(shape) / rows;
    const rowStride = alignTo(columns, ROW_ALIGNMENT);
    const window = entriesOf(shape.slice(2));
    tensors.push({
      name: `${label}.${suffix}`,
      shape,
      role,
      block,
      fanIn: isMatrix ? shape[1]! * window : 0,
      fanOut: isMatrix ? shape[0]! * window : 0,
      rows,
      columns,
      rowStride,
      offset: blockSize[block],
      first: counts[block],
    });
    blockSize[block] = alignTo(blockSize[block] + rows * rowStride, TENSOR_ALIGNMENT);
    counts[block] += rows * columns;
    if (blockSize[block] > MAXIMUM_BLOCK_SIZE) {
      throw new NetworkError(
        'too-large',
        `${describeLayer(label, type)}: the network's ${block} take ${blockSize[block]} floats up to here, at most ${MAXIMUM_BLOCK_SIZE} are possible: use smaller or fewer layers`,
        { layer: label },
      );
    }
  };
  const visit = (list: readonly Layer[], listShapes: readonly LayerShape[]): void => {
    list.forEach((layer, index) => {
      const shape = listShapes[index]!;
      for (const need of needsOf(layer, shape.input)) {
        place(shape.label, layer.type, need);
      }
      if (layer.type === 'residual') {
        visit(layer.body, shape.body);
        visit(layer.shortcut, shape.shortcut);
      }
    });
  };
  visit(layers, shapes);
  return { tensors, blockSize, count: counts.parameters };
}

function needsOf(layer: Layer, input: Shape): readonly Need[] {
  const features = input.at(-1)!;
  if (layer.type === 'dense') {
    return affine([layer.units, features], layer.bias);
  }
  if (layer.type === 'conv2d') {
    return affine([layer.filters, features / layer.groups, ...layer.kernel], layer.bias);
  }
  if (layer.type === 'batch-norm') {
    return [
      { suffix: 'weight', role: 'scale', shape: [features] },
      { suffix: 'bias', role: 'shift', shape: [features] },
      { suffix: 'running_mean', role: 'running-mean', shape: [features] },
      { suffix: 'running_var', role: 'running-variance', shape: [features] },
    ];
  }
  return [];
}

function affine(shape: Shape, hasBias: boolean): readonly Need[] {
  const weight: Need = { suffix: 'weight', role: 'weight', shape };
  return hasBias ? [weight, { suffix: 'bias', role: 'bias', shape: [shape[0]!] }] : [weight];
}

/**
 * The tensors of one layer by role.
 *
 * @param label the layer's path, as in LayerShape: "layers.3"
 */
export function parametersOf(
  layout: ParameterLayout,
  label: string,
): Readonly<Partial<Record<ParameterRole, ParameterTensor>>> {
  return Object.fromEntries(
    layout.tensors
      .filter(({ name }) => name.slice(0, name.lastIndexOf('.')) === label)
      .map((tensor) => [tensor.role, tensor]),
  );
}
