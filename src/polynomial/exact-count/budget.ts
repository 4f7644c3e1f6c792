/** Time and memory that a computation may use; it stops by an exception, from any depth. */
import { LpsError } from '../../math/lps-error.js';

/** Thrown inside a computation whose budget is used up. */
export class BudgetExceeded extends LpsError {
  override readonly kind = 'limit';
  constructor(readonly reason: 'out of time' | 'out of memory') {
    super(reason);
  }
}

/** Elementary steps (some ns each, far more before they are compiled) between looks at the clock. */
const STEPS_PER_LOOK = 20_000;

export class Budget {
  private readonly deadline: number;
  private steps = 0;
  private bytesLeft: number;

  constructor(milliseconds: number, megabytes: number) {
    this.deadline = performance.now() + milliseconds;
    this.bytesLeft = megabytes * 1e6;
    this.look();
  }

  /**
   * Counts elementary steps, done or about to be done.
   *
   * @throws BudgetExceeded after the deadline
   */
  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > STEPS_PER_LOOK) {
      this.look();
    }
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

  private look(): void {
    this.steps = 0;
    if (performance.now() >= this.deadline) {
      throw new BudgetExceeded('out of time');
    }
  }
}
