/**
 * What each layer does on a set of samples, from the sums that the GPU makes of each unit, and the
 * norms of each layer's weights and gradients.
 *
 * The GPU sums what is long (samples, positions) in f32; the host joins units, batches and segments
 * in f64.
 */
import type { ParameterLayout } from './parameters.js';
import { TENSOR_ALIGNMENT } from './parameters.js';

/** One layer of one replica at the end of an epoch. */
export interface LayerRecord {
  /** "layers.3": a layer with weights; its values are those after the activation that follows it. */
  readonly layer: string;
  /** Over all units, samples and positions of the probe set. */
  readonly activationMean: number;
  /** Population variance. */
  readonly activationVariance: number;
  /** Share of units that are exactly zero on the whole probe set. */
  readonly deadFraction: number;
  /** Euclidean norm of the gradient of its weights and biases in the latest step; null before the first. */
  readonly gradientNorm: number | null;
  /** Euclidean norm of its weights and biases. */
  readonly weightNorm: number;
}

/** Floats per unit that shaders/network/layer-statistics.wgsl writes: mean, squares, count, alive. */
export const UNIT_FLOATS = 4;

/** Norms come in segments of this many floats: tensors begin at multiples of it. */
export const NORM_SEGMENT = TENSOR_ALIGNMENT;

/** Mean, variance and dead units of one layer. */
export type ActivationStatistics = Pick<
  LayerRecord,
  'activationMean' | 'activationVariance' | 'deadFraction'
>;

/**
 * Joins the statistics of the units of one layer (Chan, Golub, LeVeque 1983, equation 2.1).
 *
 * @param sums [batch][replica][unit] (mean, sum of squared deviations, values, alive)
 */
export function joinUnits(
  sums: Float32Array,
  shape: { readonly batches: number; readonly replicas: number; readonly units: number },
  replica: number,
): ActivationStatistics {
  const { batches, replicas, units } = shape;
  const alive = new Uint8Array(units);
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let unit = 0; unit < units; unit++) {
      const place = UNIT_FLOATS * ((batch * replicas + replica) * units + unit);
      const added = sums[place + 2]!;
      const difference = sums[place]! - mean;
      const total = count + added;
      squares += sums[place + 1]! + (difference * difference * count * added) / total;
      mean += (difference * added) / total;
      count = total;
      alive[unit]! |= sums[place + 3]!;
    }
  }
  return {
    activationMean: mean,
    activationVariance: squares / count,
    deadFraction: alive.filter((value) => value === 0).length / units,
  };
}

/**
 * Norms of the trained parameters of each layer.
 *
 * @param segments squared norms of the stretches of NORM_SEGMENT floats of one replica's block
 * @returns by the layer's label
 */
export function layerNorms(
  { tensors, blockSize }: ParameterLayout,
  segments: Float32Array,
): Map<string, number> {
  const squares = new Map<string, number>();
  const trained = tensors.filter(({ block }) => block === 'parameters');
  for (const [index, { name, offset }] of trained.entries()) {
    const label = name.slice(0, name.lastIndexOf('.'));
    const end = trained[index + 1]?.offset ?? blockSize.parameters;
    let sum = squares.get(label) ?? 0;
    for (let k = offset / NORM_SEGMENT; k < end / NORM_SEGMENT; k++) sum += segments[k]!;
    squares.set(label, sum);
  }
  return new Map([...squares].map(([label, sum]) => [label, Math.sqrt(sum)]));
}
