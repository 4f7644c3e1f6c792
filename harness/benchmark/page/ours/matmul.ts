/** Our matrix product as a contender. */
import type { GpuDevice } from '../../../../src/gpu/index.js';
import type { Contender } from '../compare.js';
import type { Product } from '../suites/matmul.js';
import type { Fault } from '../types.js';

export function ourProduct(
  gpu: GpuDevice,
  product: Product,
  fault: Fault['kind'] | null,
): Contender {
  return {
    name: 'lps-webgpu',
    role: 'ours',
    executes: 'gpu',
    prepare() {
      void [gpu, product, fault];
      return Promise.reject(new Error('not there yet'));
    },
  };
}
