/**
 * CPU time of processes that run now, threads included.
 *
 * On Linux from the scheduler's own counters in nanoseconds; the usual counters go in steps of
 * 10 ms, a tenth of a sample. The clock adds up what every thread did since it was last asked, so
 * that a thread that ends takes nothing back.
 */
import { readFileSync, readdirSync } from 'node:fs';

const NANOSECONDS = 1e9;

/** Whether this machine has the scheduler's counters. */
export const hasSchedulerCounters = readThread(process.pid, process.pid) !== null;

export class CpuClock {
  #seen = new Map<number, number>();
  #total = 0;

  /** CPU seconds of these processes since the clock first saw each thread. */
  seconds(processIds: readonly number[]): number {
    const now = new Map<number, number>();
    for (const process of processIds) {
      for (const thread of threadsOf(process)) {
        const nanoseconds = readThread(process, thread);
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

/** Nanoseconds on a CPU, null when the thread has ended or the kernel does not count. */
function readThread(process: number, thread: number): number | null {
  try {
    return Number(readFileSync(`/proc/${process}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return null;
  }
}
