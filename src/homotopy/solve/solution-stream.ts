/** Solutions that are passed on as they are found: ends on their way through the workers that finish them. */
import type { HomotopyStructure } from '../program/homotopy.js';
import { StreamedEnds, type EndPoint } from './regular-ends.js';

/** Batches that are being finished before tracking must wait: bounds memory. */
const BACKLOG = 8;

export class SolutionStream {
  readonly ends: StreamedEnds;
  private readonly pending = new Set<Promise<void>>();
  private failure: Error | null = null;

  /** @param deliver finishes ends and passes their solutions on. */
  constructor(structure: HomotopyStructure, deliver: (ends: readonly EndPoint[]) => Promise<void>) {
    this.ends = new StreamedEnds(structure, (ends) => {
      const promise: Promise<void> = deliver(ends)
        .catch((error: unknown) => {
          this.failure ??= error as Error;
        })
        .finally(() => this.pending.delete(promise));
      this.pending.add(promise);
    });
  }

  /** Passes on what has waited for some time; resolves when more may come. @throws what `deliver` throws. */
  async flushIfDue(): Promise<void> {
    this.ends.flushIfDue();
    while (this.pending.size >= BACKLOG) await Promise.race(this.pending);
    if (this.failure) throw this.failure;
  }

  /** Passes on the rest; resolves when all is passed on. @throws what `deliver` throws. */
  async finish(): Promise<void> {
    this.ends.flush();
    await Promise.all(this.pending);
    if (this.failure) throw this.failure;
  }
}
