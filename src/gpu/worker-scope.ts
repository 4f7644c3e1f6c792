/** The inside of a worker: of a page or of Deno, or one of Node's threads. */
import { isNode, nodeModule } from './node.js';
import type { WorkerGreeting } from './worker-greeting.js';

export interface WorkerScope {
  postMessage(data: unknown, transfer?: readonly Transferable[]): void;
  /** Sets the one listener for messages, and tells whoever started this worker that it listens. */
  listen(listener: (data: unknown) => void): void;
}

/** The part of DedicatedWorkerGlobalScope used here (the DOM library types only know windows). */
interface DedicatedScope {
  postMessage(data: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

const webScope: WorkerScope = {
  postMessage: (data, transfer = []) => {
    (globalThis as unknown as DedicatedScope).postMessage(data, [...transfer]);
  },
  listen: (listener) => {
    (globalThis as unknown as DedicatedScope).onmessage = (event) => {
      listener(event.data);
    };
    // A worker that is killed, or closes itself, tells nobody; the lock that it held then becomes free.
    const { locks } = globalThis.navigator as { readonly locks?: LockManager };
    if (!locks) {
      greet(null);
      return;
    }
    const name = `lps-worker-${Math.random()}-${performance.now()}`;
    locks
      .request(name, () => {
        greet(name);
        return new Promise(() => undefined);
      })
      // Sandboxed frames have no locks.
      .catch(() => {
        greet(null);
      });
  },
};

const nodeScope: WorkerScope = {
  postMessage: (data, transfer = []) => {
    nodeModule('worker_threads').parentPort?.postMessage(data, transfer as readonly ArrayBuffer[]);
  },
  listen: (listener) => {
    nodeModule('worker_threads').parentPort?.on('message', listener);
    greet(null);
  },
};

export const workerScope = isNode ? nodeScope : webScope;

function greet(lock: string | null): void {
  workerScope.postMessage({ lpsWorker: true, lock } satisfies WorkerGreeting);
}
