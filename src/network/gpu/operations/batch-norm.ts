/**
 * Batch normalisation on the GPU. Training: moments of parts of the batch, their combination (which
 * also moves the running statistics), then every entry. Inference: the running statistics, then
 * every entry. All sums have an order of their own that depends on the batch alone.
 */
import { networkBatchNorm } from '../../../generated/shaders/network/batch-norm.js';
import { networkBatchNormBackward } from '../../../generated/shaders/network/batch-norm-backward.js';
import type { BatchNormLayer } from '../../layer.js';
import { activationConstants } from '../../activations.js';
import {
  onceForChunks,
  type Dispatch,
  type LayerParameters,
  type Operation,
  type OperationTensors,
  type PlanContext,
} from '../operation.js';
import { checkedGrid, sampleGrid, WORKGROUP, type Grid } from './grid.js';
import { slopeConstants } from './quads.js';

/**
 * Numbers that one invocation sums, about: few enough that a batch keeps many cores busy, and that
 * rounding errors of a long sum stay small.
 */
const NUMBERS_PER_PART = 512;
/** Floats of (mean, 1 / deviation). */
const PAIR = 2;

/** Samples that one invocation sums; `positions` are entries of one channel of a sample. */
export function samplesPerPart(batch: number, positions: number): number {
  return Math.min(batch, Math.max(1, Math.round(NUMBERS_PER_PART / positions)));
}

/**
 * Plans batch normalisation over the last dimension of the input's shape. A batch in chunks is one batch to it: its
 * forward dispatches are three for each chunk, of which each must have run on all chunks before the next.
 *
 * @param parameters scale, shift, running-mean and running-variance
 */
export async function planBatchNorm(
  context: PlanContext,
  layer: BatchNormLayer,
  parameters: LayerParameters,
  tensors: OperationTensors,
): Promise<Operation> {
  const { label, input, output, activation, preActivation } = tensors;
  const { replicas, chunk } = context;
  const batch = chunk?.whole ?? context.batch;
  const channels = input.shape.at(-1)!;
  const positions = input.entries / channels;
  let perPart = samplesPerPart(batch, positions);
  // No part lies in two chunks.
  while (chunk && chunk.each % perPart > 0) perPart--;
  const parts = Math.ceil(batch / perPart);
  const sizes = {
    channels,
    positions,
    batch,
    parts,
    samples_per_part: perPart,
    first_part: (chunk?.first ?? 0) / perPart,
    input_sample: input.sampleStride,
    input_replica: input.replicaStride,
    output_sample: output.sampleStride,
    output_replica: output.replicaStride,
    scale: parameters.scale!.offset,
    shift: parameters.shift!.offset,
    parameter_replica: context.parameters.replicaStride,
    running_mean: parameters['running-mean']!.offset,
    running_variance: parameters['running-variance']!.offset,
    statistics_replica: context.parameters.statisticsStride,
    momentum: layer.momentum,
    epsilon: layer.epsilon,
  };
  const createPairs = (what: string): Promise<GPUBuffer> =>
    context.scratch(`${label} ${what}`, replicas * (parts + 1) * channels * PAIR);
  const channelGrid = (name: string, height: number): Grid =>
    checkedGrid(context, name, [Math.ceil(channels / WORKGROUP), height, replicas]);
  const moments = await createPairs('moments');
  const unused = await context.scratch(`${label} unused`, 1);

  const shader = networkBatchNorm;
  const bindings = {
    norm: await context.uniform(shader, 'BatchNorm', sizes),
    input: input.buffer,
    pairs: moments,
    parameters: context.parameters.values,
    statistics: context.parameters.statistics,
    result: output.buffer,
    pre_activation: preActivation?.buffer ?? unused,
  };
  const plan = async (
    entryPoint: string,
    grid: (name: string) => Grid,
    constants: Readonly<Record<string, number>> = {},
  ): Promise<Dispatch> => {
    const name = `${label} batch norm ${entryPoint}`;
    const kernel = await context.gpu.createKernel(shader, { entryPoint, constants });
    return { label: name, kernel, bindings: await kernel.bind(bindings), size: grid(name) };
  };
  const normalize = await plan(
    'normalize_entries',
    (name) => sampleGrid(context, name, input.entries),
    { ...activationConstants(activation), KEEP_PRE_ACTIVATION: preActivation ? 1 : 0 },
  );
  if (context.mode === 'inference')
    return {
      forward: [await plan('take_running', (name) => channelGrid(name, 1)), normalize],
      backward: [],
    };
  return {
    forward: [
      await plan('part_moments', (name) => channelGrid(name, Math.ceil(context.batch / perPart))),
      await onceForChunks(context, `${label} combine`, () =>
        plan('combine', (name) => channelGrid(name, 1)),
      ),
      normalize,
    ],
    backward: await planBackward(context, tensors, {
      sizes,
      moments,
      sums: await createPairs('gradient sums'),
      unused,
      channelGrid,
    }),
  };
}

async function planBackward(
  context: PlanContext,
  tensors: OperationTensors,
  forward: {
    readonly sizes: Readonly<Record<string, number>> & { readonly parts: number };
    readonly moments: GPUBuffer;
    readonly sums: GPUBuffer;
    readonly unused: GPUBuffer;
    readonly channelGrid: (name: string, height: number) => Grid;
  },
): Promise<Dispatch[]> {
  const { label, input, outputGradient, inputGradient, inputSlope } = tensors;
  const { sizes, moments, sums, unused, channelGrid } = forward;
  if (!outputGradient) return [];
  const shader = networkBatchNormBackward;
  const bindings = {
    norm: await context.uniform(shader, 'BatchNorm', sizes),
    input: input.buffer,
    output_gradient: outputGradient.buffer,
    moments,
    sums,
    parameters: context.parameters.values,
    gradients: context.parameters.gradients!,
    saved: (inputSlope?.saved ?? input).buffer,
    result: inputGradient?.buffer ?? unused,
  };
  const plan = async (
    entryPoint: string,
    grid: (name: string) => Grid,
    constants: Readonly<Record<string, number>> = {},
  ): Promise<Dispatch> => {
    const name = `${label} batch norm ${entryPoint}`;
    const kernel = await context.gpu.createKernel(shader, { entryPoint, constants });
    return { label: name, kernel, bindings: await kernel.bind(bindings), size: grid(name) };
  };
  const dispatches = [
    await plan('part_sums', (name) => channelGrid(name, sizes.parts)),
    await plan('combine', (name) => channelGrid(name, 1)),
  ];
  if (inputGradient)
    dispatches.push(
      await plan(
        'input_gradient',
        (name) => sampleGrid(context, name, input.entries),
        slopeConstants(inputSlope),
      ),
    );
  return dispatches;
}
