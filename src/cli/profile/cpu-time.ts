/**
 * CPU time of this process, inside kernels and outside.
 *
 * A software adapter runs kernels in threads of its own in this process, which bear its name: SwiftShader's `Thread<00>`,
 * llvmpipe's `llvmpipe-0`. The threads end with the device, so they are asked while it lives: when it is destroyed, and now
 * and then.
 */
import { globals } from 'webgpu';
import { CpuClock } from '../processes.js';

const KERNEL_THREAD = /^(Thread<\d+>|llvmpipe-\d+)$/;
/** A look costs the host 18 us a thread. */
const INTERVAL_MS = 1000;

export class KernelClock {
  readonly #begin = process.cpuUsage();
  readonly #clock = new CpuClock(KERNEL_THREAD);
  readonly #before = this.#look();
  readonly #timer: NodeJS.Timeout;
  readonly #restore: () => void;

  constructor() {
    const look = () => {
      this.#look();
    };
    this.#timer = setInterval(look, INTERVAL_MS);
    this.#timer.unref();
    const { prototype } = (globals as unknown as { GPUDevice: typeof GPUDevice }).GPUDevice;
    const { destroy } = prototype;
    prototype.destroy = function () {
      look();
      destroy.call(this);
    };
    this.#restore = () => (prototype.destroy = destroy);
  }

  /**
   * Ends the measurement.
   *
   * @returns milliseconds of CPU time of all threads, and of those that run kernels; 0 where the adapter has none
   */
  stop(): { readonly totalMs: number; readonly kernelsMs: number } {
    const kernels = this.#look() - this.#before;
    clearInterval(this.#timer);
    this.#restore();
    const { user, system } = process.cpuUsage(this.#begin);
    return { totalMs: (user + system) / 1000, kernelsMs: 1000 * kernels };
  }

  /** Seconds of kernels so far. */
  #look(): number {
    return this.#clock.seconds([process.pid]);
  }
}
