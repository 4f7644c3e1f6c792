/**
 * What differs between the places where this library runs, as one interface.
 *
 * Node has no navigator.gpu and its own worker threads; pages and Deno have both in the web's form.
 * `import { platform } from '#platform'` gives the right one: the bundler (or Node) decides by the
 * "imports" field of package.json, so no Node module ever reaches a page.
 */

/** The least that a worker thread and a Web Worker have in common. */
export interface WorkerHandle {
  /** Sends a structured-cloneable value; the buffers in `transfer` move instead of being copied. */
  postMessage(data: unknown, transfer?: readonly Transferable[]): void;
  /** Sets the one listener for messages. */
  onMessage(listener: (data: unknown) => void): void;
  /** Sets the one listener for an error that ended the worker (uncaught exception, failed start). */
  onError(listener: (error: Error) => void): void;
  /** Ends the worker at once. */
  terminate(): void;
}

/** Inside a worker: the other end of a WorkerHandle. */
export interface WorkerScope {
  postMessage(data: unknown, transfer?: readonly Transferable[]): void;
  onMessage(listener: (data: unknown) => void): void;
}

export interface Platform {
  readonly runtime: 'node' | 'browser' | 'deno';
  /**
   * The runtime's GPU, or undefined when it has none; `reason` then says why.
   * @throws nothing: a missing GPU is an answer.
   */
  loadGpu(): Promise<{ readonly gpu: GPU } | { readonly gpu?: undefined; readonly reason: string }>;
  /** Waits for a promise that the GPU settles (a map, a compilation), without spending a core on it. */
  waitForGpu<T>(promise: Promise<T>): Promise<T>;
  /** What a user can do in this runtime when there is no adapter. */
  readonly adapterRemedy: string;
  /** Starts a module worker. */
  spawnWorker(url: URL): WorkerHandle;
  /** The current worker's own end; only valid inside a worker. */
  workerScope(): WorkerScope;
  /** Threads worth starting, >= 1. */
  readonly hardwareConcurrency: number;
}
