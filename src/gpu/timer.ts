/**
 * GPU time of single passes by timestamp queries, on adapters that have them.
 *
 * Chrome rounds timestamps to about 0.1 ms unless it was started with --enable-unsafe-webgpu (set-up does).
 */
import { GpuValidationError } from './errors.js';

const bytesPerTimestamp = 8;

export class PassTimer {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #capacity: number;
  #used = 0;

  /** Use `GpuDevice.createTimer()`. `capacity` is the number of passes between two reads. */
  constructor(device: GPUDevice, capacity: number) {
    this.#device = device;
    this.#capacity = capacity;
    this.#queries = device.createQuerySet({
      label: 'pass timer',
      type: 'timestamp',
      count: 2 * capacity,
    });
    const size = 2 * capacity * bytesPerTimestamp;
    this.#resolved = device.createBuffer({
      label: 'pass timer',
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.#staging = device.createBuffer({
      label: 'pass timer',
      size,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
  }

  /** For the descriptor of the next pass; undefined (not measured) when the capacity is used up. */
  next(): GPUComputePassTimestampWrites | undefined {
    if (this.#used === this.#capacity) return undefined;
    const first = 2 * this.#used++;
    return {
      querySet: this.#queries,
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: first + 1,
    };
  }

  /** Waits for the submitted passes and returns their times in ms, in the order of `next`; starts anew. */
  async read(): Promise<number[]> {
    const passes = this.#used;
    this.#used = 0;
    if (passes === 0) return [];
    const size = 2 * passes * bytesPerTimestamp;
    const encoder = this.#device.createCommandEncoder({ label: 'pass timer' });
    encoder.resolveQuerySet(this.#queries, 0, 2 * passes, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, size);
    this.#device.queue.submit([encoder.finish()]);
    try {
      await this.#staging.mapAsync(GPUMapMode.READ, 0, size);
    } catch (error) {
      throw new GpuValidationError(`times could not be read back: ${(error as Error).message}`);
    }
    const stamps = new BigUint64Array(this.#staging.getMappedRange(0, size).slice(0));
    this.#staging.unmap();
    const nanosecondsPerMs = 1e6;
    return Array.from({ length: passes }, (_, pass) => {
      const begin = stamps[2 * pass] ?? 0n;
      const end = stamps[2 * pass + 1] ?? 0n;
      return end > begin ? Number(end - begin) / nanosecondsPerMs : 0;
    });
  }

  close(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}
