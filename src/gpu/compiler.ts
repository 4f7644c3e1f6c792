/**
 * Compiles kernels asynchronously and once: the cache key is everything the compiler sees.
 *
 * A compile takes 0.1 s to seconds (and on some LLVM drivers far longer), so callers put gamma,
 * coefficients and data into buffers, and two requests for the same code share one compilation even
 * while it is still running.
 */
import { platform } from './this-platform.js';
import { popErrorScope } from './error-scope.js';
import { GpuCompileError } from './errors.js';
import { Kernel } from './kernel.js';
import { arithmeticGroup, type ArithmeticMode, type Shader } from './shader.js';

export interface KernelOptions {
  /** Needed only when the shader has more than one. */
  readonly entryPoint?: string;
  /** Values of the shader's overrides. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Replaces the shader's text: code generated for one problem, with the same bindings. */
  readonly code?: string;
}

/** What compiling has cost so far; `hits` are requests answered from the cache. */
export interface CompileStatistics {
  readonly compiled: number;
  readonly hits: number;
  readonly totalMs: number;
}

export class KernelCompiler {
  readonly #device: GPUDevice;
  readonly #cache = new Map<string, Promise<Kernel>>();
  readonly #arithmeticLayout: GPUBindGroupLayout;
  readonly #arithmeticBinding: GPUBindGroup;
  readonly #zero: GPUBuffer;
  #statistics: CompileStatistics = { compiled: 0, hits: 0, totalMs: 0 };

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#arithmeticLayout = device.createBindGroupLayout({
      label: 'arithmetic',
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: 'uniform', minBindingSize: 4 },
        },
      ],
    });
    // New buffers are filled with zeros: this is the zero that the opaque barrier reads.
    this.#zero = device.createBuffer({
      label: 'opaque zero',
      size: 16,
      usage: GPUBufferUsage.UNIFORM,
    });
    this.#arithmeticBinding = device.createBindGroup({
      label: 'arithmetic',
      layout: this.#arithmeticLayout,
      entries: [{ binding: 0, resource: { buffer: this.#zero } }],
    });
  }

  get statistics(): CompileStatistics {
    return this.#statistics;
  }

  /** Compiles a kernel, or returns the one already compiled. @throws {GpuCompileError} */
  compile(shader: Shader, mode: ArithmeticMode, options: KernelOptions = {}): Promise<Kernel> {
    const { constants = {}, code = shader.code } = options;
    const entryPoint = options.entryPoint ?? Object.keys(shader.entryPoints)[0] ?? 'main';
    const arithmetic = shader.arithmetic ? mode : null;
    const key = JSON.stringify([code, arithmetic, entryPoint, Object.entries(constants).sort()]);
    const known = this.#cache.get(key);
    if (known) {
      this.#statistics = { ...this.#statistics, hits: this.#statistics.hits + 1 };
      return known;
    }
    const kernel = this.#compile(shader, code, arithmetic, entryPoint, constants);
    this.#cache.set(key, kernel);
    // A failure must not stay: the next request deserves its own message.
    kernel.catch(() => this.#cache.delete(key));
    return kernel;
  }

  close(): void {
    this.#cache.clear();
    this.#zero.destroy();
  }

  async #compile(
    shader: Shader,
    code: string,
    mode: ArithmeticMode | null,
    entryPoint: string,
    constants: Readonly<Record<string, number>>,
  ): Promise<Kernel> {
    const device = this.#device;
    const label = shader.name;
    const started = performance.now();
    const text = mode ? `${code}\n${await arithmeticText(mode)}` : code;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label, code: text });
    const layouts = this.#layouts(shader);
    const highest = Math.max(-1, ...layouts.keys(), shader.arithmetic ? arithmeticGroup : -1);
    const layout = device.createPipelineLayout({
      label,
      bindGroupLayouts: Array.from({ length: highest + 1 }, (_, group) =>
        shader.arithmetic && group === arithmeticGroup
          ? this.#arithmeticLayout
          : (layouts.get(group) ?? device.createBindGroupLayout({ entries: [] })),
      ),
    });
    const scope = popErrorScope(device);
    let pipeline: GPUComputePipeline | undefined;
    let cause: unknown;
    try {
      pipeline = await platform.waitForGpu(() =>
        device.createComputePipelineAsync({
          label,
          layout,
          compute: { module, entryPoint, constants },
        }),
      );
    } catch (error) {
      cause = error;
    }
    const invalid = await scope;
    if (!pipeline || invalid) {
      const { messages } = await module.getCompilationInfo();
      const lines = messages
        .filter(({ type }) => type === 'error')
        .map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
      const other = invalid?.message ?? (cause instanceof Error ? cause.message : String(cause));
      throw new GpuCompileError(label, lines.length > 0 ? lines : [other], { cause });
    }
    const compileMs = performance.now() - started;
    const { compiled, hits, totalMs } = this.#statistics;
    this.#statistics = { compiled: compiled + 1, hits, totalMs: totalMs + compileMs };
    const arithmetic = shader.arithmetic ? this.#arithmeticBinding : undefined;
    return new Kernel(device, shader, entryPoint, pipeline, layouts, arithmetic, compileMs);
  }

  #layouts(shader: Shader): Map<number, GPUBindGroupLayout> {
    const entries = new Map<number, GPUBindGroupLayoutEntry[]>();
    for (const { group, binding, type, minBindingSize } of shader.bindings) {
      const list = entries.get(group) ?? [];
      list.push({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type, minBindingSize } });
      entries.set(group, list);
    }
    return new Map(
      [...entries].map(([group, list]) => [
        group,
        this.#device.createBindGroupLayout({ label: shader.name, entries: list }),
      ]),
    );
  }
}

/** Most kernels need none: it is loaded with the first that does. */
async function arithmeticText(mode: ArithmeticMode): Promise<string> {
  const { arithmeticLibrary } = await import('../generated/arithmetic-library.js');
  return arithmeticLibrary[mode];
}
