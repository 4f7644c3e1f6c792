/** Convolutions to test: cases, their data, an f64 reference of plain loops, and their plans. */
import fc from 'fast-check';
import { randomStream } from '../../src/math/random.js';
import { type ActivationLayer, fusedActivation } from '../../src/network/activations.js';
import { planConvolution } from '../../src/network/gpu/operations/convolution.js';
import { conv2d, type Conv2dLayer } from '../../src/network/layer.js';
import { network, type Network } from '../../src/network/network.js';
import { parametersOf } from '../../src/network/parameter-layout.js';
import { entriesOf } from '../../src/network/shape.js';
import { PlanRecorder, type RecordedPlan } from '../helpers/plan-context.js';
import { referenceActivation } from '../helpers/reference-activations.js';

export interface ConvolutionCase {
  readonly name: string;
  readonly image: readonly [height: number, width: number, channels: number];
  readonly layer: Conv2dLayer;
  readonly batch: number;
  readonly replicas: number;
  /** After the convolution, and the one that made its input. */
  readonly activation: ActivationLayer;
  readonly inputActivation: ActivationLayer;
  /** Whether all replicas read the same input, as the first layer's do. */
  readonly shared: boolean;
  readonly seed: number;
}

/** [replica][sample][entry] */
type Samples = readonly (readonly (readonly number[])[])[];

export interface ConvolutionData {
  readonly net: Network;
  readonly input: Samples;
  readonly saved: Samples;
  readonly outputGradient: Samples;
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly (readonly number[])[];
}

export const relu: ActivationLayer = { type: 'relu' };
export const gelu: ActivationLayer = { type: 'gelu', approximation: 'none' };
export const identity: ActivationLayer = { type: 'identity' };

/** Whether the slope is computed from the value before the activation. */
export function keepsPreActivation(layer: ActivationLayer): boolean {
  return fusedActivation(layer)!.slopeFrom === 'pre-activation';
}

export function convolutionData(test: ConvolutionCase): ConvolutionData {
  const { image, layer, batch, replicas, shared, seed } = test;
  const net = network({ input: image, layers: [layer] });
  const random = randomStream(seed);
  const normals = (count: number, scale = 1): number[] =>
    Array.from({ length: count }, () => Math.fround(scale * random.normal()));
  const samples = (copies: number, entries: number): Samples =>
    Array.from({ length: copies }, () => Array.from({ length: batch }, () => normals(entries)));
  const fanIn = (image[2] / layer.groups) * layer.kernel[0] * layer.kernel[1];
  const copies = shared ? 1 : replicas;
  const perReplica = (count: number, scale: number): number[][] =>
    Array.from({ length: replicas }, () => normals(count, scale));
  return {
    net,
    input: samples(copies, entriesOf(image)),
    saved: samples(copies, entriesOf(image)),
    outputGradient: samples(replicas, entriesOf(net.output)),
    weight: perReplica(layer.filters * fanIn, 1 / Math.sqrt(fanIn)),
    bias: perReplica(layer.filters, 0.5),
  };
}

/** The buffers that a convolution's plan reads back, in order. */
export const READS = ['output', 'preActivation', 'inputGradient', 'gradients'] as const;

/**
 * @param only plan this replica alone
 * @param mode inference plans have no gradients to read
 */
export async function planOf(
  test: ConvolutionCase,
  data: ConvolutionData,
  only?: number,
): Promise<RecordedPlan> {
  const { layer, batch, image, activation, inputActivation } = test;
  const { net } = data;
  const pick = <T>(list: readonly T[]): readonly T[] =>
    only === undefined || list.length === 1 ? list : [list[only]!];
  const weights = only === undefined ? data.weight : [data.weight[only]!];
  const recorder = new PlanRecorder({
    mode: 'training',
    batch,
    replicas: weights.length,
    layout: net.parameters,
    parameters: weights.map(
      (weight, replica) =>
        new Map([
          ['layers.0.weight', weight],
          ['layers.0.bias', data.bias[only ?? replica]!],
        ]),
    ),
  });
  const output = recorder.tensor(net.output);
  const preActivation = recorder.tensor(net.output);
  const inputGradient = recorder.tensor(image);
  const operation = await planConvolution(
    recorder.context,
    layer,
    parametersOf(net.parameters, 'layers.0'),
    {
      label: 'layers.0',
      input: recorder.tensor(image, pick(data.input)),
      output,
      activation: fusedActivation(activation),
      preActivation: keepsPreActivation(activation) ? preActivation : null,
      outputGradient: recorder.tensor(net.output, pick(data.outputGradient)),
      inputGradient: test.shared ? null : inputGradient,
      inputSlope:
        inputActivation.type === 'identity'
          ? null
          : {
              activation: fusedActivation(inputActivation)!,
              saved: recorder.tensor(image, pick(data.saved)),
            },
    },
  );
  return recorder.plan(
    [operation],
    [
      output.buffer,
      preActivation.buffer,
      inputGradient.buffer,
      recorder.context.parameters.gradients!,
    ],
  );
}

/** A sum in f64 with the sum of its terms' sizes, which its rounding errors are measured by. */
export interface Sums {
  readonly value: Float64Array;
  readonly size: Float64Array;
}

const sums = (length: number): Sums => ({
  value: new Float64Array(length),
  size: new Float64Array(length),
});

export interface ConvolutionReference {
  /** Before the activation, [sample][entry]. */
  readonly output: Sums;
  /** Before the slope. */
  readonly inputGradient: Sums;
  /** [filter][channel of the group][row][column], and bias. */
  readonly weightGradient: Sums;
  readonly biasGradient: Sums;
}

/** The definition, loop by loop, for one replica; TensorFlow's rule of padding written out again. */
export function convolve(
  test: ConvolutionCase,
  data: ConvolutionData,
  replica: number,
): ConvolutionReference {
  const { layer, batch } = test;
  const [height, width, channels] = test.image;
  const [outputHeight, outputWidth, filters] = data.net.output as [number, number, number];
  const before = ([height, width] as const).map((cells, axis) => {
    if (layer.padding === 'valid') return 0;
    const output = Math.ceil(cells / layer.stride[axis]!);
    const span = (layer.kernel[axis]! - 1) * layer.dilation[axis]! + 1;
    return Math.floor(Math.max((output - 1) * layer.stride[axis]! + span - cells, 0) / 2);
  });
  const groupChannels = channels / layer.groups;
  const groupFilters = filters / layer.groups;
  const [kernelHeight, kernelWidth] = layer.kernel;
  const input = data.input[replica % data.input.length]!;
  const weight = data.weight[replica]!;
  const bias = data.bias[replica]!;
  const outputGradient = data.outputGradient[replica]!;
  const outputEntries = outputHeight * outputWidth * filters;
  const inputEntries = height * width * channels;
  const result = {
    output: sums(batch * outputEntries),
    inputGradient: sums(batch * inputEntries),
    weightGradient: sums(weight.length),
    biasGradient: sums(filters),
  };
  const add = (to: Sums, index: number, term: number): void => {
    to.value[index]! += term;
    to.size[index]! += Math.abs(term);
  };
  for (let sample = 0; sample < batch; sample++)
    for (let filter = 0; filter < filters; filter++)
      for (let i = 0; i < outputHeight; i++)
        for (let j = 0; j < outputWidth; j++) {
          const entry = (filter * outputHeight + i) * outputWidth + j;
          const gradient = outputGradient[sample]![entry]!;
          if (layer.bias) {
            add(result.output, sample * outputEntries + entry, bias[filter]!);
            add(result.biasGradient, filter, gradient);
          }
          for (let c = 0; c < groupChannels; c++)
            for (let u = 0; u < kernelHeight; u++)
              for (let v = 0; v < kernelWidth; v++) {
                const y = i * layer.stride[0] + u * layer.dilation[0] - before[0]!;
                const x = j * layer.stride[1] + v * layer.dilation[1] - before[1]!;
                if (y < 0 || y >= height || x < 0 || x >= width) continue;
                const channel = Math.floor(filter / groupFilters) * groupChannels + c;
                const at = (channel * height + y) * width + x;
                const w = ((filter * groupChannels + c) * kernelHeight + u) * kernelWidth + v;
                const value = input[sample]![at]!;
                add(result.output, sample * outputEntries + entry, weight[w]! * value);
                add(result.inputGradient, sample * inputEntries + at, weight[w]! * gradient);
                add(result.weightGradient, w, gradient * value);
              }
        }
  return result;
}

/** The slope that the plan's `saved` tensor stands for: it holds outputs, or pre-activations. */
export function savedSlope(activation: ActivationLayer, saved: number): number {
  const { slope } = referenceActivation(activation);
  // Of relu the output and the pre-activation have the same sign.
  return slope(saved);
}

const sizes = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 11, 13);
const kernels = fc.constantFrom(1, 2, 3, 3, 4, 5, 6, 7);

/** Random convolutions that fit their images; `seed` draws always the same ones. */
export function randomCases(count: number, seed: number): ConvolutionCase[] {
  const cases = fc
    .record({
      height: sizes,
      width: sizes,
      groups: fc.constantFrom(1, 1, 1, 2, 3),
      groupChannels: fc.constantFrom(1, 2, 3, 5),
      groupFilters: fc.constantFrom(1, 2, 3, 7, 8, 9, 13),
      kernel: fc.tuple(kernels, kernels),
      stride: fc.tuple(fc.constantFrom(1, 1, 2, 3), fc.constantFrom(1, 1, 2, 3)),
      dilation: fc.tuple(fc.constantFrom(1, 1, 2, 3), fc.constantFrom(1, 1, 2)),
      padding: fc.constantFrom('valid' as const, 'same' as const),
      bias: fc.boolean(),
      batch: fc.constantFrom(1, 2, 3, 5),
      replicas: fc.constantFrom(1, 1, 2),
      activation: fc.constantFrom(relu, gelu, identity),
      inputActivation: fc.constantFrom(relu, identity),
      shared: fc.boolean(),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
    })
    .map(({ height, width, groups, groupChannels, groupFilters, ...rest }): ConvolutionCase => {
      const { kernel, stride, dilation, padding, bias } = rest;
      const image = [height, width, groups * groupChannels] as const;
      const layer = conv2d(groups * groupFilters, kernel, {
        stride,
        dilation,
        padding,
        groups,
        bias,
      });
      return { ...rest, name: JSON.stringify({ image, ...layer }), image, layer };
    })
    .filter(
      ({ image, layer }) =>
        layer.padding === 'same' ||
        layer.kernel.every((cells, axis) => (cells - 1) * layer.dilation[axis]! < image[axis]!),
    );
  return fc.sample(cases, { numRuns: count, seed });
}
