/** How a worker and whoever started it know each other. */
/**
 * A worker that has not greeted by then, ms, is none of ours, or was killed before it could, of which nobody tells. Or
 * it is still on its way: nobody waits for it meanwhile (homotopy/track/pool.ts), so that there is time enough for slow networks.
 */
export const PATIENCE_MS = 20_000;

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
