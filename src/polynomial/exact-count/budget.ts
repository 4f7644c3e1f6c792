/** Steps and memory that a computation may use; it stops by an exception, from any depth. */
import { LpsError } from '../../math/lps-error.js';

/** Thrown inside a computation whose budget is used up. */
export class BudgetExceeded extends LpsError {
  override readonly kind = 'limit';
  constructor(readonly reason: 'out of time' | 'out of memory') {
    super(reason);
  }
}

/**
 * Elementary steps that are called a millisecond: about what a core of 2024 does, and a third of it before they are compiled.
 * Steps instead of the clock, so that what is decided does not depend on what else the machine does.
 */
const STEPS_PER_MILLISECOND = 100_000;
/** Elementary steps between looks at the clock. */
const STEPS_PER_LOOK = 20_000;

export interface BudgetLimits {
  /** Of 100,000 elementary steps each. */
  readonly milliseconds: number;
  /** By the clock; default: any. */
  readonly clockMilliseconds?: number;
  readonly megabytes: number;
}

export class Budget {
  private readonly deadline: number;
  private stepsLeft: number;
  private stepsToLook = STEPS_PER_LOOK;
  private bytesLeft: number;

  /** @throws BudgetExceeded when there is no time at all */
  constructor({ milliseconds, clockMilliseconds = Infinity, megabytes }: BudgetLimits) {
    this.stepsLeft = milliseconds * STEPS_PER_MILLISECOND;
    this.deadline = performance.now() + clockMilliseconds;
    this.bytesLeft = megabytes * 1e6;
    this.spend(1);
  }

  /**
   * Counts elementary steps, done or about to be done.
   *
   * @throws BudgetExceeded when there are not as many left, or after the deadline
   */
  spend(steps: number): void {
    this.stepsLeft -= steps;
    if (this.stepsLeft < 0) throw new BudgetExceeded('out of time');
    this.stepsToLook -= steps;
    if (this.stepsToLook > 0) return;
    this.stepsToLook = STEPS_PER_LOOK;
    if (performance.now() >= this.deadline) throw new BudgetExceeded('out of time');
  }

  /**
   * Counts bytes about to be allocated.
   *
   * @throws BudgetExceeded when there are not as many left
   */
  claim(bytes: number): void {
    this.bytesLeft -= bytes;
    if (this.bytesLeft < 0) {
      throw new BudgetExceeded('out of memory');
    }
  }

  /** Gives back bytes that were claimed. */
  release(bytes: number): void {
    this.bytesLeft += bytes;
  }
}
