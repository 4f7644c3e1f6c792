/**
 * The books of a solve: how each path ended, without keeping what is not needed.
 *
 * Paths at infinity leave only a count, doubtful ones their ids; regular and singular ends keep their
 * points (unless they are streamed); failed paths keep their ids and reasons.
 */
import { CLASSES, REASONS } from '../track/jobs.js';
import { GpuEndgame, type LedgerBatch } from './path-journal.js';
import type { EndPoint, RegularEnds } from './regular-ends.js';
import type { FailedPath, PathCounts } from './solution.js';

export class PathLedger {
  readonly singular = new Map<number, EndPoint>();
  readonly failed = new Map<number, FailedPath>();
  /** Ids of the paths whose end at infinity is doubtful and was not looked into. */
  doubtful: number[] = [];
  /** Paths that f64 would have sent to infinity, and that more digits showed to be finite. */
  broughtBack = 0;
  retracked = 0;
  doubleDouble = 0;
  infinite: number[] = [];
  /** What the GPU's endgame did; null where the CPU played it. */
  endgame: { decided: number; handedBack: number } | null = null;
  private weak: number[] = [];

  constructor(
    readonly regular: RegularEnds,
    private readonly coordinates: number,
  ) {}

  get atInfinity(): number {
    return this.infinite.length;
  }

  /** Paths whose end is decided, or that failed for good. */
  get done(): number {
    return this.regular.size + this.singular.size + this.atInfinity + this.failed.size;
  }

  /**
   * Enters a batch of outcomes; `from` are the s the batch started at.
   * @returns indices in the batch of the paths that must be tracked again from s = 1.
   */
  enter(ids: ArrayLike<number>, batch: LedgerBatch, from: { readonly s: Float64Array }): number[] {
    const length = 2 * this.coordinates;
    const again: number[] = [];
    for (let k = 0; k < ids.length; k++) {
      const id = ids[k]!;
      const kind = CLASSES[batch.classes[k]!]!;
      const reason = REASONS[batch.reasons[k]!]!;
      if (kind === 'failed' && from.s[k]! < 1) {
        again.push(k);
        continue;
      }
      this.doubleDouble += batch.doubleDouble[k]!;
      if (batch.doubtful[k] && (kind === 'regular' || kind === 'singular')) this.broughtBack++;
      const first = k * length;
      const last = first + length;
      const pivotRatio = batch.pivotRatios[k]!;
      const winding = batch.winding[k]!;
      if (kind === 'regular') {
        // A view: whoever keeps it keeps the batch.
        const point = batch.points.subarray(first, last);
        this.regular.add({ id, point, pivotRatio, winding, loop: null });
      } else if (kind === 'singular') {
        const point = batch.points.slice(first, last);
        const loop = { start: batch.loopStarts.slice(first, last), size: batch.loopSizes[k]! };
        this.singular.set(id, { id, point, pivotRatio, winding, loop });
      } else if (kind === 'failed') this.failed.set(id, { id, reason, s: batch.s[k]! });
      else {
        this.infinite.push(id);
        if (reason === 'weak valuation') this.weak.push(id);
        if (reason === 'doubtful valuation') this.doubtful.push(id);
      }
    }
    return again;
  }

  /** Counts paths that have ended for the first time. */
  countEndgame(endgame: GpuEndgame, paths: number): void {
    if (endgame === GpuEndgame.none) return;
    this.endgame ??= { decided: 0, handedBack: 0 };
    if (endgame === GpuEndgame.decided) this.endgame.decided += paths;
    if (endgame === GpuEndgame.handedBack) this.endgame.handedBack += paths;
  }

  /** Forgets the ends of some paths, which are to be followed again. */
  retract(ids: readonly number[]): void {
    const gone = new Set(ids);
    this.regular.remove(gone);
    for (const id of gone) {
      this.singular.delete(id);
      this.failed.delete(id);
    }
    const stays = (id: number) => !gone.has(id);
    this.infinite = this.infinite.filter(stays);
    this.weak = this.weak.filter(stays);
    this.doubtful = this.doubtful.filter(stays);
  }

  /** Ids of paths that ended at infinity, the lowest ones: the same whichever ended first. */
  someInfinite(most: number): number[] {
    return [...this.infinite].sort((a, b) => a - b).slice(0, most);
  }

  /** Failed paths by id. */
  failures(): FailedPath[] {
    return [...this.failed.values()].sort((a, b) => a.id - b.id);
  }

  counts(): PathCounts {
    return {
      tracked: this.done,
      regular: this.regular.size,
      singular: this.singular.size,
      atInfinity: this.atInfinity,
      failed: this.failed.size,
      retracked: this.retracked,
      doubleDouble: this.doubleDouble,
      weak: this.weak.length + this.doubtful.length,
    };
  }
}
