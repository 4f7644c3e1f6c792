/**
 * Which shape each layer makes of the shape it is given.
 *
 * 'same' follows TensorFlow (output ceil(input / stride), the odd cell of padding at the end),
 * because PyTorch has no 'same' for strides above 1; for odd kernels and stride 1 both agree. A number of
 * cells is PyTorch's padding.
 */
import { isActivation } from './activations.js';
import { NetworkError } from './errors.js';
import type { Conv2dLayer, Layer, Pool2dLayer, ResidualLayer } from './layer.js';

/** [features] or [height, width, channels], all >= 1. */
export type Shape = readonly number[];

/** What goes into a layer and what comes out. */
export interface LayerShape {
  /** "layers.3", inside a residual layer "layers.3.body.1" or "layers.3.shortcut.0". */
  readonly label: string;
  readonly input: Shape;
  readonly output: Shape;
  /** The layers of a residual layer's two branches; empty for every other layer. */
  readonly body: readonly LayerShape[];
  readonly shortcut: readonly LayerShape[];
}

/** Numbers of one sample that a 32-bit index still reaches with room for a batch. */
export const MAXIMUM_ENTRIES = 2 ** 28;

/** How a window slides along one axis. */
export interface WindowAxis {
  /** Positions of the window. */
  readonly output: number;
  /** Cells of padding in front of the first cell, and behind the last. */
  readonly before: number;
  readonly after: number;
}

/**
 * Slides a window along one axis.
 *
 * @param input cells of the axis
 * @param size cells of the window, `dilation` apart
 * @param padding a number: so many cells on both sides
 * @returns output 0 when a window is larger than the input with its padding
 */
export function slideWindow(
  input: number,
  size: number,
  stride: number,
  dilation: number,
  padding: 'valid' | 'same' | number,
): WindowAxis {
  const span = (size - 1) * dilation + 1;
  if (padding !== 'same') {
    const cells = padding === 'valid' ? 0 : padding;
    const output = Math.max(0, Math.floor((input + 2 * cells - span) / stride) + 1);
    const reach = Math.max(0, output - 1) * stride + span;
    return { output, before: cells, after: output && Math.max(0, reach - input - cells) };
  }
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + span - input);
  const before = Math.floor(total / 2);
  return { output, before, after: total - before };
}

/** Rows and columns of a convolution's or pooling layer's window on an image. */
export function slideWindow2(
  layer: Conv2dLayer | Pool2dLayer,
  image: Shape,
): readonly [rows: WindowAxis, columns: WindowAxis] {
  const { size, dilation } =
    layer.type === 'conv2d'
      ? { size: layer.kernel, dilation: layer.dilation }
      : { size: layer.size, dilation: [1, 1] as const };
  const along = (axis: 0 | 1): WindowAxis =>
    slideWindow(
      image[axis]!,
      size[axis],
      layer.stride[axis],
      dilation[axis],
      typeof layer.padding === 'string' ? layer.padding : layer.padding[axis],
    );
  return [along(0), along(1)];
}

/** Product of a shape. */
export function entriesOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** "[28, 28, 1]" */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** "layers.3.body.1 (conv2d)": how errors name a layer. */
export function describeLayer(label: string, type: string): string {
  return `${label} (${type})`;
}

/**
 * Follows a shape through a list of layers.
 *
 * @param prefix path of the list: "layers", "layers.3.body"
 * @throws NetworkError code 'shape' for a layer that does not fit, 'too-large' for an output of
 *   more than MAXIMUM_ENTRIES numbers
 */
export function inferShapes(
  input: Shape,
  layers: readonly Layer[],
  prefix = 'layers',
): readonly LayerShape[] {
  let shape = input;
  return layers.map((layer, index) => {
    const label = `${prefix}.${index}`;
    const branches =
      layer.type === 'residual'
        ? {
            body: inferShapes(shape, layer.body, `${label}.body`),
            shortcut: inferShapes(shape, layer.shortcut, `${label}.shortcut`),
          }
        : { body: [], shortcut: [] };
    const output =
      layer.type === 'residual'
        ? join(layer, label, shape, branches)
        : outputOf(layer, label, shape);
    if (entriesOf(output) > MAXIMUM_ENTRIES) {
      throw new NetworkError(
        'too-large',
        `${describeLayer(label, layer.type)}: an output of shape ${formatShape(output)} has ${entriesOf(output)} numbers, at most ${MAXIMUM_ENTRIES} are possible: make the layer smaller`,
        { layer: label },
      );
    }
    const result = { label, input: shape, output, ...branches };
    shape = output;
    return result;
  });
}

function fail(label: string, type: string, what: string, field?: string): never {
  throw new NetworkError('shape', `${describeLayer(label, type)}: ${what}`, {
    layer: label,
    ...(field === undefined ? {} : { field }),
  });
}

function outputOf(layer: Exclude<Layer, ResidualLayer>, label: string, input: Shape): Shape {
  if (isActivation(layer)) return input;
  switch (layer.type) {
    case 'dense':
      if (input.length !== 1) {
        fail(
          label,
          layer.type,
          `needs features [n], got images ${formatShape(input)}: add flatten() or globalAveragePool2d() before it`,
        );
      }
      return [layer.units];
    case 'conv2d':
      return convolved(layer, label, input);
    case 'max-pool2d':
    case 'average-pool2d':
      requireImages(layer.type, label, input);
      return [...windowed(layer, label, input), input[2]!];
    case 'global-average-pool2d':
      requireImages(layer.type, label, input);
      return [input[2]!];
    case 'flatten':
      return [entriesOf(input)];
    case 'batch-norm':
    case 'dropout':
      return input;
  }
}

function requireImages(type: string, label: string, input: Shape): void {
  if (input.length !== 3) {
    fail(
      label,
      type,
      `needs images [height, width, channels], got features ${formatShape(input)}: put it before flatten() and dense(), or give the network an input [height, width, channels]`,
    );
  }
}

function convolved(layer: Conv2dLayer, label: string, input: Shape): Shape {
  requireImages(layer.type, label, input);
  const channels = input[2]!;
  const { filters, groups } = layer;
  for (const [what, count, field] of [
    ['input channels', channels, 'groups'],
    ['filters', filters, 'filters'],
  ] as const) {
    if (count % groups !== 0) {
      fail(
        label,
        layer.type,
        `${count} ${what} cannot be divided into ${groups} groups (input ${formatShape(input)}, ${filters} filters): let groups divide both`,
        field,
      );
    }
  }
  return [...windowed(layer, label, input), filters];
}

function windowed(layer: Conv2dLayer | Pool2dLayer, label: string, input: Shape): [number, number] {
  const [rows, columns] = slideWindow2(layer, input);
  if (rows.output === 0 || columns.output === 0) {
    const [size, dilation] =
      layer.type === 'conv2d' ? [layer.kernel, layer.dilation] : [layer.size, [1, 1]];
    const span = size.map((cells, axis) => (cells - 1) * dilation[axis]! + 1);
    fail(
      label,
      layer.type,
      `a window of ${span.join(' x ')} cells needs an input of at least ${formatShape([...span, input[2]!])}, got ${formatShape(input)}: use more padding, a smaller window, or less pooling before it`,
      layer.type === 'conv2d' ? 'kernel' : 'size',
    );
  }
  if (layer.type !== 'conv2d' && typeof layer.padding !== 'string') {
    const wrong = layer.padding.findIndex((cells, axis) => 2 * cells > layer.size[axis]!);
    if (wrong >= 0) {
      fail(
        label,
        layer.type,
        `a padding of ${layer.padding[wrong]} cells leaves windows of ${layer.size[wrong]} without input: use at most half the size`,
        'padding',
      );
    }
  }
  return [rows.output, columns.output];
}

function join(
  layer: ResidualLayer,
  label: string,
  input: Shape,
  branches: Pick<LayerShape, 'body' | 'shortcut'>,
): Shape {
  const body = branches.body.at(-1)?.output ?? input;
  const shortcut = branches.shortcut.at(-1)?.output ?? input;
  if (formatShape(body) !== formatShape(shortcut)) {
    const remedy =
      layer.shortcut.length === 0
        ? 'give it a shortcut of that shape, such as [conv2d(filters, 1, { stride })], or keep the shape in the body'
        : 'let both branches end in one shape';
    fail(
      label,
      layer.type,
      `adds its branches, but the body makes ${formatShape(body)} and the shortcut ${formatShape(shortcut)} of ${formatShape(input)}: ${remedy}`,
      'shortcut',
    );
  }
  return body;
}
