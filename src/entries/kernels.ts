/**
 * `lps-webgpu/kernels`: every kernel as an object that `GpuDevice.createKernel` compiles: networkGather is
 * shaders/network/gather.wgsl, whose head has the formula and the layout of the buffers. Those that need tables and
 * more than one dispatch are objects that encode themselves: `createMatmul` and `createForwardPass` of lps-webgpu/network,
 * `createPathKernel` of lps-webgpu/solver. `doubleSingle` is the text of shaders/lib/double-single.wgsl for kernels of an app's own.
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
export { doubleSingle } from '../generated/shaders/lib/double-single.js';
