/**
 * Worker threads for the f64 tier, one engine per thread and structure.
 *
 * Small jobs run in the calling thread: starting threads costs more than they save. A thread that
 * dies fails the calls that waited for it; the next call starts a new one.
 */
import { platform } from '#platform';
import type { WorkerHandle } from '../../gpu/index.js';
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
    };

/** What a worker sends back. */
export type WorkerReply =
  | { readonly ticket: number; readonly batch: OutcomeBatch }
  | { readonly ticket: number; readonly error: string };

interface Task {
  readonly key: number;
  readonly setup: EngineSetup;
  readonly job: FollowJob;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (batch: OutcomeBatch) => void;
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
      this.queue.push({ key, setup, job, signal, resolve, reject });
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
        if (this.workers.length >= this.size) return;
        worker = this.startWorker();
      }
      this.queue.shift();
      this.assign(worker, next);
    }
  }

  private assign(worker: PoolWorker, task: Task): void {
    worker.task = task;
    worker.ticket++;
    if (!worker.loaded.has(task.key)) {
      worker.loaded.add(task.key);
      worker.handle.postMessage({
        kind: 'load',
        key: task.key,
        setup: task.setup,
      } satisfies WorkerRequest);
    }
    worker.handle.postMessage({
      kind: 'follow',
      key: task.key,
      ticket: worker.ticket,
      job: task.job,
    } satisfies WorkerRequest);
  }

  private startWorker(): PoolWorker {
    const worker = new PoolWorker(platform.spawnWorker(new URL('./worker.js', import.meta.url)));
    worker.handle.onMessage((data) => {
      const reply = data as WorkerReply;
      const { task } = worker;
      worker.task = null;
      if (task && 'batch' in reply) task.resolve(reply.batch);
      else if (task && 'error' in reply) task.reject(new Error(reply.error));
      this.pump();
    });
    worker.handle.onError((error) => {
      const at = this.workers.indexOf(worker);
      if (at >= 0) this.workers.splice(at, 1);
      worker.task?.reject(new Error(`a worker thread of the f64 tier stopped: ${error.message}`));
      worker.task = null;
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
