/**
 * How much of each frame the GPU may work for this library, so that a page that draws on the same GPU keeps its pace.
 *
 * Work comes in pieces that are planned to take half of the budget, and a piece begins while no more than half of it is
 * spent. What cannot be cut so short (one step of a training, one dispatch) is followed by as many frames of rest as
 * it has overdrawn: over time the GPU works for at most `ms` in each 1/60 s.
 */

/** Of a frame. */
const FRAME_MS = 1000 / 60;

export class FrameBudget {
  /** Spent and not yet made up for by frames. */
  #spent = 0;
  #settledAt = performance.now();
  #busyUntil = -Infinity;

  /** @param ms of each frame; Infinity for no bound */
  constructor(private readonly ms: number) {}

  get isBounded(): boolean {
    return this.ms < Infinity;
  }

  /** What a piece of work should take that would take `wanted` ms without a bound. */
  pieceMs(wanted: number): number {
    return Math.min(wanted, this.ms / 2);
  }

  /** Notes a piece from its submission to its end, ms of `performance.now()`; pieces may overlap. */
  spend(begin: number, end: number): void {
    if (!this.isBounded) return;
    this.#settle(begin);
    this.#spent += Math.max(0, end - Math.max(begin, this.#busyUntil));
    this.#busyUntil = end;
  }

  /** Resolves when the next piece may begin, at once where there is no bound, or when the signal is aborted. */
  async ready(signal?: AbortSignal): Promise<void> {
    if (!this.isBounded) return;
    for (;;) {
      this.#settle(performance.now());
      const over = this.#spent - this.ms / 2;
      if (over <= 0 || signal?.aborted) return;
      // An abort is noticed within a frame.
      await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
    }
  }

  /** Whole frames that have passed give their budgets back; what is not needed is not kept. */
  #settle(now: number): void {
    const frames = Math.floor((now - this.#settledAt) / FRAME_MS);
    if (frames <= 0) return;
    this.#spent = Math.max(0, this.#spent - frames * this.ms);
    this.#settledAt += frames * FRAME_MS;
  }
}
