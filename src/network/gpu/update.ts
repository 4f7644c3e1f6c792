/**
 * From gradients to new parameters: clipping when asked for, then one dispatch of the optimiser
 * over the blocks of all replicas.
 */
import { networkGradientClip } from '../../generated/shaders/network/gradient-clip.js';
import { networkOptimizerAdam } from '../../generated/shaders/network/optimizer-adam.js';
import { networkOptimizerRmsprop } from '../../generated/shaders/network/optimizer-rmsprop.js';
import { networkOptimizerSgd } from '../../generated/shaders/network/optimizer-sgd.js';
import { GpuLimitError, type GpuDevice, type Shader } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';
import type { Optimizer } from '../optimizer.js';
import type { Dispatch, ParameterBuffers, UniformValues } from './operation.js';
import { planSquaredNorms } from './squared-norms.js';
import type { StepState } from './step-state.js';
import { packUniform } from './uniforms.js';

const FLOATS_PER_VECTOR = 4;
const WORKGROUP = 64;
/** vec4f that one invocation updates: what it reads first costs as much as a few of them. */
const OPTIMIZER_VECTORS = 8;

interface OptimizerKernel {
  readonly shader: Shader;
  /** Numbers kept per parameter. */
  readonly moments: 0 | 1 | 2;
  readonly values: UniformValues;
}

/** The dispatches that end a step, and what the optimiser keeps between steps. */
export interface Update {
  readonly dispatches: readonly Dispatch[];
  readonly moments: GPUBuffer;
}

/**
 * @param clip largest norm of a replica's gradient, null for no clipping
 * @throws {GpuLimitError} when the optimiser's moments do not fit into one binding
 */
export async function planUpdate(
  gpu: GpuDevice,
  buffers: BufferSet,
  settings: {
    readonly optimizer: Optimizer;
    readonly clip: number | null;
    readonly state: StepState;
    readonly parameters: ParameterBuffers & { readonly gradients: GPUBuffer };
  },
): Promise<Update> {
  const { optimizer, clip, state, parameters } = settings;
  const { values, gradients, replicaStride } = parameters;
  const vectors = replicaStride / FLOATS_PER_VECTOR;
  const { shader, moments, values: uniformValues } = optimizerKernel(optimizer);
  const kernel = await gpu.createKernel(shader);
  const kept = await momentBuffer(gpu, buffers, state.replicas, replicaStride, moments);
  const bindings = await kernel.bind({
    optimizer: await buffers.uniform(
      optimizer.type,
      packUniform(shader, 'Optimizer', { vectors, ...uniformValues }),
    ),
    clock: state.clock,
    schedule: state.schedule,
    replicas: state.control,
    gradients,
    parameters: values,
    moments: kept,
  });
  const update: Dispatch = {
    label: optimizer.type,
    kernel,
    bindings,
    size: [Math.ceil(vectors / (WORKGROUP * OPTIMIZER_VECTORS)), 1, state.replicas],
  };
  const clipping =
    clip === null ? [] : await planClip(gpu, buffers, state, gradients, replicaStride, clip);
  return { dispatches: [...clipping, update], moments: kept };
}

function momentBuffer(
  gpu: GpuDevice,
  buffers: BufferSet,
  replicas: number,
  blockFloats: number,
  moments: number,
): Promise<GPUBuffer> {
  const bytes = replicas * blockFloats * moments * Float32Array.BYTES_PER_ELEMENT;
  const available = gpu.limits.maxStorageBufferBindingSize;
  if (bytes > available) {
    throw new GpuLimitError(
      `optimizer state of ${replicas} replicas of ${blockFloats} parameters`,
      'maxStorageBufferBindingSize',
      bytes,
      available,
      replicas > 1 ? 'train fewer replicas at a time' : 'use sgd or a smaller network',
    );
  }
  // A binding needs one vec4f, also when nothing is kept.
  const vectorBytes = FLOATS_PER_VECTOR * Float32Array.BYTES_PER_ELEMENT;
  return buffers.storage('moments', Math.max(vectorBytes, bytes));
}

/** Two stages of about equal length, both in a fixed order. */
async function planClip(
  gpu: GpuDevice,
  buffers: BufferSet,
  state: StepState,
  gradients: GPUBuffer,
  blockFloats: number,
  bound: number,
): Promise<Dispatch[]> {
  const segmentFloats = FLOATS_PER_VECTOR * Math.ceil(Math.sqrt(blockFloats / FLOATS_PER_VECTOR));
  const { dispatch, norms, segments } = await planSquaredNorms(gpu, buffers, {
    label: 'gradient norms',
    values: gradients,
    blockFloats,
    segmentFloats,
    replicas: state.replicas,
  });
  const shader = networkGradientClip;
  const kernel = await gpu.createKernel(shader);
  const bindings = await kernel.bind({
    clip: await buffers.uniform(
      'clip',
      packUniform(shader, 'Clip', { replicas: state.replicas, segments, bound }),
    ),
    clock: state.clock,
    norms,
    replicas: state.control,
  });
  const size = [Math.ceil(state.replicas / WORKGROUP), 1, 1] as const;
  return [dispatch, { label: 'gradient clip', kernel, bindings, size }];
}

function optimizerKernel(optimizer: Optimizer): OptimizerKernel {
  const { type, weightDecay: weight_decay } = optimizer;
  switch (type) {
    case 'sgd': {
      const { momentum, nesterov } = optimizer;
      return {
        shader: networkOptimizerSgd,
        moments: momentum === 0 ? 0 : 1,
        values: { momentum, nesterov: Number(nesterov), weight_decay },
      };
    }
    case 'adam':
    case 'adamw': {
      const { beta1, beta2, epsilon } = optimizer;
      return {
        shader: networkOptimizerAdam,
        moments: 2,
        values: {
          beta1,
          beta2,
          beta1_rest: 1 - beta1,
          beta2_rest: 1 - beta2,
          epsilon,
          weight_decay,
          decoupled: Number(type === 'adamw'),
        },
      };
    }
    case 'rmsprop': {
      const { smoothing, momentum, epsilon } = optimizer;
      return {
        shader: networkOptimizerRmsprop,
        moments: 2,
        values: {
          smoothing,
          smoothing_rest: 1 - smoothing,
          epsilon,
          momentum,
          weight_decay,
        },
      };
    }
  }
}

/**
 * One row of the schedule as the optimisers read it.
 *
 * @param factor of the learning rate
 * @param step from 0
 */
export function scheduleRow(
  optimizer: Optimizer,
  factor: number,
  step: number,
): readonly [number, number, number, number] {
  if (optimizer.type !== 'adam' && optimizer.type !== 'adamw') return [factor, 1, 1, 0];
  const { beta1, beta2 } = optimizer;
  return [factor, 1 - beta1 ** (step + 1), Math.sqrt(1 - beta2 ** (step + 1)), 0];
}
