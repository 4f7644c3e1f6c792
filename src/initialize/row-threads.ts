/** The device's threads as helpers of a forward pass on the host. */
import type { Device } from '../gpu/index.js';
import { platform } from '../gpu/this-platform.js';
import { WorkerPool } from '../homotopy/track/pool.js';
import type { RowHelpers, SharedWork } from '../network/host/f32-layer.js';

/** Threads of a device that take shares of a layer's rows. */
export interface RowThreads {
  /** None where memory cannot be shared, or no thread may be started. */
  readonly helpers: RowHelpers | undefined;
  close(): void;
}

/** One thread fewer than cores: the caller's works, too. */
export function openRowThreads(device: Device): RowThreads {
  const options = device?.workers ?? {};
  const threads = (options.workers ?? platform.hardwareConcurrency) - 1;
  if (threads < 1 || !isMemoryShared()) return { helpers: undefined, close: () => undefined };
  const pool = new WorkerPool({ ...options, workers: threads });
  let working = threads;
  const helpers: RowHelpers = {
    get threads() {
      return working;
    },
    begin: (products, share) => {
      const work: { state: SharedWork['state'] } = { state: 'away' };
      const refuse = () => Promise.reject(new Error('no worker was started'));
      pool.share(products, share, refuse).then(
        () => {
          work.state = 'done';
        },
        () => {
          // The caller does it, and whatever comes after it.
          working = 0;
          work.state = 'failed';
        },
      );
      return work;
    },
  };
  return {
    helpers,
    close: () => {
      pool.close();
    },
  };
}

/** Pages share memory only where they are isolated from others. */
function isMemoryShared(): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false;
}
