/** Squared norms of equal stretches of each replica's block (shaders/network/squared-norms.wgsl). */
import { networkSquaredNorms } from '../../generated/shaders/network/squared-norms.js';
import type { GpuDevice } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';
import type { Dispatch } from './operation.js';
import { packUniform } from './uniforms.js';

const FLOATS_PER_VECTOR = 4;
const WORKGROUP = 64;

export interface SquaredNorms {
  readonly dispatch: Dispatch;
  /** [replica][segments] f32. */
  readonly norms: GPUBuffer;
  readonly segments: number;
}

/**
 * @param values [replica][blockFloats]
 * @param segmentFloats length of one stretch, a multiple of 4
 */
export async function planSquaredNorms(
  gpu: GpuDevice,
  buffers: BufferSet,
  settings: {
    readonly label: string;
    readonly values: GPUBuffer;
    readonly blockFloats: number;
    readonly segmentFloats: number;
    readonly replicas: number;
  },
): Promise<SquaredNorms> {
  const { label, values, blockFloats, segmentFloats, replicas } = settings;
  const segments = Math.ceil(blockFloats / segmentFloats);
  const shader = networkSquaredNorms;
  const kernel = await gpu.createKernel(shader);
  const norms = await buffers.storage(label, replicas * segments * Float32Array.BYTES_PER_ELEMENT);
  const uniform = await buffers.uniform(
    label,
    packUniform(shader, 'Segments', {
      vectors: blockFloats / FLOATS_PER_VECTOR,
      length: segmentFloats / FLOATS_PER_VECTOR,
      count: segments,
    }),
  );
  const bindings = await kernel.bind({ segments: uniform, values, norms });
  const size = [Math.ceil(segments / WORKGROUP), 1, replicas] as const;
  return { dispatch: { label, kernel, bindings, size }, norms, segments };
}
