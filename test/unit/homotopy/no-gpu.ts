/** A device that is only asked its name: for solves whose paths are few enough for the calling thread. */
import type { GpuDevice } from '../../../src/gpu/index.js';

export const noGpu = {
  own: () => undefined,
  precision: { mode: 'f64' },
  info: {},
  limits: { maxStorageBufferBindingSize: 2 ** 27 },
} as unknown as GpuDevice;
