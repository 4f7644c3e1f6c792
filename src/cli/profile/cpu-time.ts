/**
 * CPU time of this process, inside kernels and outside.
 *
 * A software adapter runs kernels in threads of its own in this process, which bear its name: SwiftShader's `Thread<00>`,
 * llvmpipe's `llvmpipe-0`. Linux says how long each thread has run. The threads end with the device, so they
 * are asked while it lives: when it is destroyed, and now and then.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { globals } from 'webgpu';

const KERNEL_THREAD = /^(Thread<\d+>|llvmpipe-\d+)$/;
const TASKS = '/proc/self/task';
const INTERVAL_MS = 100;
const NANOSECONDS_PER_MS = 1e6;

export class CpuClock {
  readonly #begin = process.cpuUsage();
  readonly #before = kernelThreads();
  /** Of each thread, the longest that was seen. */
  readonly #after = new Map<string, number>();
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
    this.#look();
    clearInterval(this.#timer);
    this.#restore();
    const { user, system } = process.cpuUsage(this.#begin);
    const kernelsMs = [...this.#after].reduce(
      (sum, [thread, ms]) => sum + ms - (this.#before.get(thread) ?? 0),
      0,
    );
    return { totalMs: (user + system) / 1000, kernelsMs };
  }

  #look(): void {
    for (const [thread, ms] of kernelThreads()) this.#after.set(thread, ms);
  }
}

/** Milliseconds that each thread has run; empty where the system does not say. */
function kernelThreads(): Map<string, number> {
  const times = new Map<string, number>();
  try {
    for (const thread of readdirSync(TASKS)) {
      if (!KERNEL_THREAD.test(readFileSync(`${TASKS}/${thread}/comm`, 'utf8').trim())) continue;
      const [ran] = readFileSync(`${TASKS}/${thread}/schedstat`, 'utf8').split(' ');
      times.set(thread, Number(ran) / NANOSECONDS_PER_MS);
    }
  } catch {
    // Not Linux, or a thread that has just ended: what was seen before stands.
  }
  return times;
}
