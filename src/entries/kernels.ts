/**
 * `lps-webgpu/kernels`: every kernel as an object that `GpuDevice.createKernel` compiles: networkGather is
 * shaders/network/gather.wgsl, whose head has the formula and the layout of the buffers.
 */
export * from './device.js';
export type {
  Bindable,
  DispatchSize,
  Kernel,
  KernelBindings,
  KernelOptions,
  KnownShader,
  Shader,
  ShaderBinding,
  ShaderEntryPoint,
  ShaderStruct,
  ShaderStructMember,
} from '../gpu/index.js';
export * from '../generated/shaders.js';
