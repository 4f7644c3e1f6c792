/**
 * The dispatches that every step has besides the network's: its batch in, its losses out.
 */
import { shaders } from '../../generated/shaders.js';
import type { GpuDevice } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';
import type { Dispatch, Tensor } from './operation.js';
import type { ResidentData } from './resident-data.js';
import type { StepState } from './step-state.js';
import { packUniform } from './uniforms.js';

const FLOATS_PER_VECTOR = 4;
const WORKGROUP = 64;

/** Where the batch's targets go: labels [batch] u32, or rows in a tensor. */
export type BatchTargets =
  | { readonly kind: 'labels'; readonly buffer: GPUBuffer }
  | { readonly kind: 'values'; readonly tensor: Tensor };

/** Puts the step's batch into the network's input and targets. */
export async function planGather(
  gpu: GpuDevice,
  buffers: BufferSet,
  settings: {
    readonly data: ResidentData;
    /** [samples of an epoch] u32. */
    readonly order: GPUBuffer;
    readonly state: StepState;
    readonly batch: number;
    readonly input: Tensor;
    readonly targets: BatchTargets;
  },
): Promise<Dispatch> {
  const { data, order, state, batch, input, targets } = settings;
  const shader = shaders['network/gather'];
  const kernel = await gpu.createKernel(shader, { constants: { BYTES: data.bytes ? 1 : 0 } });
  const vectors = input.sampleStride / FLOATS_PER_VECTOR;
  const uniform = await buffers.uniform(
    'gather',
    packUniform(shader, 'Gather', {
      batch,
      entries: data.entries,
      vectors,
      plane: data.plane,
      target_words: data.targetWords,
      row_words: data.rowWords,
      head_rows: data.headRows,
    }),
  );
  const bindings = await kernel.bind({
    gather: uniform,
    clock: state.clock,
    order,
    data_head: data.head,
    data_tail: data.tail,
    normalization: data.normalization,
    targets: data.targets,
    batch_input: input.buffer,
    batch_targets: targets.kind === 'labels' ? targets.buffer : targets.tensor.buffer,
  });
  const size = [Math.ceil((vectors + data.targetWords) / WORKGROUP), batch, 1] as const;
  return { label: 'gather', kernel, bindings, size };
}

/** Sums the samples' losses into the log, stops diverged replicas and ends the step. */
export async function planStepLog(
  gpu: GpuDevice,
  buffers: BufferSet,
  settings: {
    readonly state: StepState;
    readonly batch: number;
    /** [replica][batch] (loss, 1 when right). */
    readonly sampleLosses: GPUBuffer;
  },
): Promise<Dispatch> {
  const { state, batch, sampleLosses } = settings;
  const shader = shaders['network/step-log'];
  const kernel = await gpu.createKernel(shader);
  const bindings = await kernel.bind({
    size: await buffers.uniform(
      'step log',
      packUniform(shader, 'StepLog', { replicas: state.replicas, batch }),
    ),
    clock: state.clock,
    sample_losses: sampleLosses,
    log: state.log,
    replicas: state.control,
  });
  const size = [Math.ceil(state.replicas / WORKGROUP), 1, 1] as const;
  return { label: 'step log', kernel, bindings, size };
}
