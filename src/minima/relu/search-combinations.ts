/**
 * All combinations of k different states, divided by their first state among threads, or screened on a GPU.
 *
 * A small number is searched in the calling thread: starting others costs more than they save.
 */
import type { GpuDevice } from '../../gpu/index.js';
import { WorkerPool } from '../../homotopy/track/pool.js';
import { binomial } from '../../math/combinatorics.js';
import { inSlices, unlessAborted, type Stepwise } from '../../math/stepwise.js';
import { NO_COUNTS, type SearchCounts } from './combination-search.js';
import type { ScreenedSearch } from './screened-search.js';
import { ShareSearch, type DecidedShare, type SearchSetup } from './share-search.js';
import { unitStates } from './unit-states.js';

export interface SearchOptions {
  readonly threads: number;
  /** Screens the combinations; null: they are all decided on the CPU. */
  readonly gpu: GpuDevice | null;
  readonly signal: AbortSignal | undefined;
  /** First states whose share is known already. */
  readonly done: ReadonlySet<number>;
  readonly onShare: (share: DecidedShare) => void;
}

/** Combinations in one thread that take a few seconds. */
const FEW = 400_000;

/** Sets of 1 to `units` different states on so many points, each of which is a convex problem. */
export function countCombinations(points: number, units: number, negativeSlope: number): number {
  const states = unitStates(points, negativeSlope !== 0).length;
  return Array.from({ length: units }, (_, k) => binomial(states, k + 1)).reduce(
    (a, b) => a + b,
    0,
  );
}

/** Decides every combination; stops when the signal is aborted. */
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
  if (options.gpu !== null && (await searchOnGpu(setup, queue, options, options.gpu))) return;
  if (options.threads <= 1 || binomial(states, setup.units) <= FEW) {
    await inSlices(searchHere(setup, queue, options));
  } else {
    await searchInThreads(setup, queue, options);
  }
}

function* searchHere(
  setup: SearchSetup,
  queue: readonly number[],
  { signal, onShare }: SearchOptions,
): Stepwise<void> {
  const search = new ShareSearch(setup);
  for (const first of queue) {
    for (const steps = search.share(first); ;) {
      if (signal?.aborted) return;
      const step = steps.next();
      if (step.done) {
        onShare(step.value);
        break;
      }
      yield;
    }
    yield;
  }
}

/**
 * Share after share. A device that is lost is replaced once a share, which is begun again.
 *
 * @returns false when the numbers of this problem are out of f32's range, so that the CPU has to do it
 */
async function searchOnGpu(
  setup: SearchSetup,
  queue: readonly number[],
  { signal, onShare }: SearchOptions,
  device: GpuDevice,
): Promise<boolean> {
  const { ScreenedSearch } = await import('./screened-search.js');
  const create = async (on: GpuDevice): Promise<ScreenedSearch | null> => {
    const creating = ScreenedSearch.create(on, setup);
    const created = await unlessAborted(creating, signal);
    // What is being compiled cannot be stopped; it is freed when it is there.
    if (signal?.aborted) creating.then((late) => late?.close()).catch(() => undefined);
    return created;
  };
  let gpu = device.current;
  let search = await create(gpu);
  try {
    let lostAt = -1;
    for (let next = 0; search !== null && next < queue.length && !signal?.aborted;) {
      try {
        onShare(await search.decide(queue[next]!, signal));
        next++;
      } catch (error) {
        if (signal?.aborted) break;
        const loss = await gpu.lossBehind(error);
        const opened = loss && lostAt < next ? await gpu.replace() : null;
        if (!opened) throw loss ?? error;
        lostAt = next;
        gpu = opened;
        search = await create(gpu);
      }
    }
    return search !== null || signal?.aborted === true;
  } finally {
    search?.close();
  }
}

/** The pool knows what to do where workers die, come late or not at all. */
async function searchInThreads(
  setup: SearchSetup,
  queue: readonly number[],
  { threads, signal, onShare }: SearchOptions,
): Promise<void> {
  const pool = new WorkerPool({ workers: threads });
  let search: ShareSearch | undefined;
  let last: Promise<unknown> = Promise.resolve();
  // One after another: a search has one combination in hand.
  const decideHere = (first: number): Promise<DecidedShare> => {
    const share = last.then(() =>
      inSlices((search ??= new ShareSearch(setup)).share(first), signal),
    );
    last = share;
    return share;
  };
  const decide = async (first: number): Promise<void> => {
    onShare(await pool.share(setup, first, () => decideHere(first), signal));
  };
  try {
    await Promise.all(queue.map(decide));
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    pool.close();
  }
}

/** The sums of two counts. */
export function addCounts(a: SearchCounts, b: SearchCounts): SearchCounts {
  const keys = Object.keys(NO_COUNTS) as (keyof SearchCounts)[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as unknown as SearchCounts;
}
