/**
 * The time after an abort. `signal` is to be heeded within 100 ms, but what is nearly done is not thrown away: each stage
 * of a call may go on until so long after the abort, and one that begins later than that has a moment. What has nothing to
 * keep, such as a search, stops at once.
 */

/** Milliseconds after the abort, by stage, in their order; what is left of 100 is for the event loop. */
const UNTIL_MS = { tracking: 35, finishing: 55, minima: 70 } as const;
/** Of a stage that begins after the abort. */
const LEAST_MS = 15;

export type GraceStage = keyof typeof UNTIL_MS;

/** By `performance.now()`, of signals that somebody has noticed to be aborted. */
const abortTimes = new WeakMap<AbortSignal, number>();

const shared = new WeakMap<AbortSignal, Map<GraceStage, Grace>>();

/** When a signal was aborted: now, where nobody has noticed it before. */
export function abortTimeOf(signal: AbortSignal): number {
  let time = abortTimes.get(signal);
  if (time === undefined) abortTimes.set(signal, (time = performance.now()));
  return time;
}

/** Follows another signal's abort when the stage's time is over. */
export class Grace {
  private readonly controller = new AbortController();
  private readonly least: number;
  private end = Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly onAbort = (): void => {
    const { origin, stage, controller } = this;
    this.end = Math.max(abortTimeOf(origin!) + UNTIL_MS[stage], this.least);
    this.timer = setTimeout(() => {
      controller.abort(origin!.reason);
    }, this.end - performance.now());
  };

  /** The stage begins now. */
  constructor(
    private readonly origin: AbortSignal | undefined,
    private readonly stage: GraceStage,
  ) {
    this.least = performance.now() + LEAST_MS;
    if (origin?.aborted) this.onAbort();
    else origin?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** One for all work of the stage that begins before the abort: the signal may be that of a million calls. */
  static of(signal: AbortSignal, stage: GraceStage): Grace {
    if (signal.aborted) return new Grace(signal, stage);
    const known = shared.get(signal) ?? new Map<GraceStage, Grace>();
    shared.set(signal, known);
    let grace = known.get(stage);
    if (!grace) known.set(stage, (grace = new Grace(signal, stage)));
    return grace;
  }

  /** Aborted for the same reason, later. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** By the clock: sooner than the signal, where the event loop is not asked meanwhile. */
  get isOver(): boolean {
    return performance.now() >= this.end;
  }

  /** The stage is done: the signal forgets it. */
  close(): void {
    this.origin?.removeEventListener('abort', this.onAbort);
    clearTimeout(this.timer);
  }
}
