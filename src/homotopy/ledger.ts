/**
 * The books of a solve: how each path ended, without keeping what is not needed.
 *
 * Paths at infinity leave only a count, and a random sample (reservoir) for the audit; regular and
 * singular ends keep their points (unless they are streamed); failed paths keep their ids and
 * reasons.
 */
import { randomStream } from '../math/random.js';
import { CLASSES, REASONS, type OutcomeBatch } from './f64/engine.js';
import type { EndPoint, RegularEnds } from './regular-ends.js';
import type { FailedPath, PathCounts } from './solution.js';

/** A path sent to infinity, and where the f64 tier took it over. */
export interface Cut {
  readonly id: number;
  readonly point: Float64Array;
  readonly s: number;
}

const AUDIT_STREAM = 0x30000;

export class PathLedger {
  readonly singular = new Map<number, EndPoint>();
  readonly failed = new Map<number, FailedPath>();
  readonly audit: Cut[] = [];
  /** Ids of all paths sent to infinity, should an audit call them back. */
  infinite: number[] = [];
  retracked = 0;
  doubleDouble = 0;
  weak = 0;
  private readonly random: () => number;

  constructor(
    readonly regular: RegularEnds,
    private readonly coordinates: number,
    private readonly auditSize: number,
    seed: number,
  ) {
    const stream = randomStream(seed, AUDIT_STREAM);
    this.random = () => stream.uniform();
  }

  get atInfinity(): number {
    return this.infinite.length;
  }

  /** Paths whose end is decided, or that failed for good. */
  get done(): number {
    return this.regular.size + this.singular.size + this.atInfinity + this.failed.size;
  }

  /**
   * Enters a batch of outcomes; `from` are the points and s the batch started at.
   * @returns indices in the batch of the paths that must be tracked again from s = 1.
   */
  enter(
    ids: ArrayLike<number>,
    batch: OutcomeBatch,
    from: { readonly points: Float64Array; readonly s: Float64Array },
  ): number[] {
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
      const end = (): EndPoint => ({
        id,
        point: batch.points.slice(k * length, (k + 1) * length),
        pivotRatio: batch.pivotRatios[k]!,
        winding: batch.winding[k]!,
      });
      if (kind === 'regular') this.regular.add(end());
      else if (kind === 'singular') this.singular.set(id, end());
      else if (kind === 'failed') this.failed.set(id, { id, reason, s: batch.s[k]! });
      else {
        this.infinite.push(id);
        if (reason === 'weak valuation') this.weak++;
        this.sample({ id, point: from.points.slice(k * length, (k + 1) * length), s: from.s[k]! });
      }
    }
    return again;
  }

  /** Forgets the ends of some paths, which are to be followed again. */
  retract(ids: readonly number[]): void {
    const gone = new Set(ids);
    this.regular.remove(gone);
    for (const id of gone) {
      this.singular.delete(id);
      this.failed.delete(id);
    }
    this.infinite = this.infinite.filter((id) => !gone.has(id));
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
      weak: this.weak,
    };
  }

  /** Reservoir sampling: every cut is kept with the same probability. */
  private sample(cut: Cut): void {
    if (this.audit.length < this.auditSize) this.audit.push(cut);
    else {
      const slot = Math.floor(this.random() * this.atInfinity);
      if (slot < this.auditSize) this.audit[slot] = cut;
    }
  }
}
