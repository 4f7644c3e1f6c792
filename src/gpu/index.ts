/** The GPU layer's public names. */
export * from './errors.js';
export { CpuDevice, type Device } from './cpu-device.js';
export { GpuDevice, type DeviceOptions, type GpuInfo } from './device.js';
export type { FrameBudget } from './frame-budget.js';
export { openGpu, type OpenGpuOptions } from './open.js';
export type { Kernel, KernelBindings, Bindable, DispatchSize } from './kernel.js';
export type { KernelOptions, CompileStatistics } from './compiler.js';
export type { BufferSet, BufferUse } from './buffers.js';
export type { ReadRange } from './readback.js';
export type { PassTimer } from './timer.js';
export type { ArithmeticErrors, PrecisionVerdict } from './precision.js';
export type { Operation } from './precision-cases.js';
export type {
  ArithmeticMode,
  KnownShader,
  Shader,
  ShaderBinding,
  ShaderEntryPoint,
  ShaderStruct,
  ShaderStructMember,
} from './shader.js';
export type { Platform, WorkerHandle, WorkerLike, WorkerOptions } from './platform.js';
