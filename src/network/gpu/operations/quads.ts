/**
 * What the elementwise kernels of shaders/lib/quads.wgsl share on the host: their sizes and grids,
 * and what they bind where a tensor is not needed.
 */
import type { Dispatch, PlanContext, Slope, Tensor } from '../operation.js';
import { activationConstants } from '../../activations.js';
import type { Bindable } from '../../../gpu/index.js';
import type { Shader } from '../../../gpu/shader.js';

/** Floats of a quad. */
const QUAD = 4;
/** QUADS_WORKGROUP of lib/quads.wgsl. */
const WORKGROUP = 64;

/** Values of `struct Quads` for a result laid out like `tensor`, computed from `source`. */
export function quadsOf({ batch }: PlanContext, tensor: Tensor, source: Tensor) {
  return {
    count: (batch * tensor.sampleStride) / QUAD,
    per_sample: tensor.sampleStride / QUAD,
    entries: tensor.entries,
    source_stride: source.replicaStride / QUAD,
  };
}

/** Quads from one replica to the next. */
export function replicaQuads(tensor: Tensor): number {
  return tensor.replicaStride / QUAD;
}

/** One dispatch of an elementwise kernel over a tensor. */
export interface QuadsDispatch {
  readonly label: string;
  readonly shader: Shader;
  readonly entryPoint: 'forward' | 'backward';
  /** The result's layout. */
  readonly tensor: Tensor;
  /** Whose replicas `source_stride` strides over. */
  readonly source: Tensor;
  /** Overrides; the identity unless stated. */
  readonly constants?: Readonly<Record<string, number>>;
  /** All bindings but `quads`. */
  readonly bindings: Readonly<Record<string, Bindable>>;
}

/** Compiles, binds and sizes it. */
export async function planQuads(context: PlanContext, plan: QuadsDispatch): Promise<Dispatch> {
  const { label, shader, entryPoint, tensor, source } = plan;
  const constants = plan.constants ?? activationConstants(null);
  const kernel = await context.gpu.createKernel(shader, { entryPoint, constants });
  const quads = quadsOf(context, tensor, source);
  const bindings = await kernel.bind({
    ...plan.bindings,
    quads: await context.uniform(shader, 'Quads', quads),
  });
  const workgroups = Math.ceil(quads.count / WORKGROUP);
  const x = Math.min(workgroups, context.gpu.limits.maxComputeWorkgroupsPerDimension);
  return {
    label: `${label} ${entryPoint}`,
    kernel,
    bindings,
    size: [x, Math.ceil(workgroups / x), context.replicas],
  };
}

/** The overrides for an input's slope; no activation is the identity. */
export function slopeConstants(slope: Slope | null): ReturnType<typeof activationConstants> {
  return activationConstants(slope?.activation ?? null);
}
