/**
 * Progress of a solve, at most ten reports a second, and always one when the last path has ended.
 */
import type { PathLedger } from './ledger.js';
import type { SolveProgress } from './solution.js';

const INTERVAL_MS = 100;

export class ProgressReporter {
  private last = 0;
  private begin = performance.now();

  constructor(
    private readonly total: number,
    private readonly listener: ((progress: SolveProgress) => void) | undefined,
  ) {}

  /** The clock of paths per second starts when the first path does. */
  startTracking(): void {
    this.begin = performance.now();
    this.last = 0;
  }

  /** @param part what is done of a stage that is not counted in paths that have ended. */
  report(
    stage: SolveProgress['stage'],
    ledger: PathLedger | null,
    part?: { readonly done: number; readonly total: number },
  ): void {
    if (!this.listener) return;
    const now = performance.now();
    const { done, total } = part ?? { done: ledger?.done ?? 0, total: this.total };
    const isMany = stage === 'tracking' || part !== undefined;
    if (isMany && done < total && now - this.last < INTERVAL_MS) return;
    this.last = now;
    const pathsPerSecond = (1000 * done) / Math.max(now - this.begin, 1);
    this.listener({
      stage,
      done,
      total,
      regular: ledger?.regular.size ?? 0,
      singular: ledger?.singular.size ?? 0,
      atInfinity: ledger?.atInfinity ?? 0,
      failed: ledger?.failed.size ?? 0,
      pathsPerSecond,
      secondsLeft: pathsPerSecond > 0 ? (total - done) / pathsPerSecond : Infinity,
    });
  }
}
