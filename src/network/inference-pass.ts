/**
 * Passes over a whole data set in its own order and in inference mode (running statistics instead of
 * the batch's, no dropout): what they need before their dispatches are put together.
 */
import type { Dataset } from '../data/dataset.js';
import type { BufferSet } from '../gpu/buffers.js';
import type { GpuDevice } from '../gpu/index.js';
import type { ParameterBuffers } from './gpu/operation.js';
import { createPlan, type Plan } from './gpu/plan.js';
import { uploadData, type ResidentData } from './gpu/resident-data.js';
import { createStepState, type StepState } from './gpu/step-state.js';
import type { LossName } from './loss.js';
import type { Network } from './network.js';

export interface InferenceSettings {
  /** Checked by checkTrainingData. */
  readonly data: Dataset;
  readonly loss: LossName;
  /** Somebody else's. */
  readonly parameters: ParameterBuffers;
  readonly replicas: number;
  /** Samples of a batch; fewer when there are fewer. */
  readonly batch: number;
}

export interface InferencePass {
  readonly plan: Plan;
  readonly state: StepState;
  readonly data: ResidentData;
  /** 0, 1, 2, ... */
  readonly order: GPUBuffer;
  readonly batch: number;
  readonly batches: number;
}

/**
 * The plan is the caller's to close; buffers are made in `buffers`.
 *
 * @param keepOutputs whether outputs of all layers are kept until a batch is done
 */
export async function prepareInference(
  gpu: GpuDevice,
  buffers: BufferSet,
  net: Network,
  settings: InferenceSettings,
  keepOutputs: boolean,
): Promise<InferencePass> {
  const { loss, parameters, replicas } = settings;
  const { count } = settings.data;
  const batch = Math.min(settings.batch, count);
  const state = await createStepState(buffers, new Float32Array(replicas));
  const data = await uploadData(gpu, buffers, settings.data);
  const order = await buffers.storage(
    'order',
    Uint32Array.from({ length: count }, (_, k) => k),
  );
  const plan = await createPlan(gpu, net, {
    mode: 'inference',
    batch,
    replicas,
    loss,
    parameters,
    clock: state.clock,
    keepOutputs,
  });
  return { plan, state, data, order, batch, batches: Math.ceil(count / batch) };
}
