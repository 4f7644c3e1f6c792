/**
 * What differs between the places where this library runs, as one interface.
 *
 * Node has no navigator.gpu and its own worker threads; pages and Deno have both in the web's form. Which one this is
 * is found out when it runs (this-platform.ts), so that the same files serve all of them.
 */

/** What an app's `createWorker` gives: a Web Worker or, in Node, a worker thread. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: Transferable[]): void;
  terminate(): unknown;
}

/** How the threads are started that follow paths and search start systems. */
export interface WorkerOptions {
  /** Most workers at a time; 0 does everything in the calling thread, in slices. Default: one per core. */
  readonly workers?: number;
  /**
   * The app's own way to start a worker, called once for each: a new module worker that runs `lps-webgpu/worker`.
   * Default: the library's own ways (docs/embedding.md).
   */
  readonly createWorker?: () => WorkerLike;
}

/** The least that a worker thread and a Web Worker have in common. */
export interface WorkerHandle {
  /** Sends a structured-cloneable value; the buffers in `transfer` move instead of being copied. */
  postMessage(data: unknown, transfer?: readonly Transferable[]): void;
  /** Sets the one listener for messages. */
  onMessage(listener: (data: unknown) => void): void;
  /** Sets the one listener for the worker's end, unless `terminate` was called: uncaught exception, killed, closed. */
  onEnd(listener: (error: Error) => void): void;
  /** Whether the process waits for this worker (Node; pages never do). */
  keepAlive(isBusy: boolean): void;
  /** Ends the worker at once. */
  terminate(): void;
}

export interface Platform {
  readonly runtime: 'node' | 'browser' | 'deno';
  /**
   * The runtime's GPU, or undefined when it has none; `reason` then says why.
   * @throws nothing: a missing GPU is an answer.
   */
  loadGpu(): Promise<{ readonly gpu: GPU } | { readonly gpu?: undefined; readonly reason: string }>;
  /**
   * Waits for what the GPU settles (a map, a compilation), without spending a core on it.
   *
   * @param soonestMs from now, before which it is not worth asking; default 0
   */
  waitForGpu<T>(ask: () => Promise<T>, soonestMs?: number): Promise<T>;
  /** What a user can do in this runtime when there is no adapter. */
  readonly adapterRemedy: string;
  /**
   * Starts the library's worker, src/entries/worker.ts, and waits until it listens.
   *
   * @param create the app's own way to start it, instead of ours
   * @throws {Error} saying what was tried, when it does not start
   */
  startWorker(create?: () => WorkerLike): Promise<WorkerHandle>;
  /** Threads worth starting, >= 1. */
  readonly hardwareConcurrency: number;
}
