/**
 * All paths of one homotopy to their ends: GPU main stage, f64 tier, second tracking, audit.
 *
 *   s = 1 .. 0.1 and regular jumps    GPU (f32, double-single refinement), or f64 without a GPU
 *   hand-over at the path's point     f64 tier: endgame, then double-double for what is left
 *   failed or collided                f64 from s = 1, same gamma
 *   doubtful ends at infinity         all of few, or a sample, in double-double; one finite end calls
 *                                     all of them back
 */
import { countMissingConjugates } from '../points/conjugates.js';
import { philox4x32 } from '../../math/random.js';
import {
  INSIST_ON_ALL,
  INSIST_ON_DOUBTFUL,
  type Care,
  type EngineSetup,
  type FollowJob,
} from '../track/engine.js';
import type { F64Pool, InlineEngines } from '../track/pool.js';
import type { Homotopy } from '../program/homotopy.js';
import { HandOverCheck } from '../points/hand-over-check.js';
import { PathLedger } from './ledger.js';
import type { RegularEnds } from './regular-ends.js';

/** Where paths start: point(id) is 2N projective coordinates at s = 1. */
export interface StartSource {
  readonly total: number;
  point(id: number): Float64Array;
}

/** What the first tier gives for one batch of paths. */
export interface FirstTierBatch {
  readonly ids: Uint32Array;
  /** 0 arrived at a regular zero, 1 handed over at `s`, 2 failed. */
  readonly status: Uint8Array;
  readonly s: Float32Array | Float64Array;
  /** 2N per path. */
  readonly points: Float64Array;
}

export const FirstTierStatus = { arrived: 0, handOver: 1, failed: 2 } as const;

export interface Tiers {
  readonly setup: EngineSetup;
  readonly pool: F64Pool;
  readonly inline: InlineEngines;
  /** The GPU's batches; null tracks everything in f64. */
  readonly firstTier: (() => AsyncIterable<FirstTierBatch>) | null;
}

export interface TrackOptions {
  /** Where regular ends go. */
  readonly regular: RegularEnds;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Doubtful ends at infinity that are decided in double-double, if there are more paths: a sample. */
  readonly auditSize: number;
  readonly onBatch: (ledger: PathLedger, stage: 'tracking' | 'auditing') => void;
}

export interface TrackReport {
  readonly ledger: PathLedger;
  /** Reasons to think that a solution may be missing. */
  readonly doubts: string[];
  readonly aborted: boolean;
  /**
   * Decides ends that were counted as ends at infinity in double-double: the doubtful ones that were not
   * looked into, or all, as far as there are not too many.
   * @returns whether there were any.
   */
  readonly recall: (which: 'doubtful' | 'all') => Promise<boolean>;
  /** Follows some paths again from s = 1. */
  readonly followAgain: (ids: readonly number[], care: Care) => Promise<void>;
}

/** Ends at infinity that are all decided again when solutions are missing. */
const MOST_RECALLED = 2000;
/** Keeps the choice of the sample apart from other random numbers of the seed. */
const AUDIT_KEY = 0x30000;
/** Fewer paths than this are followed in the calling thread. */
const INLINE_PATHS = 48;
/** Confirming an arrival takes two Newton iterations: cheaper than a message to a worker. */
const INLINE_CONFIRMATIONS = 2048;
/** Paths per message to a worker. */
const CHUNK = 64;
/** Batches on their way before the source must wait: bounds memory. */
const BACKLOG = 64;

export async function trackPaths(
  homotopy: Homotopy,
  source: StartSource,
  tiers: Tiers,
  options: TrackOptions,
): Promise<TrackReport> {
  const { coordinates } = homotopy.structure;
  const length = 2 * coordinates;
  const ledger = new PathLedger(options.regular, coordinates);
  const doubts: string[] = [];
  const pending = new Set<Promise<void>>();
  const errors: Error[] = [];
  const { signal } = options;
  let insistOnDoubtful = source.total <= options.auditSize;
  let insistOnAll = false;
  let isRecalling = false;
  /** Random, but the same for a path whichever batch it is in. */
  const insists = (id: number) =>
    insistOnDoubtful ||
    philox4x32([id, 0, 0, 0], [options.seed >>> 0, AUDIT_KEY])[0] <
      2 ** 32 * (options.auditSize / source.total);
  const handOvers = new HandOverCheck(homotopy.structure);

  const { structure: _, ...coefficients } = homotopy;
  const startPoints = (ids: ArrayLike<number>): Float64Array => {
    const points = new Float64Array(ids.length * length);
    for (let k = 0; k < ids.length; k++) points.set(source.point(ids[k]!), k * length);
    return points;
  };

  /** Follows paths and enters their ends; those that must start over are followed from s = 1. */
  const follow = async (
    ids: readonly number[],
    points: Float64Array,
    s: Float64Array,
    care: Care = 'normal',
  ): Promise<void> => {
    const confirms = s.length > 0 && s[0] === 0;
    const inline = ids.length < (confirms ? INLINE_CONFIRMATIONS : INLINE_PATHS);
    for (let first = 0; first < ids.length; first += CHUNK) {
      const part = ids.slice(first, first + CHUNK);
      const from = {
        points: points.slice(first * length, (first + part.length) * length),
        s: s.slice(first, first + part.length),
      };
      const run = async () => {
        const request: FollowJob = {
          coefficients,
          ...from,
          insist: Uint8Array.from(part, (id) =>
            insistOnAll ? INSIST_ON_ALL : insists(id) ? INSIST_ON_DOUBTFUL : 0,
          ),
          care,
        };
        const batch = inline
          ? tiers.inline.follow(tiers.setup, request)
          : await tiers.pool.follow(tiers.setup, request, signal);
        batch.crossed.forEach((crossed, k) => {
          if (crossed) {
            handOvers.add(part[k]!, batch.crossings.subarray(k * length, (k + 1) * length));
          }
        });
        const again = ledger.enter(part, batch, from).map((k) => part[k]!);
        if (again.length > 0) {
          ledger.retracked += again.length;
          await follow(again, startPoints(again), new Float64Array(again.length).fill(1));
        }
        options.onBatch(ledger, isRecalling ? 'auditing' : 'tracking');
      };
      if (inline) await run();
      else await schedule(run);
    }
  };
  const schedule = async (run: () => Promise<void>): Promise<void> => {
    while (pending.size >= BACKLOG) await Promise.race(pending);
    const promise: Promise<void> = run()
      .catch((error: unknown) => {
        if (!signal?.aborted) errors.push(error as Error);
      })
      .finally(() => pending.delete(promise));
    pending.add(promise);
  };
  const drain = async () => {
    while (pending.size > 0) await Promise.race(pending);
    if (errors.length > 0) throw errors[0]!;
  };
  const fromStart = (ids: readonly number[], care: Care = 'normal') =>
    follow(ids, startPoints(ids), new Float64Array(ids.length).fill(1), care);

  if (tiers.firstTier) {
    for await (const batch of tiers.firstTier()) {
      await handOver(batch);
      if (signal?.aborted || errors.length > 0) break;
    }
  } else {
    for (let first = 0; first < source.total && !signal?.aborted; first += 8 * CHUNK) {
      const count = Math.min(8 * CHUNK, source.total - first);
      await fromStart(Array.from({ length: count }, (_, k) => first + k));
      // Let messages (and an abort) through between inline batches.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
  await drain();
  if (!signal?.aborted) {
    await repeatJumps();
    await separateCollisions();
    await decideDoubtful();
    await checkConjugates();
  }
  return { ledger, doubts, aborted: signal?.aborted ?? false, recall, followAgain };

  /** Arrived ends are confirmed by f64 Newton, the others go on from their points. */
  async function handOver(batch: FirstTierBatch): Promise<void> {
    const lists = {
      [FirstTierStatus.arrived]: [],
      [FirstTierStatus.handOver]: [],
      [FirstTierStatus.failed]: [],
    } as Record<number, number[]>;
    batch.status.forEach((status, k) => lists[status]!.push(k));
    const send = async (indices: readonly number[], s: (k: number) => number) => {
      const points = new Float64Array(indices.length * length);
      indices.forEach((k, to) =>
        points.set(batch.points.subarray(k * length, (k + 1) * length), to * length),
      );
      await follow(
        indices.map((k) => batch.ids[k]!),
        points,
        Float64Array.from(indices, s),
      );
    };
    for (const k of lists[FirstTierStatus.handOver]!) {
      handOvers.add(batch.ids[k]!, batch.points.subarray(k * length, (k + 1) * length));
    }
    await send(lists[FirstTierStatus.arrived]!, () => 0);
    await send(lists[FirstTierStatus.handOver]!, (k) => batch.s[k]!);
    const failed = lists[FirstTierStatus.failed]!.map((k) => batch.ids[k]!);
    ledger.retracked += failed.length;
    await fromStart(failed);
  }

  /** Paths that passed the point of another path are followed again from s = 1. */
  async function repeatJumps(): Promise<void> {
    for (const care of ['normal', 'careful'] as const) {
      const ids = handOvers.collisions();
      if (ids.length === 0) return;
      ledger.retract(ids);
      ledger.retracked += ids.length;
      await fromStart(ids, care);
      await drain();
    }
  }

  /** A regular zero is the end of exactly one path: two arrivals mean that a path jumped. */
  async function separateCollisions(): Promise<void> {
    for (const care of ['normal', 'careful'] as const) {
      const members = ledger.regular.collisions(0);
      if (members.length === 0) return;
      ledger.retract(members);
      ledger.retracked += members.length;
      await fromStart(members, care);
      await drain();
    }
    const left = ledger.regular.collisions(1);
    ledger.regular.remove(new Set(left));
    for (const id of left) {
      ledger.failed.set(id, { id, reason: 'path jumped', s: 0 });
    }
    if (left.length > 0) {
      doubts.push(
        `${left.length} paths arrived at a regular solution that another path reached too: a path jumped and a solution may be missing; try another seed`,
      );
    }
  }

  /** Doubtful ends that were not looked into are followed when one that was proved finite. */
  async function decideDoubtful(): Promise<void> {
    if (ledger.broughtBack > 0) await recall('doubtful');
  }

  /** Another test of completeness needs no path: conjugates of solutions are solutions. */
  async function checkConjugates(): Promise<void> {
    const missing = () =>
      countMissingConjugates(
        homotopy,
        ledger.regular.kept().map((end) => end.point),
      );
    const before = missing();
    if (before === 0) return;
    await recall('doubtful');
    const after = missing();
    if (after === 0) return;
    doubts.push(
      `${after} solutions lack their complex conjugate although the system is real: solutions are missing; try another seed`,
    );
  }

  async function followAgain(ids: readonly number[], care: Care): Promise<void> {
    ledger.retract(ids);
    ledger.retracked += ids.length;
    await fromStart(ids, care);
    await drain();
    await separateCollisions();
  }

  async function recall(which: 'doubtful' | 'all'): Promise<boolean> {
    const again = which === 'all' ? ledger.infinite.slice(0, MOST_RECALLED) : ledger.doubtful;
    if (again.length === 0) return false;
    ledger.retract(again);
    ledger.retracked += again.length;
    insistOnDoubtful = true;
    insistOnAll = which === 'all';
    isRecalling = true;
    await fromStart(again);
    await drain();
    insistOnAll = false;
    await separateCollisions();
    return true;
  }
}
