/**
 * How much to submit at once: long enough to hide the cost of a submit, short enough that a dispatch
 * does not hold the device (watchdogs, abort, other pages).
 */
import type { TrackerKernels } from './tracker-kernels.js';

/** Milliseconds a dispatch, and a whole submit, should stay below. */
const DISPATCH_MS = 100;
const SUBMIT_MS = 400;
/** f32 operations per millisecond assumed before anything was measured. */
const SOFTWARE_RATE = 2e6;
const HARDWARE_RATE = 1e8;
/** Charts per dispatch: 36 iterations, then idle lanes cost more than another round. */
const MOST_CHART_CHANGES = 3;
/** A typical path needs 30 to 90 iterations: enough rounds for all but stragglers in the first submit. */
const FIRST_ITERATIONS = 96;
const LATER_ITERATIONS = 160;
/** Shorter measurements are all overhead. */
const MEASURABLE_MS = 5;

export class RoundSchedule {
  private rate: number;

  constructor(
    private readonly kernels: Pick<TrackerKernels, 'operationsPerIteration' | 'iterationsPerChart'>,
    software: boolean,
  ) {
    this.rate = software ? SOFTWARE_RATE : HARDWARE_RATE;
  }

  /** Charts per dispatch and rounds per submit. */
  next(running: number, fresh: boolean): { chartChanges: number; rounds: number } {
    const { operationsPerIteration, iterationsPerChart } = this.kernels;
    const chartMs = (running * iterationsPerChart * operationsPerIteration) / this.rate;
    const chartChanges = Math.max(
      1,
      Math.min(MOST_CHART_CHANGES, Math.floor(DISPATCH_MS / chartMs)),
    );
    const wanted = Math.ceil(
      (fresh ? FIRST_ITERATIONS : LATER_ITERATIONS) / (chartChanges * iterationsPerChart),
    );
    const affordable = Math.max(1, Math.floor(SUBMIT_MS / (chartChanges * chartMs)));
    return { chartChanges, rounds: Math.min(wanted, affordable) };
  }

  /** Feeds back one submit. */
  measured(iterations: number, milliseconds: number): void {
    if (milliseconds < MEASURABLE_MS || iterations === 0) return;
    const rate = (iterations * this.kernels.operationsPerIteration) / milliseconds;
    this.rate = 0.5 * (this.rate + rate);
  }
}
