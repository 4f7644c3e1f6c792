/**
 * All combinations of k different states, divided by their first state among threads.
 *
 * A small number is searched in the calling thread: starting others costs more than they save.
 */
import { platform } from '#platform';
import { certify } from './certify.js';
import {
  CombinationSearch,
  NO_COUNTS,
  type Candidate,
  type SearchCounts,
} from './combination-search.js';
import type { ReluProblem } from './state-tables.js';
import { cellOnLine } from './unit-cell.js';
import { unitStates } from './unit-states.js';

/** What is left of the combinations with one first state. */
export interface DecidedShare {
  readonly first: number;
  readonly counts: SearchCounts;
  /** Minima and undecided combinations, to be certified again where their certificate is wanted. */
  readonly kept: readonly Candidate[];
}

/** Sent to a worker at first. */
export interface SearchSetup {
  readonly problem: ReluProblem;
  readonly units: number;
}

export type SearchReply = { readonly share: DecidedShare } | { readonly error: string };

export interface SearchOptions {
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** First states whose share is known already. */
  readonly done: ReadonlySet<number>;
  readonly onShare: (share: DecidedShare) => void;
}

/** Between two looks at the signal when everything runs in the calling thread. */
const BREATH_MS = 50;
/** Combinations in one thread that take a few seconds. */
const FEW = 400_000;

/** C(n, k) */
export function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 0; i < k; i++) result = (result * (n - i)) / (i + 1);
  return Math.round(result);
}

/** One thread's work: a share of the combinations after another. */
export class ShareSearch {
  private readonly search: CombinationSearch;

  constructor(private readonly setup: SearchSetup) {
    this.search = new CombinationSearch(setup.problem, setup.units);
  }

  decide(first: number): DecidedShare {
    const { problem } = this.setup;
    const { counts, candidates } = this.search.searchFrom(first);
    const { states } = this.search.tables;
    const kept = candidates.filter(({ states: indices, betas }) => {
      const cells = indices.map((index) => cellOnLine(states[index]!, problem.samples.points));
      return certify(problem, cells, betas).verdict !== 'none';
    });
    return { first, counts, kept };
  }
}

/** Decides every combination; stops between two shares when the signal is aborted. */
export async function searchCombinations(
  setup: SearchSetup,
  options: SearchOptions,
): Promise<void> {
  const { samples, negativeSlope } = setup.problem;
  const states = unitStates(samples.points.length, negativeSlope !== 0).length;
  // Early states have the largest shares, which so are not the last ones to be waited for.
  const queue = Array.from({ length: states }, (_, first) => first).filter(
    (first) => !options.done.has(first),
  );
  if (options.threads <= 1 || binomial(states, setup.units) <= FEW) {
    await searchHere(setup, queue, options);
  } else {
    await searchInThreads(setup, queue, options);
  }
}

async function searchHere(
  setup: SearchSetup,
  queue: readonly number[],
  { signal, onShare }: SearchOptions,
): Promise<void> {
  const search = new ShareSearch(setup);
  let breath = performance.now();
  for (const first of queue) {
    if (signal?.aborted) return;
    onShare(search.decide(first));
    if (performance.now() - breath < BREATH_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    breath = performance.now();
  }
}

function searchInThreads(
  setup: SearchSetup,
  queue: readonly number[],
  { threads, signal, onShare }: SearchOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const url = new URL('./relu-minima-worker.js', import.meta.url);
    const workers = Array.from({ length: Math.min(threads, queue.length) }, () =>
      platform.spawnWorker(url),
    );
    let next = 0;
    let left = queue.length;
    const finish = (error?: Error): void => {
      signal?.removeEventListener('abort', stop);
      for (const worker of workers) worker.terminate();
      if (error === undefined) resolve();
      else reject(error);
    };
    const stop = (): void => {
      finish();
    };
    signal?.addEventListener('abort', stop);
    for (const worker of workers) {
      const assign = (): void => {
        const first = queue[next++];
        if (first !== undefined) worker.postMessage(first);
      };
      worker.onMessage((data) => {
        const reply = data as SearchReply;
        if ('error' in reply) {
          finish(new Error(reply.error));
          return;
        }
        onShare(reply.share);
        left--;
        if (left === 0) finish();
        else assign();
      });
      worker.onError((error) => {
        finish(new Error(`a thread of the enumeration stopped: ${error.message}`));
      });
      worker.postMessage(setup);
      assign();
    }
    if (queue.length === 0 || signal?.aborted) finish();
  });
}

/** The sums of two counts. */
export function addCounts(a: SearchCounts, b: SearchCounts): SearchCounts {
  const keys = Object.keys(NO_COUNTS) as (keyof SearchCounts)[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as unknown as SearchCounts;
}
