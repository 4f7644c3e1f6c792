/**
 * Measures the layers of all replicas on a probe set: a few forward passes with a dispatch per
 * layer that sums its outputs, and two dispatches for the norms of weights and gradients.
 */
import type { Dataset } from '../data/dataset.js';
import { networkLayerStatistics } from '../generated/shaders/network/layer-statistics.js';
import type { GpuDevice } from '../gpu/index.js';
import type { BufferSet } from '../gpu/buffers.js';
import type { Dispatch, Tensor } from './gpu/operation.js';
import { planSquaredNorms } from './gpu/squared-norms.js';
import { planStep } from './gpu/step-plan.js';
import { setStepClock } from './gpu/step-clock.js';
import type { StepState } from './gpu/step-state.js';
import { encodeSteps } from './gpu/step-stream.js';
import { packUniform } from './gpu/uniforms.js';
import { prepareInference, type InferenceSettings } from './inference-pass.js';
import {
  joinUnits,
  layerNorms,
  NORM_SEGMENT,
  UNIT_FLOATS,
  type LayerRecord,
} from './layer-statistics.js';
import type { Network } from './network.js';

const WORKGROUP = 64;

export interface LayerProbe {
  /**
   * Measures the parameters as they are now.
   *
   * @param withGradients whether the gradients are those of a step
   * @returns for each replica its layers with weights, in order
   */
  measure(withGradients: boolean): Promise<LayerRecord[][]>;
  close(): void;
}

/** The sums of one layer's units on the GPU. */
interface UnitSums {
  readonly layer: string;
  readonly units: number;
  readonly buffer: GPUBuffer;
  readonly dispatch: Dispatch;
}

/**
 * @param settings.data the first `samples` of it are the probe set
 * @param settings.parameters somebody else's
 */
export async function createLayerProbe(
  gpu: GpuDevice,
  net: Network,
  settings: InferenceSettings & {
    readonly samples: number;
    readonly parameters: { readonly gradients: GPUBuffer };
  },
): Promise<LayerProbe> {
  const buffers = gpu.createBuffers();
  try {
    return await makeLayerProbe(gpu, buffers, net, settings);
  } catch (error) {
    buffers.close();
    throw error;
  }
}

async function makeLayerProbe(
  gpu: GpuDevice,
  buffers: BufferSet,
  net: Network,
  settings: Parameters<typeof createLayerProbe>[2],
): Promise<LayerProbe> {
  const { parameters, replicas } = settings;
  const data = firstSamples(settings.data, settings.samples);
  const { plan, ...pass } = await prepareInference(gpu, buffers, net, { ...settings, data }, true);
  const { state, batch, batches } = pass;
  const weighted = new Set(net.parameters.tensors.map(({ name }) => layerOf(name)));
  const sums: UnitSums[] = [];
  for (const { label, output } of plan.layers.filter((layer) => weighted.has(layer.label))) {
    sums.push(await planUnitSums(gpu, buffers, { label, output, state, batch, batches }));
  }
  const step = await planStep(gpu, buffers, plan, {
    ...pass,
    afterForward: sums.map(({ dispatch }) => dispatch),
  });
  const blockFloats = parameters.replicaStride;
  const norms = (label: string, values: GPUBuffer) =>
    planSquaredNorms(gpu, buffers, {
      label,
      values,
      blockFloats,
      segmentFloats: NORM_SEGMENT,
      replicas,
    });
  const weightNorms = await norms('weight norms', parameters.values);
  const gradientNorms = await norms('gradient norms', parameters.gradients);

  return {
    measure: async (withGradients) => {
      await gpu.budget.ready();
      setStepClock(gpu, state.clock, { start: 0, sample: 0, end: data.count });
      const encoder = gpu.createEncoder('layer statistics');
      encodeSteps(encoder, step, batches);
      const both = [weightNorms.dispatch, gradientNorms.dispatch];
      encodeSteps(encoder, { batch, dispatches: both }, 1);
      const copies = await gpu.submitAndRead(encoder, [
        { buffer: weightNorms.norms },
        { buffer: gradientNorms.norms },
        ...sums.map(({ buffer }) => ({ buffer })),
      ]);
      const [weightSquares, gradientSquares, ...unitSums] = copies.map(
        (copy) => new Float32Array(copy),
      );
      return Array.from({ length: replicas }, (_, replica) => {
        const segments = (squares: Float32Array): Map<string, number> => {
          const { segments: count } = weightNorms;
          const own = squares.subarray(replica * count, (replica + 1) * count);
          return layerNorms(net.parameters, own);
        };
        const weightNorm = segments(weightSquares!);
        const gradientNorm = segments(gradientSquares!);
        return sums.map(({ layer, units }, k) => ({
          layer,
          ...joinUnits(unitSums[k]!, { batches, replicas, units }, replica),
          gradientNorm: withGradients ? gradientNorm.get(layer)! : null,
          weightNorm: weightNorm.get(layer)!,
        }));
      });
    },
    close: () => {
      plan.close();
      buffers.close();
    },
  };
}

/** "layers.3" of "layers.3.weight". */
function layerOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}

async function planUnitSums(
  gpu: GpuDevice,
  buffers: BufferSet,
  settings: {
    readonly label: string;
    readonly output: Tensor;
    readonly state: StepState;
    readonly batch: number;
    readonly batches: number;
  },
): Promise<UnitSums> {
  const { label, output, state, batch, batches } = settings;
  const { replicas } = state;
  const shader = networkLayerStatistics;
  const kernel = await gpu.createKernel(shader);
  const units = output.shape.at(-1)!;
  const buffer = await buffers.storage(
    `${label} statistics`,
    batches * replicas * units * UNIT_FLOATS * Float32Array.BYTES_PER_ELEMENT,
  );
  const bindings = await kernel.bind({
    layer: await buffers.uniform(
      label,
      packUniform(shader, 'LayerStatistics', {
        replicas,
        batch,
        units,
        positions: output.entries / units,
        replica_stride: output.replicaStride,
        sample_stride: output.sampleStride,
      }),
    ),
    clock: state.clock,
    values: output.buffer,
    statistics: buffer,
  });
  const size = [Math.ceil(units / WORKGROUP), 1, replicas] as const;
  return {
    layer: label,
    units,
    buffer,
    dispatch: { label: `${label} statistics`, kernel, bindings, size },
  };
}

function firstSamples(data: Dataset, samples: number): Dataset {
  const count = Math.min(samples, data.count);
  const entries = data.inputs.length / data.count;
  const { targets } = data;
  return {
    ...data,
    count,
    inputs: data.inputs.subarray(0, count * entries),
    targets:
      targets.kind === 'class'
        ? { ...targets, labels: targets.labels.subarray(0, count) }
        : { ...targets, values: targets.values.subarray(0, count * targets.width) },
  };
}
