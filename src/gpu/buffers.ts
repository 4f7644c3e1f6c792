/**
 * Buffers with one owner.
 *
 * A `BufferSet` belongs to one piece of work, which closes it when done; closing the device closes
 * every set. Sizes are checked against the device's limits before WebGPU is asked, because the check
 * can say what to do, and each allocation runs inside its own error scopes.
 */
import { popErrorScope } from './error-scope.js';
import { GpuLimitError, GpuOutOfMemoryError, GpuValidationError } from './errors.js';

export type BufferUse = 'storage' | 'uniform' | 'indirect';

/** WebGPU copies and maps whole 4-byte words. */
const wordBytes = 4;

const useFlags = {
  // Every storage buffer can be read back and cleared; drivers do not charge for that.
  storage: () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  uniform: () => GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  indirect: () =>
    GPUBufferUsage.INDIRECT |
    GPUBufferUsage.STORAGE |
    GPUBufferUsage.COPY_SRC |
    GPUBufferUsage.COPY_DST,
} as const satisfies Record<BufferUse, () => number>;

const useLimit = {
  storage: 'maxStorageBufferBindingSize',
  uniform: 'maxUniformBufferBindingSize',
  indirect: 'maxStorageBufferBindingSize',
} as const satisfies Record<BufferUse, keyof GPUSupportedLimits>;

export class BufferSet {
  readonly #device: GPUDevice;
  readonly #buffers = new Set<GPUBuffer>();
  readonly #onClose: (set: BufferSet) => void;
  readonly #checkUsable: () => void;

  /** Use `GpuDevice.createBuffers()`. */
  constructor(device: GPUDevice, checkUsable: () => void, onClose: (set: BufferSet) => void) {
    this.#device = device;
    this.#checkUsable = checkUsable;
    this.#onClose = onClose;
  }

  /**
   * Allocates a buffer, filled with `content` when that is data and with zeros when it is a size.
   * @param label name in error messages
   * @param content bytes wanted, or data to upload; rounded up to whole words
   * @throws {GpuLimitError} when it is larger than one binding may be
   * @throws {GpuOutOfMemoryError} when the device has no memory left
   * @throws {GpuValidationError} for anything else WebGPU refuses
   */
  async create(
    label: string,
    use: BufferUse,
    content: number | ArrayBufferView<ArrayBuffer>,
  ): Promise<GPUBuffer> {
    this.#checkUsable();
    const device = this.#device;
    const bytes = typeof content === 'number' ? content : content.byteLength;
    const size = Math.max(wordBytes, Math.ceil(bytes / wordBytes) * wordBytes);
    const limit = useLimit[use];
    const available = Math.min(device.limits[limit], device.limits.maxBufferSize);
    if (size > available)
      throw new GpuLimitError(
        `buffer "${label}"`,
        limit,
        size,
        available,
        'split the work into smaller batches',
      );

    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    let buffer: GPUBuffer | undefined;
    let thrown: unknown;
    try {
      buffer = device.createBuffer({
        label,
        size,
        usage: useFlags[use](),
        mappedAtCreation: typeof content !== 'number',
      });
    } catch (error) {
      // mappedAtCreation reports exhausted host memory as a RangeError.
      thrown = error;
    }
    if (buffer && typeof content !== 'number') {
      new Uint8Array(buffer.getMappedRange()).set(
        new Uint8Array(content.buffer, content.byteOffset, content.byteLength),
      );
      buffer.unmap();
    }
    const [outOfMemory, invalid] = await Promise.all([
      popErrorScope(device),
      popErrorScope(device),
    ]);
    if (buffer && !outOfMemory && !invalid) {
      this.#buffers.add(buffer);
      return buffer;
    }
    buffer?.destroy();
    if (invalid) throw new GpuValidationError(`buffer "${label}": ${invalid.message}`);
    throw new GpuOutOfMemoryError(
      `buffer "${label}"`,
      size,
      outOfMemory?.message ?? String(thrown),
    );
  }

  /** A storage buffer (see `create`). */
  storage(label: string, content: number | ArrayBufferView<ArrayBuffer>): Promise<GPUBuffer> {
    return this.create(label, 'storage', content);
  }

  /** A uniform buffer (see `create`). */
  uniform(label: string, content: number | ArrayBufferView<ArrayBuffer>): Promise<GPUBuffer> {
    return this.create(label, 'uniform', content);
  }

  /** Frees one buffer before the rest. */
  release(buffer: GPUBuffer): void {
    if (this.#buffers.delete(buffer)) buffer.destroy();
  }

  /** Frees every buffer of the set; the set can be used again. */
  close(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
    this.#onClose(this);
  }
}
