/**
 * Long computations that can be interrupted: generators that yield wherever the thread may do something
 * else in between. The same code runs at once in a worker, and in slices where a page has to stay alive.
 */
export type Stepwise<Result> = Generator<void, Result, void>;

/** A page that draws 60 frames a second has 16 ms for everything. */
const SLICE_MS = 12;

/** A loop over 0 to `count`, `each` of them a step. */
export function* inRuns(
  count: number,
  each: number,
  perform: (first: number, end: number) => void,
): Stepwise<void> {
  for (let first = 0; first < count; first += each) {
    perform(first, Math.min(count, first + each));
    yield;
  }
}

/** Runs a computation to its end. */
export function atOnce<Result>(steps: Stepwise<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** When the slice of this turn of the event loop ends, where there was one; computations that come one after another share it. */
let sliceEnd: number | null = null;

function beginSlice(): number {
  if (sliceEnd === null) void nextTurn().then(() => (sliceEnd = null));
  return (sliceEnd = performance.now() + SLICE_MS);
}

/** The result, when a computation needs no longer than one slice; else it can go on where it stopped. */
export function inOneSlice<Result>(
  steps: Stepwise<Result>,
  end = beginSlice(),
): { readonly result: Result } | undefined {
  do {
    const step = steps.next();
    if (step.done) return { result: step.value };
  } while (performance.now() < end);
  return undefined;
}

/**
 * Runs a computation in slices of 12 ms, as far as its steps are shorter, and lets events through in
 * between. What is done within one slice costs no turn of the event loop, however many computations share it.
 *
 * @throws the signal's reason when it is aborted between two slices
 */
export async function inSlices<Result>(
  steps: Stepwise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  signal?.throwIfAborted();
  for (let end = sliceEnd ?? beginSlice(); ; end = beginSlice()) {
    if (performance.now() < end) {
      const done = inOneSlice(steps, end);
      if (done) return done.result;
    }
    await nextTurn();
    signal?.throwIfAborted();
  }
}

/** The same: null when the signal is aborted before the result is there. */
export async function inSlicesUnlessAborted<Result>(
  steps: Stepwise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result | null> {
  try {
    return await inSlices(steps, signal);
  } catch (error) {
    if (signal?.aborted) return null;
    throw error;
  }
}

/** The result, or undefined when `isOver` says so first. */
export function* unlessOver<Result>(
  steps: Stepwise<Result>,
  isOver: () => boolean,
): Stepwise<Result | undefined> {
  while (!isOver()) {
    const step = steps.next();
    if (step.done) return step.value;
    yield;
  }
  return undefined;
}

/** Resolves in the next turn of the event loop; timers are too slow for that, a page's wait for 4 ms. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Compiling cannot be stopped, but nobody has to wait for it: null when the signal is aborted first. */
export async function unlessAborted<Result>(
  result: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result | null> {
  if (!signal) return result;
  if (signal.aborted) {
    result.catch(() => undefined);
    return null;
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => {
      resolve(null);
    };
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}
