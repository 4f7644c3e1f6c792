/**
 * Plans `lps` on the GPU for every other network: convolutions, pooling, residual layers, batch
 * normalisation. The anchors go forward through the kernels that train the network; before each
 * layer with weights come the kernels that decide them, on its input or on patches of it.
 *
 * Batch normalisation takes the anchors' statistics, as it will take a batch's. Anchors whose features fill more than a
 * binding go in chunks, layer by layer: all of them through one layer before the next.
 */
import { initializerPatches } from '../../generated/shaders/initializer/patches.js';
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import type { Network } from '../../network/index.js';
import {
  chunkContexts,
  chunkSize,
  forwardRuns,
  shareChunks,
} from '../../network/gpu/batch-chunks.js';
import { buildGraph, type View } from '../../network/gpu/graph.js';
import type { PlanContext, Tensor, UniformValues } from '../../network/gpu/operation.js';
import { planOperation } from '../../network/gpu/plan-operation.js';
import type { PlanTensors } from '../../network/gpu/plan-tensors.js';
import { createStepClock } from '../../network/gpu/step-clock.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import { entriesOf, slideWindow2 } from '../../network/shape.js';
import { constantTensors } from '../distributions.js';
import type { LayerPlan, LpsSettings } from '../lps/layer-plan.js';
import { layerWarnings, patchPositions, PATCHES } from '../lps/lps-layers.js';
import { planNetwork } from '../lps/plan-network.js';
import type { CommonOptions } from '../initializer.js';
import { anchorSource, paddedRows, someRows } from './anchor-rows.js';
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
import { createMoments, planMoments, readMoments, type OutputMoments } from './plan-moments.js';
import { createScratch, largestSizes, listSizes, planLayerJobs } from './lps-steps.js';
import { planDraw } from './plan-draw.js';

const FLOAT_BYTES = 4;

/** The rows that decide a layer's weights: features of all anchors, or a sample of a convolution's patches. */
interface PatchPlace {
  readonly plan: LayerPlan;
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
 * @throws {GpuLimitError} when a layer's outputs on one anchor fill more than a binding
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
  const graph = buildGraph(network, 'inference', 'apart');
  const each = chunkSize(gpu, graph, anchors);
  const chunks = Math.ceil(anchors / each);
  const rowsOf = ({ layer }: LayerPlan, available: number): number =>
    layer.layer.type === 'conv2d' ? Math.min(PATCHES, available) : available;
  const availableTo = (plan: LayerPlan): number => anchors * positionsOf(plan);
  const rows = plans.map((plan) => rowsOf(plan, availableTo(plan)));
  const sizes = largestSizes(plans.map((plan, number) => layerSizes(plan, rows[number]!)));
  const patchFloats = Math.max(
    ...plans.map(({ layer }, number) => rows[number]! * layer.weight.rowStride),
  );
  const inputStride = alignTo(graph.tensors[0]!.entries, ROW_ALIGNMENT);
  const sharing = shareChunks(graph, chunks);
  const tensorFloats = sharing.buffers.reduce(
    (sum, { sampleStride }) => sum + each * sampleStride,
    anchors * inputStride,
  );
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

  const shared = await Promise.all(
    sharing.buffers.map(({ label, sampleStride }) => floats(label, each * sampleStride)),
  );
  const context = await planContext(gpu, buffers, network, slice, target, anchors);
  const contexts = chunkContexts(context, each);
  const inputs = await Promise.all(
    contexts.map(({ batch }) => floats('anchors', batch * inputStride)),
  );
  const valueOf = ({ tensor, shape }: View, chunk: number): Tensor => {
    const { entries } = graph.tensors[tensor]!;
    const sampleStride = alignTo(entries, ROW_ALIGNMENT);
    const isInput = tensor === 0;
    return {
      buffer: isInput ? inputs[chunk]! : shared[sharing.places[(tensor - 1) * chunks + chunk]!]!,
      shape,
      entries,
      sampleStride,
      replicaStride: isInput && source.areShared ? 0 : contexts[chunk]!.batch * sampleStride,
    };
  };

  // Biases 0, scales 1 and shifts 0, as in any other method.
  const constants = constantTensors(network);
  const jobs = await planDraw(gpu, buffers, network, constants, slice);
  const places: PatchPlace[] = [];
  const measured: OutputMoments[] = [];
  const firstFlag = plans.map((_, index) =>
    plans.slice(0, index).reduce((sum, { groups }) => sum + groups, 0),
  );
  for (const [index, operation] of graph.operations.entries()) {
    const number = plans.findIndex(({ layer }) => layer.label === operation.label);
    const plan = plans[number];
    if (plan) {
      const count = rows[number]!;
      const positions = await floats('positions', count);
      const place = { plan, available: availableTo(plan), count, positions };
      places.push(place);
      const stride = plan.layer.weight.rowStride;
      for (let group = 0; group < plan.groups; group++) {
        for (const [chunk, { batch }] of contexts.entries()) {
          const images = {
            input: valueOf(operation.inputs[0]!, chunk),
            first: chunk * each,
            batch,
          };
          jobs.push(await planPatches(gpu, buffers, slice, place, images, patches, group));
        }
        const run = {
          plan,
          group,
          index: firstFlag[number]! + group,
          directions: anchored.bufferOf(plan, group),
          anchors: count,
          input: { buffer: patches, stride, replicaStride: count * stride },
          output: null,
        };
        jobs.push(...(await planLayerJobs(gpu, buffers, slice, target, settings, scratch, run)));
      }
    }
    const planned = await Promise.all(
      contexts.map((context, chunk) =>
        planOperation(context, {
          network,
          graph,
          index,
          tensors: forwardTensors((view) => valueOf(view, chunk)),
          gradients: { output: null, input: null, appliesSlope: false },
          seed: 0,
        }),
      ),
    );
    for (const run of forwardRuns(operation, planned)) {
      jobs.push(
        ...run.map(({ kernel, bindings, size }): Job => ({ kernel, bindings, items: size })),
      );
      jobs.push({ ...jobs.pop()!, endsRun: true });
    }
    if (target.onOutputs && (plan || operation.layer.type === 'relu')) {
      const channels = operation.output.shape.at(-1)!;
      const moments = await createMoments(buffers, operation.label, anchors, channels);
      measured.push(moments);
      for (const [chunk, { batch }] of contexts.entries()) {
        const images = { output: valueOf(operation.output, chunk), first: chunk * each, batch };
        jobs.push(await planMoments(gpu, buffers, moments, images));
      }
    }
    if (plan) jobs.push({ ...jobs.pop()!, layer: plan.layer.label });
  }

  return async (addresses) => {
    const warnings = await runJobs(gpu, slice, target, jobs, addresses, {
      prepare: (part) => {
        const chosen = (source.areShared ? part.slice(0, 1) : part).map((address) =>
          source.of(address),
        );
        for (const [chunk, { batch }] of contexts.entries()) {
          const own = chosen.map((features) => someRows(features, chunk * each, batch));
          gpu.write(inputs[chunk]!, paddedRows(own, inputStride));
        }
        anchored.prepare(part);
        for (const { plan, available, count, positions } of places) {
          const words = new Uint32Array(count * part.length);
          part.forEach((address, replica) => {
            words.set(
              plan.layer.layer.type === 'conv2d'
                ? patchPositions(plan, available, address)
                : Array.from({ length: count }, (_, row) => row),
              replica * count,
            );
          });
          gpu.write(positions, words);
        }
      },
      collect: async (part) => {
        const flags = new Uint32Array(await gpu.read(scratch.flags));
        if (target.onOutputs) {
          const outputs = await Promise.all(measured.map((moments) => readMoments(gpu, moments)));
          target.onOutputs(new Map(measured.map(({ label }, index) => [label, outputs[index]!])));
        }
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

/** What an operation finds in a pass that keeps nothing. */
function forwardTensors(value: PlanTensors['value']): PlanTensors {
  return {
    value,
    preActivation: () => null,
    gradient: () => {
      throw new RangeError('a forward pass has no gradients');
    },
    slope: () => null,
    targets: null,
    sampleLosses: null,
    bytes: 0,
  };
}

/** Positions on one image; 1 for a dense layer. */
function positionsOf({ layer: { layer, shape } }: LayerPlan): number {
  if (layer.type !== 'conv2d') return 1;
  const [down, across] = slideWindow2(layer, shape.input);
  return down.output * across.output;
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
  { plan, count, positions }: PatchPlace,
  images: { readonly input: Tensor; readonly first: number; readonly batch: number },
  rows: GPUBuffer,
  group: number,
): Promise<Job> {
  const shader = initializerPatches;
  const { input, first, batch } = images;
  const row_stride = plan.layer.weight.rowStride;
  const uniform = packUniform(shader, 'Patches', {
    ...windowOf(plan, group),
    replica_count: slice.replicas,
    patches: count,
    columns: plan.fanIn,
    row_stride,
    first_image: first,
    image_count: batch,
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

/** The window of a layer as the kernel reads it; a dense layer's is all channels of one cell. */
function windowOf({ layer: { layer, shape } }: LayerPlan, group: number): UniformValues {
  if (layer.type === 'dense') {
    return {
      first_channel: 0,
      height: 1,
      width: 1,
      kernel_columns: 1,
      kernel_cells: 1,
      positions_across: 1,
      positions_per_image: 1,
      stride: [1, 1],
      padding: [0, 0],
      dilation: [1, 1],
    };
  }
  const [height, width, channels] = shape.input as readonly [number, number, number];
  const [down, sideways] = slideWindow2(layer, shape.input);
  return {
    first_channel: (group * channels) / layer.groups,
    height,
    width,
    kernel_columns: layer.kernel[1],
    kernel_cells: entriesOf(layer.kernel),
    positions_across: sideways.output,
    positions_per_image: down.output * sideways.output,
    stride: layer.stride,
    padding: [down.before, sideways.before],
    dilation: layer.dilation,
  };
}
