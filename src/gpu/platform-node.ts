/**
 * The Node side of the platform: Dawn (npm package `webgpu`) and worker threads.
 *
 * The object that Dawn's `create` returns is kept for the life of the process: when it is collected
 * Node aborts (webgpu 0.6.2).
 */
import type { Worker } from 'node:worker_threads';
import { nodeModule } from './node.js';
import type { Platform, WorkerHandle, WorkerLike } from './platform.js';
import { isGreeting, PATIENCE_MS } from './worker-greeting.js';

/** A name in a variable, and the comments, keep bundlers of pages from looking for it. */
const DAWN = 'webgpu';

let gpu: GPU | undefined;

async function loadGpu(): Promise<
  { readonly gpu: GPU } | { readonly gpu?: undefined; readonly reason: string }
> {
  if (gpu) return { gpu };
  try {
    const { create, globals } = (await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ DAWN
    )) as typeof import('webgpu');
    // GPUBufferUsage and its kin, which pages have and Node has not.
    Object.assign(globalThis, globals);
    // Dawn rounds timestamps to 66 us for the sake of web pages; this process may know its own times.
    gpu = create(['disable-dawn-features=timestamp_quantization']);
    return { gpu };
  } catch (error) {
    return {
      reason: `the npm package "webgpu" (Dawn) did not load, which "npm install webgpu" provides: ${(error as Error).message}`,
    };
  }
}

/** Milliseconds between two looks at Dawn's events: at first, and at most. */
const PAUSE_MS = 0.05;
const LONGEST_PAUSE_MS = 5;
/** A timer's grain. */
const SHORTEST_SLEEP_MS = 2;
/** How much longer a wait may become by its pauses. */
const PAUSE_SHARE = 0.05;
let never: Int32Array<SharedArrayBuffer> | undefined;
let waiting = 0;
let pausing = false;
/** When the newest wait began. */
let since = 0;
/** Node reads files of the system for it, every time. */
let parallelism: number | undefined;

/**
 * While a promise of Dawn is pending, webgpu 0.6.2 polls with setImmediate and keeps one core at
 * 100%, which on a software adapter is a core taken from the GPU. A short sleep between two polls
 * (0.05 ms: longer ones cost time and save no more) gives it back: katsura-8 111 -> 87 ms of CPU and 111 -> 75 ms of time, noon-5 36 -> 28 ms of CPU
 * (2026-11-23). Waits for a compiler and for long rounds may have longer ones: at 0.05 ms, looking alone takes 12% of a core,
 * at 0.5 ms 4%. With 2% of the wait in place of 5% a path of cyclic-6 to its end on the GPU takes the host 943 us, not 776
 * (median of three pairs, 2026-11-28, `solver-costs cyclic6 --ways endgame --start linear-product`). Until the result may be
 * there no promise is pending, and so nobody polls.
 */
async function waitForGpu<T>(ask: () => Promise<T>, soonestMs = 0): Promise<T> {
  const begin = performance.now();
  if (soonestMs >= SHORTEST_SLEEP_MS)
    await new Promise((resolve) => setTimeout(resolve, soonestMs));
  waiting++;
  since = begin;
  if (!pausing) {
    // Not `waiting === 1`: a wait that follows another at once finds its pauses still going, and a
    // second chain of them beside the first would never end.
    pausing = true;
    setImmediate(pause);
  }
  try {
    return await ask();
  } finally {
    waiting--;
  }
}

function pause(): void {
  pausing = waiting > 0;
  if (!pausing) return;
  const waited = performance.now() - since;
  const pauseMs = Math.min(Math.max(PAUSE_SHARE * waited, PAUSE_MS), LONGEST_PAUSE_MS);
  Atomics.wait((never ??= new Int32Array(new SharedArrayBuffer(4))), 0, 0, pauseMs);
  setImmediate(pause);
}

function ownWorker(): WorkerLike {
  const { Worker } = nodeModule('worker_threads');
  return new Worker(new URL('./lps-worker.js', import.meta.url)) as unknown as WorkerLike;
}

async function startWorker(create: () => WorkerLike = ownWorker): Promise<WorkerHandle> {
  const worker = create() as unknown as Worker;
  let patience: ReturnType<typeof setTimeout> | undefined;
  await new Promise<void>((resolve, reject) => {
    patience = setTimeout(() => {
      void worker.terminate();
      reject(new Error('a worker was started but did not answer'));
    }, PATIENCE_MS);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`the worker ended with code ${code} before it answered`));
    });
    worker.once('message', (data) => {
      if (isGreeting(data)) resolve();
      else reject(new Error('the worker is not that of lps-webgpu'));
    });
  }).finally(() => {
    clearTimeout(patience);
  });
  let terminated = false;
  return {
    postMessage: (data, transfer = []) => {
      worker.postMessage(data, transfer as readonly ArrayBuffer[]);
    },
    onMessage: (listener) => {
      worker.on('message', listener);
    },
    onEnd: (listener) => {
      let failure: Error | undefined;
      worker.on('error', (error: Error) => (failure = error));
      worker.on('exit', (code) => {
        if (!terminated) listener(failure ?? new Error(`it ended with code ${code}`));
      });
    },
    keepAlive: (isBusy) => {
      if (isBusy) worker.ref();
      else worker.unref();
    },
    terminate: () => {
      terminated = true;
      void worker.terminate();
    },
  };
}

export const nodePlatform: Platform = {
  runtime: 'node',
  loadGpu,
  waitForGpu,
  adapterRemedy:
    'Install a graphics driver with Vulkan (Linux: mesa-vulkan-drivers or the vendor\'s), or run "npm run setup" in a checkout, which provides a software adapter on Linux x64.',
  startWorker,
  get hardwareConcurrency() {
    return (parallelism ??= nodeModule('os').availableParallelism());
  },
};
