/**
 * Worker threads that follow paths, search start systems, count solutions and take shares of what floors above do.
 *
 * Nothing waits for ever: a worker that dies passes its work on to another, and the fourth that dies of it fails
 * it; an abort settles what waits at once and what runs after a moment; where no worker starts, the work
 * is done in slices in the calling thread, which begins with it where the first worker is late.
 */
import { platform } from '../../gpu/this-platform.js';
import type { WorkerHandle, WorkerOptions } from '../../gpu/index.js';
import { Grace } from '../../math/grace.js';
import { LpsError } from '../../math/lps-error.js';
import { inOneSlice, inSlices, nextTurn, type Stepwise } from '../../math/stepwise.js';
import {
  countModuloStepwise,
  type CountLimits,
  type ExactCount,
  type ModularSystem,
} from '../../polynomial/exact-count/exact-count.js';
import {
  polyhedralPlan,
  searchStart,
  type CellSearch,
  type PolyhedralPlan,
  type StartPlan,
  type StartSearch,
} from '../start/index.js';
import { packStructure } from '../program/packed-structure.js';
import type { F64Engine } from './engine.js';
import type {
  EngineSetup,
  FollowJob,
  OutcomeBatch,
  PackedSetup,
  PolyhedralBatch,
  PolyhedralJob,
} from './jobs.js';
import type { EndBatch, Work, WorkerReply, WorkerRequest } from './workshop.js';

/** Workers stopped again and again at the same work, or could not do it; or the device was closed meanwhile. */
export class WorkerError extends LpsError {
  override readonly name = 'WorkerError';
  override readonly kind = 'failed';
}

/** Work that is given the time to arrive after an abort; the other kinds have nothing to keep, or had theirs. */
const KEPT: readonly string[] = ['follow', 'polyhedral'];
/**
 * Without any worker for so long the calling thread begins their work: that a worker is silent tells nobody whether it
 * was killed, is no worker of ours, or is still on its way over a slow network, and so the work does not wait for an answer.
 */
const LATE_MS = 500;
/** A worker without work for so long is stopped. */
const IDLE_MS = 10_000;
/** Starting a worker takes 200 ms of CPU time: shorter searches are done before, in slices of 12 ms. */
const SLICES_BEFORE_A_START = 8;
/** Workers that may die of the same piece of work before it fails. */
const MOST_DEATHS = 4;
/** Before a piece of work at which a worker died is given to another; twice as long each further time. */
const FIRST_PAUSE_MS = 50;
const CLOSED = 'the device was closed while it was at work';

type Loaded =
  | { readonly kind: 'load'; readonly key: number; readonly setup: EngineSetup }
  | {
      readonly kind: 'load finisher';
      readonly key: number;
      readonly engine: number;
      readonly setup: object;
    }
  | { readonly kind: 'load share maker'; readonly key: number; readonly setup: object };

interface Task {
  readonly work: Work;
  /** What the worker must have loaded first, in this order. */
  readonly needs: readonly Loaded[];
  /** The same in the calling thread. */
  readonly here: () => Promise<unknown>;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  deaths: number;
}

class PoolWorker {
  readonly loaded = new Set<number>();
  task: Task | null = null;
  ticket = 0;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
  constructor(readonly handle: WorkerHandle) {}
}

export class WorkerPool {
  private readonly workers = new Set<PoolWorker>();
  private readonly queue: Task[] = [];
  /** Work at which a worker has died, before its next try. */
  private readonly resting = new Set<Task>();
  private readonly keys = new WeakMap<object, number>();
  /** As workers get them, packed once for all. */
  private readonly packedSetups = new WeakMap<EngineSetup, PackedSetup>();
  private readonly own = new OwnThread();
  private readonly abortable = new WeakMap<AbortSignal, Set<Task>>();
  private nextKey = 0;
  private starting = 0;
  /** Set while workers are awaited and there is none. */
  private lateTimer: ReturnType<typeof setTimeout> | undefined;
  private isLate = false;
  private isStandingIn = false;
  private closed = false;
  private failure: string | null = null;
  private stoodIn = false;

  /** @param options how many workers, and how they are started; none with `workers: 0`. */
  constructor(private readonly options: WorkerOptions = {}) {}

  /** Why the calling thread had to follow paths that workers should have; null when it did not. */
  get warning(): string | null {
    const why = this.failure ?? (this.isLate ? 'none has answered yet' : null);
    return why === null || !this.stoodIn
      ? null
      : `no worker could be started (${why}), so the calling thread followed the paths, in slices: see docs/embedding.md`;
  }

  /**
   * Follows one batch in some thread.
   * @throws the signal's reason when it is aborted before the batch has arrived.
   * @throws WorkerError
   */
  follow(setup: EngineSetup, job: FollowJob, signal?: AbortSignal): Promise<OutcomeBatch> {
    const key = this.keyOf(setup);
    return this.perform(
      { kind: 'follow', key, job },
      [{ kind: 'load', key, setup }],
      () => this.followHere(setup, job, signal),
      signal,
    );
  }

  /** Follows paths of polyhedral homotopies in some thread. @throws as `follow` does. */
  followPolyhedral(
    setup: EngineSetup,
    job: PolyhedralJob,
    signal?: AbortSignal,
  ): Promise<PolyhedralBatch> {
    const key = this.keyOf(setup);
    return this.perform(
      { kind: 'polyhedral', key, job },
      [{ kind: 'load', key, setup }],
      () => this.followFewPolyhedral(setup, job, signal),
      signal,
    );
  }

  /** The same for a few paths, in the calling thread. */
  followFewPolyhedral(
    setup: EngineSetup,
    job: PolyhedralJob,
    signal?: AbortSignal,
  ): Promise<PolyhedralBatch> {
    return this.own.perform(setup, (engine) => engine.followPolyhedral(job), signal);
  }

  /**
   * The same for a few paths, which are not worth the start of a worker: in the calling thread, a path or more a slice.
   * Doubtful paths may take longer than a slice each, so a worker that is there follows them; arrivals are confirmed here.
   */
  followFew(setup: EngineSetup, job: FollowJob, signal?: AbortSignal): Promise<OutcomeBatch> {
    const isDoubtful =
      (job.care !== 'normal' && job.s.some((s) => s > 0)) || job.insist.some((each) => each > 0);
    return isDoubtful && this.workers.size > 0
      ? this.follow(setup, job, signal)
      : this.followHere(setup, job, signal);
  }

  private followHere(
    setup: EngineSetup,
    job: FollowJob,
    signal?: AbortSignal,
  ): Promise<OutcomeBatch> {
    return this.own.perform(setup, (engine) => engine.follow(job), signal);
  }

  /**
   * Makes solutions of ends in some thread.
   *
   * @param engine of the structure, which is posted once to each thread
   * @param setup for the finisher of the workers, without the structure; `forget` frees it
   * @param here the same in the calling thread
   * @throws the signal's reason, WorkerError
   */
  finish<Result>(
    engine: EngineSetup,
    setup: object,
    ends: EndBatch,
    here: () => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const key = this.keyOf(setup);
    return this.perform(
      { kind: 'finish', key, ends },
      [
        { kind: 'load', key: this.keyOf(engine), setup: engine },
        { kind: 'load finisher', key, engine: this.keyOf(engine), setup },
      ],
      here,
      signal,
    );
  }

  /**
   * Does a share of a larger task in some thread.
   *
   * @param setup the task, which is posted once to each thread
   * @param here the same in the calling thread
   * @throws the signal's reason, WorkerError
   */
  share<Result>(
    setup: object,
    number: number,
    here: () => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const key = this.keyOf(setup);
    return this.perform(
      { kind: 'share', key, number },
      [{ kind: 'load share maker', key, setup }],
      here,
      signal,
    );
  }

  /** Counts solutions modulo a prime in a thread beside those that follow paths. @throws the signal's reason, WorkerError */
  count(system: ModularSystem, limits: CountLimits, signal?: AbortSignal): Promise<ExactCount> {
    const here = () => inSlices(countModuloStepwise(system, limits), signal);
    return this.perform({ kind: 'count', system, limits }, [], here, signal);
  }

  /** Searches a start system. @throws the signal's reason, WorkerError */
  searchStart(search: StartSearch, signal?: AbortSignal): Promise<StartPlan | undefined> {
    return this.search(searchStart(search), { kind: 'search', search }, signal);
  }

  /** Finds the mixed cells of a system. @throws the signal's reason, WorkerError */
  polyhedralPlan(search: CellSearch, signal?: AbortSignal): Promise<PolyhedralPlan | null> {
    return this.search(polyhedralPlan(search), { kind: 'cells', search }, signal);
  }

  /** Short searches run in the calling thread, longer ones begin anew in a worker. */
  private async search<Found>(
    steps: Stepwise<Found>,
    work: Work,
    signal: AbortSignal | undefined,
  ): Promise<Found> {
    const slices = this.workers.size > 0 ? 1 : SLICES_BEFORE_A_START;
    for (let slice = 0; slice < slices; slice++) {
      if (slice > 0) await nextTurn();
      signal?.throwIfAborted();
      const done = inOneSlice(steps);
      if (done) return done.result;
    }
    return this.perform(work, [], () => inSlices(steps, signal), signal);
  }

  /** Frees the engines of a structure, or a finisher, in every thread. */
  forget(setup: object): void {
    const key = this.keys.get(setup);
    if (key === undefined) return;
    this.keys.delete(setup);
    for (const worker of this.workers) {
      if (worker.loaded.delete(key)) post(worker, { kind: 'unload', key });
    }
  }

  close(): void {
    this.closed = true;
    this.awaited(false);
    const atWork = [...this.workers].flatMap(({ task }) => task ?? []);
    const tasks = [...this.queue, ...this.resting, ...atWork];
    this.queue.length = 0;
    this.resting.clear();
    for (const worker of this.workers) this.retire(worker);
    for (const task of tasks) task.reject(new WorkerError(CLOSED));
  }

  /** Whether work starts no further worker. */
  get isComplete(): boolean {
    return this.workers.size + this.starting >= this.size;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  private get size(): number {
    return this.options.workers ?? platform.hardwareConcurrency;
  }

  private packed(setup: EngineSetup): PackedSetup {
    let packed = this.packedSetups.get(setup);
    if (!packed) {
      packed = { ...setup, structure: packStructure(setup.structure) };
      this.packedSetups.set(setup, packed);
    }
    return packed;
  }

  private keyOf(setup: object): number {
    let key = this.keys.get(setup);
    if (key === undefined) {
      key = this.nextKey++;
      this.keys.set(setup, key);
    }
    return key;
  }

  private perform<Result>(
    work: Work,
    needs: Task['needs'],
    here: () => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.closed) throw new WorkerError(CLOSED);
      const settled = () => {
        if (signal) this.abortable.get(signal)?.delete(task);
      };
      const task: Task = {
        work,
        needs,
        here,
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          // Whatever was thrown is passed on as it is.
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors
          reject(error);
        },
        deaths: 0,
      };
      if (signal) this.tasksOf(signal).add(task);
      // Counts go first: they are short of time, and paths are many.
      if (work.kind === 'count') this.queue.unshift(task);
      else this.queue.push(task);
      this.pump();
    });
  }

  /** The tasks that a signal aborts: it is listened to once for all of them. */
  private tasksOf(signal: AbortSignal): Set<Task> {
    let tasks = this.abortable.get(signal);
    if (!tasks) {
      const own = new Set<Task>();
      this.abortable.set(signal, (tasks = own));
      signal.addEventListener(
        'abort',
        () => {
          const grace = new Grace(signal, 'tracking');
          for (const task of own) this.abort(task, grace.signal, signal.reason);
        },
        { once: true },
      );
    }
    return tasks;
  }

  /** Gives waiting tasks to idle workers, and starts workers for the rest. */
  private pump(): void {
    if (this.size === 0 || this.failure !== null) {
      this.awaited(false);
      for (const task of this.queue.splice(0)) void this.performHere(task);
      return;
    }
    for (const worker of this.workers) {
      if (this.queue.length === 0) return;
      if (worker.task === null) this.assign(worker, this.queue.shift()!);
    }
    const counts = this.queue.some(({ work }) => work.kind === 'count');
    const most = this.size + (counts ? 1 : 0);
    while (this.starting < this.queue.length && this.workers.size + this.starting < most)
      void this.startWorker();
    this.awaited(this.workers.size === 0 && this.starting > 0);
    if (this.isLate) void this.standIn();
  }

  /** Notes whether any worker is awaited in vain. */
  private awaited(isAwaited: boolean): void {
    if (!isAwaited) {
      clearTimeout(this.lateTimer);
      this.lateTimer = undefined;
      this.isLate = false;
    } else
      this.lateTimer ??= setTimeout(() => {
        this.isLate = true;
        this.pump();
      }, LATE_MS);
  }

  /** One task after another, until a worker is there to take the rest. */
  private async standIn(): Promise<void> {
    if (this.isStandingIn) return;
    this.isStandingIn = true;
    while (this.isLate && this.queue.length > 0) await this.performHere(this.queue.shift()!);
    this.isStandingIn = false;
  }

  private async performHere({ work, here, resolve, reject }: Task): Promise<void> {
    if (work.kind === 'follow' || work.kind === 'polyhedral') this.stoodIn = true;
    try {
      resolve((await here()) as never);
    } catch (error) {
      reject(error);
    }
  }

  private assign(worker: PoolWorker, task: Task): void {
    clearTimeout(worker.idleTimer);
    worker.handle.keepAlive(true);
    worker.task = task;
    worker.ticket++;
    for (const need of task.needs) {
      if (worker.loaded.has(need.key)) continue;
      worker.loaded.add(need.key);
      post(worker, need.kind === 'load' ? { ...need, setup: this.packed(need.setup) } : need);
    }
    post(worker, { kind: 'work', ticket: worker.ticket, work: task.work });
  }

  private async startWorker(): Promise<void> {
    this.starting++;
    let handle: WorkerHandle;
    try {
      handle = await platform.startWorker(this.options.createWorker);
    } catch (error) {
      // Where others run they do the work.
      if (this.workers.size === 0) this.failure = (error as Error).message;
      return;
    } finally {
      this.starting--;
      if (this.failure !== null) this.pump();
    }
    if (this.closed) {
      handle.terminate();
      return;
    }
    const worker = new PoolWorker(handle);
    this.workers.add(worker);
    handle.onMessage((data) => {
      this.receive(worker, data as WorkerReply);
    });
    handle.onEnd((error) => {
      this.workers.delete(worker);
      const { task } = worker;
      worker.task = null;
      if (task) this.repeat(task, error);
      this.pump();
    });
    this.rest(worker);
    this.pump();
  }

  /** Gives work at which a worker has died to another, a moment later. */
  private repeat(task: Task, error: Error): void {
    if (++task.deaths >= MOST_DEATHS) {
      task.reject(
        new WorkerError(`${MOST_DEATHS} workers stopped at the same work: ${error.message}`),
      );
      return;
    }
    this.resting.add(task);
    setTimeout(
      () => {
        if (!this.resting.delete(task)) return;
        this.queue.unshift(task);
        this.pump();
      },
      FIRST_PAUSE_MS * 2 ** (task.deaths - 1),
    );
  }

  private receive(worker: PoolWorker, reply: WorkerReply): void {
    const { task } = worker;
    if (!task || reply.ticket !== worker.ticket) return;
    worker.task = null;
    if ('result' in reply) task.resolve(reply.result as never);
    else task.reject(new WorkerError(`in a worker: ${reply.error}`));
    this.rest(worker);
    this.pump();
  }

  private rest(worker: PoolWorker): void {
    worker.handle.keepAlive(false);
    worker.idleTimer = setTimeout(() => {
      this.retire(worker);
    }, IDLE_MS);
    // A process of Node does not wait for this.
    (worker.idleTimer as { unref?: () => void }).unref?.();
  }

  private retire(worker: PoolWorker): void {
    clearTimeout(worker.idleTimer);
    this.workers.delete(worker);
    worker.handle.terminate();
  }

  private abort(task: Task, grace: AbortSignal, reason: unknown): void {
    const place = this.queue.indexOf(task);
    if (place >= 0) this.queue.splice(place, 1);
    if (place >= 0 || this.resting.delete(task)) {
      task.reject(reason);
      return;
    }
    const end = () => {
      for (const worker of this.workers) {
        if (worker.task !== task) continue;
        // It cannot be told to stop in the middle; the next task gets a new one.
        worker.task = null;
        this.retire(worker);
        this.pump();
      }
      task.reject(reason);
    };
    if (KEPT.includes(task.work.kind)) grace.addEventListener('abort', end, { once: true });
    else end();
  }
}

function post(worker: PoolWorker, request: WorkerRequest): void {
  worker.handle.postMessage(request);
}

/** The calling thread as a worker: one engine per structure, one job at a time. Its code is loaded with the first. */
class OwnThread {
  private readonly engines = new WeakMap<EngineSetup, F64Engine>();
  private last: Promise<unknown> = Promise.resolve();

  perform<Result>(
    setup: EngineSetup,
    work: (engine: F64Engine) => Stepwise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const result = this.last.then(async () => inSlices(work(await this.engineOf(setup)), signal));
    this.last = result.catch(() => undefined);
    return result;
  }

  private async engineOf(setup: EngineSetup): Promise<F64Engine> {
    const { F64Engine } = await import('./engine.js');
    let engine = this.engines.get(setup);
    if (!engine) {
      engine = new F64Engine(setup);
      this.engines.set(setup, engine);
    }
    return engine;
  }
}
