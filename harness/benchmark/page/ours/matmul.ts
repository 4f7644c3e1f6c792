/** Our matrix product as a contender. */
import { createMatmul } from '../../../../src/network/gpu/matmul.js';
import { padRows, unpadRows } from '../../../../src/network/gpu/rows.js';
import type { GpuDevice } from '../../../../src/gpu/index.js';
import { timePass } from '../../../time-pass.js';
import type { Contender, Prepared } from '../compare.js';
import type { Fault, Product } from '../types.js';

/** Products in one GPU time, so that the step of the timestamps does not matter. */
const TIMED_PRODUCTS = 4;

/** Of the fault 'slow': so many that a small product beside its submission takes several times as long on a busy machine, too. */
const SLOW_PRODUCTS = 100;

/**
 * @param fault 'slow' does everything many times, 'wrong' multiplies a by a
 * @param timed whether the adapter's timestamps are good enough for GPU times
 */
export function ourProduct(
  gpu: GpuDevice,
  { size, a, b, agreement }: Product,
  { fault, timed }: { readonly fault: Fault['kind'] | null; readonly timed: boolean },
): Contender {
  return {
    name: 'lps-webgpu',
    role: 'ours',
    executes: 'gpu',
    async prepare(): Promise<Prepared> {
      const matmul = await createMatmul(gpu, { m: size, n: size, k: size });
      const buffers = gpu.createBuffers();
      const left = await buffers.storage('a', padRows(a, size, matmul.a.rowStride));
      const right = await buffers.storage('b', padRows(b, size, matmul.b.rowStride));
      const result = await buffers.storage('c', 4 * matmul.c.floats);
      const product = await matmul.bind(left, fault === 'wrong' ? left : right, result);
      let last = new Float32Array();
      const encodeProducts = (pass: GPUComputePassEncoder, repetitions: number): void => {
        const times = fault === 'slow' ? SLOW_PRODUCTS : 1;
        for (let k = 0; k < times * repetitions; k++) product.encode(pass);
      };
      const encode = (): GPUCommandEncoder => {
        const encoder = gpu.createEncoder('products');
        const pass = encoder.beginComputePass();
        encodeProducts(pass, 1);
        pass.end();
        return encoder;
      };
      const gpuMs = async (): Promise<number> => {
        const ms = await timePass(gpu, (pass) => {
          encodeProducts(pass, TIMED_PRODUCTS);
        });
        return ms / TIMED_PRODUCTS;
      };
      return {
        async run(repetitions) {
          // As the others do it: one submit for each product, one read at the end.
          for (let k = 1; k < repetitions; k++) gpu.submit(encode());
          const [bytes] = await gpu.submitAndRead(encode(), [{ buffer: result }]);
          last = new Float32Array(bytes!);
        },
        check: () => Promise.resolve(agreement(unpadRows(last, size, matmul.c.rowStride, size))),
        ...(timed ? { gpuMs } : {}),
        close() {
          matmul.close();
          buffers.close();
        },
      };
    },
  };
}
