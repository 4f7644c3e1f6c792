/**
 * Matrix products on their own, for benchmarks and for users who need no network: the tile is chosen
 * as it is for layers.
 */
import type { GpuDevice } from '../../gpu/index.js';
import type { Matmul, MatmulOptions } from './prepared-matmul.js';

/**
 * Prepares C = A B, C = A B^T or C = A^T B.
 *
 * @example
 * const matmul = await createMatmul(gpu, { m: 512, n: 512, k: 512 });
 * const product = await matmul.bind(a, b, c);
 * const encoder = gpu.createEncoder('product');
 * const pass = encoder.beginComputePass();
 * product.encode(pass);
 * pass.end();
 * gpu.submit(encoder);
 *
 * @throws {GpuValidationError} for sizes that are not whole and positive, and for A^T B^T
 */
export async function createMatmul(gpu: GpuDevice, options: MatmulOptions): Promise<Matmul> {
  // The kernels of all tiles come with the first product.
  const { describeMatmul, prepareMatmul } = await import('./prepared-matmul.js');
  const { form, size } = describeMatmul(options);
  const { tuningOf } = await import('./autotune.js');
  const tile = options.tile ?? (await tuningOf(gpu).choose(form, size));
  return prepareMatmul(gpu, options, tile);
}
