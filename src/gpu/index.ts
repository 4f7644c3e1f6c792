/** The GPU layer's public names. */
export * from './errors.js';
export { CpuDevice, type Device } from './cpu-device.js';
export { GpuDevice, type GpuInfo } from './device.js';
export { openGpu, type OpenGpuOptions } from './open.js';
export { type Kernel, type KernelBindings, type Bindable, type DispatchSize } from './kernel.js';
export { type KernelOptions, type CompileStatistics } from './compiler.js';
export { type BufferSet, type BufferUse } from './buffers.js';
export { type ReadRange } from './readback.js';
export { type PassTimer } from './timer.js';
export {
  doubleSingleTolerance,
  type ArithmeticErrors,
  type PrecisionVerdict,
} from './precision.js';
export { type Operation } from './precision-cases.js';
export {
  type ArithmeticMode,
  type Shader,
  type ShaderBinding,
  type ShaderStruct,
} from './shader.js';
export {
  type Platform,
  type WorkerHandle,
  type WorkerLike,
  type WorkerOptions,
} from './platform.js';
