/**
 * What the system says of processes: whether they run, and their CPU time, threads included.
 *
 * The time is on Linux from the scheduler's own counters in nanoseconds; the usual counters go in steps of
 * 10 ms, a tenth of a sample. The clock adds up what every thread did since it was last asked, so
 * that a thread that ends takes nothing back.
 */
import { readFileSync, readdirSync } from 'node:fs';

const NANOSECONDS = 1e9;

/** Whether this machine has the scheduler's counters. */
export const hasSchedulerCounters = readThread(process.pid, process.pid) !== null;

/** Whether a process is there, of whomever. */
export function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

export class CpuClock {
  readonly #counts: (process: number, thread: number) => boolean;
  #seen = new Map<number, number>();
  #total = 0;

  /** @param threadNames only threads with such a name are counted */
  constructor(threadNames?: RegExp) {
    this.#counts = (process, thread) =>
      threadNames === undefined || threadNames.test(nameOf(process, thread));
  }

  /** CPU seconds of these processes since the clock first saw each thread. */
  seconds(processIds: readonly number[]): number {
    const now = new Map<number, number>();
    for (const process of processIds) {
      for (const thread of threadsOf(process)) {
        const nanoseconds = this.#counts(process, thread) ? readThread(process, thread) : null;
        if (nanoseconds === null) continue;
        now.set(thread, nanoseconds);
        this.#total += nanoseconds - (this.#seen.get(thread) ?? 0);
      }
    }
    this.#seen = now;
    return this.#total / NANOSECONDS;
  }
}

function threadsOf(process: number): number[] {
  try {
    return readdirSync(`/proc/${process}/task`).map(Number);
  } catch {
    // It ended meanwhile.
    return [];
  }
}

function nameOf(process: number, thread: number): string {
  try {
    return readFileSync(`/proc/${process}/task/${thread}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Nanoseconds on a CPU, null when the thread has ended or the kernel does not count. */
function readThread(process: number, thread: number): number | null {
  try {
    return Number(readFileSync(`/proc/${process}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return null;
  }
}
