/**
 * Follows paths of one homotopy in f64, in this thread or in workers, and enters their ends in the ledger.
 */
import { Grace } from '../../math/grace.js';
import { philox4x32 } from '../../math/random.js';
import { nextTurn, type Stepwise } from '../../math/stepwise.js';
import { HandOverCheck } from '../points/hand-over-check.js';
import type { Homotopy, HomotopyCoefficients } from '../program/homotopy.js';
import {
  INSIST_ON_ALL,
  INSIST_ON_DOUBTFUL,
  type Care,
  type EngineSetup,
  type FollowJob,
  type OutcomeBatch,
} from '../track/jobs.js';
import type { WorkerPool } from '../track/pool.js';
import type { PathLedger } from './ledger.js';
import {
  gpuEndgameOf,
  NO_PAST,
  packRecord,
  unpackRecord,
  type PathJournal,
  type PathPast,
  type PathRecord,
} from './path-journal.js';

/** Where paths start: point(id) is 2N projective coordinates at s = 1. */
export interface StartSource {
  readonly total: number;
  point(id: number): Float64Array;
}

/** Compiled code of the structure, and the threads that run it. */
export interface FollowResources {
  readonly setup: EngineSetup;
  readonly pool: WorkerPool;
}

export interface FollowOptions {
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Doubtful ends at infinity that are decided in double-double, if there are more paths: a sample. */
  readonly auditSize: number;
  /** How paths are followed that need no special care. */
  readonly ordinaryCare: 'normal' | 'relative';
  /** Keeps how paths end. */
  readonly journal?: PathJournal | undefined;
  /** After every batch; the next one of the same message waits for it. */
  readonly onBatch: () => void | Promise<void>;
}

/** Points (2N each) of paths, and the s at which they are. */
interface Whereabouts {
  readonly points: Float64Array;
  readonly s: Float64Array;
}

/** Keeps the choice of the sample apart from other random numbers of the seed. */
const AUDIT_KEY = 0x30000;
/** Fewer paths than this are, as a rule, followed in the calling thread. */
export const INLINE_PATHS = 48;
/** Confirming an arrival takes two Newton iterations: cheaper than a message to a worker. */
export const INLINE_CONFIRMATIONS = 2048;
/** Paths per message to a worker. */
export const CHUNK = 64;
const CHUNKS_PER_TURN = 8;
/** Batches on their way before the source must wait: bounds memory. */
const BACKLOG = 64;

export class PathScheduler {
  /** Which ends at infinity are decided in double-double: a sample of the doubtful ones, these, or all. */
  insistOn: 'sample' | 'doubtful' | 'all';
  readonly handOvers: HandOverCheck;
  private readonly coefficients: HomotopyCoefficients;
  private readonly length: number;
  private readonly pending = new Set<Promise<void>>();
  private readonly errors: Error[] = [];
  /** How often paths were followed again so far. */
  private round = 0;
  /** What an earlier run has kept of these times. */
  private readonly laterRounds = new Map<number, PathRecord[]>();

  constructor(
    homotopy: Homotopy,
    private readonly source: StartSource,
    private readonly ledger: PathLedger,
    private readonly resources: FollowResources,
    private readonly options: FollowOptions,
  ) {
    const { structure, ...coefficients } = homotopy;
    this.coefficients = coefficients;
    this.length = 2 * structure.coordinates;
    this.handOvers = new HandOverCheck(structure);
    this.insistOn = source.total <= options.auditSize ? 'doubtful' : 'sample';
  }

  /** No use in going on: aborted, or a batch failed (`drain` throws it). */
  get isStopped(): boolean {
    return (this.options.signal?.aborted ?? false) || this.errors.length > 0;
  }

  /**
   * Enters what an earlier run has kept of the first round.
   *
   * @returns 1 for each path that is known now
   */
  *restore(records: Iterable<PathRecord>): Stepwise<Uint8Array> {
    const known = new Uint8Array(this.source.total);
    for (const record of records) {
      if (record.round === 0) {
        this.enterRecord(record);
        for (const id of record.ids) known[id] = 1;
      } else {
        const others = this.laterRounds.get(record.round);
        if (others) others.push(record);
        else this.laterRounds.set(record.round, [record]);
      }
      yield;
    }
    return known;
  }

  /** Follows paths from s = 1; resolves when they are under way, `drain` when they have ended. */
  fromStart(
    ids: readonly number[],
    care: Care = 'normal',
    past: PathPast = NO_PAST,
  ): Promise<void> {
    const points = new Float64Array(ids.length * this.length);
    ids.forEach((id, k) => points.set(this.source.point(id), k * this.length));
    const s = new Float64Array(ids.length).fill(1);
    return this.follow(ids, { points, s }, care, past);
  }

  /** Follows paths on from where they are; s = 0 confirms arrivals. Those that must start over do so. */
  async follow(
    ids: readonly number[],
    at: Whereabouts,
    care: Care = 'normal',
    past: PathPast = NO_PAST,
  ): Promise<void> {
    const { length } = this;
    const confirms = at.s.length > 0 && at.s[0] === 0;
    const inline = ids.length < (confirms ? INLINE_CONFIRMATIONS : INLINE_PATHS);
    for (let first = 0; first < ids.length; first += CHUNK) {
      // Making the messages takes time, too.
      if (first > 0 && first % (CHUNKS_PER_TURN * CHUNK) === 0) await nextTurn();
      const part = ids.slice(first, first + CHUNK);
      const from = {
        points: at.points.slice(first * length, (first + part.length) * length),
        s: at.s.slice(first, first + part.length),
      };
      if (inline) await this.followBatch(part, from, care, true, past);
      else await this.schedule(() => this.followBatch(part, from, care, false, past));
    }
  }

  /** Enters paths whose ends are decided already. */
  async enterDecided(ids: readonly number[], batch: OutcomeBatch, past: PathPast): Promise<void> {
    if (ids.length === 0) return;
    this.ledger.enter(ids, batch, { s: batch.s });
    this.ledger.countEndgame(past.endgame, ids.length);
    this.keep(ids, batch, [], past);
    await this.options.onBatch();
  }

  /** Forgets how paths ended and follows them again from s = 1, to their ends. */
  async again(ids: readonly number[], care: Care = 'normal'): Promise<void> {
    this.ledger.retract(ids);
    this.ledger.retracked += ids.length;
    this.round++;
    const known = this.enterRound(new Set(ids));
    await this.fromStart(known.size > 0 ? ids.filter((id) => !known.has(id)) : ids, care);
    await this.drain();
  }

  /**
   * Waits for all that is under way.
   * @throws the first error of a batch.
   */
  async drain(): Promise<void> {
    await this.settle();
    if (this.errors.length > 0) throw this.errors[0]!;
  }

  /** The same, whatever has failed. */
  async settle(): Promise<void> {
    while (this.pending.size > 0) await Promise.race(this.pending);
  }

  /** Arrivals are confirmed after an abort, too, so that they are not lost. */
  private get confirming(): AbortSignal | undefined {
    const { signal } = this.options;
    return signal && Grace.of(signal, 'tracking').signal;
  }

  private async followBatch(
    ids: readonly number[],
    from: Whereabouts,
    care: Care,
    inline: boolean,
    past: PathPast,
  ): Promise<void> {
    const { setup, pool } = this.resources;
    const signal = from.s[0] === 0 ? this.confirming : this.options.signal;
    const job: FollowJob = {
      coefficients: this.coefficients,
      ...from,
      insist: Uint8Array.from(ids, (id) => this.insistence(id)),
      care: care === 'normal' ? this.options.ordinaryCare : care,
    };
    let batch: OutcomeBatch;
    try {
      batch = await (inline ? pool.followFew(setup, job, signal) : pool.follow(setup, job, signal));
    } catch (error) {
      // What an abort cuts short has no end; the ledger keeps those that have one.
      if (this.options.signal?.aborted) return;
      throw error;
    }
    batch.crossed.forEach((crossed, k) => {
      if (!crossed) return;
      this.handOvers.add(ids[k]!, batch.crossings.subarray(k * this.length, (k + 1) * this.length));
    });
    const unfinished = this.ledger.enter(ids, batch, from);
    this.ledger.countEndgame(past.endgame, ids.length - unfinished.length);
    this.keep(ids, batch, unfinished, past);
    if (unfinished.length > 0) {
      const startOver = unfinished.map((k) => ids[k]!);
      this.ledger.retracked += startOver.length;
      await this.fromStart(startOver, 'normal', { ...past, restarts: past.restarts + 1 });
    }
    await this.options.onBatch();
  }

  /** Writes down the paths of a batch that have ended. */
  private keep(
    ids: readonly number[],
    batch: OutcomeBatch,
    unfinished: readonly number[],
    past: PathPast,
  ): void {
    const { journal } = this.options;
    if (!journal) return;
    const without = new Set(unfinished);
    const ended = [...ids.keys()].filter((k) => !without.has(k));
    if (ended.length === 0) return;
    const crossingOf = (id: number) => this.handOvers.invariantsOf(id);
    journal.write(packRecord(this.round, ids, batch, ended, past, crossingOf));
  }

  private enterRecord(record: PathRecord): void {
    const ids = [...record.ids];
    const { batch, crossings } = unpackRecord(record, this.length / 2);
    crossings.forEach((invariants, k) => {
      if (invariants) this.handOvers.restore(ids[k]!, invariants);
    });
    // A path that failed has failed: it is not to start over.
    this.ledger.enter(ids, batch, { s: new Float64Array(ids.length).fill(1) });
    for (const restarts of record.restarts) this.ledger.retracked += restarts;
    for (const flags of record.flags) this.ledger.countEndgame(gpuEndgameOf(flags), 1);
  }

  /** Enters what is known of this round; returns the paths. */
  private enterRound(wanted: ReadonlySet<number>): Set<number> {
    const known = new Set<number>();
    for (const record of this.laterRounds.get(this.round) ?? []) {
      if (!record.ids.every((id) => wanted.has(id) && !known.has(id))) continue;
      this.enterRecord(record);
      for (const id of record.ids) known.add(id);
    }
    return known;
  }

  private insistence(id: number): number {
    if (this.insistOn === 'all') return INSIST_ON_ALL;
    return this.insistOn === 'doubtful' || this.isInSample(id) ? INSIST_ON_DOUBTFUL : 0;
  }

  /** Random, but the same for a path whichever batch it is in. */
  private isInSample(id: number): boolean {
    const { seed, auditSize } = this.options;
    const draw = philox4x32([id, 0, 0, 0], [seed >>> 0, AUDIT_KEY])[0];
    return draw < 2 ** 32 * (auditSize / this.source.total);
  }

  private async schedule(run: () => Promise<void>): Promise<void> {
    while (this.pending.size >= BACKLOG) await Promise.race(this.pending);
    const promise: Promise<void> = run()
      .catch((error: unknown) => {
        this.errors.push(error as Error);
      })
      .finally(() => this.pending.delete(promise));
    this.pending.add(promise);
  }
}
