/**
 * What the kernels of a convolution read besides tensors: images as planes, weights packed in the
 * order of the tiles, offsets of the segments.
 */
import { networkConvolutionPack } from '../../../generated/shaders/network/convolution-pack.js';
import { networkConvolutionPlanes } from '../../../generated/shaders/network/convolution-planes.js';
import type { ParameterTensor } from '../../parameters.js';
import type { Dispatch, PlanContext, Tensor } from '../operation.js';
import {
  packedPlaces,
  QUAD,
  type ConvolutionGeometry,
  type SlidingSum,
} from './convolution-geometry.js';
import { checkedGrid, longGrid, WORKGROUP } from './grid.js';

/**
 * Zeros behind each replica's planes: a tile reads up to three quads past its last cell, and times
 * a weight of zero another replica's NaN would become its own.
 */
export const REPLICA_SLACK = 16;
/** Images as the kernels read them, in quads. */
export interface Planes {
  readonly buffer: GPUBuffer;
  readonly sample: number;
  readonly replica: number;
}

/** Packed weights, and where each sliding sum's begin (quads). */
export interface PackedWeights {
  readonly buffer: GPUBuffer;
  readonly replica: number;
  readonly firsts: readonly number[];
  readonly dispatch: Dispatch;
}

async function planArrange(
  context: PlanContext,
  label: string,
  images: Tensor,
  planes: Planes,
  values: Readonly<Record<string, number>> & { readonly count: number },
): Promise<Dispatch> {
  const shader = networkConvolutionPlanes;
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

/** Floats of one sample's input planes, also where they would not be copied. */
export function sourceFloats(geometry: ConvolutionGeometry): number {
  const { rows, columns, sourcePlane, groups, channelsPerGroup } = geometry;
  return groups * channelsPerGroup * rows.residues * columns.residues * sourcePlane;
}

/** The planes of the input, copied unless it can be read in place. */
export async function planSource(
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
  const { rows, columns, sourcePlane, sourceRows, pitch } = geometry;
  const sampleFloats = sourceFloats(geometry);
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
export async function planGradientPlanes(
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

/** The weights of some sliding sums, packed anew in every step. */
export async function packWeights(
  context: PlanContext,
  label: string,
  geometry: ConvolutionGeometry,
  sums: readonly SlidingSum[],
  weight: ParameterTensor,
): Promise<PackedWeights> {
  const lists = sums.map((sum) =>
    packedPlaces(geometry, sum, weight.offset, weight.rowStride, 'last'),
  );
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
  const shader = networkConvolutionPack;
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

/** The offsets of the segments of some sliding sums, one after another. */
export function segmentBuffer(
  context: PlanContext,
  label: string,
  sums: readonly SlidingSum[],
): Promise<GPUBuffer> {
  const offsets = Uint32Array.from(sums.flatMap(({ segments }) => segments));
  return context.buffers.storage(`${label} segments`, offsets);
}
