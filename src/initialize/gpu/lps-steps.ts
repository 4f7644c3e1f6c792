/**
 * The dispatches of one layer of `lps`, and the buffers between them, which all layers share.
 * Everything is over all replicas of a slice; the steps and the random numbers are the host's
 * (src/initialize/lps/), in f32.
 */
import { initializerHaar } from '../../generated/shaders/initializer/haar.js';
import { initializerLpsCuts } from '../../generated/shaders/initializer/lps-cuts.js';
import { initializerLpsOutput } from '../../generated/shaders/initializer/lps-output.js';
import { initializerLpsProject } from '../../generated/shaders/initializer/lps-project.js';
import { initializerLpsRows } from '../../generated/shaders/initializer/lps-rows.js';
import type { Bindable, BufferSet, GpuDevice, Shader } from '../../gpu/index.js';
import { normalTable } from '../../math/normal-fixed-point.js';
import { fusedActivation } from '../../network/activations.js';
import { ROW_ALIGNMENT } from '../../network/parameters.js';
import type { LayerPlan, LpsSettings } from '../lps/layer-plan.js';
import type { BatchTarget, Job, Slice } from './batch.js';
import { haarShape, packLayer, type FeatureBuffer, type LayerSizes } from './lps-layer.js';

const FLOAT_BYTES = 4;
/** vec4f per direction in two of the buffers. */
const STATISTIC_FLOATS = 4;

/** Buffers by the names they have in the shaders. */
export type LpsScratch = Readonly<Record<string, GPUBuffer>> & {
  /** [layer and group][replica], 1 where a layer could not be anchored. */
  readonly flags: GPUBuffer;
};

/** Largest of each kind of intermediate result, floats per replica. */
export function largestSizes(sizes: readonly LayerSizes[]): LayerSizes {
  const largest = (name: keyof LayerSizes): number => Math.max(...sizes.map((size) => size[name]));
  return {
    vectors: largest('vectors'),
    directions: largest('directions'),
    projections: largest('projections'),
    features: largest('features'),
  };
}

/** The sizes as a list. */
export function listSizes({ vectors, directions, projections, features }: LayerSizes): number[] {
  return [vectors, directions, projections, features];
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
  const available: Readonly<Record<string, Bindable>> = {
    ...scratch,
    layer: await buffers.uniform(`lps ${plan.layer.label}`, uniform),
    features: input.buffer,
    next: output?.buffer ?? scratch.unused!,
  };
  const { activation, directlyActivated } = plan.layer;
  const fused = activation && directlyActivated ? fusedActivation(activation) : null;
  const jobs: Job[] = [];
  const steps = layerSteps(plan, run.anchors, output !== null);
  for (const { shader, entryPoint, items } of steps) {
    if (run.onlyRows && !entryPoint.startsWith('write_')) continue;
    const kernel = await gpu.createKernel(shader, {
      entryPoint,
      ...(entryPoint.endsWith('features') && fused
        ? { constants: { ACTIVATION: fused.code, ACTIVATION_PARAMETER: fused.parameter } }
        : {}),
    });
    const bindings = await kernel.bind(
      Object.fromEntries(shader.bindings.map(({ name }) => [name, available[name]!])),
    );
    jobs.push({ kernel, bindings, items: items * slice.replicas });
  }
  return jobs;
}

interface Step {
  readonly shader: Shader;
  readonly entryPoint: string;
  /** Invocations per replica. */
  readonly items: number;
}

/** The dispatches of one layer, in order. */
function layerSteps(plan: LayerPlan, anchors: number, makesFeatures: boolean): Step[] {
  const { directions, outputs, fanIn, rows } = plan;
  if (rows === 'output') {
    const shader = initializerLpsOutput;
    return [
      { shader, entryPoint: 'average', items: fanIn },
      { shader, entryPoint: 'write_output', items: outputs },
    ];
  }
  const haar = initializerHaar;
  const project = initializerLpsProject;
  const cuts = initializerLpsCuts;
  const store = initializerLpsRows;
  const vectors = layerVectors(plan);
  const quadsOf = (count: number): number => Math.ceil(count / ROW_ALIGNMENT);
  return [
    { shader: haar, entryPoint: 'make_reflectors', items: vectors },
    { shader: haar, entryPoint: 'make_vectors', items: vectors },
    { shader: project, entryPoint: 'compose', items: directions * quadsOf(fanIn) },
    { shader: project, entryPoint: 'project', items: quadsOf(anchors) * quadsOf(directions) },
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

function layerVectors(plan: LayerPlan): number {
  const { columns, matrices } = haarShape(plan);
  return matrices * Math.min(plan.directions, columns);
}
