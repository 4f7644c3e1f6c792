/** Our matrix product as a contender. */
import { createMatmul } from '../../../../src/network/gpu/matmul.js';
import type { GpuDevice } from '../../../../src/gpu/index.js';
import type { Contender, Prepared } from '../compare.js';
import type { Fault, Product } from '../types.js';

/** Products in one GPU time, so that the step of the timestamps does not matter. */
const TIMED_PRODUCTS = 4;

/** Of the fault 'slow': so many that a small product beside its submission takes several times as long. */
const SLOW_PRODUCTS = 20;

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
      const left = await buffers.storage('a', padded(a, size, matmul.a.rowStride));
      const right = await buffers.storage('b', padded(b, size, matmul.b.rowStride));
      const result = await buffers.storage('c', 4 * matmul.c.floats);
      const product = await matmul.bind(left, fault === 'wrong' ? left : right, result);
      let last = new Float32Array();
      const encode = (
        repetitions: number,
        timestampWrites?: GPUComputePassTimestampWrites,
      ): GPUCommandEncoder => {
        const encoder = gpu.createEncoder('products');
        const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
        const times = fault === 'slow' ? SLOW_PRODUCTS : 1;
        for (let k = 0; k < times * repetitions; k++) product.encode(pass);
        pass.end();
        return encoder;
      };
      return {
        async run(repetitions) {
          // As the others do it: one submit for each product, one read at the end.
          for (let k = 1; k < repetitions; k++) gpu.submit(encode(1));
          const [bytes] = await gpu.submitAndRead(encode(1), [{ buffer: result }]);
          last = new Float32Array(bytes!);
        },
        check: () => Promise.resolve(agreement(unpadded(last, size, matmul.c.rowStride))),
        ...(timed ? { gpuMs: () => measureGpu(gpu, encode) } : {}),
        close() {
          matmul.close();
          buffers.close();
        },
      };
    },
  };
}

async function measureGpu(
  gpu: GpuDevice,
  encode: (repetitions: number, writes?: GPUComputePassTimestampWrites) => GPUCommandEncoder,
): Promise<number> {
  const timer = gpu.createTimer(1)!;
  gpu.submit(encode(TIMED_PRODUCTS, timer.next()));
  const [ms] = await timer.read();
  timer.close();
  return ms! / TIMED_PRODUCTS;
}

function padded(matrix: Float32Array, size: number, stride: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(size * stride);
  for (let row = 0; row < size; row++)
    rows.set(matrix.subarray(row * size, (row + 1) * size), row * stride);
  return rows;
}

function unpadded(rows: Float32Array, size: number, stride: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let row = 0; row < size; row++)
    matrix.set(rows.subarray(row * stride, row * stride + size), row * size);
  return matrix;
}
