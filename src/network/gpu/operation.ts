/**
 * What a plan is made of: tensors, dispatches, and the operations that turn one into the other.
 *
 * An operation is a layer with the activation that follows it. Its kernels are bound once, when the
 * plan is made; a step only replays dispatches. The conventions that all operations share:
 *
 * - A tensor is [replica][sample][entry], f32. Samples lie `sampleStride` floats apart, a multiple
 *   of 4; the floats between the last entry and the next sample are zero and stay zero.
 * - `outputGradient` is the gradient of the loss with respect to the operation's pre-activation
 *   output: whoever computes the gradient of a tensor multiplies by the slope of the activation
 *   that made it (`inputSlope`), so that no pass over memory is spent on activations.
 * - Replicas ride in grid z. Nothing is summed in an order that depends on timing.
 */
import type { GpuDevice, Kernel, KernelBindings } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';
import type { Shader } from '../../gpu/shader.js';
import type { FusedActivation } from '../activations.js';
import type { ParameterTensor } from '../parameters.js';

/** One dispatch, bound and sized. */
export interface Dispatch {
  /** "layers.3 dense forward": for profiles and errors. */
  readonly label: string;
  readonly kernel: Kernel;
  readonly bindings: KernelBindings;
  readonly size: readonly [x: number, y: number, z: number];
}

/** Entry e of sample s of replica r is float r * replicaStride + s * sampleStride + e of the buffer. */
export interface Tensor {
  readonly buffer: GPUBuffer;
  /** [features] or [height, width, channels]; memory order is channel, row, column. */
  readonly shape: readonly number[];
  /** Product of the shape. */
  readonly entries: number;
  readonly sampleStride: number;
  /** 0 for the network's input, which all replicas share. */
  readonly replicaStride: number;
}

/** The slope of the activation that made a tensor. */
export interface Slope {
  readonly activation: FusedActivation;
  /** The output or the pre-activation, as `slopeFrom` says; same strides as its tensor. */
  readonly saved: Tensor;
}

/** The parameters of all replicas. */
export interface ParameterBuffers {
  /** [replica][block], f32. */
  readonly values: GPUBuffer;
  /** Same layout; null in inference. */
  readonly gradients: GPUBuffer | null;
  /** Running statistics [replica][block]. */
  readonly statistics: GPUBuffer;
  /** Floats from one replica's block to the next. */
  readonly replicaStride: number;
  readonly statisticsStride: number;
}

/** Values of a uniform struct's members by name. */
export type UniformValues = Readonly<Record<string, number | readonly number[]>>;

/** Consecutive samples of a batch whose tensors would be larger than a binding may be. */
export interface BatchChunk {
  /** Samples of the whole batch. */
  readonly whole: number;
  /** Samples of every chunk but the last. */
  readonly each: number;
  /** The sample that this chunk begins with. */
  readonly first: number;
  /** What all chunks share, made for the first that asks. */
  once<Made>(label: string, make: () => Promise<Made>): Promise<Made>;
}

/** What an operation needs from the plan it becomes part of. */
export interface PlanContext {
  readonly gpu: GpuDevice;
  /** Owns everything that operations allocate. */
  readonly buffers: BufferSet;
  readonly mode: 'training' | 'inference';
  /** Samples per batch; of a chunk, where it is planned in chunks. */
  readonly batch: number;
  /** Which chunk of a larger batch this is; absent for a batch that is planned whole. Forward only. */
  readonly chunk?: BatchChunk;
  readonly replicas: number;
  readonly parameters: ParameterBuffers;
  /** A uniform buffer with the named struct of the shader, packed by its reflected offsets. */
  uniform(shader: Shader, struct: string, values: UniformValues): Promise<GPUBuffer>;
  /** A buffer of `floats` f32, zeroed, for results that live between dispatches of one step. */
  scratch(label: string, floats: number): Promise<GPUBuffer>;
  /** Where dispatches that need the step number read it (shaders/lib/step-clock.wgsl). */
  readonly clock: GPUBuffer;
}

/** What depends on the operation alone: made once, however many chunks it is planned for. */
export function onceForChunks<Made>(
  { chunk }: PlanContext,
  label: string,
  make: () => Promise<Made>,
): Promise<Made> {
  return chunk ? chunk.once(label, make) : make();
}

/** What an operation reads and writes. */
export interface OperationTensors {
  /** "layers.3": prefix of labels. */
  readonly label: string;
  readonly input: Tensor;
  readonly output: Tensor;
  /** The activation applied to the output, null for none. */
  readonly activation: FusedActivation | null;
  /** Where to store the pre-activation; null unless the activation's slope needs it. */
  readonly preActivation: Tensor | null;
  /** Gradient with respect to the pre-activation output; null in inference. */
  readonly outputGradient: Tensor | null;
  /** Where the input's gradient goes; null when nobody needs it. */
  readonly inputGradient: Tensor | null;
  /** The activation that made the input, null for none. */
  readonly inputSlope: Slope | null;
}

/** A layer's tensors of parameters by role. */
export type LayerParameters = Readonly<Partial<Record<ParameterTensor['role'], ParameterTensor>>>;

/** The dispatches of one operation, in order. `backward` is empty in inference. */
export interface Operation {
  readonly forward: readonly Dispatch[];
  readonly backward: readonly Dispatch[];
}
