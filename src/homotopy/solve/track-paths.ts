/**
 * All paths of one homotopy to their ends: GPU stage, f64 stage, second tracking, audit.
 *
 *   s = 1 .. 0.1 and regular jumps    GPU (f32, double-single refinement), or f64 without a GPU
 *   hand-over at the path's point     f64: endgame, then double-double for what is left
 *   failed or collided                f64 from s = 1, same gamma
 *   doubtful ends at infinity         all of few, or a sample, in double-double; one finite end calls
 *                                     all of them back
 */
import { inSlicesUnlessAborted, nextTurn, type Stepwise } from '../../math/stepwise.js';
import type { TrackingFacts } from './completeness-report.js';
import { DECIDED_BY_ROUNDING } from './solution.js';
import { isRealTarget, withoutConjugateSteps } from '../points/conjugates.js';
import { classOfMean } from '../track/cauchy.js';
import { decidedBatch, type Care, type DecidedEnd } from '../track/jobs.js';
import { TargetTerms } from '../track/target-terms.js';
import type { Homotopy } from '../program/homotopy.js';
// By itself: the rest of the GPU stage is loaded where there is a GPU.
import { EndOutcome, TrackStatus } from '../gpu/status.js';
import type { DeviceBatch } from './gpu-stage.js';
import { PathLedger } from './ledger.js';
import {
  CHUNK,
  PathScheduler,
  type FollowOptions,
  type FollowResources,
  type StartSource,
} from './path-scheduler.js';
import { idList, idRange, type PathIds, type PathShare } from './path-ids.js';
import { GpuEndgame, NO_PAST, type PathPast, type PathRecord } from './path-journal.js';
import { pointsOf, type RegularEnds } from './regular-ends.js';

/** The GPU's batches of some paths; they may end early. */
export type DeviceBatches = (ids: PathIds) => AsyncIterable<DeviceBatch>;

export interface TrackOptions extends Omit<FollowOptions, 'onBatch'> {
  /** What an earlier run has kept. */
  readonly kept?: Iterable<PathRecord> | undefined;
  /** Only these paths, by id, and no check that needs all. */
  readonly share?: PathShare | undefined;
  /** The paths are those of representatives of orbits: conjugates are not expected among their ends. */
  readonly representatives?: boolean;
  /** Where regular ends go. */
  readonly regular: RegularEnds;
  readonly onBatch: (ledger: PathLedger, stage: 'tracking' | 'auditing') => void | Promise<void>;
}

/** Chunks whose start points are made in one go. */
const CHUNKS = 2;
/** Ends at infinity that are all decided again when solutions are missing. */
const MOST_RECALLED = 2000;

/** The paths of one homotopy: how they ended, and what can be asked of them again. */
export class TrackedPaths {
  readonly ledger: PathLedger;
  /** Reasons to think that a solution may be missing. */
  readonly doubts: string[] = [];
  /** Solutions without their conjugate; null where the system is not real or this was not looked at. */
  withoutConjugate: TrackingFacts['withoutConjugate'] = null;
  private readonly scheduler: PathScheduler;
  private isRecalling = false;
  private terms: TargetTerms | null = null;

  constructor(
    private readonly homotopy: Homotopy,
    private readonly source: StartSource,
    resources: FollowResources,
    private readonly options: TrackOptions,
  ) {
    const ledger = new PathLedger(options.regular, homotopy.structure.coordinates);
    this.ledger = ledger;
    this.scheduler = new PathScheduler(homotopy, source, ledger, resources, {
      ...options,
      onBatch: () => options.onBatch(ledger, this.isRecalling ? 'auditing' : 'tracking'),
    });
  }

  get aborted(): boolean {
    return this.options.signal?.aborted ?? false;
  }

  /** Waits for what an abort has let arrive, when the solve is over by an error. */
  settle(): Promise<void> {
    return this.scheduler.settle();
  }

  /** @param deviceBatches null tracks everything in f64, as what the GPU's batches leave out. */
  async trackAll(deviceBatches: DeviceBatches | null): Promise<void> {
    const ids = await this.idsToFollow();
    let first = 0;
    if (deviceBatches && ids.count > 0) {
      for await (const batch of oneAhead(deviceBatches(ids))) {
        await this.takeOver(batch);
        first += batch.ids.length;
        if (this.scheduler.isStopped) break;
      }
    }
    for (; first < ids.count && !this.scheduler.isStopped; first += CHUNKS * CHUNK) {
      const count = Math.min(CHUNKS * CHUNK, ids.count - first);
      await this.scheduler.fromStart(Array.from({ length: count }, (_, k) => ids.at(first + k)));
      // Start points take time, too.
      await nextTurn();
    }
    await this.scheduler.drain();
    if (this.aborted || this.options.share) return;
    await this.repeatJumps();
    await this.separateCollisions();
    // One end that was doubtful and proved finite calls the others back.
    if (this.ledger.broughtBack > 0) await this.recall('doubtful');
    await nextTurn();
    await this.checkConjugates();
  }

  /** Those of the share that the journal does not know. */
  private async idsToFollow(): Promise<PathIds> {
    const { share, kept } = this.options;
    const { first, end } = share ?? { first: 0, end: this.source.total };
    const known = kept && (await this.unlessAborted(this.scheduler.restore(kept)));
    if (!known?.includes(1)) return idRange(first, end);
    const missing: number[] = [];
    for (let id = first; id < end; id++) if (!known[id]) missing.push(id);
    return idList(Uint32Array.from(missing));
  }

  /** Follows some paths again from s = 1. */
  async followAgain(ids: readonly number[], care: Care): Promise<void> {
    await this.scheduler.again(ids, care);
    await this.separateCollisions();
  }

  /**
   * Decides ends that were counted as ends at infinity in double-double: the doubtful ones that were not
   * looked into, or all, as far as there are not too many.
   * @returns whether there were any.
   */
  async recall(which: 'doubtful' | 'all'): Promise<boolean> {
    const { ledger, scheduler } = this;
    const ids = which === 'all' ? ledger.someInfinite(MOST_RECALLED) : ledger.doubtful;
    if (ids.length === 0) return false;
    this.isRecalling = true;
    scheduler.insistOn = which;
    await scheduler.again(ids);
    scheduler.insistOn = 'doubtful';
    await this.separateCollisions();
    return true;
  }

  /** Arrived ends are confirmed by f64 Newton, decided ones believed; the others go on from their points. */
  private async takeOver(batch: DeviceBatch): Promise<void> {
    const { scheduler } = this;
    const length = 2 * this.homotopy.structure.coordinates;
    const pointOf = (points: Float64Array, k: number) =>
      points.subarray(k * length, (k + 1) * length);
    const arrived: number[] = [];
    const atRegularInfinity: number[] = [];
    const decided: number[] = [];
    const outcomes = batch.ends && decidedBatch(batch.ids.length, length);
    const handedOver: number[] = [];
    const failed: number[] = [];
    for (let k = 0; k < batch.ids.length; k++) {
      const status = batch.status[k];
      const outcome = batch.outcome[k];
      if (status === TrackStatus.handOver)
        scheduler.handOvers.add(batch.ids[k]!, pointOf(batch.points, k));
      const end = this.endOf(batch, k);
      if (end) {
        const facts = { pivotRatio: batch.pivotRatio[k]!, factorisations: batch.iterations[k]! };
        outcomes!.set(decided.length, end, facts);
        decided.push(k);
      } else if (outcome === EndOutcome.regularAtInfinity) atRegularInfinity.push(k);
      else if (status === TrackStatus.arrived) arrived.push(k);
      else if (status === TrackStatus.handOver) handedOver.push(k);
      else failed.push(batch.ids[k]!);
    }
    const idsOf = (rows: readonly number[]) => rows.map((k) => batch.ids[k]!);
    const follow = async (
      rows: readonly number[],
      from: Float64Array,
      s: (k: number) => number,
      past: PathPast,
    ): Promise<void> => {
      const points = new Float64Array(rows.length * length);
      rows.forEach((k, to) => points.set(pointOf(from, k), to * length));
      const at = { points, s: Float64Array.from(rows, s) };
      await scheduler.follow(idsOf(rows), at, 'normal', past);
    };
    const { ends } = batch;
    const pastOf = (endgame: GpuEndgame): PathPast => (ends ? { ...NO_PAST, endgame } : NO_PAST);
    const handedBack = pastOf(GpuEndgame.handedBack);
    if (ends) {
      await scheduler.enterDecided(idsOf(decided), outcomes!.batch, pastOf(GpuEndgame.decided));
      await follow(atRegularInfinity, ends, () => 0, handedBack);
    }
    await follow(arrived, batch.points, () => 0, handedBack);
    await follow(handedOver, batch.points, (k) => batch.s[k]!, handedBack);
    this.ledger.retracked += failed.length;
    const past = { ...pastOf(GpuEndgame.notReached), restarts: 1 };
    await scheduler.fromStart(failed, 'normal', past);
  }

  /** What the endgame on the GPU decided; null where it left that to the CPU, or the mean of a loop proves nothing. */
  private endOf({ ends, loops, outcome, s }: DeviceBatch, k: number): DecidedEnd | null {
    if (!ends) return null;
    const { structure } = this.homotopy;
    const length = 2 * structure.coordinates;
    const point = ends.subarray(k * length, (k + 1) * length);
    if (outcome[k] === EndOutcome.regular)
      return { class: 'regular', reason: 'jump', point, s: 0, winding: 1, loop: null };
    const infinite = {
      class: 'atInfinity',
      point: null,
      s: s[k]!,
      winding: 0,
      loop: null,
    } as const;
    if (outcome[k] === EndOutcome.atInfinity) return { ...infinite, reason: 'stable valuation' };
    if (outcome[k] !== EndOutcome.singular || !loops) return null;
    if (!this.terms) {
      this.terms = new TargetTerms(structure);
      this.terms.setTarget(this.homotopy);
    }
    const size = loops.size[k]!;
    const kind = classOfMean(structure, this.terms, point, size * loops.negative[k]!);
    if (kind !== 'singular') return kind && { ...infinite, reason: 'Cauchy loop' };
    const start = loops.starts.subarray(k * length, (k + 1) * length);
    const winding = loops.winding[k]!;
    return { class: kind, reason: 'Cauchy loop', point, s: s[k]!, winding, loop: { start, size } };
  }

  /** Null when an abort ends it. */
  private unlessAborted<Result>(steps: Stepwise<Result>): Promise<Result | null> {
    return inSlicesUnlessAborted(steps, this.options.signal);
  }

  /** Paths that passed the point of another path are followed again from s = 1. */
  private async repeatJumps(): Promise<void> {
    for (const care of ['normal', 'careful'] as const) {
      const ids = await this.unlessAborted(this.scheduler.handOvers.collisions());
      if (ids === null) return;
      if (ids.length === 0) return;
      await this.scheduler.again(ids, care);
    }
  }

  /** A regular zero is the end of exactly one path: two arrivals mean that a path jumped. */
  private async separateCollisions(): Promise<void> {
    const { ledger } = this;
    for (const care of ['normal', 'careful'] as const) {
      const members = await this.unlessAborted(ledger.regular.collisions(0));
      if (members === null) return;
      if (members.length === 0) return;
      await this.scheduler.again(members, care);
    }
    const left = await this.unlessAborted(ledger.regular.collisions(1));
    if (left === null) return;
    ledger.regular.remove(new Set(left));
    for (const id of left) ledger.failed.set(id, { id, reason: 'path jumped', s: 0 });
    if (left.length === 0) return;
    this.doubts.push(
      `${left.length} paths arrived at a regular solution that another path reached too: a path jumped and a solution may be missing; try another seed`,
    );
  }

  /** Another test of completeness needs no path: conjugates of solutions are solutions. */
  private async checkConjugates(): Promise<void> {
    // Ends that are streamed are not here any more.
    if (
      this.options.representatives ||
      !isRealTarget(this.homotopy) ||
      this.ledger.regular.kept().length < this.ledger.regular.size
    )
      return;
    const look = async () => {
      const ends = this.ledger.regular.kept();
      const lonely = await this.unlessAborted(withoutConjugateSteps(this.homotopy, pointsOf(ends)));
      if (!lonely) return 0;
      const undetermined = lonely.filter(
        (index) => 1 / ends.at(index)!.pivotRatio > DECIDED_BY_ROUNDING,
      ).length;
      this.withoutConjugate = { missing: lonely.length - undetermined, undetermined };
      return lonely.length;
    };
    if ((await look()) === 0) return;
    await this.recall('doubtful');
    if ((await look()) === 0) return;
    const { missing, undetermined } = this.withoutConjugate!;
    if (missing > 0) {
      this.doubts.push(
        `${missing} solutions lack their complex conjugate although the system is real: solutions are missing; try another seed`,
      );
    }
    if (undetermined > 0) {
      this.doubts.push(
        `${undetermined} solutions lack their complex conjugate, but are so ill-conditioned that the rounding of the coefficients decides whether they exist`,
      );
    }
  }
}

/** The same values, each asked for before the one before it is dealt with: the GPU works on while the host does. */
async function* oneAhead<Value>(
  source: AsyncIterable<Value>,
): AsyncGenerator<Value, void, undefined> {
  const values = source[Symbol.asyncIterator]();
  let next = values.next();
  try {
    for (;;) {
      const result = await next;
      if (result.done === true) return;
      next = values.next();
      yield result.value;
    }
  } finally {
    // Whoever stops early leaves nothing running, and no rejection unheard.
    await next.catch(() => undefined);
    await values.return?.();
  }
}
