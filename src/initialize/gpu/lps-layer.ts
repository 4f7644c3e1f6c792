/** The uniform that all kernels of one layer of `lps` read (shaders/lib/lps-layer.wgsl). */
import { initializerHaar } from '../../generated/shaders/initializer/haar.js';
import { NORMAL_UNIT } from '../../math/normal-fixed-point.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import type { UniformValues } from '../../network/gpu/operation.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import { LIVE_MARGIN } from '../lps/keep-alive.js';
import type { LayerPlan, LpsSettings } from '../lps/layer-plan.js';
import { groupSubstream } from '../random-address.js';

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
  readonly directions: number;
  readonly projections: number;
  readonly features: number;
}

const bit = (value: boolean): number => (value ? 1 : 0);

/** Shape of the semi-orthogonal matrices that a layer draws. */
export function haarShape(plan: LayerPlan): {
  readonly columns: number;
  readonly matrices: number;
} {
  const { pairedColumns, fanIn } = plan;
  if (!pairedColumns) return { columns: fanIn, matrices: 1 };
  return { columns: Math.ceil(pairedColumns.channels / 2) * pairedColumns.cells, matrices: 2 };
}

/** Floats of a vector with the sign behind it. */
const vectorStride = (long: number): number => alignTo(long + 1, ROW_ALIGNMENT);

/** How much memory a layer takes. */
export function layerSizes(plan: LayerPlan, anchors: number): LayerSizes {
  const { columns, matrices } = haarShape(plan);
  const short = Math.min(plan.directions, columns);
  const long = Math.max(plan.directions, columns);
  return {
    vectors: matrices * short * vectorStride(long),
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
  const { columns, matrices } = haarShape(plan);
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
    short_side: Math.min(plan.directions, columns),
    long_side: Math.max(plan.directions, columns),
    vector_stride: vectorStride(Math.max(plan.directions, columns)),
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
