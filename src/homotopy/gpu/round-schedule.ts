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
/** Charts per dispatch: 36 trips, then idle lanes cost more than another round. */
const MOST_RENEWALS = 3;
/** A typical path needs 30 to 90 trips: enough rounds for all but stragglers in the first submit. */
const FIRST_TRIPS = 96;
const LATER_TRIPS = 160;
/** Shorter measurements are all overhead. */
const MEASURABLE_MS = 5;

export class RoundSchedule {
  private rate: number;

  constructor(
    private readonly kernels: Pick<TrackerKernels, 'operationsPerTrip' | 'tripsPerChart'>,
    software: boolean,
  ) {
    this.rate = software ? SOFTWARE_RATE : HARDWARE_RATE;
  }

  /** Charts per dispatch and rounds per submit. */
  next(running: number, fresh: boolean): { renewals: number; rounds: number } {
    const { operationsPerTrip, tripsPerChart } = this.kernels;
    const renewalMs = (running * tripsPerChart * operationsPerTrip) / this.rate;
    const renewals = Math.max(1, Math.min(MOST_RENEWALS, Math.floor(DISPATCH_MS / renewalMs)));
    const wanted = Math.ceil((fresh ? FIRST_TRIPS : LATER_TRIPS) / (renewals * tripsPerChart));
    const affordable = Math.max(1, Math.floor(SUBMIT_MS / (renewals * renewalMs)));
    return { renewals, rounds: Math.min(wanted, affordable) };
  }

  /** Feeds back one submit. */
  measured(trips: number, milliseconds: number): void {
    if (milliseconds < MEASURABLE_MS || trips === 0) return;
    const rate = (trips * this.kernels.operationsPerTrip) / milliseconds;
    this.rate = 0.5 * (this.rate + rate);
  }
}
