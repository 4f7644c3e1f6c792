/**
 * The gradient of a convolution's weights and biases: the batch is cut into parts, whose sums are
 * added up in order, so that every run gives the same bits.
 */
import { networkConvolutionWeightGradient } from '../../../generated/shaders/network/convolution-weight-gradient.js';
import { networkConvolutionWeightSum } from '../../../generated/shaders/network/convolution-weight-sum.js';
import type { Dispatch, LayerParameters, PlanContext, Tensor } from '../operation.js';
import type { Planes } from './convolution-buffers.js';
import {
  biasPlaces,
  packedPlaces,
  QUAD,
  TILE_ROWS,
  type ConvolutionGeometry,
  type SlidingSum,
} from './convolution-geometry.js';
import { checkedGrid, longGrid, WORKGROUP } from './grid.js';

/** TILE_SEGMENTS of convolution-weight-gradient.wgsl. */
const TILE_SEGMENTS = 2;
/** Invocations that the weight gradient is cut into: enough for every core of a large GPU. */
const WEIGHT_GRADIENT_INVOCATIONS = 4096;
/** Floats of partial sums of one replica, at most (unless one part has more). */
const PARTIAL_FLOATS = 2 ** 20;

/**
 * @param sum the forward sum: its segments are what the weights were multiplied by
 * @param inputs the input's planes, and the output gradient's where it has any
 */
export async function planWeightGradient(
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
  const weightPlaces = packedPlaces(geometry, sum, weight.offset, weight.rowStride, 'nowhere');
  const biases = biasPlaces(geometry, parameters.bias?.offset ?? null);
  const places = new Uint32Array(weightPlaces.length + biases.length);
  places.set(weightPlaces);
  places.set(biases, weightPlaces.length);

  const rowQuads = Math.ceil(columns.output / QUAD);
  // Rows without a gap between them are one long row.
  const joined = rowQuads * QUAD === pitch;
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

  const shader = networkConvolutionWeightGradient;
  const buffers = {
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
      height: joined ? 1 : rows.output,
      row_quads: joined ? rows.output * rowQuads : rowQuads,
      source_row: joined ? rows.output * rowQuads : pitch / QUAD,
      source_sample: source.sample,
      source_replica: source.replica,
      source_group:
        (geometry.channelsPerGroup * rows.residues * columns.residues * geometry.sourcePlane) /
        QUAD,
      ...(planes
        ? {
            gradient_first: (geometry.gradientFront + rows.reach * pitch) / QUAD,
            gradient_row: joined ? rows.output * rowQuads : pitch / QUAD,
            gradient_channel: geometry.gradientPlane / QUAD,
            gradient_sample: planes.sample,
            gradient_replica: planes.replica,
          }
        : {
            gradient_first: 0,
            gradient_row: joined ? rows.output * rowQuads : rowQuads,
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
  };
  const plan = async (entryPoint: string, name: string, count: number): Promise<Dispatch> => {
    const kernel = await context.gpu.createKernel(shader, {
      entryPoint,
      constants: { TAPS: taps },
    });
    const size = checkedGrid(context, name, [Math.ceil(count / WORKGROUP), 1, context.replicas]);
    return { label: name, kernel, bindings: await kernel.bind(buffers), size };
  };
  return [
    await plan('weight_gradient', `${label} convolution weight gradient`, parts * tiles),
    ...(parameters.bias
      ? [
          await plan(
            'bias_gradient',
            `${label} convolution bias gradient`,
            parts * groups * rowTiles,
          ),
        ]
      : []),
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
  const shader = networkConvolutionWeightSum;
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
