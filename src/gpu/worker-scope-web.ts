/** The inside of a Web Worker, of a page or of Deno. */
import type { WorkerGreeting, WorkerScope } from './worker-scope.js';

/** The part of DedicatedWorkerGlobalScope used here (the DOM library types only know windows). */
interface DedicatedScope {
  postMessage(data: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

function greet(lock: string | null): void {
  workerScope.postMessage({ lpsWorker: true, lock } satisfies WorkerGreeting);
}

export const workerScope: WorkerScope = {
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
