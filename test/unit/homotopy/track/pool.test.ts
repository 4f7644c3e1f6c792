/**
 * Believed afterwards: work waits neither for a worker that is silent nor for one that died, and none is done twice. The
 * truth is who was given the work: threads here are objects that do what they are told.
 */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WorkerPool } from '../../../../src/homotopy/track/pool.js';
import type { WorkerRequest } from '../../../../src/homotopy/track/workshop.js';
import { reduceSuitably } from '../../../../src/polynomial/exact-count/exact-count.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';

class Thread extends EventEmitter {
  readonly shares: number[] = [];
  private ticket = 0;
  postMessage(request: WorkerRequest): void {
    if (request.kind !== 'work' || request.work.kind !== 'share') return;
    this.ticket = request.ticket;
    this.shares.push(request.work.number);
  }
  greet(): void {
    this.emit('message', { lpsWorker: true, lock: null });
  }
  answer(result: unknown): void {
    this.emit('message', { ticket: this.ticket, result });
  }
  readonly ref = vi.fn();
  readonly unref = vi.fn();
  readonly terminate = vi.fn();
}

const threads: Thread[] = [];
const setup = {};
let pool: WorkerPool;
beforeEach(() => {
  threads.length = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  pool = new WorkerPool({
    workers: 1,
    createWorker: () => {
      const thread = new Thread();
      threads.push(thread);
      return thread;
    },
  });
});
afterEach(() => {
  pool.close();
  vi.useRealTimers();
});

const share = (first: number, here = () => Promise.resolve(`here ${first}`)): Promise<unknown> =>
  pool.share(setup, first, here);

it('does the work of a worker that does not answer in the calling thread after half a second', async () => {
  const shares = Promise.all([share(0), share(1)]);
  const system = reduceSuitably(parseSystem('x^3 - 2\nx*y - 1'), 0)!;
  const count = pool.count(system, { milliseconds: 10 });
  await vi.advanceTimersByTimeAsync(500);
  expect(await shares).toEqual(['here 0', 'here 1']);
  expect((await count).count).toBe(3);
  // The next work has waited long enough.
  expect(await share(2)).toBe('here 2');
});

it('gives the rest to a worker that comes late', async () => {
  let finish = (_: string): void => undefined;
  const shares = [share(0, () => new Promise((resolve) => (finish = resolve))), share(1), share(2)];
  await vi.advanceTimersByTimeAsync(500);
  threads[0]!.greet();
  await vi.advanceTimersByTimeAsync(0);
  expect(threads.length).toBe(1);
  expect(threads[0]!.shares).toEqual([1]);
  finish('here 0');
  threads[0]!.answer('there 1');
  threads[0]!.answer('there 2');
  expect(await Promise.all(shares)).toEqual(['here 0', 'there 1', 'there 2']);
});

it('gives the work of a worker that died to another, and after the fourth death to none', async () => {
  const end = expect(share(0)).rejects.toThrow(/4 workers stopped at the same work/);
  for (let k = 0; k < 4; k++) {
    threads[k]!.greet();
    await vi.advanceTimersByTimeAsync(0);
    expect(threads[k]!.shares).toEqual([0]);
    threads[k]!.emit('exit', 1);
    await vi.advanceTimersByTimeAsync(500);
  }
  await end;
});
