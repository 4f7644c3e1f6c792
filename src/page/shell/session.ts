/**
 * The GPU of the page and what runs on it: one device for all parts, opened when it is first needed and
 * again after it was lost, and one job at a time.
 */
import type { DeviceLostError } from '../../gpu/index.js';
import { openGpu, type GpuDevice } from '../../gpu/index.js';
import { LpsError } from '../../math/lps-error.js';

/** A second job was started while one is running. */
export class BusyError extends LpsError {
  override readonly name = 'BusyError';
  override readonly kind = 'usage';

  constructor(running: string) {
    super(`${running} is still running: stop it there first, or wait for its end.`);
  }
}

export class Session {
  #gpu: Promise<GpuDevice> | null = null;
  #lost: GpuDevice | null = null;
  #running: string | null = null;

  /** @param onLost is told that the device went; the next `gpu()` opens another. */
  constructor(private readonly onLost: (error: DeviceLostError) => void) {}

  /**
   * The device.
   *
   * @throws GpuUnavailableError when there is none; the next call looks again
   */
  gpu(): Promise<GpuDevice> {
    this.#gpu ??= this.#open();
    return this.#gpu;
  }

  /**
   * Runs a job while no other runs.
   *
   * @param name of the part of the page, for the message that refuses another
   * @throws BusyError, and what the job throws
   */
  async run<Result>(name: string, job: () => Promise<Result>): Promise<Result> {
    if (this.#running !== null) throw new BusyError(this.#running);
    this.#running = name;
    try {
      return await job();
    } finally {
      this.#running = null;
    }
  }

  async #open(): Promise<GpuDevice> {
    try {
      // A solve that was at work has one opened in its place.
      const gpu = (await this.#lost?.replace()) ?? (await openGpu());
      void gpu.lost.then((error) => {
        this.#lost = gpu;
        this.#gpu = null;
        this.onLost(error);
      });
      return gpu;
    } catch (error) {
      this.#gpu = null;
      throw error;
    }
  }
}
