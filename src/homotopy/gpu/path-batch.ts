/**
 * The buffers and bind groups of one batch of paths on the GPU.
 *
 * A batch is reused by every later job of its tracker that fits into it: making some ten buffers
 * costs more than tracking a few hundred paths.
 */
import type { BufferSet, GpuDevice, Kernel, KernelBindings } from '../../gpu/index.js';
import type { TrackerKernels } from './tracker-kernels.js';

export interface BatchSizes {
  /** Paths it holds. */
  readonly capacity: number;
  /** Members of the family whose target coefficients it holds. */
  readonly members: number;
}

export class PathBatch {
  private constructor(
    readonly sizes: BatchSizes,
    private readonly set: BufferSet,
    readonly buffers: Readonly<Record<BufferName, GPUBuffer>>,
    readonly bindings: ReadonlyMap<Kernel, KernelBindings>,
  ) {}

  /** @throws GpuLimitError when `capacity` paths do not fit into one binding. */
  static async create(
    gpu: GpuDevice,
    kernels: TrackerKernels,
    sizes: BatchSizes,
  ): Promise<PathBatch> {
    const { capacity, members } = sizes;
    const set = gpu.createBuffers();
    try {
      const bytes: Record<BufferName, number> = {
        round: kernels.roundLayout.size,
        counters: kernels.countersSize,
        workgroups: 12,
        state: capacity * kernels.vectorsPerPath * 8,
        control: capacity * kernels.controlSize,
        queue: capacity * 2 * 4,
        path_ids: capacity * 4,
        family_members: capacity * 4,
        records: capacity * kernels.recordWords * 4,
        target_coefficients: members * kernels.targetBytes,
        start_coefficients: kernels.startBytes,
        start_table: kernels.startTable.byteLength,
        start_values: kernels.startValues * 8,
        group_order: kernels.groupOrder.byteLength,
        system: kernels.system.byteLength,
        corrections: kernels.refine ? capacity * kernels.pointLength * 8 : 4,
        refine_table: kernels.refineTables.words.byteLength,
        refine_coefficients: Math.max(1, members * kernels.refineTables.data) * 16,
      };
      const buffers = {} as Record<BufferName, GPUBuffer>;
      for (const name of Object.keys(bytes) as BufferName[]) {
        const use = name === 'round' ? 'uniform' : name === 'workgroups' ? 'indirect' : 'storage';
        buffers[name] = await set.create(`paths: ${name}`, use, bytes[name]);
      }
      gpu.write(buffers.start_table, kernels.startTable);
      gpu.write(buffers.group_order, kernels.groupOrder);
      gpu.write(buffers.system, kernels.system);
      gpu.write(buffers.refine_table, kernels.refineTables.words);
      const bindings = await bindKernels(kernels.all, buffers);
      return new PathBatch(sizes, set, buffers, bindings);
    } catch (error) {
      set.close();
      throw error;
    }
  }

  /** Encodes one dispatch of a kernel over this batch. */
  encode(pass: GPUComputePassEncoder, kernel: Kernel, size: readonly [number] | 'survivors'): void {
    const bindings = this.bindings.get(kernel)!;
    kernel.encode(
      pass,
      bindings,
      size === 'survivors' ? { indirect: this.buffers.workgroups, offset: 0 } : size,
    );
  }

  close(): void {
    this.set.close();
  }
}

/** The names that the shaders give their bindings. */
type BufferName =
  | 'round'
  | 'counters'
  | 'workgroups'
  | 'state'
  | 'control'
  | 'queue'
  | 'path_ids'
  | 'family_members'
  | 'records'
  | 'target_coefficients'
  | 'start_coefficients'
  | 'start_table'
  | 'start_values'
  | 'group_order'
  | 'system'
  | 'corrections'
  | 'refine_table'
  | 'refine_coefficients';

/** Binds each kernel to those of the buffers that its shader names. */
export async function bindKernels(
  kernels: readonly Kernel[],
  buffers: Readonly<Record<string, GPUBuffer>>,
): Promise<ReadonlyMap<Kernel, KernelBindings>> {
  const bindings = new Map<Kernel, KernelBindings>();
  for (const kernel of kernels) {
    const needed = kernel.shader.bindings.map(({ name }) => [name, buffers[name]!] as const);
    bindings.set(kernel, await kernel.bind(Object.fromEntries(needed)));
  }
  return bindings;
}

/** What the buffer `counters` says after a round (Counters of shaders/lib/path-state.wgsl). */
export function readCounters(copy: ArrayBuffer): {
  /** Paths that go on. */
  readonly running: number;
  /** Of all paths in all rounds. */
  readonly iterations: number;
} {
  const words = new Uint32Array(copy);
  return { running: words[0]!, iterations: words[3]! };
}
