/**
 * Every layer in f64 plain loops, forward and backward: part of the reference network. Written from
 * the definitions, one loop per index, with no thought for speed and nothing taken from src/ but
 * the description of the layers.
 */
import { isActivation } from '../../src/network/activations.js';
import type {
  BatchNormLayer,
  Conv2dLayer,
  DenseLayer,
  Layer,
  Pool2dLayer,
} from '../../src/network/layer.js';
import { referenceActivation } from './reference-activations.js';

/** [sample][entry]; images channel by channel, row by row. */
export type Batch = readonly (readonly number[])[];

/** A layer applied to a batch. */
export interface Applied {
  readonly output: number[][];
  /** From the gradient of the output to that of the input; adds the parameters' on its way. */
  readonly backward: (gradient: Batch) => number[][];
}

/** What a layer sees of its surroundings. */
export interface LayerContext {
  readonly label: string;
  readonly mode: 'training' | 'inference';
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** The tensor "label.name". */
  readonly parameter: (name: string) => readonly number[];
  /** Where its gradient is added up. */
  readonly gradient: (name: string) => number[];
  /** Takes a new running statistic. */
  readonly updateStatistic: (name: string, values: number[]) => void;
  /** Dropout's factors [sample][entry], 0 or 1 / (1 - rate). */
  readonly dropoutFactors: () => Batch;
}

const zerosLike = (batch: Batch): number[][] => batch.map((row) => row.map(() => 0));
const zeros = (samples: number, entries: number): number[][] =>
  Array.from({ length: samples }, () => new Array<number>(entries).fill(0));

export function applyLayer(
  layer: Exclude<Layer, { readonly type: 'residual' }>,
  input: Batch,
  context: LayerContext,
): Applied {
  if (isActivation(layer)) {
    const { value, slope } = referenceActivation(layer);
    return entrywise(
      input,
      () => value,
      () => slope,
    );
  }
  switch (layer.type) {
    case 'dense':
      return dense(layer, input, context);
    case 'conv2d':
      return conv2d(layer, input, context);
    case 'max-pool2d':
      return maxPool(layer, input, context);
    case 'average-pool2d':
      return averagePool(layer, input, context);
    case 'global-average-pool2d':
      return globalAveragePool(input, context);
    case 'flatten':
      return entrywise(
        input,
        () => (x) => x,
        () => () => 1,
      );
    case 'batch-norm':
      return batchNorm(layer, input, context);
    case 'dropout': {
      const factors = context.mode === 'training' ? context.dropoutFactors() : null;
      const factor = (sample: number, entry: number): number => factors?.[sample]![entry] ?? 1;
      return entrywise(
        input,
        (s, e) => (x) => x * factor(s, e),
        (s, e) => () => factor(s, e),
      );
    }
  }
}

type EntryFunction = (sample: number, entry: number) => (x: number) => number;

function entrywise(input: Batch, value: EntryFunction, slope: EntryFunction): Applied {
  const map = (change: EntryFunction): number[][] =>
    input.map((row, s) => row.map((x, e) => change(s, e)(x)));
  return {
    output: map(value),
    backward: (gradient) => map((s, e) => (x) => slope(s, e)(x) * gradient[s]![e]!),
  };
}

function dense(layer: DenseLayer, input: Batch, context: LayerContext): Applied {
  const weight = context.parameter('weight');
  const bias = layer.bias ? context.parameter('bias') : null;
  const inputs = context.inputShape[0]!;
  const output = zeros(input.length, layer.units);
  input.forEach((x, s) => {
    for (let o = 0; o < layer.units; o++) {
      let sum = bias?.[o] ?? 0;
      for (let i = 0; i < inputs; i++) {
        sum += weight[o * inputs + i]! * x[i]!;
      }
      output[s]![o] = sum;
    }
  });
  const backward = (gradient: Batch): number[][] => {
    const inputGradient = zerosLike(input);
    const weightGradient = context.gradient('weight');
    const biasGradient = layer.bias ? context.gradient('bias') : null;
    input.forEach((x, s) => {
      for (let o = 0; o < layer.units; o++) {
        const g = gradient[s]![o]!;
        if (biasGradient !== null) {
          biasGradient[o]! += g;
        }
        for (let i = 0; i < inputs; i++) {
          weightGradient[o * inputs + i]! += g * x[i]!;
          inputGradient[s]![i]! += g * weight[o * inputs + i]!;
        }
      }
    });
    return inputGradient;
  };
  return { output, backward };
}

/** Cells of padding before the first cell of an axis (0 rows, 1 columns); the odd one goes last. */
function paddingBefore(
  layer: Conv2dLayer | Pool2dLayer,
  axis: 0 | 1,
  context: LayerContext,
): number {
  if (layer.padding === 'valid') {
    return 0;
  }
  if (typeof layer.padding !== 'string') {
    return layer.padding[axis];
  }
  const [size, dilation] =
    layer.type === 'conv2d' ? [layer.kernel[axis], layer.dilation[axis]] : [layer.size[axis], 1];
  const reach = (context.outputShape[axis]! - 1) * layer.stride[axis] + (size - 1) * dilation + 1;
  return Math.floor(Math.max(0, reach - context.inputShape[axis]!) / 2);
}

/** Calls back for every pair of an output position and an input cell in its window. */
function forEachTap(
  layer: Conv2dLayer | Pool2dLayer,
  context: LayerContext,
  visit: (outputCell: number, inputCell: number, windowCell: number) => void,
): void {
  const [height, width] = context.inputShape as [number, number, number];
  const [outputHeight, outputWidth] = context.outputShape as [number, number, number];
  const [kernelHeight, kernelWidth] = layer.type === 'conv2d' ? layer.kernel : layer.size;
  const [downApart, acrossApart] = layer.type === 'conv2d' ? layer.dilation : [1, 1];
  const top = paddingBefore(layer, 0, context);
  const left = paddingBefore(layer, 1, context);
  for (let outputRow = 0; outputRow < outputHeight; outputRow++) {
    for (let outputColumn = 0; outputColumn < outputWidth; outputColumn++) {
      for (let i = 0; i < kernelHeight; i++) {
        for (let j = 0; j < kernelWidth; j++) {
          const row = outputRow * layer.stride[0] - top + i * downApart;
          const column = outputColumn * layer.stride[1] - left + j * acrossApart;
          if (row >= 0 && row < height && column >= 0 && column < width) {
            visit(
              outputRow * outputWidth + outputColumn,
              row * width + column,
              i * kernelWidth + j,
            );
          }
        }
      }
    }
  }
}

function conv2d(layer: Conv2dLayer, input: Batch, context: LayerContext): Applied {
  const weight = context.parameter('weight');
  const bias = layer.bias ? context.parameter('bias') : null;
  const [height, width, channels] = context.inputShape as [number, number, number];
  const cells = height * width;
  const outputCells = context.outputShape[0]! * context.outputShape[1]!;
  const window = layer.kernel[0] * layer.kernel[1];
  const channelsOfGroup = channels / layer.groups;
  const filtersOfGroup = layer.filters / layer.groups;
  /** Calls back with the indices of an output, a weight and an input that are multiplied. */
  const forEachProduct = (visit: (output: number, weight: number, input: number) => void): void => {
    forEachTap(layer, context, (outputCell, inputCell, windowCell) => {
      for (let filter = 0; filter < layer.filters; filter++) {
        const group = Math.floor(filter / filtersOfGroup);
        for (let c = 0; c < channelsOfGroup; c++) {
          visit(
            filter * outputCells + outputCell,
            (filter * channelsOfGroup + c) * window + windowCell,
            (group * channelsOfGroup + c) * cells + inputCell,
          );
        }
      }
    });
  };
  const output = zeros(input.length, layer.filters * outputCells);
  for (const row of output) {
    for (let e = 0; e < row.length; e++) {
      row[e] = bias?.[Math.floor(e / outputCells)] ?? 0;
    }
  }
  forEachProduct((o, w, i) => {
    input.forEach((x, s) => {
      output[s]![o]! += weight[w]! * x[i]!;
    });
  });
  const backward = (gradient: Batch): number[][] => {
    const inputGradient = zerosLike(input);
    const weightGradient = context.gradient('weight');
    forEachProduct((o, w, i) => {
      input.forEach((x, s) => {
        weightGradient[w]! += gradient[s]![o]! * x[i]!;
        inputGradient[s]![i]! += gradient[s]![o]! * weight[w]!;
      });
    });
    if (layer.bias) {
      const biasGradient = context.gradient('bias');
      for (const row of gradient) {
        row.forEach((g, e) => {
          biasGradient[Math.floor(e / outputCells)]! += g;
        });
      }
    }
    return inputGradient;
  };
  return { output, backward };
}

/** Per output cell, the input cells of its window in row-major order. */
function windows(layer: Pool2dLayer, context: LayerContext): number[][] {
  const result: number[][] = [];
  forEachTap(layer, context, (outputCell, inputCell) => {
    (result[outputCell] ??= []).push(inputCell);
  });
  return result;
}

function maxPool(layer: Pool2dLayer, input: Batch, context: LayerContext): Applied {
  const [height, width, channels] = context.inputShape as [number, number, number];
  const cellsOf = windows(layer, context);
  const output = zeros(input.length, channels * cellsOf.length);
  const source = zeros(input.length, channels * cellsOf.length);
  input.forEach((x, s) => {
    for (let c = 0; c < channels; c++) {
      cellsOf.forEach((cells, o) => {
        let best = c * height * width + cells[0]!;
        for (const cell of cells) {
          const at = c * height * width + cell;
          best = x[at]! > x[best]! ? at : best;
        }
        output[s]![c * cellsOf.length + o] = x[best]!;
        source[s]![c * cellsOf.length + o] = best;
      });
    }
  });
  const backward = (gradient: Batch): number[][] => {
    const inputGradient = zerosLike(input);
    gradient.forEach((row, s) => {
      row.forEach((g, o) => {
        inputGradient[s]![source[s]![o]!]! += g;
      });
    });
    return inputGradient;
  };
  return { output, backward };
}

function averagePool(layer: Pool2dLayer, input: Batch, context: LayerContext): Applied {
  return meanOfCells(windows(layer, context), input, context);
}

function globalAveragePool(input: Batch, context: LayerContext): Applied {
  const cells = context.inputShape[0]! * context.inputShape[1]!;
  return meanOfCells([Array.from({ length: cells }, (_, cell) => cell)], input, context);
}

function meanOfCells(cellsOf: number[][], input: Batch, context: LayerContext): Applied {
  const [height, width, channels] = context.inputShape as [number, number, number];
  const output = zeros(input.length, channels * cellsOf.length);
  const forEach = (visit: (s: number, o: number, i: number, share: number) => void): void => {
    for (let s = 0; s < input.length; s++) {
      for (let c = 0; c < channels; c++) {
        cellsOf.forEach((cells, o) => {
          for (const cell of cells) {
            visit(s, c * cellsOf.length + o, c * height * width + cell, 1 / cells.length);
          }
        });
      }
    }
  };
  forEach((s, o, i, share) => {
    output[s]![o]! += input[s]![i]! * share;
  });
  const backward = (gradient: Batch): number[][] => {
    const inputGradient = zerosLike(input);
    forEach((s, o, i, share) => {
      inputGradient[s]![i]! += gradient[s]![o]! * share;
    });
    return inputGradient;
  };
  return { output, backward };
}

/** Ioffe and Szegedy 2015; running statistics as PyTorch's (the unbiased variance, if there is one). */
function batchNorm(layer: BatchNormLayer, input: Batch, context: LayerContext): Applied {
  const features = context.inputShape.at(-1)!;
  const cells = input[0]!.length / features;
  const scale = context.parameter('weight');
  const shift = context.parameter('bias');
  const inTraining = context.mode === 'training';
  const output = zerosLike(input);
  const normalised = zerosLike(input);
  const deviation: number[] = [];
  const count = input.length * cells;
  const places = (feature: number): [sample: number, entry: number][] =>
    input.flatMap((_, s) =>
      Array.from({ length: cells }, (_, cell): [number, number] => [s, feature * cells + cell]),
    );
  const running = { mean: [] as number[], variance: [] as number[] };
  for (let f = 0; f < features; f++) {
    let mean = context.parameter('running_mean')[f]!;
    let variance = context.parameter('running_var')[f]!;
    if (inTraining) {
      const values = places(f).map(([s, e]) => input[s]![e]!);
      const batchMean = values.reduce((sum, x) => sum + x, 0) / count;
      const squares = values.reduce((sum, x) => sum + (x - batchMean) ** 2, 0);
      const { momentum } = layer;
      running.mean[f] = (1 - momentum) * mean + momentum * batchMean;
      running.variance[f] =
        (1 - momentum) * variance + (momentum * squares) / (count > 1 ? count - 1 : 1);
      [mean, variance] = [batchMean, squares / count];
    }
    const root = Math.sqrt(variance + layer.epsilon);
    deviation.push(root);
    for (const [s, e] of places(f)) {
      normalised[s]![e] = (input[s]![e]! - mean) / root;
      output[s]![e] = scale[f]! * normalised[s]![e] + shift[f]!;
    }
  }
  if (inTraining) {
    context.updateStatistic('running_mean', running.mean);
    context.updateStatistic('running_var', running.variance);
  }
  const backward = (gradient: Batch): number[][] => {
    const inputGradient = zerosLike(input);
    for (let f = 0; f < features; f++) {
      let sum = 0;
      let product = 0;
      for (const [s, e] of places(f)) {
        sum += gradient[s]![e]!;
        product += gradient[s]![e]! * normalised[s]![e]!;
      }
      context.gradient('weight')[f]! += product;
      context.gradient('bias')[f]! += sum;
      for (const [s, e] of places(f)) {
        const throughStatistics = inTraining ? (sum + normalised[s]![e]! * product) / count : 0;
        inputGradient[s]![e] = (scale[f]! / deviation[f]!) * (gradient[s]![e]! - throughStatistics);
      }
    }
    return inputGradient;
  };
  return { output, backward };
}
