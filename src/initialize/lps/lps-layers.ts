/**
 * `lps`, an initializer derived from the linear product structure of the network as a polynomial
 * system: layer by layer, the directions of the units (directions.ts), their scale and cuts on the
 * anchors' features (cuts.ts), the rows in mirrored pairs, and on to the next layer with what the
 * anchors have become.
 *
 * With the cuts on the features' convex hull every unit before an antithetic activation is active
 * on at least one anchor and, but for full overlap, inactive on another, for every depth and width:
 * the features of two anchors differ again after the layer, and the argument goes on by induction.
 *
 * Rows and biases are stored as f32 and the anchors go on with the stored numbers.
 */
import type { AffineLayer } from '../../network/affine-layers.js';
import type { Network } from '../../network/index.js';
import { sample } from '../anchors.js';
import type { Stepwise } from '../../math/stepwise.js';
import type { Features, RowData } from '../../network/host/features.js';
import type { HostLayers } from '../host-layers.js';
import { patchRows, positionsPerImage } from '../../network/host/patches.js';
import {
  propagateSteps,
  type AffineWeights,
  type Propagation,
} from '../../network/host/forward-pass.js';
import { addRowProducts } from '../../network/host/row-products.js';
import { groupSubstream, openStream, STREAMS, type ReplicaAddress } from '../random-address.js';
import {
  drawCuts,
  keepAlive,
  keepsSecond,
  LIVE_MARGIN,
  projectionScale,
  type Cuts,
} from './cuts.js';
import { directionSteps } from './directions.js';
import { genericRows } from './generic.js';
import { multiplyReflections as exactly, type MultiplyReflections } from '../semi-orthogonal.js';
import { principalDirections } from './principal-directions.js';
import { planLayer, type LayerPlan, type LpsSettings } from './layer-plan.js';
import { centringBiases, drawOutputRows } from './output-layer.js';

/** Patches of a convolution's input that its cuts are made on. */
export const PATCHES = 128;

/** All affine layers of a network, on anchors in f64, or in f32 as the kernels have them. */
export function* lpsLayers<Data extends RowData>(
  network: Network,
  anchors: Features<Data>,
  settings: LpsSettings,
  address: ReplicaAddress,
  {
    multiplyReflections = exactly,
    ...rest
  }: Pick<Propagation<Data>, 'observe' | 'products'> & {
    readonly multiplyReflections?: MultiplyReflections;
  } = {},
): Stepwise<HostLayers> {
  const layers = new Map<AffineLayer, AffineWeights>();
  const warnings: string[] = [];
  yield* propagateSteps(network, anchors, {
    ...rest,
    weightsOf: function* (layer, input) {
      const plan = planLayer(layer, input, settings);
      const rowsOf = featureRows(plan, input, address);
      const { weights, isAnchored } = yield* initializeLayer(
        plan,
        settings,
        rowsOf,
        address,
        multiplyReflections,
      );
      warnings.push(...layerWarnings(plan, settings, isAnchored));
      layers.set(layer, weights);
      return weights;
    },
  });
  return { layers, warnings };
}

/**
 * The directions of a network's first layer with weights, from the anchors.
 *
 * @returns by group, [direction][fan in]
 */
export function anchoredDirections(
  network: Network,
  plan: LayerPlan,
  anchors: Features,
  address: ReplicaAddress,
): Float64Array[] {
  let input: Features | undefined;
  const { rows, columns } = plan.layer.weight;
  const steps = propagateSteps(network, anchors, {
    weightsOf: (_layer, reached) => {
      input ??= reached;
      return { weight: new Float32Array(rows * columns), bias: null, mirrored: false };
    },
  });
  // What comes after the layer is of no interest.
  while (input === undefined && !steps.next().done);
  const rowsOf = featureRows(plan, input!, address);
  return Array.from({ length: plan.groups }, (_, group) =>
    principalDirections(plan, rowsOf(group), address, group),
  );
}

/** What is said of a layer. */
export function layerWarnings(
  { layer, rows }: LayerPlan,
  settings: LpsSettings,
  isAnchored: boolean,
): string[] {
  const { label, bias } = layer;
  if (!isAnchored) {
    return [
      `${label}: its input does not vary on the anchors (or is not finite), so it cannot be anchored and is initialized by lps-generic`,
    ];
  }
  if (bias || rows !== 'pairs' || !settings.cuts) return [];
  return [
    `${label}: without biases its units bend at 0, and that each is active on an anchor is not guaranteed`,
  ];
}

/** One layer; groups that cannot be anchored get generic rows. */
function* initializeLayer(
  plan: LayerPlan,
  settings: LpsSettings,
  rowsOf: (group: number) => Float64Array,
  address: ReplicaAddress,
  multiply: MultiplyReflections,
): Stepwise<{ readonly weights: AffineWeights; readonly isAnchored: boolean }> {
  const { layer, groups, outputs, fanIn } = plan;
  const weight = new Float32Array(groups * outputs * fanIn);
  const bias = layer.bias ? new Float32Array(groups * outputs) : null;
  let isAnchored = true;
  for (let group = 0; group < groups; group++) {
    const steps = initializeGroup(plan, settings, rowsOf(group), address, group, multiply);
    const anchored = yield* steps;
    isAnchored &&= anchored !== null;
    const made = anchored ?? genericRows(layer, address, group);
    weight.set(made.weight, group * outputs * fanIn);
    bias?.set(made.bias, group * outputs);
  }
  return { weights: { weight, bias, mirrored: plan.rows === 'pairs' }, isAnchored };
}

/** The rows that the units of a group see: features, or a sample of patches. */
function featureRows(
  plan: LayerPlan,
  input: Features<RowData>,
  address: ReplicaAddress,
): (group: number) => Float64Array {
  const { layer: spec } = plan.layer;
  if (spec.type === 'dense') return () => Float64Array.from(input.data);
  const positions = patchPositions(plan, input.count * positionsPerImage(spec, input), address);
  return (group) => patchRows(spec, input, positions, group);
}

/** A random sample of all positions of a convolution's window on all images. */
export function patchPositions(
  { layer }: LayerPlan,
  count: number,
  address: ReplicaAddress,
): number[] {
  return sample(count, PATCHES, openStream(address, STREAMS.patches, layer.tensor));
}

function* initializeGroup(
  plan: LayerPlan,
  settings: LpsSettings,
  features: Float64Array,
  address: ReplicaAddress,
  group: number,
  multiply: MultiplyReflections,
): Stepwise<{ readonly weight: Float32Array; readonly bias: Float32Array } | null> {
  const { layer, rows, outputs, fanIn, directions, nonlinearity } = plan;
  if (rows === 'output') {
    const weight = drawOutputRows(plan, address, group);
    const bias = settings.centredOutput
      ? centringBiases(weight, features, fanIn)
      : new Float32Array(outputs);
    const { outputMean } = settings;
    return { weight, bias: outputMean === null ? bias : bias.map((b, k) => b + outputMean[k]!) };
  }
  const direction =
    layer === settings.anchored
      ? principalDirections(plan, features, address, group)
      : yield* directionSteps(plan, address, group, multiply);
  const projections = yield* project(features, direction, fanIn);
  if (settings.scale) {
    const spread = projectionScale(projections, directions);
    if (!(spread > 0 && spread < Infinity)) return null;
    const factor = settings.deviation / spread;
    direction.forEach((entry, index) => (direction[index] = factor * entry));
    projections.forEach((entry, index) => (projections[index] = factor * entry));
  }
  const hasCuts = settings.cuts && layer.bias !== null && features.length > fanIn;
  const draw = openStream(address, STREAMS.cuts, groupSubstream(layer.tensor, group));
  const cuts = hasCuts
    ? drawCuts(projections, directions, rows === 'pairs' ? nonlinearity : 0, draw)
    : { lo: new Float64Array(directions), hi: new Float64Array(directions) };
  const made =
    rows === 'pairs'
      ? mirroredRows(plan, direction, cuts, keepsSecond(directions - 1, draw))
      : {
          weight: Float32Array.from(direction),
          bias: Float32Array.from(cuts.lo, (cut) => 0 - cut),
        };
  if (hasCuts) {
    const units = yield* project(features, Float64Array.from(made.weight), fanIn);
    keepAlive(units, made.bias, LIVE_MARGIN * settings.deviation);
  }
  return made;
}

/** Multiplications between two pauses: some milliseconds. */
const PAUSE = 2 ** 23;

/** T = F W^T: [anchor][direction]. */
function* project(
  features: Float64Array,
  direction: Float64Array,
  fanIn: number,
): Stepwise<Float64Array> {
  const directions = direction.length / fanIn;
  const result = new Float64Array((features.length / fanIn) * directions);
  // Whole blocks of rows.
  const each = 4 * Math.max(1, Math.floor(PAUSE / (4 * features.length)));
  for (let row = 0; row < directions; row += each) {
    addRowProducts({
      left: direction.subarray(row * fanIn, (row + each) * fanIn),
      right: features,
      depth: fanIn,
      result,
      first: row,
      leftStride: 1,
      rightStride: directions,
    });
    yield;
  }
  return result;
}

/** Step 5: units 2i and 2i + 1 are t - lo and hi - t; of an odd last pair one is left. */
function mirroredRows(
  { outputs, fanIn, directions }: LayerPlan,
  direction: Float64Array,
  { lo, hi }: Cuts,
  keepSecond: boolean,
): { readonly weight: Float32Array; readonly bias: Float32Array } {
  const weight = new Float32Array(outputs * fanIn);
  const bias = new Float32Array(outputs);
  for (let unit = 0; unit < outputs; unit++) {
    const pair = Math.floor(unit / 2);
    const stands = pair === directions - 1 && outputs % 2 === 1;
    const isSecond = stands ? keepSecond : unit % 2 === 1;
    for (let k = 0; k < fanIn; k++) {
      const entry = direction[pair * fanIn + k]!;
      weight[unit * fanIn + k] = isSecond ? 0 - entry : entry;
    }
    bias[unit] = isSecond ? hi[pair]! : 0 - lo[pair]!;
  }
  return { weight, bias };
}
