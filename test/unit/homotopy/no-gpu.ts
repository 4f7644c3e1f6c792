/**
 * A device that is only asked its name. All its work is the calling thread's: test files share it, and a worker that
 * cannot be started in one of them would be a warning in all others.
 */
import type { GpuDevice } from '../../../src/gpu/index.js';

export const noGpu = {
  own: () => undefined,
  workers: { workers: 0 },
  precision: { mode: 'f64' },
  info: {},
  limits: { maxStorageBufferBindingSize: 2 ** 27 },
} as unknown as GpuDevice;
