/**
 * Convolution on the GPU: weights packed, images as planes, then sliding sums
 * (convolution-geometry.ts says how every kind of convolution comes to that).
 *
 * Forward: [planes of the input,] packed weights, sums. Backward: [planes of the output gradient,]
 * input gradient (one dispatch per residue of the stride), partial sums of the weight gradient over
 * parts of the batch, and their sum in fixed order.
 */
import { shaders } from '../../../generated/shaders.js';
import type { Shader } from '../../../gpu/shader.js';
import type { Conv2dLayer } from '../../layer.js';
import type { ParameterTensor } from '../../parameters.js';
import { activationConstants } from '../activations.js';
import type {
  Dispatch,
  LayerParameters,
  Operation,
  OperationTensors,
  PlanContext,
  Tensor,
} from '../operation.js';
import {
  biasPlaces,
  convolutionGeometry,
  forwardSum,
  inputGradientSums,
  packedPlaces,
  QUAD,
  TILE_ROWS,
  type ConvolutionGeometry,
  type SlidingSum,
} from './convolution-geometry.js';
import { checkedGrid, longGrid, WORKGROUP } from './grid.js';
import { slopeConstants } from './quads.js';

/** TILE_SEGMENTS of convolution-weight-gradient.wgsl. */
const TILE_SEGMENTS = 2;
/**
 * Zeros behind each replica's planes: a tile reads up to three quads past its last cell, and times
 * a weight of zero another replica's NaN would become its own.
 */
const REPLICA_SLACK = 16;
/** Invocations that the weight gradient is cut into: enough for every core of a large GPU. */
const WEIGHT_GRADIENT_INVOCATIONS = 4096;
/** Floats of partial sums of one replica, at most (unless one part has more). */
const PARTIAL_FLOATS = 2 ** 20;

/** Images as the kernels read them, in quads. */
interface Planes {
  readonly buffer: GPUBuffer;
  readonly sample: number;
  readonly replica: number;
}

/** Packed weights, and where each sliding sum's begin (quads). */
interface PackedWeights {
  readonly buffer: GPUBuffer;
  readonly replica: number;
  readonly firsts: readonly number[];
  readonly dispatch: Dispatch;
}

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
  const packed = await packWeights(context, label, geometry, [forward, ...backward], weight);
  const segments = await segmentBuffer(context, label, [forward, ...backward]);
  const operation: { forward: Dispatch[]; backward: Dispatch[] } = {
    forward: [
      ...source.dispatches,
      packed.dispatch,
      await planForward(
        context,
        geometry,
        forward,
        { source, packed, segments },
        parameters,
        tensors,
      ),
    ],
    backward: [],
  };
  if (context.mode === 'inference' || !outputGradient) return operation;

  const planes =
    inputGradient || geometry.columns.output % QUAD !== 0
      ? await planGradientPlanes(context, label, geometry, outputGradient)
      : null;
  operation.backward.push(...(planes?.dispatches ?? []));
  if (inputGradient && planes) {
    let segmentFirst = forward.segments.length;
    for (const [index, sum] of backward.entries()) {
      operation.backward.push(
        await planInputGradient(
          context,
          geometry,
          sum,
          { source: planes, packed, segments },
          { index, segmentFirst },
          tensors,
          inputGradient,
        ),
      );
      segmentFirst += sum.segments.length;
    }
  }
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

async function planArrange(
  context: PlanContext,
  label: string,
  images: Tensor,
  planes: Planes,
  values: Readonly<Record<string, number>> & { readonly count: number },
): Promise<Dispatch> {
  const shader = shaders['network/convolution-planes'];
  const kernel = await context.gpu.createKernel(shader);
  const bindings = await kernel.bind({
    shape: await context.uniform(shader, 'Planes', {
      ...values,
      image_sample: images.sampleStride,
      image_replica: images.replicaStride,
      sample: planes.sample,
      replica: planes.replica,
    }),
    images: images.buffer,
    planes: planes.buffer,
  });
  const replicas = planes.replica === 0 ? 1 : context.replicas;
  const size = [Math.ceil(values.count / WORKGROUP), context.batch, replicas] as const;
  return { label, kernel, bindings, size: checkedGrid(context, label, size) };
}

/** A zeroed buffer of planes; `shared` when all replicas have the same. */
async function createPlanes(
  context: PlanContext,
  label: string,
  sampleFloats: number,
  shared: boolean,
): Promise<Planes> {
  const replicaFloats = context.batch * sampleFloats + REPLICA_SLACK;
  const buffer = await context.scratch(label, (shared ? 1 : context.replicas) * replicaFloats);
  return { buffer, sample: sampleFloats / QUAD, replica: shared ? 0 : replicaFloats / QUAD };
}

/** The planes of the input, copied unless it can be read in place. */
async function planSource(
  context: PlanContext,
  label: string,
  geometry: ConvolutionGeometry,
  input: Tensor,
): Promise<Planes & { readonly dispatches: readonly Dispatch[] }> {
  const shared = input.replicaStride === 0;
  // Several replicas side by side have no slack between them.
  if (geometry.sourceInPlace && (shared || context.replicas === 1)) {
    const { buffer, sampleStride, replicaStride } = input;
    return { buffer, sample: sampleStride / QUAD, replica: replicaStride / QUAD, dispatches: [] };
  }
  const { rows, columns, sourcePlane, sourceRows, pitch, groups, channelsPerGroup } = geometry;
  const planeCount = groups * channelsPerGroup * rows.residues * columns.residues;
  const sampleFloats = planeCount * sourcePlane;
  const planes = await createPlanes(context, `${label} input planes`, sampleFloats, shared);
  const dispatch = await planArrange(context, `${label} input planes`, input, planes, {
    count: sampleFloats / QUAD,
    plane: sourcePlane / QUAD,
    front: 0,
    pitch,
    rows: sourceRows,
    residues_y: rows.residues,
    residues_x: columns.residues,
    stride_y: rows.stride,
    stride_x: columns.stride,
    shift_y: -rows.before,
    shift_x: -columns.before,
    height: rows.input,
    width: columns.input,
  });
  return { ...planes, dispatches: [dispatch] };
}

/** The planes of the output gradient, with zeros around. */
async function planGradientPlanes(
  context: PlanContext,
  label: string,
  geometry: ConvolutionGeometry,
  gradient: Tensor,
): Promise<Planes & { readonly dispatches: readonly Dispatch[] }> {
  const { rows, columns, gradientPlane, gradientRows, gradientFront, pitch } = geometry;
  const sampleFloats = geometry.groups * geometry.filtersPerGroup * gradientPlane;
  const planes = await createPlanes(context, `${label} gradient planes`, sampleFloats, false);
  const dispatch = await planArrange(context, `${label} gradient planes`, gradient, planes, {
    count: sampleFloats / QUAD,
    plane: gradientPlane / QUAD,
    front: gradientFront,
    pitch,
    rows: gradientRows,
    residues_y: 1,
    residues_x: 1,
    stride_y: 1,
    stride_x: 1,
    shift_y: -rows.reach,
    shift_x: 0,
    height: rows.output,
    width: columns.output,
  });
  return { ...planes, dispatches: [dispatch] };
}

async function packWeights(
  context: PlanContext,
  label: string,
  geometry: ConvolutionGeometry,
  sums: readonly SlidingSum[],
  weight: ParameterTensor,
): Promise<PackedWeights> {
  const lists = sums.map((sum) => packedPlaces(geometry, sum, weight.offset, weight.rowStride));
  const firsts: number[] = [];
  let count = 0;
  for (const list of lists) {
    firsts.push(count / QUAD);
    count += list.length;
  }
  const places = new Uint32Array(count);
  lists.forEach((list, index) => {
    places.set(list, firsts[index]! * QUAD);
  });
  const shader = shaders['network/convolution-pack'];
  const kernel = await context.gpu.createKernel(shader);
  const buffer = await context.scratch(`${label} packed weights`, context.replicas * count);
  const { size, row } = longGrid(context, `${label} pack weights`, count);
  const bindings = await kernel.bind({
    pack: await context.uniform(shader, 'Pack', {
      count,
      grid_row: row,
      parameter_replica: context.parameters.replicaStride,
    }),
    places: await context.buffers.storage(`${label} packed places`, places),
    parameters: context.parameters.values,
    packed: buffer,
  });
  const dispatch = { label: `${label} pack weights`, kernel, bindings, size };
  return { buffer, replica: count / QUAD, firsts, dispatch };
}

function segmentBuffer(
  context: PlanContext,
  label: string,
  sums: readonly SlidingSum[],
): Promise<GPUBuffer> {
  const offsets = Uint32Array.from(sums.flatMap(({ segments }) => segments));
  return context.buffers.storage(`${label} segments`, offsets);
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
): Promise<Dispatch> {
  const { output, preActivation, activation } = tensors;
  const label = `${tensors.label} convolution forward`;
  const { rows, columns } = geometry;
  const shader = shaders['network/convolution-forward'];
  const kernel = await context.gpu.createKernel(shader, {
    constants: {
      ...activationConstants(activation),
      TAPS: geometry.taps,
      KEEP_PRE_ACTIVATION: preActivation ? 1 : 0,
    },
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
  return {
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
      pre_activation: preActivation?.buffer ?? (await context.scratch(`${label} unused`, 1)),
    }),
    size,
  };
}

async function planInputGradient(
  context: PlanContext,
  geometry: ConvolutionGeometry,
  sum: SlidingSum,
  inputs: SumInputs,
  { index, segmentFirst }: { readonly index: number; readonly segmentFirst: number },
  { label, inputSlope }: OperationTensors,
  inputGradient: Tensor,
): Promise<Dispatch> {
  const name = `${label} convolution input gradient`;
  const shader = shaders['network/convolution-input-gradient'];
  const kernel = await context.gpu.createKernel(shader, {
    constants: { ...slopeConstants(inputSlope), TAPS: geometry.taps },
  });
  const { bindings, size } = await planSum(context, name, shader, geometry, sum, inputs, {
    // The packed weights of the forward sum come first.
    index: index + 1,
    segmentFirst,
    groupFloats: geometry.filtersPerGroup * geometry.gradientPlane,
    height: geometry.rows.input,
    width: geometry.columns.input,
    result: inputGradient,
  });
  return {
    label: name,
    kernel,
    bindings: await kernel.bind({
      ...bindings,
      saved: (inputSlope?.saved ?? inputs.source).buffer,
      result: inputGradient.buffer,
    }),
    size,
  };
}

async function planWeightGradient(
  context: PlanContext,
  geometry: ConvolutionGeometry,
  sum: SlidingSum,
  inputs: { readonly source: Planes; readonly planes: Planes | null; readonly segments: GPUBuffer },
  parameters: LayerParameters,
  label: string,
  outputGradient: Tensor,
): Promise<Dispatch[]> {
  const { source, planes, segments } = inputs;
  const { rows, columns, pitch, groups, filtersPerGroup, taps } = geometry;
  const weight = parameters.weight!;
  const weightPlaces = packedPlaces(geometry, sum, weight.offset, weight.rowStride);
  const biases = biasPlaces(geometry, parameters.bias?.offset ?? null);
  const places = new Uint32Array(weightPlaces.length + biases.length);
  places.set(weightPlaces);
  places.set(biases, weightPlaces.length);

  const rowTiles = Math.ceil(filtersPerGroup / TILE_ROWS);
  const segmentTiles = Math.ceil(sum.segments.length / TILE_SEGMENTS);
  const tiles = groups * rowTiles * segmentTiles;
  // From the layer and the batch alone: a replica's sums must not depend on how many there are.
  const wanted = Math.min(
    context.batch,
    Math.ceil(WEIGHT_GRADIENT_INVOCATIONS / tiles),
    Math.max(1, Math.floor(PARTIAL_FLOATS / places.length)),
  );
  const samplesPerPart = Math.ceil(context.batch / wanted);
  const parts = Math.ceil(context.batch / samplesPerPart);
  const partials = await context.scratch(
    `${label} partial weight gradients`,
    context.replicas * parts * places.length,
  );

  const shader = shaders['network/convolution-weight-gradient'];
  const kernel = await context.gpu.createKernel(shader, { constants: { TAPS: taps } });
  const name = `${label} convolution weight gradient`;
  const bindings = await kernel.bind({
    shape: await context.uniform(shader, 'WeightGradient', {
      count: parts * tiles,
      parts,
      samples_per_part: samplesPerPart,
      batch: context.batch,
      segment_count: sum.segments.length,
      segment_tiles: segmentTiles,
      rows: filtersPerGroup,
      row_tiles: rowTiles,
      groups,
      height: rows.output,
      row_quads: Math.ceil(columns.output / QUAD),
      source_row: pitch / QUAD,
      source_sample: source.sample,
      source_replica: source.replica,
      source_group:
        (geometry.channelsPerGroup * rows.residues * columns.residues * geometry.sourcePlane) /
        QUAD,
      ...(planes
        ? {
            gradient_first: (geometry.gradientFront + rows.reach * pitch) / QUAD,
            gradient_row: pitch / QUAD,
            gradient_channel: geometry.gradientPlane / QUAD,
            gradient_sample: planes.sample,
            gradient_replica: planes.replica,
          }
        : {
            gradient_first: 0,
            gradient_row: columns.output / QUAD,
            gradient_channel: (rows.output * columns.output) / QUAD,
            gradient_sample: outputGradient.sampleStride / QUAD,
            gradient_replica: outputGradient.replicaStride / QUAD,
          }),
      part: places.length / QUAD,
    }),
    source: source.buffer,
    gradient: (planes ?? outputGradient).buffer,
    segments,
    partials,
  });
  const size = [Math.ceil((parts * tiles) / WORKGROUP), 1, context.replicas] as const;
  return [
    { label: name, kernel, bindings, size: checkedGrid(context, name, size) },
    await planWeightSum(context, label, places, parts, partials),
  ];
}

async function planWeightSum(
  context: PlanContext,
  label: string,
  places: Uint32Array<ArrayBuffer>,
  parts: number,
  partials: GPUBuffer,
): Promise<Dispatch> {
  const name = `${label} convolution weight sum`;
  const shader = shaders['network/convolution-weight-sum'];
  const kernel = await context.gpu.createKernel(shader);
  const { size, row } = longGrid(context, name, places.length);
  const bindings = await kernel.bind({
    shape: await context.uniform(shader, 'WeightSum', {
      count: places.length,
      grid_row: row,
      parts,
      gradient_replica: context.parameters.replicaStride,
    }),
    places: await context.buffers.storage(`${label} gradient places`, places),
    partials,
    gradients: context.parameters.gradients!,
  });
  return { label: name, kernel, bindings, size };
}
