/**
 * One forward or backward pass of a network, for whoever has inputs and wants numbers: plans are
 * made for the call and closed with it. Training keeps its plans (train.ts).
 */
import type { GpuDevice } from '../gpu/index.js';
import type { BufferSet } from '../gpu/buffers.js';
import type { Tensor } from './gpu/operation.js';
import { createParameters, readWeights, writeWeights } from './gpu/parameter-buffers.js';
import { createPlan, encodeDispatches, type Plan, type PlanTargets } from './gpu/plan.js';
import { createStepClock, setStepClock } from './gpu/step-clock.js';
import type { LossName } from './loss.js';
import type { Network } from './network.js';
import { entriesOf } from './shape.js';
import { checkNormalizedBatch } from './trainer.js';
import type { Weights } from './weights.js';

/** Samples per batch of `forward` unless stated. */
const DEFAULT_BATCH = 256;

/** One set of weights, or one per replica. */
export type Replicas = Weights | readonly Weights[];

const listOf = (weights: Replicas): readonly Weights[] =>
  'tensors' in weights ? [weights] : weights;

/**
 * The outputs of a network in inference: dropout passes everything on, batch normalisation uses its
 * running statistics.
 *
 * @param inputs [sample][entry] without padding, images channel by channel
 * @param options.batch samples at a time (256)
 * @returns [replica][sample][output entry] without padding
 * @throws {RangeError} when the inputs are no whole number of samples
 * @throws {WeightsError} when the weights are of another network
 */
export async function forward(
  gpu: GpuDevice,
  network: Network,
  weights: Replicas,
  inputs: Float32Array,
  options: { readonly batch?: number } = {},
): Promise<Float32Array> {
  const replicas = listOf(weights);
  const samples = countSamples(network, inputs);
  const batch = Math.min(options.batch ?? DEFAULT_BATCH, samples);
  const buffers = gpu.createBuffers();
  let plan: Plan | undefined;
  try {
    const parameters = await createParameters(gpu, buffers, network, replicas.length, 'inference');
    writeWeights(gpu, network, parameters, replicas);
    plan = await createPlan(gpu, network, {
      mode: 'inference',
      batch,
      replicas: replicas.length,
      parameters,
    });
    const { input, output } = plan;
    const result = new Float32Array(replicas.length * samples * output.entries);
    for (let start = 0; start < samples; start += batch) {
      // Samples do not see one another in inference: whatever fills up the last batch is dropped.
      const count = Math.min(batch, samples - start);
      const rows = inputs.subarray(start * input.entries, (start + count) * input.entries);
      gpu.write(input.buffer, padRows(rows, input));
      const encoder = gpu.createEncoder('forward');
      const pass = encoder.beginComputePass({ label: 'forward' });
      encodeDispatches(pass, plan.forward);
      pass.end();
      const [copy] = await gpu.submitAndRead(encoder, [{ buffer: output.buffer }]);
      const floats = new Float32Array(copy!);
      for (let replica = 0; replica < replicas.length; replica++) {
        const values = unpadRows(floats.subarray(replica * output.replicaStride), output, count);
        result.set(values, (replica * samples + start) * output.entries);
      }
    }
    return result;
  } finally {
    plan?.close();
    buffers.close();
  }
}

/** A batch and what its outputs should be. */
export interface GradientBatch {
  /** [sample][entry] without padding, images channel by channel. */
  readonly inputs: Float32Array;
  /** Class indices for softmax cross-entropy, else [sample][output entry]. */
  readonly targets: Uint32Array | Float32Array;
}

/** What a training step would see. */
export interface ReplicaGradients {
  /** Mean over the batch. */
  readonly loss: number;
  /** Predictions that are right; always 0 for 'mse'. */
  readonly correct: number;
  /** Of the mean loss with respect to every trained tensor, by its name. */
  readonly gradients: Weights;
  /** What the running statistics of batch normalisation became: all weights after the pass. */
  readonly weights: Weights;
  /** [sample][output entry] */
  readonly outputs: Float32Array;
}

/**
 * Loss and gradients of one batch in training mode, one entry per replica.
 *
 * @param options.seed of the dropout masks (0)
 * @param options.step number of the step that the masks belong to (0)
 * @throws {RangeError} when inputs or targets do not fit the network
 * @throws {TrainingError} when batch normalisation would see one value per channel
 * @throws {NetworkError} when the loss cannot be taken of the network's output
 * @throws {WeightsError} when the weights are of another network
 */
export async function gradients(
  gpu: GpuDevice,
  network: Network,
  weights: Replicas,
  { inputs, targets }: GradientBatch,
  loss: LossName,
  options: { readonly seed?: number; readonly step?: number } = {},
): Promise<ReplicaGradients[]> {
  const replicas = listOf(weights);
  const batch = countSamples(network, inputs);
  checkNormalizedBatch(network, batch);
  const buffers = gpu.createBuffers();
  let plan: Plan | undefined;
  try {
    const count = replicas.length;
    const parameters = await createParameters(gpu, buffers, network, count, 'training');
    writeWeights(gpu, network, parameters, replicas);
    const clock = await createClock(gpu, buffers, options.step ?? 0);
    const training = await createPlan(gpu, network, {
      mode: 'training',
      batch,
      replicas: count,
      parameters,
      loss,
      clock,
      seed: options.seed ?? 0,
    });
    plan = training;
    gpu.write(plan.input.buffer, padRows(inputs, plan.input));
    writeTargets(gpu, training.targets, targets, batch);
    const encoder = gpu.createEncoder('gradients');
    const pass = encoder.beginComputePass({ label: 'gradients' });
    encodeDispatches(pass, [...plan.forward, ...plan.loss, ...plan.backward]);
    pass.end();
    const { output } = plan;
    const [losses, outputs] = await gpu.submitAndRead(encoder, [
      { buffer: training.sampleLosses },
      { buffer: output.buffer },
    ]);
    const all = await readWeights(gpu, network, parameters, count, 'gradients');
    const after = await readWeights(gpu, network, parameters, count);
    return all.map((replicaGradients, replica) => {
      const pairs = new Float32Array(losses!).subarray(
        2 * replica * batch,
        2 * (replica + 1) * batch,
      );
      const sum = (part: 0 | 1): number =>
        pairs.reduce((total, value, index) => total + (index % 2 === part ? value : 0), 0);
      const floats = new Float32Array(outputs!).subarray(replica * output.replicaStride);
      return {
        loss: sum(0) / batch,
        correct: sum(1),
        gradients: replicaGradients,
        weights: after[replica]!,
        outputs: unpadRows(floats, output, batch),
      };
    });
  } finally {
    plan?.close();
    buffers.close();
  }
}

async function createClock(gpu: GpuDevice, buffers: BufferSet, step: number): Promise<GPUBuffer> {
  const clock = await createStepClock(buffers);
  setStepClock(gpu, clock, { start: step, sample: 0, end: 0 });
  return clock;
}

function countSamples(network: Network, inputs: Float32Array): number {
  const entries = entriesOf(network.input);
  const samples = inputs.length / entries;
  if (!Number.isInteger(samples) || samples === 0) {
    throw new RangeError(
      `the network takes samples of ${entries} numbers, ${inputs.length} numbers are no whole number of them`,
    );
  }
  return samples;
}

function writeTargets(
  gpu: GpuDevice,
  place: PlanTargets,
  targets: Uint32Array | Float32Array,
  batch: number,
): void {
  const isLabels = targets instanceof Uint32Array;
  if (isLabels !== (place.kind === 'labels')) {
    throw new RangeError(
      place.kind === 'labels'
        ? 'this loss needs labels: a Uint32Array'
        : 'this loss needs rows of numbers: a Float32Array',
    );
  }
  const needed = place.kind === 'labels' ? batch : batch * place.tensor.entries;
  if (targets.length !== needed) {
    throw new RangeError(`${batch} samples need ${needed} targets, got ${targets.length}`);
  }
  if (place.kind === 'labels') gpu.write(place.buffer, new Uint32Array(targets));
  else gpu.write(place.tensor.buffer, padRows(targets as Float32Array, place.tensor));
}

/** Rows of entries to rows of the tensor's sample stride, padded with zeros. */
function padRows(rows: Float32Array, { entries, sampleStride }: Tensor): Float32Array<ArrayBuffer> {
  const samples = rows.length / entries;
  const padded = new Float32Array(samples * sampleStride);
  for (let sample = 0; sample < samples; sample++) {
    padded.set(rows.subarray(sample * entries, (sample + 1) * entries), sample * sampleStride);
  }
  return padded;
}

function unpadRows(
  padded: Float32Array,
  { entries, sampleStride }: Tensor,
  samples: number,
): Float32Array {
  const rows = new Float32Array(samples * entries);
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * sampleStride;
    rows.set(padded.subarray(start, start + entries), sample * entries);
  }
  return rows;
}
