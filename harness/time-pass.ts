/** How long a compute pass takes: what kernels cost, without the way to the device and back. */
import type { GpuDevice } from '../src/gpu/index.js';

/** Milliseconds of one pass: by timestamps where the adapter has them, else by the wall clock until it is done. */
export async function timePass(
  gpu: GpuDevice,
  encode: (pass: GPUComputePassEncoder) => void,
): Promise<number> {
  const timer = gpu.createTimer(1);
  const encoder = gpu.createEncoder('timed');
  const timestampWrites = timer?.next();
  const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
  encode(pass);
  pass.end();
  const begin = performance.now();
  gpu.submit(encoder);
  if (!timer) {
    await gpu.device.queue.onSubmittedWorkDone();
    return performance.now() - begin;
  }
  const [ms] = await timer.read();
  timer.close();
  return ms!;
}
