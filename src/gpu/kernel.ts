/**
 * A compiled compute kernel: pipeline, explicit layouts from the generated metadata, and the calls
 * to bind buffers by the names they have in the shader and to encode a dispatch.
 */
import { popErrorScope } from './error-scope.js';
import { GpuLimitError, GpuValidationError } from './errors.js';
import { arithmeticGroup, type Shader } from './shader.js';

/** A buffer, or a part of one (offset and size in bytes). */
export type Bindable =
  | GPUBuffer
  | { readonly buffer: GPUBuffer; readonly offset?: number; readonly size?: number };

/** The bind groups of one dispatch, by group number. Made once, used for every dispatch. */
export type KernelBindings = ReadonlyMap<number, GPUBindGroup>;

/** Dispatch size in workgroups, or the place of three u32 in an indirect buffer. */
export type DispatchSize =
  | readonly [x: number, y?: number, z?: number]
  | { readonly indirect: GPUBuffer; readonly offset: number };

export class Kernel {
  readonly shader: Shader;
  readonly entryPoint: string;
  readonly pipeline: GPUComputePipeline;
  /** Milliseconds that the compilation took. */
  readonly compileMs: number;
  readonly #device: GPUDevice;
  readonly #layouts: ReadonlyMap<number, GPUBindGroupLayout>;
  readonly #arithmetic: GPUBindGroup | undefined;

  /** Use `GpuDevice.createKernel()`. */
  constructor(
    device: GPUDevice,
    shader: Shader,
    entryPoint: string,
    pipeline: GPUComputePipeline,
    layouts: ReadonlyMap<number, GPUBindGroupLayout>,
    arithmetic: GPUBindGroup | undefined,
    compileMs: number,
  ) {
    this.#device = device;
    this.shader = shader;
    this.entryPoint = entryPoint;
    this.pipeline = pipeline;
    this.#layouts = layouts;
    this.#arithmetic = arithmetic;
    this.compileMs = compileMs;
  }

  /**
   * Binds buffers by the names of the shader's variables; every binding needs one.
   * @throws {GpuValidationError} for a missing or unknown name, or a buffer that WebGPU refuses here
   * @throws {GpuLimitError} for a bound range larger than one binding may be
   */
  async bind(buffers: Readonly<Record<string, Bindable>>): Promise<KernelBindings> {
    const { name, bindings } = this.shader;
    const unknown = Object.keys(buffers).filter(
      (key) => !bindings.some((binding) => binding.name === key),
    );
    const missing = bindings
      .filter((binding) => !(binding.name in buffers))
      .map((binding) => binding.name);
    if (unknown.length > 0 || missing.length > 0)
      throw new GpuValidationError(
        `kernel "${name}" binds ${bindings.map((binding) => binding.name).join(', ')}; missing: ${missing.join(', ') || 'none'}; unknown: ${unknown.join(', ') || 'none'}`,
      );

    const entries = new Map<number, GPUBindGroupEntry[]>();
    for (const { name: key, group, binding, type } of bindings) {
      const bindable = buffers[key]!;
      const resource: GPUBufferBinding = 'buffer' in bindable ? bindable : { buffer: bindable };
      const size = resource.size ?? resource.buffer.size - (resource.offset ?? 0);
      const limit =
        type === 'uniform' ? 'maxUniformBufferBindingSize' : 'maxStorageBufferBindingSize';
      if (size > this.#device.limits[limit])
        throw new GpuLimitError(
          `binding "${key}" of kernel "${name}"`,
          limit,
          size,
          this.#device.limits[limit],
          'bind a part of the buffer, or split the work into smaller batches',
        );
      const list = entries.get(group) ?? [];
      list.push({ binding, resource });
      entries.set(group, list);
    }
    this.#device.pushErrorScope('validation');
    const groups = new Map<number, GPUBindGroup>();
    for (const [group, list] of entries) {
      const layout = this.#layouts.get(group);
      if (layout)
        groups.set(group, this.#device.createBindGroup({ label: name, layout, entries: list }));
    }
    const invalid = await popErrorScope(this.#device);
    if (invalid)
      throw new GpuValidationError(`binding the buffers of kernel "${name}": ${invalid.message}`);
    return groups;
  }

  /** Encodes one dispatch into an open pass. */
  encode(pass: GPUComputePassEncoder, bindings: KernelBindings, size: DispatchSize): void {
    pass.setPipeline(this.pipeline);
    for (const [group, bindGroup] of bindings) pass.setBindGroup(group, bindGroup);
    if (this.#arithmetic) pass.setBindGroup(arithmeticGroup, this.#arithmetic);
    if ('indirect' in size) pass.dispatchWorkgroupsIndirect(size.indirect, size.offset);
    else pass.dispatchWorkgroups(size[0], size[1], size[2]);
  }
}
