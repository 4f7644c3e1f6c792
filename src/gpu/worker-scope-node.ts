/** The inside of one of Node's worker threads. */
import { parentPort } from 'node:worker_threads';
import type { WorkerGreeting, WorkerScope } from './worker-scope.js';

export const workerScope: WorkerScope = {
  postMessage: (data, transfer = []) => {
    parentPort?.postMessage(data, transfer as readonly ArrayBuffer[]);
  },
  listen: (listener) => {
    parentPort?.on('message', listener);
    parentPort?.postMessage({ lpsWorker: true, lock: null } satisfies WorkerGreeting);
  },
};
