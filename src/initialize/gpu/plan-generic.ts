/**
 * Plans `lps-generic` on the GPU: the rows that `lps` falls back to, for all layers and without
 * anchors. Scales that are never written are 0, which asks for generic rows.
 */
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import type { Network } from '../../network/index.js';
import { ROW_ALIGNMENT } from '../../network/parameters.js';
import { constantTensors } from '../distributions.js';
import type { LpsSettings } from '../lps/layer-plan.js';
import { planNetwork } from '../lps/plan-network.js';
import { createSlice, fillBySlices, type BatchTarget, type Fill } from './batch.js';
import { createScratch, planLayerJobs } from './lps-steps.js';
import { planDraw } from './plan-draw.js';

/** The smallest binding of an array of vec4f. */
const NO_FEATURES_BYTES = 16;

/** Nothing of the layers' inputs is used. */
const GENERIC: LpsSettings = {
  cuts: false,
  scale: false,
  antithetic: false,
  centredOutput: false,
  deviation: 1,
  nonlinearity: 0,
  depthShare: 1,
  anchored: null,
  outputMean: null,
};

/**
 * Compiles and binds.
 *
 * @returns initializes the replicas of these addresses, without warnings
 */
export async function planGeneric(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  target: BatchTarget,
): Promise<Fill> {
  const plans = planNetwork(network, GENERIC);
  const slice = await createSlice(buffers, target, target.block);
  const none = {
    vectors: ROW_ALIGNMENT,
    factors: ROW_ALIGNMENT,
    directions: ROW_ALIGNMENT,
    projections: ROW_ALIGNMENT,
    features: ROW_ALIGNMENT,
  };
  const scratch = await createScratch(buffers, slice, plans, none, 1);
  const constants = constantTensors(network);
  const jobs = await planDraw(gpu, buffers, network, constants, slice);
  const nothing = await buffers.storage('lps no features', NO_FEATURES_BYTES);
  const input = { buffer: nothing, stride: 0, replicaStride: 0 };
  for (const plan of plans) {
    // The output layer's rows are one matrix, whatever its groups.
    const whole =
      plan.rows === 'output' ? { ...plan, groups: 1, outputs: plan.layer.weight.rows } : plan;
    for (let group = 0; group < whole.groups; group++) {
      const run = { plan: whole, group, index: 0, anchors: 1, input, output: null, onlyRows: true };
      jobs.push(...(await planLayerJobs(gpu, buffers, slice, target, GENERIC, scratch, run)));
    }
  }
  return fillBySlices(gpu, slice, target, jobs);
}
