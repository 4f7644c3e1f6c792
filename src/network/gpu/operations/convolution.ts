/**
 * Convolution on the GPU: weights packed, images as planes, then sliding sums
 * (convolution-geometry.ts says how every kind of convolution comes to that).
 *
 * Forward: [planes of the input,] packed weights, sums. Backward: [planes of the output gradient,]
 * input gradient (one dispatch per residue of the stride), partial sums of the weight gradient over
 * parts of the batch, and their sum in fixed order.
 */
import { networkConvolutionActivation } from '../../../generated/shaders/network/convolution-activation.js';
import { networkConvolutionForward } from '../../../generated/shaders/network/convolution-forward.js';
import { networkConvolutionInputGradient } from '../../../generated/shaders/network/convolution-input-gradient.js';
import type { Shader } from '../../../gpu/shader.js';
import type { Conv2dLayer } from '../../layer.js';
import { activationConstants, type FusedActivation, NO_ACTIVATION } from '../../activations.js';
import {
  onceForChunks,
  type Dispatch,
  type LayerParameters,
  type Operation,
  type OperationTensors,
  type PlanContext,
  type Tensor,
} from '../operation.js';
import {
  packWeights,
  planGradientPlanes,
  planSource,
  segmentBuffer,
  type PackedWeights,
  type Planes,
} from './convolution-buffers.js';
import {
  convolutionGeometry,
  forwardSum,
  inputGradientSums,
  QUAD,
  TILE_ROWS,
  type ConvolutionGeometry,
  type SlidingSum,
} from './convolution-geometry.js';
import { planWeightGradient } from './convolution-weight-gradient.js';
import { checkedGrid, sampleGrid, WORKGROUP } from './grid.js';
import { slopeConstants } from './quads.js';

/**
 * Plans a convolution.
 *
 * @param parameters weight [filter][channel / groups, row, column], and bias if the layer has one
 * @param tensors input [height, width, channels]; an input gradient is only computed when wanted
 * @throws {GpuLimitError} when an image, or the grid of a dispatch, is larger than the device allows
 */
export async function planConvolution(
  context: PlanContext,
  layer: Conv2dLayer,
  parameters: LayerParameters,
  tensors: OperationTensors,
): Promise<Operation> {
  const { label, input, inputGradient, outputGradient } = tensors;
  const weight = parameters.weight!;
  const geometry = convolutionGeometry(layer, input.shape);
  const forward = forwardSum(geometry);
  const backward = inputGradient ? inputGradientSums(geometry) : [];

  const source = await planSource(context, label, geometry, input);
  const sums = [forward, ...backward];
  const { packed, segments } = await onceForChunks(context, `${label} weights`, async () => ({
    packed: await packWeights(context, label, geometry, sums, weight),
    segments: await segmentBuffer(context, label, sums),
  }));
  const operation: { forward: Dispatch[]; backward: Dispatch[] } = {
    forward: [
      ...source.dispatches,
      packed.dispatch,
      ...(await planForward(
        context,
        geometry,
        forward,
        { source, packed, segments },
        parameters,
        tensors,
      )),
    ],
    backward: [],
  };
  if (context.mode === 'inference' || !outputGradient) return operation;

  const planes =
    inputGradient || geometry.columns.output % QUAD !== 0
      ? await planGradientPlanes(context, label, geometry, outputGradient)
      : null;
  operation.backward.push(...(planes?.dispatches ?? []));
  if (inputGradient && planes)
    operation.backward.push(
      ...(await planInputGradients(
        context,
        geometry,
        sums,
        { source: planes, packed, segments },
        tensors,
        inputGradient,
      )),
    );
  operation.backward.push(
    ...(await planWeightGradient(
      context,
      geometry,
      forward,
      { source, planes, segments },
      parameters,
      label,
      outputGradient,
    )),
  );
  return operation;
}

/** What a sliding sum reads. */
interface SumInputs {
  readonly source: Planes;
  readonly packed: PackedWeights;
  readonly segments: GPUBuffer;
}

/** The uniform of convolution-tile.wgsl, its bindings and the grid. */
async function planSum(
  context: PlanContext,
  label: string,
  shader: Shader,
  geometry: ConvolutionGeometry,
  sum: SlidingSum,
  { source, packed, segments }: SumInputs,
  place: {
    readonly index: number;
    readonly segmentFirst: number;
    readonly groupFloats: number;
    readonly height: number;
    readonly width: number;
    readonly result: Tensor;
  },
) {
  const tileCount = context.batch * sum.tiles;
  const rowTiles = Math.ceil(sum.rowsPerGroup / TILE_ROWS);
  const correlation = await context.uniform(shader, 'Correlation', {
    tiles: sum.tiles,
    tile_count: tileCount,
    tiles_per_run: sum.tilesPerRun,
    run_stride: sum.runStride,
    source_sample: source.sample,
    source_replica: source.replica,
    source_group: place.groupFloats / QUAD,
    segment_count: sum.segments.length,
    segment_first: place.segmentFirst,
    weight_first: packed.firsts[place.index]!,
    weight_replica: packed.replica,
    rows: sum.rowsPerGroup,
    row_tiles: rowTiles,
    first: sum.first,
    pitch: geometry.pitch,
    scale_y: sum.rowScale,
    shift_y: sum.rowShift,
    scale_x: sum.columnScale,
    shift_x: sum.columnShift,
    height: place.height,
    width: place.width,
    result_sample: place.result.sampleStride,
    result_replica: place.result.replicaStride,
  });
  const size = [
    Math.ceil(tileCount / WORKGROUP),
    geometry.groups * rowTiles,
    context.replicas,
  ] as const;
  return {
    bindings: { correlation, weight: packed.buffer, source: source.buffer, segments },
    size: checkedGrid(context, label, size),
  };
}

async function planForward(
  context: PlanContext,
  geometry: ConvolutionGeometry,
  sum: SlidingSum,
  inputs: SumInputs,
  parameters: LayerParameters,
  tensors: OperationTensors,
): Promise<Dispatch[]> {
  const { output, preActivation, activation } = tensors;
  const label = `${tensors.label} convolution forward`;
  const { rows, columns } = geometry;
  const shader = networkConvolutionForward;
  const inTile = preActivation ? null : negativeSlope(activation);
  const kernel = await context.gpu.createKernel(shader, {
    constants: { TAPS: geometry.taps, NEGATIVE_SLOPE: inTile ?? 1 },
  });
  const { bindings, size } = await planSum(context, label, shader, geometry, sum, inputs, {
    index: 0,
    segmentFirst: 0,
    groupFloats:
      geometry.channelsPerGroup * rows.residues * columns.residues * geometry.sourcePlane,
    height: rows.output,
    width: columns.output,
    result: output,
  });
  const sums: Dispatch = {
    label,
    kernel,
    bindings: await kernel.bind({
      ...bindings,
      bias: await context.uniform(shader, 'Bias', {
        offset: parameters.bias?.offset ?? 0,
        exists: parameters.bias ? 1 : 0,
        replica_stride: context.parameters.replicaStride,
      }),
      parameters: context.parameters.values,
      result: output.buffer,
    }),
    size,
  };
  if (inTile !== null) return [sums];
  const rest = await planInPlace(context, `${tensors.label} activation forward`, output, {
    entryPoint: 'apply_activation',
    constants: {
      ...activationConstants(activation),
      KEEP_PRE_ACTIVATION: preActivation ? 1 : 0,
    },
    saved: preActivation?.buffer ?? (await context.scratch(`${label} unused`, 1)),
  });
  return [sums, rest];
}

/** @param sums the forward sum, whose weights and segments come first, and those of the gradient */
async function planInputGradients(
  context: PlanContext,
  geometry: ConvolutionGeometry,
  sums: readonly SlidingSum[],
  inputs: SumInputs,
  { label, inputSlope }: OperationTensors,
  inputGradient: Tensor,
): Promise<Dispatch[]> {
  const name = `${label} convolution input gradient`;
  const shader = networkConvolutionInputGradient;
  const inTile = negativeSlope(inputSlope?.activation ?? null);
  const kernel = await context.gpu.createKernel(shader, {
    constants: { TAPS: geometry.taps, NEGATIVE_SLOPE: inTile ?? 1 },
  });
  const dispatches: Dispatch[] = [];
  let segmentFirst = sums[0]!.segments.length;
  for (const [index, sum] of sums.entries()) {
    if (index === 0) continue;
    const { bindings, size } = await planSum(context, name, shader, geometry, sum, inputs, {
      index,
      segmentFirst,
      groupFloats: geometry.filtersPerGroup * geometry.gradientPlane,
      height: geometry.rows.input,
      width: geometry.columns.input,
      result: inputGradient,
    });
    dispatches.push({
      label: name,
      kernel,
      bindings: await kernel.bind({
        ...bindings,
        saved: (inputSlope?.saved ?? inputs.source).buffer,
        result: inputGradient.buffer,
      }),
      size,
    });
    segmentFirst += sum.segments.length;
  }
  if (inputSlope && inTile === null)
    dispatches.push(
      await planInPlace(context, `${label} input slope`, inputGradient, {
        entryPoint: 'apply_slope',
        constants: slopeConstants(inputSlope),
        saved: inputSlope.saved.buffer,
      }),
    );
  return dispatches;
}

/**
 * What a tile multiplies values below zero by, if that is all the activation does: activations
 * with more to compute have a dispatch of their own.
 */
function negativeSlope(activation: FusedActivation | null): number | null {
  const { code, parameter } = activation ?? NO_ACTIVATION;
  return [1, 0, parameter][code] ?? null;
}

/** An activation, or its slope, applied to what a tile stored. */
async function planInPlace(
  context: PlanContext,
  label: string,
  result: Tensor,
  how: {
    readonly entryPoint: 'apply_activation' | 'apply_slope';
    readonly constants: Readonly<Record<string, number>>;
    readonly saved: GPUBuffer;
  },
): Promise<Dispatch> {
  const { entryPoint, constants, saved } = how;
  const shader = networkConvolutionActivation;
  const kernel = await context.gpu.createKernel(shader, { entryPoint, constants });
  const bindings = await kernel.bind({
    entries: await context.uniform(shader, 'Entries', {
      count: result.entries,
      sample: result.sampleStride,
      replica: result.replicaStride,
    }),
    result: result.buffer,
    saved,
  });
  return { label, kernel, bindings, size: sampleGrid(context, label, result.entries) };
}
