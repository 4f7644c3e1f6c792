/**
 * Plans `lps` on the GPU for chains of dense layers, the networks that are initialized by the million:
 * each layer's kernels make the next one's features from the projections they have, and no network
 * kernel runs.
 */
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import type { Layer, Network } from '../../network/index.js';
import { fusedActivation, isActivation } from '../../network/activations.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import { entriesOf } from '../../network/shape.js';
import type { LpsSettings } from '../lps/layer-plan.js';
import { layerWarnings } from '../lps/lps-layers.js';
import { planNetwork } from '../lps/plan-network.js';
import type { CommonOptions } from '../initializer.js';
import { anchorSource, paddedRows } from './anchor-rows.js';
import { planAnchoredDirections } from './anchored-directions.js';
import { createSlice, runJobs, type BatchTarget, type Fill, type Job } from './batch.js';
import { layerSizes, type FeatureBuffer } from './lps-layer.js';
import { createScratch, largestSizes, listSizes, planLayerJobs } from './lps-steps.js';

const FLOAT_BYTES = 4;

/** Whether the kernels can do it: dense layers, each with an activation that has a code, or none. */
export function isChain(network: Network): boolean {
  let mayActivate = false;
  return network.layers.every((layer: Layer) => {
    if (layer.type === 'dense') {
      mayActivate = true;
      return true;
    }
    if (isActivation(layer)) {
      const fits = mayActivate && fusedActivation(layer) !== null;
      mayActivate = false;
      return fits;
    }
    return layer.type === 'flatten' || layer.type === 'dropout';
  });
}

/**
 * Compiles and binds.
 *
 * @returns initializes the replicas of these addresses; their warnings
 */
export async function planLps(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  options: CommonOptions,
  settings: LpsSettings,
  target: BatchTarget,
): Promise<Fill> {
  const plans = planNetwork(network, settings);
  const source = anchorSource(network, options);
  const anchors = source.count;
  const sizes = largestSizes(plans.map((plan) => layerSizes(plan, anchors)));
  const inputStride = alignTo(entriesOf(network.input), ROW_ALIGNMENT);
  const inputFloats = anchors * inputStride;
  const largest = Math.max(target.block, inputFloats, ...listSizes(sizes));
  const slice = await createSlice(buffers, target, largest);
  const scratch = await createScratch(buffers, slice, plans, sizes, plans.length);
  const floats = (count: number): Promise<GPUBuffer> =>
    buffers.storage('lps features', FLOAT_BYTES * count * slice.replicas);
  const turns = [await floats(sizes.features), await floats(sizes.features)];
  const inputBuffer = source.areShared
    ? await buffers.storage(
        'lps anchors',
        paddedRows([source.of({ seed: 0, replica: 0 })], inputStride),
      )
    : await floats(inputFloats);

  const anchored = await planAnchoredDirections(
    gpu,
    buffers,
    slice,
    network,
    plans,
    settings,
    source,
  );
  const jobs: Job[] = [];
  let input: FeatureBuffer = {
    buffer: inputBuffer,
    stride: inputStride,
    replicaStride: source.areShared ? 0 : inputFloats,
  };
  for (const [index, plan] of plans.entries()) {
    const stride = alignTo(plan.outputs, ROW_ALIGNMENT);
    const buffer = turns[index % 2]!;
    const output: FeatureBuffer = { buffer, stride, replicaStride: anchors * stride };
    const directions = anchored.bufferOf(plan, 0);
    const run = { plan, group: 0, index, anchors, input, directions, output };
    jobs.push(...(await planLayerJobs(gpu, buffers, slice, target, settings, scratch, run)));
    jobs.push({ ...jobs.pop()!, layer: plan.layer.label });
    input = output;
  }

  return async (addresses) => {
    const warnings = await runJobs(gpu, slice, target, jobs, addresses, {
      prepare: (part) => {
        anchored.prepare(part);
        if (source.areShared) return;
        gpu.write(
          inputBuffer,
          paddedRows(
            part.map((address) => source.of(address)),
            inputStride,
          ),
        );
      },
      collect: async (part) => {
        const flags = new Uint32Array(await gpu.read(scratch.flags));
        return part.map((_, replica) =>
          plans.flatMap((plan, index) =>
            layerWarnings(plan, settings, flags[index * slice.replicas + replica] === 0),
          ),
        );
      },
    });
    return warnings.flat();
  };
}
