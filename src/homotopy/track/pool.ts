/**
 * Worker threads for the f64 tier, one engine per thread and structure, and one more for exact counts.
 *
 * Small jobs run in the calling thread: starting threads costs more than they save. A thread that
 * dies fails the call that it worked for; the next call starts a new one.
 */
import { platform } from '#platform';
import type { WorkerHandle } from '../../gpu/index.js';
import type {
  CountLimits,
  ExactCount,
  ModularSystem,
} from '../../polynomial/exact-count/exact-count.js';
import { F64Engine, type EngineSetup, type FollowJob, type OutcomeBatch } from './engine.js';

/** What the pool sends to a worker. */
export type WorkerRequest =
  | { readonly kind: 'load'; readonly key: number; readonly setup: EngineSetup }
  | { readonly kind: 'unload'; readonly key: number }
  | {
      readonly kind: 'follow';
      readonly key: number;
      readonly ticket: number;
      readonly job: FollowJob;
    }
  | {
      readonly kind: 'count';
      readonly ticket: number;
      readonly system: ModularSystem;
      readonly limits: CountLimits;
    };

/** What a worker sends back. */
export type WorkerReply =
  | { readonly ticket: number; readonly result: OutcomeBatch | ExactCount }
  | { readonly ticket: number; readonly error: string };

interface Task {
  /** What the worker must have loaded; null for counts. */
  readonly engine: { readonly key: number; readonly setup: EngineSetup } | null;
  readonly request: (ticket: number) => WorkerRequest;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

class PoolWorker {
  readonly loaded = new Set<number>();
  task: Task | null = null;
  ticket = 0;
  constructor(readonly handle: WorkerHandle) {}
}

export class F64Pool {
  private readonly workers: PoolWorker[] = [];
  private readonly queue: Task[] = [];
  private readonly keys = new WeakMap<EngineSetup, number>();
  private nextKey = 0;
  private closed = false;

  constructor(private readonly size = platform.hardwareConcurrency) {}

  /**
   * Follows one batch in some thread.
   * @throws the signal's reason when it is aborted before the batch starts.
   */
  follow(setup: EngineSetup, job: FollowJob, signal?: AbortSignal): Promise<OutcomeBatch> {
    if (this.closed) throw new Error('the worker pool was closed');
    let key = this.keys.get(setup);
    if (key === undefined) {
      key = this.nextKey++;
      this.keys.set(setup, key);
    }
    return new Promise((resolve, reject) => {
      this.queue.push({
        engine: { key, setup },
        request: (ticket) => ({ kind: 'follow', key, ticket, job }),
        signal,
        resolve,
        reject,
      });
      this.pump();
    });
  }

  /** Counts solutions modulo a prime in a thread of its own, beside those that follow paths. */
  count(system: ModularSystem, limits: CountLimits): Promise<ExactCount> {
    if (this.closed) throw new Error('the worker pool was closed');
    return new Promise((resolve, reject) => {
      this.queue.unshift({
        engine: null,
        request: (ticket) => ({ kind: 'count', ticket, system, limits }),
        signal: undefined,
        resolve,
        reject,
      });
      this.pump();
    });
  }

  /** Frees the engines of a structure in every thread. */
  forget(setup: EngineSetup): void {
    const key = this.keys.get(setup);
    if (key === undefined) return;
    this.keys.delete(setup);
    for (const worker of this.workers) {
      if (worker.loaded.delete(key)) worker.handle.postMessage({ kind: 'unload', key });
    }
  }

  close(): void {
    this.closed = true;
    for (const { handle } of this.workers) handle.terminate();
    for (const { task } of this.workers) task?.reject(new Error('the worker pool was closed'));
    for (const task of this.queue) task.reject(new Error('the worker pool was closed'));
    this.workers.length = 0;
    this.queue.length = 0;
  }

  private pump(): void {
    while (this.queue.length > 0) {
      const next = this.queue[0]!;
      if (next.signal?.aborted) {
        this.queue.shift();
        next.reject(next.signal.reason as Error);
        continue;
      }
      let worker = this.workers.find((candidate) => candidate.task === null);
      if (!worker) {
        const most = this.size + (next.engine === null ? 1 : 0);
        if (this.workers.length >= most) return;
        worker = this.startWorker();
      }
      this.queue.shift();
      this.assign(worker, next);
    }
  }

  private assign(worker: PoolWorker, task: Task): void {
    worker.task = task;
    worker.ticket++;
    if (task.engine && !worker.loaded.has(task.engine.key)) {
      worker.loaded.add(task.engine.key);
      worker.handle.postMessage({ kind: 'load', ...task.engine } satisfies WorkerRequest);
    }
    worker.handle.postMessage(task.request(worker.ticket));
  }

  private startWorker(): PoolWorker {
    const worker = new PoolWorker(platform.spawnWorker(new URL('./worker.js', import.meta.url)));
    worker.handle.onMessage((data) => {
      const reply = data as WorkerReply;
      const { task } = worker;
      worker.task = null;
      if (task && 'result' in reply) task.resolve(reply.result as never);
      else if (task && 'error' in reply) task.reject(new Error(reply.error));
      this.pump();
    });
    worker.handle.onError((error) => {
      const at = this.workers.indexOf(worker);
      if (at >= 0) this.workers.splice(at, 1);
      worker.task?.reject(new Error(`a worker thread of the f64 tier stopped: ${error.message}`));
      worker.task = null;
      // What waits for a thread gets another one, or the same error.
      this.pump();
    });
    this.workers.push(worker);
    return worker;
  }
}

/** The same work in the calling thread. */
export class InlineEngines {
  private readonly engines = new WeakMap<EngineSetup, F64Engine>();

  follow(setup: EngineSetup, job: FollowJob): OutcomeBatch {
    let engine = this.engines.get(setup);
    if (!engine) {
      engine = new F64Engine(setup);
      this.engines.set(setup, engine);
    }
    return engine.follow(job);
  }
}
