/** The uniform that all kernels of one layer of `lps` read (shaders/lib/lps-layer.wgsl). */
import { initializerHaar } from '../../generated/shaders/initializer/haar.js';
import { NORMAL_UNIT } from '../../math/normal-fixed-point.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import type { UniformValues } from '../../network/gpu/operation.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import { LIVE_MARGIN } from '../lps/cuts.js';
import type { LayerPlan, LpsSettings } from '../lps/layer-plan.js';
import { groupSubstream } from '../random-address.js';
import { haarFloats, vectorStride, type HaarShape } from './plan-haar.js';

/** Features between two layers: [replica][anchor][stride]. */
export interface FeatureBuffer {
  readonly buffer: GPUBuffer;
  readonly stride: number;
  /** 0 when all replicas share them. */
  readonly replicaStride: number;
}

/** Sizes of a layer's intermediate results, floats per replica. */
export interface LayerSizes {
  readonly vectors: number;
  readonly factors: number;
  readonly directions: number;
  readonly projections: number;
  readonly features: number;
}

const bit = (value: boolean): number => (value ? 1 : 0);

/** Shape of the semi-orthogonal matrices that a layer draws, and their columns. */
export function haarShape({
  pairedColumns,
  fanIn,
  directions,
}: LayerPlan): HaarShape & { readonly columns: number } {
  const columns = pairedColumns
    ? Math.ceil(pairedColumns.channels / 2) * pairedColumns.cells
    : fanIn;
  return {
    columns,
    matrices: pairedColumns ? 2 : 1,
    short: Math.min(directions, columns),
    long: Math.max(directions, columns),
  };
}

/** How much memory a layer takes. */
export function layerSizes(plan: LayerPlan, anchors: number): LayerSizes {
  return {
    ...haarFloats(haarShape(plan)),
    directions: plan.directions * plan.layer.weight.rowStride,
    projections: anchors * alignTo(plan.directions, ROW_ALIGNMENT),
    features: anchors * alignTo(plan.outputs, ROW_ALIGNMENT),
  };
}

/** Packs the uniform of one layer. */
export function packLayer(
  plan: LayerPlan,
  settings: LpsSettings,
  run: {
    readonly replicas: number;
    readonly anchors: number;
    readonly block: number;
    /** Number of the layer. */
    readonly index: number;
    readonly group: number;
    readonly input: FeatureBuffer;
    readonly output: FeatureBuffer;
  },
): Uint8Array<ArrayBuffer> {
  const { layer, pairedColumns, mixing } = plan;
  const { columns, matrices, short, long } = haarShape(plan);
  const hasBias = layer.bias !== null;
  const values: UniformValues = {
    replica_count: run.replicas,
    anchors: run.anchors,
    inputs: plan.fanIn,
    input_stride: run.input.stride,
    input_replica_stride: run.input.replicaStride,
    outputs: plan.outputs,
    directions: plan.directions,
    projection_stride: alignTo(plan.directions, ROW_ALIGNMENT),
    output_stride: run.output.stride,
    output_replica_stride: run.output.replicaStride,
    matrices,
    short_side: short,
    long_side: long,
    vector_stride: vectorStride(long),
    window: 1,
    window_place: 0,
    tall: bit(plan.directions > columns),
    mirrored: bit(plan.rows === 'pairs'),
    paired_channels: pairedColumns?.channels ?? 0,
    cells: pairedColumns?.cells ?? 1,
    has_cuts: bit(
      plan.rows === 'output' ? settings.centredOutput : settings.cuts && hasBias && run.anchors > 1,
    ),
    has_scale: bit(settings.scale),
    tensor: groupSubstream(layer.tensor, run.group),
    weight_start: layer.weight.offset + run.group * plan.outputs * layer.weight.rowStride,
    weight_stride: layer.weight.rowStride,
    bias_start: layer.bias ? layer.bias.offset + run.group * plan.outputs : 0,
    has_bias: bit(hasBias),
    block_stride: run.block,
    layer: run.index,
    direction_scale: Math.sqrt(Math.max(1, plan.directions / columns)),
    difference_share: Math.sqrt(1 - mixing),
    sum_share: Math.sqrt(mixing),
    nonlinearity: plan.rows === 'pairs' ? plan.nonlinearity : 0,
    deviation: settings.deviation,
    live_margin: LIVE_MARGIN * settings.deviation,
    output_unit: Math.fround(1 / Math.sqrt(plan.fanIn)) * NORMAL_UNIT,
  };
  return packUniform(initializerHaar, 'LpsLayer', values);
}
