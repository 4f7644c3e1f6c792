/**
 * Sparse autoencoders, which the kernels do not train: f64 on the host, one hidden layer.
 *
 *   a = relu(E x + e), of which TopK keeps the k largest;  y = sum_u a_u D_u + d
 *   objective = mean over samples of |y - x|^2 / inputs + penalty sum_u a_u |D_u|
 *
 * The penalty is by the length of a unit's decoder row, so that no unit can escape it by being small.
 */
import type { Stepwise } from '../../math/stepwise.js';

/** Tensors of an autoencoder, or their gradients. */
export interface Autoencoder {
  /** E, [unit][input] */
  readonly encoder: Float64Array;
  readonly encoderBias: Float64Array;
  /** D, [unit][input] */
  readonly decoder: Float64Array;
  readonly decoderBias: Float64Array;
}

export interface Sparsity {
  /** Factor of the sum of activations, at least 0. */
  readonly penalty: number;
  /** How many units a sample keeps; null for all that are active. */
  readonly kept: number | null;
}

/** What came of a batch. */
export interface BatchScore {
  readonly objective: number;
  /** Sum of |y - x|^2 over samples. */
  readonly error: number;
}

/**
 * The objective on samples, [sample][input].
 *
 * @param gradient is overwritten when given
 * @param used receives 1 for every unit that some sample uses
 */
export function autoencode(
  { encoder, encoderBias, decoder, decoderBias }: Autoencoder,
  samples: Float64Array,
  { penalty, kept }: Sparsity,
  gradient: Autoencoder | null = null,
  used: Uint8Array | null = null,
): BatchScore {
  const inputs = decoderBias.length;
  const units = encoderBias.length;
  const count = samples.length / inputs;
  if (gradient) for (const tensor of tensorsOf(gradient)) tensor.fill(0);
  const lengths = Float64Array.from({ length: units }, (_, unit) =>
    Math.hypot(...decoder.subarray(unit * inputs, (unit + 1) * inputs)),
  );
  const activation = new Float64Array(units);
  const residual = new Float64Array(inputs);
  let error = 0;
  let activity = 0;
  for (let sample = 0; sample < count; sample++) {
    const x = samples.subarray(sample * inputs, (sample + 1) * inputs);
    let active: number[] = [];
    for (let unit = 0; unit < units; unit++) {
      let sum = encoderBias[unit]!;
      const row = unit * inputs;
      for (let j = 0; j < inputs; j++) sum += encoder[row + j]! * x[j]!;
      activation[unit] = sum;
      if (sum > 0) active.push(unit);
    }
    if (kept !== null && active.length > kept) {
      active = active.sort((a, b) => activation[b]! - activation[a]!).slice(0, kept);
    }
    for (let j = 0; j < inputs; j++) residual[j] = decoderBias[j]! - x[j]!;
    for (const unit of active) {
      const value = activation[unit]!;
      const row = unit * inputs;
      for (let j = 0; j < inputs; j++) residual[j]! += value * decoder[row + j]!;
      activity += value * lengths[unit]!;
      if (used) used[unit] = 1;
    }
    for (const entry of residual) error += entry * entry;
    if (gradient === null) continue;
    const scale = 2 / (inputs * count);
    const { encoder: ofEncoder, decoder: ofDecoder } = gradient;
    for (let j = 0; j < inputs; j++) gradient.decoderBias[j]! += scale * residual[j]!;
    for (const unit of active) {
      const value = activation[unit]!;
      const length = lengths[unit]!;
      const pull = length === 0 ? 0 : (penalty * value) / (length * count);
      const row = unit * inputs;
      let slope = (penalty * length) / count;
      for (let j = 0; j < inputs; j++) {
        const entry = decoder[row + j]!;
        slope += scale * residual[j]! * entry;
        ofDecoder[row + j]! += scale * residual[j]! * value + pull * entry;
      }
      gradient.encoderBias[unit]! += slope;
      for (let j = 0; j < inputs; j++) ofEncoder[row + j]! += slope * x[j]!;
    }
  }
  return { objective: error / (inputs * count) + (penalty * activity) / count, error };
}

/** Tensors in one order. */
export function tensorsOf(model: Autoencoder): readonly Float64Array[] {
  return [model.encoder, model.encoderBias, model.decoder, model.decoderBias];
}

/** The usual constants of Adam (Kingma, Ba 2015). */
const [DECAY, SQUARE_DECAY, EPSILON] = [0.9, 0.999, 1e-8];

/**
 * Trains in place by Adam, with a pause after every step.
 *
 * @param nextBatch gives the samples of the next step
 */
export function* trainAutoencoder(
  model: Autoencoder,
  sparsity: Sparsity,
  { steps, rate, nextBatch }: { steps: number; rate: number; nextBatch: () => Float64Array },
): Stepwise<void> {
  const tensors = tensorsOf(model);
  const like = (): Autoencoder => ({
    encoder: new Float64Array(model.encoder.length),
    encoderBias: new Float64Array(model.encoderBias.length),
    decoder: new Float64Array(model.decoder.length),
    decoderBias: new Float64Array(model.decoderBias.length),
  });
  const gradient = like();
  const [means, squares] = [tensorsOf(like()), tensorsOf(like())];
  for (let step = 1; step <= steps; step++) {
    autoencode(model, nextBatch(), sparsity, gradient);
    const meanScale = 1 / (1 - DECAY ** step);
    const squareScale = 1 / (1 - SQUARE_DECAY ** step);
    tensorsOf(gradient).forEach((slopes, index) => {
      const [values, mean, square] = [tensors[index]!, means[index]!, squares[index]!];
      slopes.forEach((slope, k) => {
        mean[k] = DECAY * mean[k]! + (1 - DECAY) * slope;
        square[k] = SQUARE_DECAY * square[k]! + (1 - SQUARE_DECAY) * slope * slope;
        values[k]! -= (rate * meanScale * mean[k]) / (Math.sqrt(squareScale * square[k]) + EPSILON);
      });
    });
    yield;
  }
}
