/** forward: the outputs of a network for given inputs, on a GPU or on the CPU. */
import { GpuDevice, type Device } from '../gpu/index.js';
import { inSlices, type Stepwise } from '../math/stepwise.js';
import { inputFeatures } from './host/features.js';
import { propagate, storedStatistics, storedWeights } from './host/forward-pass.js';
import type { ForwardPass, ResidentReplicas } from './forward-pass.js';
import type { Network } from './network.js';
import { entriesOf } from './shape.js';
import { countSamples } from './training-data.js';
import { assertFits, type Replicas, type Weights } from './weights.js';

/** Samples per batch unless stated. */
const DEFAULT_BATCH = 256;

/**
 * The outputs of a network in inference: dropout passes everything on, batch normalisation uses its
 * running statistics.
 *
 * On a `CpuDevice`, or `null`, every layer is computed in f64 and the outputs are rounded to f32: the definition that the
 * kernels are tested against. It yields after every few samples, so that a page stays alive.
 *
 * @param inputs [sample][entry] without padding, images channel by channel
 * @param options.batch samples at a time (256); it changes no output
 * @returns [replica][sample][output entry] without padding
 * @throws {RangeError} when the inputs are no whole number of samples, or the batch is none of samples
 * @throws {WeightsError} when the weights are of another network
 */
export async function forward(
  gpu: Device,
  network: Network,
  weights: Replicas,
  inputs: Float32Array,
  options: { readonly batch?: number } = {},
): Promise<Float32Array> {
  const { batch = DEFAULT_BATCH } = options;
  const replicas = 'tensors' in weights ? [weights] : weights;
  const samples = countSamples(network.input, inputs);
  assertCounts(batch, replicas.length);
  if (gpu instanceof GpuDevice) {
    const { forwardOnGpu } = await import('./forward-pass.js');
    return forwardOnGpu(gpu, network, replicas, inputs, samples, batch);
  }
  for (const own of replicas) assertFits(network.parameters, own);
  return inSlices(forwardOnCpu(network, replicas, inputs));
}

/**
 * A forward pass that stays on the GPU: you write its input buffer, add it to a compute pass of your own encoder, and
 * use its output buffer; nothing is read back.
 *
 * @example
 * const pass = await createForwardPass(gpu, net, weights, { batch: 64 });
 * gpu.device.queue.writeBuffer(pass.input.buffer, 0, rows); // rows padded to pass.input.sampleStride floats
 * const compute = encoder.beginComputePass();
 * pass.encode(compute);
 * compute.end(); // then whatever reads pass.output.buffer
 * @param weights numbers, or a `Trainer`, whose weights are then used as they are at the time
 * @param options.batch samples at a time (256)
 * @throws {RangeError}, {WeightsError} as `forward`
 * @throws {GpuLimitError} when something is larger than the device allows
 */
export async function createForwardPass(
  gpu: GpuDevice,
  network: Network,
  weights: Replicas | ResidentReplicas,
  options: { readonly batch?: number } = {},
): Promise<ForwardPass> {
  const { batch = DEFAULT_BATCH } = options;
  const isList = !('tensors' in weights || 'parameters' in weights);
  assertCounts(batch, isList ? weights.length : 1);
  const { prepareForward } = await import('./forward-pass.js');
  return prepareForward(gpu, network, weights, batch);
}

function assertCounts(batch: number, replicas: number): void {
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new RangeError(`\`batch\` must be a whole number of samples from 1, got ${batch}`);
  if (replicas === 0)
    throw new RangeError('there are no weights: give at least one set, see initialize');
}

/** One sample a step. */
function* forwardOnCpu(
  network: Network,
  replicas: readonly Weights[],
  inputs: Float32Array,
): Stepwise<Float32Array> {
  const entries = entriesOf(network.input);
  const width = entriesOf(network.output);
  const samples = inputs.length / entries;
  const outputs = new Float32Array(replicas.length * samples * width);
  for (const [replica, weights] of replicas.entries()) {
    const steps = { weightsOf: storedWeights(weights), statisticsOf: storedStatistics(weights) };
    for (let sample = 0; sample < samples; sample++) {
      const row = Float64Array.from(inputs.subarray(sample * entries, (sample + 1) * entries));
      const { data } = propagate(network, inputFeatures(network.input, row, 1), steps);
      outputs.set(data, (replica * samples + sample) * width);
      yield;
    }
  }
  return outputs;
}
