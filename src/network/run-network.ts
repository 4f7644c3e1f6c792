/**
 * Loss and gradients of one batch, for whoever has inputs and wants numbers: the plan is made for the call and closed
 * with it. Training keeps its plans (trainer.ts).
 */
import type { GpuDevice } from '../gpu/index.js';
import type { BufferSet } from '../gpu/buffers.js';
import { padRows, unpadRows } from './gpu/rows.js';
import { createParameters, readWeights, writeWeights } from './gpu/parameter-buffers.js';
import { createPlan, encodeDispatches, type Plan, type PlanTargets } from './gpu/plan.js';
import { createStepClock, setStepClock } from './gpu/step-clock.js';
import type { LossName } from './loss.js';
import type { Network } from './network.js';
import { countSamples } from './training-data.js';
import type { Replicas, Weights } from './weights.js';

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
  const replicas = 'tensors' in weights ? [weights] : weights;
  const batch = countSamples(network.input, inputs);
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
    gpu.write(
      plan.input.buffer,
      padRows(new Float32Array(inputs), plan.input.entries, plan.input.sampleStride),
    );
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
        outputs: unpadRows(floats, output.entries, output.sampleStride, batch),
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
  else {
    const { buffer, entries, sampleStride } = place.tensor;
    gpu.write(buffer, padRows(new Float32Array(targets), entries, sampleStride));
  }
}
