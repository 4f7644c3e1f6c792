/**
 * What the anchors make of each layer, measured on the GPU while they go through the network that is being made: the
 * figures of the report without a pass of its own.
 */
import { initializerChannelMoments } from '../../generated/shaders/initializer/channel-moments.js';
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import type { Tensor } from '../../network/gpu/operation.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { joinUnits, UNIT_FLOATS } from '../../network/layer-statistics.js';
import type { MeasuredOutput } from '../measured-output.js';
import type { Job } from './batch.js';

const FLOAT_BYTES = 4;

/** Of one layer's outputs, by sample and channel. */
export interface OutputMoments {
  readonly label: string;
  readonly samples: number;
  readonly channels: number;
  /** [sample][channel] */
  readonly buffer: GPUBuffer;
}

/** Room for the moments of a layer's outputs on so many samples. */
export async function createMoments(
  buffers: BufferSet,
  label: string,
  samples: number,
  channels: number,
): Promise<OutputMoments> {
  const bytes = FLOAT_BYTES * UNIT_FLOATS * samples * channels;
  return { label, samples, channels, buffer: await buffers.storage(`${label} moments`, bytes) };
}

/** Sums the outputs of a chunk of samples, the first of which has the number `first`. */
export async function planMoments(
  gpu: GpuDevice,
  buffers: BufferSet,
  { label, channels, buffer }: OutputMoments,
  {
    output,
    first,
    batch,
  }: { readonly output: Tensor; readonly first: number; readonly batch: number },
): Promise<Job> {
  const shader = initializerChannelMoments;
  const kernel = await gpu.createKernel(shader);
  const uniform = packUniform(shader, 'Channels', {
    samples: batch,
    channels,
    positions: output.entries / channels,
    sample_stride: output.sampleStride,
    first_sample: first,
  });
  const bindings = await kernel.bind({
    layer: await buffers.uniform(`${label} moments`, uniform),
    values: output.buffer,
    moments: buffer,
  });
  return { kernel, bindings, items: batch * channels };
}

/** The figures of all samples together, joined in f64. */
export async function readMoments(
  gpu: GpuDevice,
  { samples, channels, buffer }: OutputMoments,
): Promise<MeasuredOutput> {
  const sums = new Float32Array(await gpu.read(buffer));
  const joined = joinUnits(sums, { batches: samples, replicas: 1, units: channels }, 0);
  let count = 0;
  let active = 0;
  for (let place = 0; place < sums.length; place += UNIT_FLOATS) {
    count += sums[place + 2]!;
    active += sums[place + 3]!;
  }
  return {
    variance: joined.activationVariance,
    activity: {
      activeFraction: active / count,
      inactiveUnits: Math.round(joined.deadFraction * channels),
    },
  };
}
