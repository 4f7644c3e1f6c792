/**
 * The forward pass on the CPU, in f64: sends rows through a network, asking for each affine layer's
 * weights on arrival. An initializer that builds on the features below decides them there, a report
 * looks them up, a minimiser takes them from its vector of unknowns.
 *
 * Dropout passes everything; batch normalisation uses the running statistics that it is given, or else the rows' own,
 * scale 1 and shift 0: the state of a network about to be trained.
 */
import { activationFunction, isActivation, isAntithetic } from '../activations.js';
import type { AffineLayer } from '../affine-layers.js';
import type { BatchNormLayer, Layer, Pool2dLayer } from '../layer.js';
import type { Network } from '../network.js';
import { slideWindow2, type LayerShape } from '../shape.js';
import type { Weights } from '../weights.js';
import type { Features } from './features.js';
import { patchRows, positionsPerImage } from './patches.js';

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
export interface Propagation {
  /** The weights of a layer that this input reaches. */
  weightsOf(layer: AffineLayer, input: Features): AffineWeights;
  /** What a batch normalisation has learned; the rows' own statistics unless given. */
  readonly statisticsOf?: (label: string) => NormStatistics;
  /** What is computed in an activation's place; the activation itself unless given. */
  readonly activate?: (z: number) => number;
  /** After every layer; `input` is what went in, `layer` may be an activation. */
  observe?(label: string, layer: Layer, input: Features, output: Features): void;
}

/** Weights by the names that the network's layout gives them. */
export function storedWeights({ tensors }: Weights): Propagation['weightsOf'] {
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
export function propagate(network: Network, input: Features, steps: Propagation): Features {
  const affine = new Map(network.affineLayers.map((layer) => [layer.label, layer]));
  const through = (
    layers: readonly Layer[],
    shapes: readonly LayerShape[],
    start: Features,
  ): Features =>
    layers.reduce((features, layer, index) => {
      const shape = shapes[index]!;
      const output =
        layer.type === 'residual'
          ? add(
              through(layer.body, shape.body, features),
              through(layer.shortcut, shape.shortcut, features),
            )
          : apply(layer, shape, features, affine.get(shape.label), steps);
      steps.observe?.(shape.label, layer, features, output);
      return output;
    }, start);
  return through(network.layers, network.shapes, input);
}

function apply(
  layer: Exclude<Layer, { readonly type: 'residual' }>,
  shape: LayerShape,
  input: Features,
  affine: AffineLayer | undefined,
  steps: Propagation,
): Features {
  if (isActivation(layer)) {
    const isPaired = input.structure === 'mirrored' && isAntithetic(layer);
    const value = steps.activate ?? activationFunction(layer).value;
    const data = new Float64Array(input.data.length);
    for (let k = 0; k < data.length; k++) data[k] = value(input.data[k]!);
    return { ...input, data, structure: isPaired ? 'paired' : 'plain' };
  }
  switch (layer.type) {
    case 'dense':
    case 'conv2d':
      return applyAffine(affine!, input, steps.weightsOf(affine!, input));
    case 'flatten':
      return { ...input, shape: shape.output };
    case 'dropout':
      return input;
    case 'global-average-pool2d':
      return pool({ ...layer, type: 'average-pool2d', ...wholeImage(input) }, shape, input);
    case 'average-pool2d':
    case 'max-pool2d':
      return pool(layer, shape, input);
    case 'batch-norm':
      return steps.statisticsOf
        ? normalizeBy(layer, steps.statisticsOf(shape.label), input)
        : normalize(layer, input);
  }
}

const wholeImage = ({ shape: [height, width] }: Features) => ({
  size: [height!, width!] as const,
  stride: [1, 1] as const,
  padding: 'valid' as const,
});

/** W x + b on rows, or on every patch of images. */
export function applyAffine(
  { layer, shape, weight: { rows: outputs, columns: fanIn } }: AffineLayer,
  input: Features,
  { weight, bias, mirrored }: AffineWeights,
): Features {
  const positions = layer.type === 'conv2d' ? positionsPerImage(layer, input) : 1;
  const groups = layer.type === 'conv2d' ? layer.groups : 1;
  const data = new Float64Array(input.count * outputs * positions);
  const perGroup = outputs / groups;
  for (let row = 0; row < input.count; row++) {
    for (let group = 0; group < groups; group++) {
      const patches =
        layer.type === 'conv2d'
          ? patchRows(
              layer,
              input,
              Array.from({ length: positions }, (_, index) => row * positions + index),
              group,
            )
          : input.data;
      const start = layer.type === 'conv2d' ? 0 : row * fanIn;
      for (let unit = group * perGroup; unit < (group + 1) * perGroup; unit++) {
        for (let position = 0; position < positions; position++) {
          let sum = bias?.[unit] ?? 0;
          for (let k = 0; k < fanIn; k++) {
            sum += weight[unit * fanIn + k]! * patches[start + position * fanIn + k]!;
          }
          data[(row * outputs + unit) * positions + position] = sum;
        }
      }
    }
  }
  return {
    count: input.count,
    shape: shape.output,
    channels: outputs,
    entries: outputs * positions,
    data,
    structure: mirrored ? 'mirrored' : 'plain',
  };
}

function pool(layer: Pool2dLayer, shape: LayerShape, input: Features): Features {
  const [height, width, channels] = input.shape as readonly [number, number, number];
  const [down, across] = slideWindow2(layer, input.shape);
  const isMaximum = layer.type === 'max-pool2d';
  const positions = down.output * across.output;
  const data = new Float64Array(input.count * channels * positions);
  for (let plane = 0; plane < input.count * channels; plane++) {
    for (let position = 0; position < positions; position++) {
      const top = Math.floor(position / across.output) * layer.stride[0] - down.before;
      const left = (position % across.output) * layer.stride[1] - across.before;
      let sum = 0;
      let largest = -Infinity;
      let cells = 0;
      for (let y = Math.max(0, top); y < Math.min(height, top + layer.size[0]); y++) {
        for (let x = Math.max(0, left); x < Math.min(width, left + layer.size[1]); x++) {
          const value = input.data[plane * height * width + y * width + x]!;
          sum += value;
          largest = Math.max(largest, value);
          cells++;
        }
      }
      data[plane * positions + position] = isMaximum ? largest : sum / cells;
    }
  }
  return {
    ...input,
    shape: shape.output,
    entries: channels * positions,
    data,
    // The larger of several f(t - lo) and f(hi - t) no longer belong to one t.
    structure: isMaximum ? 'plain' : input.structure,
  };
}

function normalize({ epsilon }: BatchNormLayer, input: Features): Features {
  const { count, channels, entries } = input;
  const cells = entries / channels;
  const data = Float64Array.from(input.data);
  for (let channel = 0; channel < channels; channel++) {
    const places = Array.from(
      { length: count * cells },
      (_, index) => Math.floor(index / cells) * entries + channel * cells + (index % cells),
    );
    const mean = places.reduce((sum, place) => sum + data[place]!, 0) / places.length;
    const variance =
      places.reduce((sum, place) => sum + (data[place]! - mean) ** 2, 0) / places.length;
    for (const place of places) data[place] = (data[place]! - mean) / Math.sqrt(variance + epsilon);
  }
  return { ...input, data, structure: 'plain' };
}

function normalizeBy(
  { epsilon }: BatchNormLayer,
  { scale, shift, mean, variance }: NormStatistics,
  input: Features,
): Features {
  const cells = input.entries / input.channels;
  const data = input.data.map((value, index) => {
    const channel = Math.floor((index % input.entries) / cells);
    const deviation = Math.sqrt(variance[channel]! + epsilon);
    return ((value - mean[channel]!) / deviation) * scale[channel]! + shift[channel]!;
  });
  return { ...input, data, structure: 'plain' };
}

function add(body: Features, shortcut: Features): Features {
  const data = body.data.map((value, index) => value + shortcut.data[index]!);
  return { ...body, data, structure: 'plain' };
}
