/**
 * Plans `lps` on the GPU for every other network: convolutions, pooling, residual layers, batch
 * normalisation. The anchors go forward through the kernels that train the network; before each
 * layer with weights come the kernels that decide them, on its input or on patches of it.
 *
 * Batch normalisation takes the anchors' statistics, as it will take a batch's.
 */
import { initializerPatches } from '../../generated/shaders/initializer/patches.js';
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import type { Conv2dLayer, Network } from '../../network/index.js';
import { buildGraph, type Graph, type View } from '../../network/gpu/graph.js';
import type { PlanContext, Tensor } from '../../network/gpu/operation.js';
import { planOperation } from '../../network/gpu/plan-operation.js';
import type { PlanTensors } from '../../network/gpu/plan-tensors.js';
import { createStepClock } from '../../network/gpu/step-clock.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import { entriesOf, slideWindow2 } from '../../network/shape.js';
import { constantTensors } from '../distributions.js';
import { InitializationError } from '../errors.js';
import type { LayerPlan, LpsSettings } from '../lps/layer-plan.js';
import { layerWarnings, patchPositions, PATCHES } from '../lps/lps-layers.js';
import { planNetwork } from '../lps/plan-network.js';
import type { CommonOptions } from '../initializer.js';
import { anchorSource, paddedRows } from './anchor-rows.js';
import { planAnchoredDirections } from './anchored-directions.js';
import {
  createSlice,
  runJobs,
  type BatchTarget,
  type Fill,
  type Job,
  type Slice,
} from './batch.js';
import { layerSizes } from './lps-layer.js';
import { createScratch, largestSizes, listSizes, planLayerJobs } from './lps-steps.js';
import { planDraw } from './plan-draw.js';

const FLOAT_BYTES = 4;

/** Positions of a convolution's window on all anchors, and the rows of its patches. */
interface PatchPlace {
  readonly plan: LayerPlan;
  readonly layer: Conv2dLayer;
  /** All positions that the sample is taken from. */
  readonly available: number;
  readonly count: number;
  /** [replica][patch] */
  readonly positions: GPUBuffer;
}

/**
 * Compiles and binds.
 *
 * @returns initializes the replicas of these addresses; their warnings
 */
export async function planLpsGraph(
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
  const graph = buildGraph(network, 'inference');
  const rowsOf = (plan: LayerPlan): number => Math.min(PATCHES, anchors * positionsOf(plan)[2]);
  const sizes = largestSizes(
    plans.map((plan) =>
      layerSizes(plan, plan.layer.layer.type === 'conv2d' ? rowsOf(plan) : anchors),
    ),
  );
  const patchFloats = Math.max(
    0,
    ...plans
      .filter(({ layer }) => layer.layer.type === 'conv2d')
      .map((plan) => rowsOf(plan) * plan.layer.weight.rowStride),
  );
  const strides = graph.tensors.map(({ entries }) => alignTo(entries, ROW_ALIGNMENT));
  checkSizes(gpu, graph, strides, anchors);
  const tensorFloats = strides.reduce((sum, stride) => sum + anchors * stride, 0);
  const slice = await createSlice(
    buffers,
    target,
    target.block + patchFloats + tensorFloats + listSizes(sizes).reduce((a, b) => a + b),
  );
  const flagCount = plans.reduce((sum, { groups }) => sum + groups, 0);
  const scratch = await createScratch(buffers, slice, plans, sizes, flagCount);
  const floats = (label: string, count: number): Promise<GPUBuffer> =>
    buffers.storage(`lps ${label}`, FLOAT_BYTES * count * slice.replicas);
  const patches = await floats('patches', patchFloats);
  const anchored = await planAnchoredDirections(
    gpu,
    buffers,
    slice,
    network,
    plans,
    settings,
    source,
  );

  const tensors: Tensor[] = [];
  for (const [index, { label, entries }] of graph.tensors.entries()) {
    const sampleStride = strides[index]!;
    const isShared = index === 0 && source.areShared;
    const replicaStride = isShared ? 0 : anchors * sampleStride;
    const buffer = await floats(label, anchors * sampleStride);
    tensors.push({ buffer, shape: [], entries, sampleStride, replicaStride });
  }
  const valueOf = ({ tensor, shape }: View): Tensor => ({ ...tensors[tensor]!, shape });
  const context = await planContext(gpu, buffers, network, slice, target, anchors);

  // Biases 0, scales 1 and shifts 0, as in any other method.
  const constants = constantTensors(network);
  const jobs = await planDraw(gpu, buffers, network, constants, slice);
  const places: PatchPlace[] = [];
  const firstFlag = plans.map((_, index) =>
    plans.slice(0, index).reduce((sum, { groups }) => sum + groups, 0),
  );
  for (const [index, operation] of graph.operations.entries()) {
    const number = plans.findIndex(({ layer }) => layer.label === operation.label);
    const plan = plans[number];
    const input = valueOf(operation.inputs[0]!);
    const layer = plan?.layer.layer;
    const place: PatchPlace | null =
      plan && layer?.type === 'conv2d'
        ? {
            plan,
            layer,
            available: anchors * positionsOf(plan)[2],
            count: rowsOf(plan),
            positions: await floats('positions', rowsOf(plan)),
          }
        : null;
    if (place) places.push(place);
    for (let group = 0; plan && group < plan.groups; group++) {
      const stride = plan.layer.weight.rowStride;
      if (place) jobs.push(await planPatches(gpu, buffers, slice, place, input, patches, group));
      const run = {
        plan,
        group,
        index: firstFlag[number]! + group,
        directions: anchored.bufferOf(plan, group),
        anchors: place?.count ?? anchors,
        input: place
          ? { buffer: patches, stride, replicaStride: place.count * stride }
          : {
              buffer: input.buffer,
              stride: input.sampleStride,
              replicaStride: input.replicaStride,
            },
        output: null,
      };
      jobs.push(...(await planLayerJobs(gpu, buffers, slice, target, settings, scratch, run)));
    }
    const planTensors: PlanTensors = {
      value: valueOf,
      preActivation: () => null,
      gradient: () => tensors[0]!,
      slope: () => null,
      targets: null,
      sampleLosses: null,
      bytes: 0,
    };
    const { forward } = await planOperation(context, {
      network,
      graph,
      index,
      tensors: planTensors,
      gradients: { output: null, input: null, appliesSlope: false },
      seed: 0,
    });
    jobs.push(
      ...forward.map(({ kernel, bindings, size }): Job => ({ kernel, bindings, items: size })),
    );
    if (plan) jobs.push({ ...jobs.pop()!, layer: plan.layer.label });
  }

  return async (addresses) => {
    const warnings = await runJobs(gpu, slice, target, jobs, addresses, {
      prepare: (part) => {
        const chosen = source.areShared ? part.slice(0, 1) : part;
        const rows = paddedRows(
          chosen.map((address) => source.of(address)),
          strides[0]!,
        );
        gpu.write(tensors[0]!.buffer, rows);
        anchored.prepare(part);
        for (const { plan, available, count, positions } of places) {
          const words = new Uint32Array(count * part.length);
          part.forEach((address, replica) => {
            words.set(patchPositions(plan, available, address), replica * count);
          });
          gpu.write(positions, words);
        }
      },
      collect: async (part) => {
        const flags = new Uint32Array(await gpu.read(scratch.flags));
        return part.map((_, replica) =>
          plans.flatMap((plan, number) => {
            const isAnchored = Array.from({ length: plan.groups }, (_group, group) => group).every(
              (group) => flags[(firstFlag[number]! + group) * slice.replicas + replica] === 0,
            );
            return layerWarnings(plan, settings, isAnchored);
          }),
        );
      },
    });
    return warnings.flat();
  };
}

/** @throws InitializationError code 'anchors' when a layer's outputs on all of them fill more than one binding */
function checkSizes(
  { limits }: GpuDevice,
  { tensors }: Graph,
  strides: readonly number[],
  anchors: number,
): void {
  const largest = strides.indexOf(Math.max(...strides));
  const bytes = FLOAT_BYTES * strides[largest]!;
  const most = Math.floor(limits.maxStorageBufferBindingSize / bytes);
  if (anchors <= most) return;
  const megabytes = (size: number): string => (size / 1e6).toFixed(0);
  throw new InitializationError(
    'anchors',
    `${anchors} anchors make ${megabytes(anchors * bytes)} MB of ${tensors[largest]!.label}'s outputs, this device's buffers hold ${megabytes(limits.maxStorageBufferBindingSize)} MB: look at ${most} of them at most (anchorCount, --anchors-count)`,
  );
}

/** Positions down, across and on one image; 1 for a dense layer. */
function positionsOf({ layer }: LayerPlan): readonly [number, number, number] {
  if (layer.layer.type !== 'conv2d') return [1, 1, 1];
  const [down, across] = slideWindow2(layer.layer, layer.shape.input);
  return [down.output, across.output, down.output * across.output];
}

/** What the network's operations are planned in: inference, but with a batch's statistics. */
async function planContext(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  slice: Slice,
  target: BatchTarget,
  anchors: number,
): Promise<PlanContext> {
  const statistics = network.parameters.blockSize.statistics;
  const storage = (label: string, floats: number): Promise<GPUBuffer> =>
    buffers.storage(label, FLOAT_BYTES * floats);
  return {
    gpu,
    buffers,
    mode: 'training',
    batch: anchors,
    replicas: slice.replicas,
    parameters: {
      values: slice.values,
      gradients: null,
      statistics: await storage('lps statistics', Math.max(1, statistics) * slice.replicas),
      replicaStride: target.block,
      statisticsStride: statistics,
    },
    uniform: (shader, struct, values) =>
      buffers.uniform(`${shader.name} ${struct}`, packUniform(shader, struct, values)),
    scratch: storage,
    clock: await createStepClock(buffers),
  };
}

async function planPatches(
  gpu: GpuDevice,
  buffers: BufferSet,
  slice: Slice,
  { plan, layer, count, positions }: PatchPlace,
  input: Tensor,
  rows: GPUBuffer,
  group: number,
): Promise<Job> {
  const shader = initializerPatches;
  const [height, width, channels] = plan.layer.shape.input as readonly [number, number, number];
  const [, across, perImage] = positionsOf(plan);
  const [down, sideways] = slideWindow2(layer, plan.layer.shape.input);
  const row_stride = plan.layer.weight.rowStride;
  const uniform = packUniform(shader, 'Patches', {
    replica_count: slice.replicas,
    patches: count,
    columns: plan.fanIn,
    row_stride,
    first_channel: (group * channels) / layer.groups,
    height,
    width,
    kernel_columns: layer.kernel[1],
    kernel_cells: entriesOf(layer.kernel),
    positions_across: across,
    positions_per_image: perImage,
    stride: layer.stride,
    padding: [down.before, sideways.before],
    dilation: layer.dilation,
    sample_stride: input.sampleStride,
    replica_stride: input.replicaStride,
  });
  const kernel = await gpu.createKernel(shader);
  const bindings = await kernel.bind({
    layer: await buffers.uniform(`patches ${plan.layer.label}`, uniform),
    positions,
    images: input.buffer,
    rows,
  });
  return { kernel, bindings, items: slice.replicas * count * row_stride };
}
