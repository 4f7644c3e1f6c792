/** The inside of a worker: what `#worker-scope` gives in Node, pages and Deno. */
export interface WorkerScope {
  postMessage(data: unknown, transfer?: readonly Transferable[]): void;
  /** Sets the one listener for messages, and tells whoever started this worker that it listens. */
  listen(listener: (data: unknown) => void): void;
}

/** A worker's first message. */
export interface WorkerGreeting {
  /** Tells it from a script of the app's that happens to lie where our worker was looked for. */
  readonly lpsWorker: true;
  /** Name of a lock (navigator.locks) that the worker holds as long as it lives; null where there are no locks. */
  readonly lock: string | null;
}

export function isGreeting(data: unknown): data is WorkerGreeting {
  return typeof data === 'object' && data !== null && 'lpsWorker' in data;
}
