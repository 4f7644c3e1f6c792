/**
 * How paths have ended, as plain data that outlives the process: a solve that is given its journal back
 * follows only the paths that are not in it.
 *
 * Every path is followed in round 0; those that are followed again (after jumps, collisions, doubtful ends)
 * in a further round each time. What becomes of a path depends on the system, the seed, the path's id and
 * the round alone, so that it does not matter where a solve was cut or on how many machines it ran.
 */
import { INVARIANTS } from '../points/projective-invariants.js';
import { CLASSES, type OutcomeBatch } from '../track/jobs.js';

/** Some paths of one round; a path is in one record of a round. */
export interface PathRecord {
  readonly round: number;
  readonly ids: Uint32Array;
  /** Indices of `CLASSES` and `REASONS`. */
  readonly classes: Uint8Array;
  readonly reasons: Uint8Array;
  readonly winding: Uint8Array;
  /** How often each was begun again within the round. */
  readonly restarts: Uint8Array;
  /** DOUBLE_DOUBLE, DOUBTFUL and CROSSED, and what the endgame on the GPU did: `gpuEndgameOf`. */
  readonly flags: Uint8Array;
  /** Where each was decided. */
  readonly s: Float64Array;
  readonly pivotRatios: Float64Array;
  /** 2N projective coordinates of each regular or singular end. */
  readonly points: Float64Array;
  /** Of each singular end where its loop began, 2N, and its size. */
  readonly loops: Float64Array;
  /** Four invariants of the point at s = 0.1 of each path that is CROSSED. */
  readonly crossings: Float64Array;
}

/** Keeps records, and gives back those that were kept before. */
export interface PathJournal {
  /**
   * The records of this very solve that were kept, in the order in which they were written; may be asked for
   * more than once, but not after the first `write`.
   *
   * @param solve says which solve it is: the system's start, the number of paths, the seed
   * @throws when what was kept is of another solve
   */
  read(solve: string): Iterable<PathRecord>;
  /** Keeps a record. What it throws ends the solve. */
  write(record: PathRecord): void;
}

export const DOUBLE_DOUBLE = 1;
export const DOUBTFUL = 2;
export const CROSSED = 4;
/** Where in the flags `GpuEndgame` is. */
const GPU_ENDGAME_SHIFT = 3;

/** What the endgame on the GPU did with a path. */
export const GpuEndgame = {
  /** It was not played there. */
  none: 0,
  decided: 1,
  /** Undecided, and the CPU went on. */
  handedBack: 2,
  /** It was not reached there: the CPU began again. */
  notReached: 3,
} as const;
export type GpuEndgame = (typeof GpuEndgame)[keyof typeof GpuEndgame];

/** What became of some paths before the batch in which they ended. */
export interface PathPast {
  /** How often they were begun again within the round. */
  readonly restarts: number;
  readonly endgame: GpuEndgame;
}

export const NO_PAST: PathPast = { restarts: 0, endgame: GpuEndgame.none };

export function gpuEndgameOf(flags: number): GpuEndgame {
  return ((flags >> GPU_ENDGAME_SHIFT) & 3) as GpuEndgame;
}

const REGULAR = CLASSES.indexOf('regular');
const SINGULAR = CLASSES.indexOf('singular');

/**
 * Packs the outcomes of some paths of a batch.
 *
 * @param chosen places in the batch
 * @param crossingOf invariants at s = 0.1 by id, null where there are none
 */
export function packRecord(
  round: number,
  ids: readonly number[],
  batch: OutcomeBatch,
  chosen: readonly number[],
  { restarts, endgame }: PathPast,
  crossingOf: (id: number) => Float64Array | null,
): PathRecord {
  const length = batch.points.length / Math.max(1, batch.classes.length);
  const points: number[] = [];
  const loops: number[] = [];
  const crossings: number[] = [];
  const bytes = (column: Uint8Array): Uint8Array => Uint8Array.from(chosen, (k) => column[k]!);
  const numbers = (column: Float64Array): Float64Array =>
    Float64Array.from(chosen, (k) => column[k]!);
  const slice = (column: Float64Array, k: number) => column.subarray(k * length, (k + 1) * length);
  const flags = Uint8Array.from(chosen, (k) => {
    const kind = batch.classes[k];
    if (kind === REGULAR || kind === SINGULAR) points.push(...slice(batch.points, k));
    if (kind === SINGULAR) loops.push(...slice(batch.loopStarts, k), batch.loopSizes[k]!);
    const crossing = crossingOf(ids[k]!);
    if (crossing) crossings.push(...crossing);
    return (
      (batch.doubleDouble[k] ? DOUBLE_DOUBLE : 0) |
      (batch.doubtful[k] ? DOUBTFUL : 0) |
      (crossing ? CROSSED : 0) |
      (endgame << GPU_ENDGAME_SHIFT)
    );
  });
  return {
    round,
    ids: Uint32Array.from(chosen, (k) => ids[k]!),
    classes: bytes(batch.classes),
    reasons: bytes(batch.reasons),
    winding: bytes(batch.winding),
    restarts: new Uint8Array(chosen.length).fill(restarts),
    flags,
    s: numbers(batch.s),
    pivotRatios: numbers(batch.pivotRatios),
    points: Float64Array.from(points),
    loops: Float64Array.from(loops),
    crossings: Float64Array.from(crossings),
  };
}

/** What the ledger takes of a batch. */
export type LedgerBatch = Omit<OutcomeBatch, 'factorisations' | 'crossings' | 'crossed'>;

/** The other way round. `crossings`: invariants by place, null where there are none. */
export function unpackRecord(
  record: PathRecord,
  coordinates: number,
): { readonly batch: LedgerBatch; readonly crossings: readonly (Float64Array | null)[] } {
  const length = 2 * coordinates;
  const count = record.ids.length;
  const points = new Float64Array(count * length);
  const loopStarts = new Float64Array(count * length);
  const loopSizes = new Float64Array(count);
  const crossings: (Float64Array | null)[] = [];
  let [point, loop, crossing] = [0, 0, 0];
  for (let k = 0; k < count; k++) {
    const kind = record.classes[k];
    if (kind === REGULAR || kind === SINGULAR) {
      points.set(record.points.subarray(point, (point += length)), k * length);
    }
    if (kind === SINGULAR) {
      loopStarts.set(record.loops.subarray(loop, (loop += length)), k * length);
      loopSizes[k] = record.loops[loop++]!;
    }
    const isCrossed = (record.flags[k]! & CROSSED) !== 0;
    crossings.push(
      isCrossed ? record.crossings.subarray(crossing, (crossing += INVARIANTS)) : null,
    );
  }
  const flag = (bit: number) => Uint8Array.from(record.flags, (bits) => (bits & bit ? 1 : 0));
  return {
    batch: {
      classes: Uint8Array.from(record.classes),
      reasons: Uint8Array.from(record.reasons),
      winding: Uint8Array.from(record.winding),
      s: Float64Array.from(record.s),
      pivotRatios: Float64Array.from(record.pivotRatios),
      doubleDouble: flag(DOUBLE_DOUBLE),
      doubtful: flag(DOUBTFUL),
      points,
      loopStarts,
      loopSizes,
    },
    crossings,
  };
}
