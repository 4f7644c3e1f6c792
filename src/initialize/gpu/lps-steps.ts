/**
 * The dispatches of one layer of `lps`, and the buffers between them, which all layers share.
 * Everything is over all replicas of a slice; the steps and the random numbers are the host's
 * (src/initialize/lps/), in f32.
 */
import { initializerLpsCuts } from '../../generated/shaders/initializer/lps-cuts.js';
import { initializerLpsOutput } from '../../generated/shaders/initializer/lps-output.js';
import { initializerLpsProject } from '../../generated/shaders/initializer/lps-project.js';
import { initializerLpsRows } from '../../generated/shaders/initializer/lps-rows.js';
import type { Bindable, BufferSet, GpuDevice, Shader } from '../../gpu/index.js';
import { normalTable } from '../../math/normal-fixed-point.js';
import { fusedActivation } from '../../network/activations.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import type { LayerPlan, LpsSettings } from '../lps/layer-plan.js';
import type { BatchTarget, Job, Slice } from './batch.js';
import { haarShape, packLayer, type FeatureBuffer, type LayerSizes } from './lps-layer.js';
import { areProducts, planHaar, planProduct, type HaarBuffers } from './plan-haar.js';

const FLOAT_BYTES = 4;
/** vec4f per direction in two of the buffers. */
const STATISTIC_FLOATS = 4;
/** Entries of a layer's directions from which the projections are a product of matrices like any other. */
const PRODUCT_ENTRIES = 2 ** 14;

/** Buffers by the names they have in the shaders. */
export type LpsScratch = Readonly<Record<string, GPUBuffer>> &
  Omit<HaarBuffers, 'layer'> & {
    readonly directions: GPUBuffer;
    readonly projections: GPUBuffer;
    /** [layer and group][replica], 1 where a layer could not be anchored. */
    readonly flags: GPUBuffer;
  };

/** Largest of each kind of intermediate result, floats per replica. */
export function largestSizes(sizes: readonly LayerSizes[]): LayerSizes {
  const largest = (name: keyof LayerSizes): number => Math.max(...sizes.map((size) => size[name]));
  return {
    vectors: largest('vectors'),
    factors: largest('factors'),
    directions: largest('directions'),
    projections: largest('projections'),
    features: largest('features'),
  };
}

/** The sizes as a list. */
export function listSizes(sizes: LayerSizes): number[] {
  return [sizes.vectors, sizes.factors, sizes.directions, sizes.projections, sizes.features];
}

/** Allocates them. @param sizes the largest of all layers @param flags layers, counted by group */
export async function createScratch(
  buffers: BufferSet,
  slice: Slice,
  plans: readonly LayerPlan[],
  sizes: LayerSizes,
  flags: number,
): Promise<LpsScratch> {
  const scratch = (label: string, floats: number): Promise<GPUBuffer> =>
    buffers.storage(`lps ${label}`, FLOAT_BYTES * floats * slice.replicas);
  const statistics = STATISTIC_FLOATS * Math.max(...plans.map(({ directions }) => directions));
  return {
    replicas: slice.addresses,
    normal_table: await buffers.storage('normal table', normalTable()),
    values: slice.values,
    reflectors: await scratch('reflectors', sizes.vectors),
    vectors: await scratch('vectors', sizes.vectors),
    products: await scratch('products', Math.max(ROW_ALIGNMENT, sizes.factors)),
    factors: await scratch('factors', Math.max(ROW_ALIGNMENT, sizes.factors)),
    directions: await scratch('directions', sizes.directions),
    projections: await scratch('projections', sizes.projections),
    statistics: await scratch('statistics', statistics),
    cuts: await scratch('cuts', statistics),
    means: await scratch('means', Math.max(...plans.map(({ fanIn }) => fanIn))),
    flags: await scratch('flags', flags),
    unused: await scratch('unused', ROW_ALIGNMENT),
  };
}

/** One layer, or one group of a convolution. */
export interface LayerRun {
  readonly plan: LayerPlan;
  readonly group: number;
  /** Number of the layer's flags. */
  readonly index: number;
  /** Rows of `input`. */
  readonly anchors: number;
  readonly input: FeatureBuffer;
  /** Its directions where the host has made them, [replica][direction][weight stride]. */
  readonly directions?: GPUBuffer | undefined;
  /** Where the next layer's features go; null when other kernels make them. */
  readonly output: FeatureBuffer | null;
  /** Without anchors only the rows are stored: generic ones, and outputs without biases. */
  readonly onlyRows?: boolean;
}

/** Compiles and binds the dispatches of a layer. */
export async function planLayerJobs(
  gpu: GpuDevice,
  buffers: BufferSet,
  slice: Slice,
  target: BatchTarget,
  settings: LpsSettings,
  scratch: LpsScratch,
  run: LayerRun,
): Promise<Job[]> {
  const { plan, input, output } = run;
  const uniform = packLayer(plan, settings, {
    ...run,
    replicas: slice.replicas,
    block: target.block,
    output: output ?? input,
  });
  const layer = await buffers.uniform(`lps ${plan.layer.label}`, uniform);
  const available: Readonly<Record<string, Bindable>> = {
    ...scratch,
    ...(run.directions && { directions: run.directions }),
    layer,
    features: input.buffer,
    ...(plan.rows === 'output' && {
      output_mean: await buffers.storage(
        'lps output mean',
        Float32Array.from(settings.outputMean ?? new Float32Array(plan.outputs)),
      ),
    }),
    next: output?.buffer ?? scratch.unused!,
  };
  const { activation, directlyActivated } = plan.layer;
  const fused = activation && directlyActivated ? fusedActivation(activation) : null;
  const bindStep = async ({ shader, entryPoint, items }: Step): Promise<Job> => {
    const kernel = await gpu.createKernel(shader, {
      entryPoint,
      ...(entryPoint.endsWith('features') && fused
        ? { constants: { ACTIVATION: fused.code, ACTIVATION_PARAMETER: fused.parameter } }
        : {}),
    });
    const bindings = await kernel.bind(
      Object.fromEntries(shader.bindings.map(({ name }) => [name, available[name]!])),
    );
    return { kernel, bindings, items: items * slice.replicas };
  };
  const storing = storingSteps(plan, run.anchors, output !== null);
  const steps = run.onlyRows
    ? storing.filter(({ entryPoint }) => entryPoint.startsWith('write_'))
    : storing;
  const jobs = await Promise.all(steps.map(bindStep));
  if (run.onlyRows || plan.rows === 'output') return jobs;
  const { directions, fanIn } = plan;
  const shape = haarShape(plan);
  const quadsOf = (count: number): number => Math.ceil(count / ROW_ALIGNMENT);
  const project = initializerLpsProject;
  const { label, weight } = plan.layer;
  /** A wide matrix of products is written where the directions belong; others are composed. */
  const planDrawing = async (): Promise<Job[]> => {
    const haar = { ...scratch, layer };
    if (areProducts(shape) && shape.matrices === 1 && directions <= fanIn) {
      const place = { buffer: scratch.directions, stride: weight.rowStride };
      return planHaar(gpu, buffers, slice, label, shape, haar, place);
    }
    const compose = { shader: project, entryPoint: 'compose', items: directions * quadsOf(fanIn) };
    return [...(await planHaar(gpu, buffers, slice, label, shape, haar)), await bindStep(compose)];
  };
  const drawing = run.directions ? [] : await planDrawing();
  return [
    ...drawing,
    directions * fanIn < PRODUCT_ENTRIES
      ? await bindStep({
          shader: project,
          entryPoint: 'project',
          items: quadsOf(run.anchors) * quadsOf(directions),
        })
      : await planProjection(gpu, buffers, slice, scratch, run),
    ...jobs,
  ];
}

/** T = F W^T of a large layer. */
function planProjection(
  gpu: GpuDevice,
  buffers: BufferSet,
  slice: Slice,
  scratch: LpsScratch,
  { plan, anchors, input, directions: given }: LayerRun,
): Promise<Job> {
  const { directions, fanIn, layer } = plan;
  const place = (buffer: GPUBuffer, rows: number, rowStride: number) => ({
    buffer,
    offset: 0,
    rowStride,
    replicaStride: rows * rowStride,
  });
  return planProduct(gpu, buffers, `${layer.label} projections`, {
    form: 'forward',
    size: { rows: anchors, columns: directions, depth: fanIn, replicas: slice.replicas },
    left: { ...place(input.buffer, anchors, input.stride), replicaStride: input.replicaStride },
    right: place(given ?? scratch.directions, directions, layer.weight.rowStride),
    result: place(scratch.projections, anchors, alignTo(directions, ROW_ALIGNMENT)),
  });
}

interface Step {
  readonly shader: Shader;
  readonly entryPoint: string;
  /** Invocations per replica. */
  readonly items: number;
}

/** The last dispatches of one layer, in order: from projections, or of the output layer, to its rows. */
function storingSteps(plan: LayerPlan, anchors: number, makesFeatures: boolean): Step[] {
  const { directions, outputs, fanIn, rows } = plan;
  if (rows === 'output') {
    const shader = initializerLpsOutput;
    return [
      { shader, entryPoint: 'average', items: fanIn },
      { shader, entryPoint: 'write_output', items: outputs },
    ];
  }
  const cuts = initializerLpsCuts;
  const store = initializerLpsRows;
  const quadsOf = (count: number): number => Math.ceil(count / ROW_ALIGNMENT);
  return [
    { shader: cuts, entryPoint: 'measure', items: quadsOf(directions) },
    { shader: cuts, entryPoint: 'cut', items: directions },
    { shader: store, entryPoint: 'write_rows', items: outputs },
    ...(makesFeatures
      ? [
          {
            shader: store,
            entryPoint: 'next_features',
            items: quadsOf(anchors) * quadsOf(outputs),
          },
          { shader: store, entryPoint: 'generic_features', items: 1 },
        ]
      : []),
  ];
}
