import { GpuValidationError } from './errors.js';

/**
 * The error that the innermost error scope caught, null for none.
 *
 * @throws GpuValidationError when WebGPU does not say: the device is gone, as a rule
 */
export async function popErrorScope(device: GPUDevice): Promise<GPUError | null> {
  try {
    return await device.popErrorScope();
  } catch (error) {
    throw new GpuValidationError(`WebGPU gave no answer: ${(error as Error).message}`);
  }
}
