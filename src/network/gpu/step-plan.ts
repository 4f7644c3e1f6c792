/**
 * A whole step: its batch in, the network's passes, its losses out.
 */
import { networkGather } from '../../generated/shaders/network/gather.js';
import { networkStepLog } from '../../generated/shaders/network/step-log.js';
import type { GpuDevice } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';
import type { Dispatch, Tensor } from './operation.js';
import type { Plan, PlanTargets } from './plan.js';
import type { ResidentData } from './resident-data.js';
import type { StepState } from './step-state.js';
import type { StepPlan } from './step-stream.js';
import { packUniform } from './uniforms.js';

const FLOATS_PER_VECTOR = 4;
const WORKGROUP = 64;
/** vec4f that one invocation of gather makes: what it reads first costs as much as a few of them. */
const GATHER_VECTORS = 4;
/** Side of gather's square workgroup. */
const GATHER_LANES = 8;

/**
 * Makes the step of a plan that was made with a loss.
 *
 * @param settings.order [samples of an epoch] u32
 * @param settings.afterForward dispatches between forward pass and loss
 */
export async function planStep(
  gpu: GpuDevice,
  buffers: BufferSet,
  plan: Plan,
  settings: {
    readonly data: ResidentData;
    readonly order: GPUBuffer;
    readonly state: StepState;
    readonly afterForward?: readonly Dispatch[];
  },
): Promise<StepPlan> {
  const { batch, input, targets, sampleLosses } = plan;
  if (!targets || !sampleLosses) throw new RangeError('a step needs a plan with a loss');
  const { data, order, state, afterForward = [] } = settings;
  return {
    batch,
    dispatches: [
      await planGather(gpu, buffers, { data, order, state, batch, input, targets }),
      ...plan.forward,
      ...afterForward,
      ...plan.loss,
      await planStepLog(gpu, buffers, { state, batch, sampleLosses }),
      ...plan.backward,
    ],
  };
}

/** Puts the step's batch into the network's input and targets. */
async function planGather(
  gpu: GpuDevice,
  buffers: BufferSet,
  settings: {
    readonly data: ResidentData;
    readonly order: GPUBuffer;
    readonly state: StepState;
    readonly batch: number;
    readonly input: Tensor;
    readonly targets: PlanTargets;
  },
): Promise<Dispatch> {
  const { data, order, state, batch, input, targets } = settings;
  const shader = networkGather;
  const kernel = await gpu.createKernel(shader, { constants: { BYTES: data.bytes ? 1 : 0 } });
  const vectors = input.sampleStride / FLOATS_PER_VECTOR;
  const uniform = await buffers.uniform(
    'gather',
    packUniform(shader, 'Gather', {
      batch,
      vectors,
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
    scaling: data.scaling,
    targets: data.targets,
    batch_input: input.buffer,
    batch_targets: targets.kind === 'labels' ? targets.buffer : targets.tensor.buffer,
  });
  const size = [
    Math.ceil(vectors / (GATHER_LANES * GATHER_VECTORS)),
    Math.ceil(batch / GATHER_LANES),
    1,
  ] as const;
  return { label: 'gather', kernel, bindings, size };
}

/** Sums the samples' losses into the log, stops diverged replicas and ends the step. */
async function planStepLog(
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
  const shader = networkStepLog;
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
