/** Solutions on the GPU, for drawing and for kernels of an app's own. */
import type { GpuDevice } from '../../gpu/index.js';
import type { Solution } from './solution.js';

/**
 * The coordinates of solutions in a buffer of the device: [solution][unknown] vec2f (re, im), rounded from f64; what is
 * beyond f32 becomes infinite. Solutions are refined and checked in f64 on the CPU, so that they are uploaded; the
 * paths that led there never leave the GPU (`onPaths`).
 *
 * @param usage beside COPY_DST; STORAGE | VERTEX | COPY_SRC unless stated
 * @returns yours to destroy; at least 8 bytes, also for no solutions
 */
export function solutionsBuffer(
  gpu: GpuDevice,
  solutions: readonly Pick<Solution, 'coordinates'>[],
  usage: GPUBufferUsageFlags = GPUBufferUsage.STORAGE |
    GPUBufferUsage.VERTEX |
    GPUBufferUsage.COPY_SRC,
): GPUBuffer {
  const numbers = Float32Array.from(solutions.flatMap(({ coordinates }) => coordinates.flat()));
  const buffer = gpu.device.createBuffer({
    label: 'solutions',
    size: Math.max(8, numbers.byteLength),
    usage: usage | GPUBufferUsage.COPY_DST,
  });
  if (numbers.length > 0) gpu.write(buffer, numbers);
  return buffer;
}
