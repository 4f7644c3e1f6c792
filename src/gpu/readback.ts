/**
 * Reading results back: copies appended to the work itself, one submit, one map.
 *
 * Staging buffers are kept and reused by size, because a tracker reads 32 bytes a round for
 * thousands of rounds and an allocation costs more than the copy.
 */

import { platform } from './this-platform.js';
import { GpuValidationError } from './errors.js';

/** Part of a buffer, bytes; both multiples of 4. Without a size: to the end. */
export interface ReadRange {
  readonly buffer: GPUBuffer;
  readonly offset?: number;
  readonly size?: number;
}

const smallestStaging = 256;
/** Free staging bytes worth keeping; beyond that the largest reads give their memory back. */
const keptBytes = 1 << 24;

export class Readback {
  readonly #device: GPUDevice;
  readonly #software: boolean;
  /** Free staging buffers by size, a power of two. */
  readonly #free = new Map<number, GPUBuffer[]>();
  #freeBytes = 0;

  /** @param software whether the GPU's work is done by the CPU, which waiting must leave alone. */
  constructor(device: GPUDevice, software: boolean) {
    this.#device = device;
    this.#software = software;
  }

  /**
   * Ends `encoder` with copies of the ranges, submits it and waits.
   * @param soonestMs from now, before which it is not done; default 0
   * @returns one copy per range, in their order
   */
  async submitAndRead(
    encoder: GPUCommandEncoder,
    ranges: readonly ReadRange[],
    soonestMs?: number,
  ): Promise<ArrayBuffer[]> {
    const sizes = ranges.map(({ buffer, offset = 0, size }) => size ?? buffer.size - offset);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const staging = this.#take(total);
    let position = 0;
    ranges.forEach(({ buffer, offset = 0 }, index) => {
      const size = sizes[index] ?? 0;
      encoder.copyBufferToBuffer(buffer, offset, staging, position, size);
      position += size;
    });
    this.#device.queue.submit([encoder.finish()]);
    try {
      const map = () => staging.mapAsync(GPUMapMode.READ, 0, total);
      await (this.#software ? platform.waitForGpu(map, soonestMs) : map());
    } catch (error) {
      staging.destroy();
      throw new GpuValidationError(`a result could not be read back: ${(error as Error).message}`);
    }
    const mapped = staging.getMappedRange(0, total);
    position = 0;
    const copies = sizes.map((size) => {
      const copy = mapped.slice(position, position + size);
      position += size;
      return copy;
    });
    staging.unmap();
    this.#give(staging);
    return copies;
  }

  close(): void {
    for (const buffers of this.#free.values()) for (const buffer of buffers) buffer.destroy();
    this.#free.clear();
    this.#freeBytes = 0;
  }

  #take(bytes: number): GPUBuffer {
    const size = Math.max(smallestStaging, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
    const reused = this.#free.get(size)?.pop();
    if (reused) {
      this.#freeBytes -= size;
      return reused;
    }
    return this.#device.createBuffer({
      label: 'readback',
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  #give(buffer: GPUBuffer): void {
    if (this.#freeBytes + buffer.size > keptBytes) {
      buffer.destroy();
      return;
    }
    this.#freeBytes += buffer.size;
    const list = this.#free.get(buffer.size);
    if (list) list.push(buffer);
    else this.#free.set(buffer.size, [buffer]);
  }
}
