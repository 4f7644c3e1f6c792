/** A network ready for inference on a GPU: everything allocated, compiled and bound, for batch after batch. */
import type { GpuDevice } from '../gpu/index.js';
import { createParameters, writeWeights } from './gpu/parameter-buffers.js';
import type { ParameterBuffers, Tensor } from './gpu/operation.js';
import { createPlan, encodeDispatches } from './gpu/plan.js';
import { padRows, unpadRows } from './gpu/rows.js';
import type { Network } from './network.js';
import type { Replicas } from './weights.js';

/** Weights that are on the GPU already: a `Trainer` is such a thing. */
export interface ResidentReplicas {
  readonly replicas: number;
  readonly parameters: ParameterBuffers;
}

/** Inputs and outputs are yours to write, to read, and to bind in kernels of your own. */
export interface ForwardPass {
  readonly replicas: number;
  /** Samples of a batch. */
  readonly batch: number;
  /** Shared by all replicas: entry e of sample s is float s * sampleStride + e. Padding must stay 0. */
  readonly input: Tensor;
  /** Entry e of sample s of replica r is float r * replicaStride + s * sampleStride + e. */
  readonly output: Tensor;
  /** Adds the pass to a pass of your own: it reads `input` and overwrites `output`. */
  encode(pass: GPUComputePassEncoder): void;
  /** Frees all but weights that came from elsewhere. */
  close(): void;
}

/**
 * Prepares a forward pass; its owner closes it.
 *
 * @param weights numbers, which are uploaded, or what is on the GPU already
 * @throws {WeightsError} when the weights are of another network
 * @throws {GpuLimitError} when something is larger than the device allows
 */
export async function prepareForward(
  gpu: GpuDevice,
  network: Network,
  weights: Replicas | ResidentReplicas,
  batch: number,
): Promise<ForwardPass> {
  const buffers = gpu.createBuffers();
  try {
    let resident: ResidentReplicas;
    if ('parameters' in weights) resident = weights;
    else {
      const list = 'tensors' in weights ? [weights] : weights;
      const replicas = list.length;
      const parameters = await createParameters(gpu, buffers, network, replicas, 'inference');
      writeWeights(gpu, network, parameters, list);
      resident = { replicas, parameters };
    }
    const { replicas, parameters } = resident;
    const plan = await createPlan(gpu, network, { mode: 'inference', batch, replicas, parameters });
    return {
      replicas,
      batch,
      input: plan.input,
      output: plan.output,
      encode: (pass) => {
        encodeDispatches(pass, plan.forward);
      },
      close: () => {
        plan.close();
        buffers.close();
      },
    };
  } catch (error) {
    buffers.close();
    throw error;
  }
}

/** `forward` on a GPU, batch by batch. */
export async function forwardOnGpu(
  gpu: GpuDevice,
  network: Network,
  weights: Replicas,
  inputs: Float32Array,
  samples: number,
  largestBatch: number,
): Promise<Float32Array> {
  const batch = Math.min(largestBatch, samples);
  const forward = await prepareForward(gpu, network, weights, batch);
  try {
    const { input, output, replicas } = forward;
    const result = new Float32Array(replicas * samples * output.entries);
    for (let start = 0; start < samples; start += batch) {
      await gpu.budget.ready();
      // Samples do not see one another in inference: whatever fills up the last batch is dropped.
      const count = Math.min(batch, samples - start);
      const rows = inputs.slice(start * input.entries, (start + count) * input.entries);
      gpu.write(input.buffer, padRows(rows, input.entries, input.sampleStride));
      const encoder = gpu.createEncoder('forward');
      const pass = encoder.beginComputePass({ label: 'forward' });
      forward.encode(pass);
      pass.end();
      const [copy] = await gpu.submitAndRead(encoder, [{ buffer: output.buffer }]);
      const floats = new Float32Array(copy!);
      for (let replica = 0; replica < replicas; replica++) {
        const own = floats.subarray(replica * output.replicaStride);
        const values = unpadRows(own, output.entries, output.sampleStride, count);
        result.set(values, (replica * samples + start) * output.entries);
      }
    }
    return result;
  } finally {
    forward.close();
  }
}
