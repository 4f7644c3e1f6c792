/**
 * What takes the place of a GPU where there is none: the CPU does the same in f64, with worker threads.
 */
import { platform } from './this-platform.js';
import type { GpuDevice, GpuInfo } from './device.js';
import type { WorkerOptions } from './platform.js';

/** `openGpu({ fallback: 'cpu' })` gives one where there is no GPU; `null` stands for one with default options. */
export class CpuDevice {
  readonly info: GpuInfo = {
    runtime: platform.runtime,
    vendor: '',
    architecture: '',
    description: 'no GPU: everything is computed on the CPU, in f64',
    software: true,
  };
  readonly workers: WorkerOptions;
  readonly #owned: { close(): void }[] = [];

  constructor(workers: WorkerOptions = {}) {
    this.workers = workers;
  }

  /** Ties the life of another resource (worker threads, say) to this device's. */
  own(resource: { close(): void }): void {
    this.#owned.push(resource);
  }

  /** Ends its worker threads. */
  close(): void {
    for (const resource of this.#owned.splice(0)) resource.close();
  }
}

/** Where something is computed: on a GPU, or in f64 on the CPU. */
export type Device = GpuDevice | CpuDevice | null;
