/**
 * The forward pass on the CPU, in the arithmetic of its rows (features.ts): sends rows through a network, asking for each
 * affine layer's weights on arrival. An initializer that builds on the features below decides them there, a report
 * looks them up, a minimiser takes them from its vector of unknowns.
 *
 * Dropout passes everything; batch normalisation uses the running statistics that it is given, or else the rows' own,
 * scale 1 and shift 0: the state of a network about to be trained.
 */
import { atOnce, inRuns, type Stepwise } from '../../math/stepwise.js';
import { activationFunction, isActivation, isAntithetic } from '../activations.js';
import type { AffineLayer } from '../affine-layers.js';
import type { BatchNormLayer, Layer, Pool2dLayer } from '../layer.js';
import type { Network } from '../network.js';
import { slideWindow2, type LayerShape, type WindowAxis } from '../shape.js';
import type { Weights } from '../weights.js';
import {
  overPlanes,
  roomLike,
  ROWS_STEP,
  sumOfPowers,
  type Features,
  type RowData,
} from './features.js';
import { patchRows, positionsPerImage } from './patches.js';
import { addRowProducts } from './row-products.js';

/** Parameters of one affine layer, unpadded. */
export interface AffineWeights {
  /** [out][fan in] */
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number> | null;
  /** Whether rows 2i and 2i + 1 are mirror images. */
  readonly mirrored: boolean;
}

/** Of one batch normalisation, one number per channel each. */
export interface NormStatistics {
  readonly scale: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
}

/** Who is told what on the way. */
export interface Propagation<Data extends RowData = Float64Array> {
  /** The weights of a layer that this input reaches, at once or in steps. */
  weightsOf(layer: AffineLayer, input: Features<Data>): AffineWeights | Stepwise<AffineWeights>;
  /** What a layer's outputs are multiplied by, because its weights were after they had been asked for. */
  readonly scaleOutput?: (layer: AffineLayer, output: Features<Data>) => Stepwise<number>;
  /** What a batch normalisation has learned; the rows' own statistics unless given. */
  readonly statisticsOf?: (label: string) => NormStatistics;
  /** What is computed in an activation's place; the activation itself unless given. */
  readonly activate?: (z: number) => number;
  /** After every layer; `input` is what went in, `layer` may be an activation. Rows in f32 are overwritten later. */
  observe?(
    label: string,
    layer: Layer,
    input: Features<Data>,
    output: Features<Data>,
  ): Stepwise<void> | void;
  /** How rows in f32 are multiplied (f32-layer.ts), which they cannot do without. */
  readonly products?: Data extends Float32Array ? F32Products : never;
}

/** Products of layers in f32, which are loaded where they are needed. */
export interface F32Products {
  /** Writes W x + b, with a pause every few milliseconds. */
  write(
    layer: AffineLayer,
    window: readonly [WindowAxis, WindowAxis] | null,
    input: Features<Float32Array>,
    weights: AffineWeights,
    output: Float32Array,
  ): Stepwise<void>;
}

/** Weights by the names that the network's layout gives them. */
export function storedWeights({ tensors }: Weights): (layer: AffineLayer) => AffineWeights {
  return ({ weight, bias }) => ({
    weight: tensors.get(weight.name)!.data,
    bias: bias ? tensors.get(bias.name)!.data : null,
    mirrored: false,
  });
}

/** What batch normalisations have learned, by the names that the network's layout gives it. */
export function storedStatistics({ tensors }: Weights): (label: string) => NormStatistics {
  return (label) => {
    const part = (suffix: string) => tensors.get(`${label}.${suffix}`)!.data;
    return {
      scale: part('weight'),
      shift: part('bias'),
      mean: part('running_mean'),
      variance: part('running_var'),
    };
  };
}

/** The network's output on the rows. */
export function propagate<Data extends RowData>(
  network: Network,
  input: Features<Data>,
  steps: Propagation<Data>,
): Features<Data> {
  return atOnce(propagateSteps(network, input, steps));
}

/** The same with a pause after every image of every layer, or every few milliseconds of it. */
export function* propagateSteps<Data extends RowData>(
  network: Network,
  input: Features<Data>,
  steps: Propagation<Data>,
): Stepwise<Features<Data>> {
  const affine = new Map(network.affineLayers.map((layer) => [layer.label, layer]));
  const rooms = new Rooms(input.data);
  function* through(
    layers: readonly Layer[],
    shapes: readonly LayerShape[],
    start: Features<Data>,
  ): Stepwise<Features<Data>> {
    let features = start;
    for (const [index, layer] of layers.entries()) {
      const shape = shapes[index]!;
      let output: Features<Data>;
      if (layer.type === 'residual') {
        const body = yield* through(layer.body, shape.body, features);
        const shortcut = yield* through(layer.shortcut, shape.shortcut, features);
        output = yield* add(body, shortcut, rooms);
        for (const { data } of [body, shortcut]) if (data !== features.data) rooms.leave(data);
      } else output = yield* apply(layer, shape, features, affine.get(shape.label), steps, rooms);
      const observing = steps.observe?.(shape.label, layer, features, output);
      if (observing) yield* observing;
      yield;
      // What came in from outside is needed there.
      if (features.data !== start.data && features.data !== output.data) {
        rooms.leave(features.data);
      }
      features = output;
    }
    return features;
  }
  return yield* through(network.layers, network.shapes, input);
}

/**
 * Memory for rows between two layers. Rows in f32 are many, so those that no layer needs any more make room for others; what
 * is told of rows in f64 may be kept.
 */
class Rooms<Data extends RowData> {
  private readonly left: Float32Array[] = [];

  constructor(private readonly like: Data) {}

  /** Zeros in f64, any numbers in f32. */
  take(length: number): Data {
    const place = this.left.findIndex((data) => data.length >= length);
    if (place < 0) return roomLike(this.like, length);
    const [data] = this.left.splice(place, 1);
    return data!.subarray(0, length) as Data;
  }

  leave(data: Data): void {
    if (data instanceof Float64Array) return;
    this.left.push(new Float32Array(data.buffer));
    this.left.sort((a, b) => a.length - b.length);
  }
}

function* apply<Data extends RowData>(
  layer: Exclude<Layer, { readonly type: 'residual' }>,
  shape: LayerShape,
  input: Features<Data>,
  affine: AffineLayer | undefined,
  steps: Propagation<Data>,
  rooms: Rooms<Data>,
): Stepwise<Features<Data>> {
  if (isActivation(layer)) {
    const isPaired = input.structure === 'mirrored' && isAntithetic(layer);
    const value = steps.activate ?? activationFunction(layer).value;
    const data = rooms.take(input.data.length);
    yield* fill(data, input.data, value);
    return { ...input, data, structure: isPaired ? 'paired' : 'plain' };
  }
  switch (layer.type) {
    case 'dense':
    case 'conv2d': {
      const made = steps.weightsOf(affine!, input);
      const weights = 'next' in made ? yield* made : made;
      const output = yield* applyAffine(affine!, input, weights, steps.products, rooms);
      if (!steps.scaleOutput) return output;
      const scale = yield* steps.scaleOutput(affine!, output);
      if (scale !== 1) yield* fill(output.data, output.data, (one) => scale * one);
      return output;
    }
    case 'flatten':
      return { ...input, shape: shape.output };
    case 'dropout':
      return input;
    case 'global-average-pool2d':
      return yield* pool(
        { ...layer, type: 'average-pool2d', ...wholeImage(input) },
        shape,
        input,
        rooms,
      );
    case 'average-pool2d':
    case 'max-pool2d':
      return yield* pool(layer, shape, input, rooms);
    case 'batch-norm':
      return yield* steps.statisticsOf
        ? normalizeBy(layer, steps.statisticsOf(shape.label), input, rooms)
        : normalize(layer, input, rooms);
  }
}

/** Loops are no part of the generators: engines do not compile those while they run. */
function fill(target: RowData, source: RowData, value: (one: number) => number): Stepwise<void> {
  return inRuns(target.length, ROWS_STEP, (first, end) => {
    for (let k = first; k < end; k++) target[k] = value(source[k]!);
  });
}

const wholeImage = ({ shape: [height, width] }: Pick<Features, 'shape'>) => ({
  size: [height!, width!] as const,
  stride: [1, 1] as const,
  padding: 'valid' as const,
});

/** W x + b on rows, or on every patch of images. */
function* applyAffine<Data extends RowData>(
  affine: AffineLayer,
  input: Features<Data>,
  weights: AffineWeights,
  products: F32Products | undefined,
  rooms: Rooms<Data>,
): Stepwise<Features<Data>> {
  const { layer, shape } = affine;
  const outputs = affine.weight.rows;
  const positions = layer.type === 'conv2d' ? positionsPerImage(layer, input) : 1;
  const entries = outputs * positions;
  const data = rooms.take(input.count * entries);
  if (data instanceof Float32Array) {
    const inF32 = { ...input, data: input.data as Float32Array };
    const window = layer.type === 'conv2d' ? slideWindow2(layer, input.shape) : null;
    yield* products!.write(affine, window, inF32, weights, data);
  } else {
    const inF64 = { ...input, data: input.data as Float64Array };
    yield* writeF64Products(affine, inF64, weights, data);
  }
  return {
    count: input.count,
    shape: shape.output,
    channels: outputs,
    entries,
    data,
    structure: weights.mirrored ? 'mirrored' : 'plain',
  };
}

/** Writes W x + b, with a pause after every image. */
function* writeF64Products(
  { layer, weight: { rows: outputs, columns: fanIn } }: AffineLayer,
  input: Features,
  { weight, bias }: AffineWeights,
  result: Float64Array,
): Stepwise<void> {
  const positions = layer.type === 'conv2d' ? positionsPerImage(layer, input) : 1;
  if (bias) {
    for (let start = 0; start < result.length; start += positions) {
      result.fill(bias[(start / positions) % outputs]!, start, start + positions);
    }
  }
  const weights = new Float64Array(weight);
  const shared = { depth: fanIn, result };
  if (layer.type === 'dense') {
    const strides = { first: 0, leftStride: 1, rightStride: outputs };
    addRowProducts({ ...shared, left: weights, right: input.data, ...strides });
    return;
  }
  const perGroup = outputs / layer.groups;
  for (let row = 0; row < input.count; row++) {
    const places = Array.from({ length: positions }, (_, index) => row * positions + index);
    for (let group = 0; group < layer.groups; group++) {
      const start = group * perGroup;
      addRowProducts({
        ...shared,
        left: weights.subarray(start * fanIn, (start + perGroup) * fanIn),
        right: patchRows(layer, input, places, group),
        first: (row * outputs + start) * positions,
        leftStride: positions,
        rightStride: 1,
      });
    }
    yield;
  }
}

function* pool<Data extends RowData>(
  layer: Pool2dLayer,
  shape: LayerShape,
  input: Features<Data>,
  rooms: Rooms<Data>,
): Stepwise<Features<Data>> {
  const [height, width, channels] = input.shape as readonly [number, number, number];
  const [down, across] = slideWindow2(layer, input.shape);
  const isMaximum = layer.type === 'max-pool2d';
  const positions = down.output * across.output;
  const data = rooms.take(input.count * channels * positions);
  /** The cells of the image that the window covers at each of its positions on one axis. */
  const spans = (axis: 0 | 1, { output, before }: WindowAxis, cells: number) =>
    Array.from({ length: output }, (_, position) => {
      const start = position * layer.stride[axis] - before;
      return [Math.max(0, start), Math.min(cells, start + layer.size[axis])] as const;
    });
  const rows = spans(0, down, height);
  const columns = spans(1, across, width);
  yield* overPlanes(input.count * channels, height * width, (first, end) => {
    let to = first * positions;
    for (
      let start = first * height * width;
      start < end * height * width;
      start += height * width
    ) {
      for (const [top, bottom] of rows) {
        for (const [left, right] of columns) {
          let sum = 0;
          let largest = -Infinity;
          for (let y = top; y < bottom; y++) {
            for (let place = start + y * width + left; place < start + y * width + right; place++) {
              const value = input.data[place]!;
              sum += value;
              largest = Math.max(largest, value);
            }
          }
          data[to++] = isMaximum ? largest : sum / ((bottom - top) * (right - left));
        }
      }
    }
  });
  return {
    ...input,
    shape: shape.output,
    entries: channels * positions,
    data,
    // The larger of several f(t - lo) and f(hi - t) no longer belong to one t.
    structure: isMaximum ? 'plain' : input.structure,
  };
}

/** Of flattened images every entry is a channel of its own. */
function normalizedChannels({ shape, entries }: Pick<Features, 'shape' | 'entries'>): {
  channels: number;
  cells: number;
} {
  const channels = shape.at(-1)!;
  return { channels, cells: entries / channels };
}

function* normalize<Data extends RowData>(
  layer: BatchNormLayer,
  input: Features<Data>,
  rooms: Rooms<Data>,
): Stepwise<Features<Data>> {
  const { channels, cells } = normalizedChannels(input);
  const { data } = input;
  const planes = input.count * channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  const each = input.count * cells;
  yield* overPlanes(planes, cells, (first, end) => {
    for (let plane = first; plane < end; plane++) {
      const sum = sumOfPowers(data, plane * cells, (plane + 1) * cells, 0, 1);
      mean[plane % channels]! += sum / each;
    }
  });
  yield* overPlanes(planes, cells, (first, end) => {
    for (let plane = first; plane < end; plane++) {
      const centre = mean[plane % channels]!;
      const squares = sumOfPowers(data, plane * cells, (plane + 1) * cells, centre, 2);
      variance[plane % channels]! += squares / each;
    }
  });
  const [scale, shift] = [new Float64Array(channels).fill(1), new Float64Array(channels)];
  return yield* normalizeBy(layer, { scale, shift, mean, variance }, input, rooms);
}

function* normalizeBy<Data extends RowData>(
  { epsilon }: BatchNormLayer,
  { scale, shift, mean, variance }: NormStatistics,
  input: Features<Data>,
  rooms: Rooms<Data>,
): Stepwise<Features<Data>> {
  const { channels, cells } = normalizedChannels(input);
  const data = rooms.take(input.data.length);
  yield* overPlanes(input.count * channels, cells, (first, end) => {
    for (let plane = first; plane < end; plane++) {
      const channel = plane % channels;
      const centre = mean[channel]!;
      const deviation = Math.sqrt(variance[channel]! + epsilon);
      const [factor, offset] = [scale[channel]!, shift[channel]!];
      for (let place = plane * cells; place < (plane + 1) * cells; place++) {
        data[place] = ((input.data[place]! - centre) / deviation) * factor + offset;
      }
    }
  });
  return { ...input, data, structure: 'plain' };
}

function* add<Data extends RowData>(
  body: Features<Data>,
  shortcut: Features<Data>,
  rooms: Rooms<Data>,
): Stepwise<Features<Data>> {
  const data = rooms.take(body.data.length);
  yield* inRuns(data.length, ROWS_STEP, (first, end) => {
    for (let index = first; index < end; index++) {
      data[index] = body.data[index]! + shortcut.data[index]!;
    }
  });
  return { ...body, data, structure: 'plain' };
}
