/**
 * Plans `lps` on the GPU for chains of dense layers: for every layer nine dispatches, each over all
 * replicas of a slice, from the anchors' features to the next layer's. The steps and the random
 * numbers are those of the host (src/lps/initialize/lps/), in f32.
 */
import { shaders } from '../../../generated/shaders.js';
import type { Bindable, BufferSet, GpuDevice, Shader } from '../../../gpu/index.js';
import { normalTable } from '../../../math/normal-fixed-point.js';
import type { Layer, Network } from '../../../network/index.js';
import { fusedActivation } from '../../../network/gpu/activations.js';
import { alignTo, ROW_ALIGNMENT } from '../../../network/parameters.js';
import { isAntithetic } from '../activation-value.js';
import { affineLayers, isActivation } from '../affine-layers.js';
import { chooseAnchors } from '../anchors.js';
import type { Features } from '../features.js';
import { fallbackWarning, unbiasedWarning } from '../lps/lps-layers.js';
import { planLayer, type LayerPlan, type LpsSettings } from '../lps/layer-plan.js';
import type { InitializationOptions } from '../methods.js';
import type { ReplicaAddress } from '../random-address.js';
import { createSlice, runJobs, type BatchTarget, type Job } from './batch.js';
import { haarShape, layerSizes, packLayer, type FeatureBuffer } from './lps-layer.js';

const FLOAT_BYTES = 4;
/** vec4f per direction in two of the buffers. */
const STATISTIC_FLOATS = 4;

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

/** What each layer of a chain does, from what the one below makes. */
function planChain(network: Network, settings: LpsSettings): LayerPlan[] {
  let input: Pick<Features, 'structure' | 'channels' | 'entries'> | null = null;
  return affineLayers(network).map((layer) => {
    const { fanIn, rows } = layer.weight;
    const plan = planLayer(
      layer,
      input ?? { structure: 'plain', channels: fanIn, entries: fanIn },
      settings,
    );
    const isPaired = plan.rows === 'pairs' && isAntithetic(layer.activation);
    input = { structure: isPaired ? 'paired' : 'plain', channels: rows, entries: rows };
    return plan;
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
  options: InitializationOptions,
  settings: LpsSettings,
  target: BatchTarget,
): Promise<(addresses: readonly ReplicaAddress[]) => Promise<string[][]>> {
  const plans = planChain(network, settings);
  const anchorsOf = (address: ReplicaAddress): Features => chooseAnchors(network, options, address);
  const first = anchorsOf({ seed: 0, replica: 0 });
  const anchors = first.count;
  // A sample of the rows differs from replica to replica; all of them do not.
  const rowCount =
    options.anchors && 'inputs' in options.anchors
      ? options.anchors.count
      : options.anchors?.length;
  const areShared = rowCount === anchors;
  const sizes = plans.map((plan) => layerSizes(plan, anchors));
  const largest = (name: keyof (typeof sizes)[number]): number =>
    Math.max(...sizes.map((size) => size[name]));
  const inputStride = alignTo(first.entries, ROW_ALIGNMENT);
  const inputFloats = anchors * inputStride;
  const slice = await createSlice(
    buffers,
    target,
    Math.max(
      target.block,
      areShared ? 0 : inputFloats,
      largest('vectors'),
      largest('directions'),
      largest('projections'),
      largest('features'),
    ),
  );
  const scratch = (label: string, floats: number): Promise<GPUBuffer> =>
    buffers.storage(`lps ${label}`, FLOAT_BYTES * floats * slice.replicas);
  const directionCount = Math.max(...plans.map(({ directions }) => directions));
  const shared = {
    replicas: slice.addresses,
    normal_table: await buffers.storage('normal table', normalTable()),
    values: slice.values,
    reflectors: await scratch('reflectors', largest('vectors')),
    vectors: await scratch('vectors', largest('vectors')),
    directions: await scratch('directions', largest('directions')),
    projections: await scratch('projections', largest('projections')),
    statistics: await scratch('statistics', STATISTIC_FLOATS * directionCount),
    cuts: await scratch('cuts', STATISTIC_FLOATS * directionCount),
    means: await scratch('means', Math.max(...plans.map(({ fanIn }) => fanIn))),
    flags: await scratch('flags', plans.length),
  };
  const inputBuffer = areShared
    ? await buffers.storage('lps anchors', paddedRows([first], inputStride))
    : await scratch('anchors', inputFloats);
  const turns = [
    await scratch('features', largest('features')),
    await scratch('features', largest('features')),
  ];

  const jobs: Job[] = [];
  let input: FeatureBuffer = {
    buffer: inputBuffer,
    stride: inputStride,
    replicaStride: areShared ? 0 : inputFloats,
  };
  for (const [index, plan] of plans.entries()) {
    const stride = alignTo(plan.outputs, ROW_ALIGNMENT);
    const output: FeatureBuffer = {
      buffer: turns[index % 2]!,
      stride,
      replicaStride: anchors * stride,
    };
    const uniform = packLayer(plan, settings, {
      replicas: slice.replicas,
      anchors,
      block: target.block,
      index,
      input,
      output,
    });
    const available: Readonly<Record<string, Bindable>> = {
      ...shared,
      layer: await buffers.uniform(`lps ${plan.layer.label}`, uniform),
      features: input.buffer,
      next: output.buffer,
    };
    for (const { shader, entryPoint, items } of layerSteps(plan, anchors)) {
      const { activation, directlyActivated } = plan.layer;
      const fused = activation && directlyActivated ? fusedActivation(activation) : null;
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
    input = output;
  }

  const always = plans.filter((plan) => plan.rows === 'pairs' && settings.cuts && !plan.layer.bias);
  return async (addresses) => {
    const warnings = await runJobs(gpu, slice, target, jobs, addresses, {
      prepare: (part) => {
        if (areShared) return;
        const rows = paddedRows(part.map(anchorsOf), inputStride);
        gpu.write(inputBuffer, rows);
      },
      collect: async (part) => {
        const flags = new Uint32Array(await gpu.read(shared.flags));
        return part.map((_, replica) => [
          ...always.map(({ layer }) => unbiasedWarning(layer)),
          ...plans
            .filter((_plan, index) => flags[index * slice.replicas + replica] === 1)
            .map(({ layer }) => fallbackWarning(layer)),
        ]);
      },
    });
    return warnings.flat();
  };
}

/** [features][row][stride], f32 with zeros behind each row. */
function paddedRows(all: readonly Features[], stride: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(all.reduce((sum, { count }) => sum + count * stride, 0));
  let place = 0;
  for (const { count, entries, data } of all) {
    for (let row = 0; row < count; row++, place += stride) {
      rows.set(data.subarray(row * entries, (row + 1) * entries), place);
    }
  }
  return rows;
}

interface Step {
  readonly shader: Shader;
  readonly entryPoint: string;
  /** Invocations per replica. */
  readonly items: number;
}

/** The dispatches of one layer, in order. */
function layerSteps(plan: LayerPlan, anchors: number): Step[] {
  const { directions, outputs, fanIn, rows } = plan;
  if (rows === 'output') {
    const shader = shaders['initializer/lps-output'];
    return [
      { shader, entryPoint: 'average', items: fanIn },
      { shader, entryPoint: 'write_output', items: outputs },
    ];
  }
  const haar = shaders['initializer/haar'];
  const project = shaders['initializer/lps-project'];
  const cuts = shaders['initializer/lps-cuts'];
  const store = shaders['initializer/lps-rows'];
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
    { shader: store, entryPoint: 'next_features', items: quadsOf(anchors) * quadsOf(outputs) },
    { shader: store, entryPoint: 'generic_features', items: 1 },
  ];
}

function layerVectors(plan: LayerPlan): number {
  const { columns, matrices } = haarShape(plan);
  return matrices * Math.min(plan.directions, columns);
}
