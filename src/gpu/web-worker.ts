/**
 * Starts the library's worker in pages, web workers and Deno, wherever the library's files come from:
 *
 * 1. by `new Worker(new URL('./lps-worker.js', import.meta.url), { type: 'module' })`, literally so, because
 *    bundlers look for just that and then put the worker where this says; all that a strict
 *    Content-Security-Policy allows;
 * 2. from the worker's text, in a module that is loaded only then: browsers start no worker from another
 *    origin (a CDN), and some bundlers (esbuild, Vite's dependency cache) leave the file behind.
 */
import type { WorkerHandle, WorkerLike } from './platform.js';
import { isGreeting, PATIENCE_MS } from './worker-greeting.js';

/** Where others have greeted: so many times as long as the first of them took, and at least so long. */
const TIMES = 10;
const LEAST_PATIENCE_MS = 5000;

type Way = () => WorkerLike | Promise<WorkerLike>;

/** Once one way has served, the others are not tried again. */
let proved: Way | undefined;
/** How long the first worker of each way took to greet, ms. */
const greetings = new WeakMap<Way, number>();

export async function startWebWorker(create?: () => WorkerLike): Promise<WorkerHandle> {
  if (create) return greeted(create);
  const failures: string[] = [];
  for (const way of proved ? [proved] : [fromUrl, fromText]) {
    try {
      const worker = await greeted(way);
      proved = way;
      return worker;
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(failures.join('; '));
}

function fromUrl(): Worker {
  return new Worker(new URL('./lps-worker.js', import.meta.url), { type: 'module' });
}

async function fromText(): Promise<Worker> {
  const { workerSourceGzip } = await import('../generated/worker-source.js');
  const zipped = Uint8Array.from(atob(workerSourceGzip), (each) => each.charCodeAt(0));
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream('gzip'));
  const source = await new Response(stream).arrayBuffer();
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    return new Worker(url, { type: 'module' });
  } finally {
    // The worker has taken hold of the blob when its constructor returns.
    URL.revokeObjectURL(url);
  }
}

/** Waits for the first message of a new worker. A script that is missing or forbidden fails at once. */
async function greeted(way: Way): Promise<WorkerHandle> {
  const begin = performance.now();
  const usual = greetings.get(way) ?? Infinity;
  const patience = Math.min(PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, TIMES * usual));
  const worker = (await way()) as Worker;
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      worker.terminate();
      reject(new Error(why));
    };
    const timer = setTimeout(() => {
      fail(`a worker was started but did not answer within ${(patience / 1000).toFixed(1)} s`);
    }, patience);
    worker.onerror = (event) => {
      event.preventDefault();
      clearTimeout(timer);
      fail(event.message || 'the worker script could not be loaded, or is forbidden here');
    };
    worker.onmessage = ({ data }: MessageEvent) => {
      if (!isGreeting(data)) return;
      clearTimeout(timer);
      if (usual === Infinity) greetings.set(way, performance.now() - begin);
      resolve(handleOf(worker, data.lock));
    };
  });
}

function handleOf(worker: Worker, lock: string | null): WorkerHandle {
  const over = new AbortController();
  let onEnd: (error: Error) => void = () => undefined;
  const end = (error: Error) => {
    if (over.signal.aborted) return;
    over.abort();
    worker.terminate();
    onEnd(error);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end(new Error(event.message || 'the worker failed'));
  };
  if (lock !== null) {
    navigator.locks
      .request(lock, { signal: over.signal }, () => {
        end(new Error('it was killed or closed'));
      })
      // Our own abort.
      .catch(() => undefined);
  }
  return {
    postMessage: (data, transfer = []) => {
      worker.postMessage(data, [...transfer]);
    },
    onMessage: (listener) => {
      worker.onmessage = ({ data }: MessageEvent) => {
        listener(data);
      };
    },
    onEnd: (listener) => {
      onEnd = listener;
    },
    keepAlive: () => undefined,
    terminate: () => {
      over.abort();
      worker.terminate();
    },
  };
}
