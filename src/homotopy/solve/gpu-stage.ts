/**
 * The GPU stage as the source of batches: for one homotopy, or for many members of a family in the
 * same dispatches.
 */
import type { GpuTracker, LoopColumns, RoundPoints, TrackJob } from '../gpu/index.js';
import type { Homotopy } from '../program/homotopy.js';
import type { StartTable } from '../start/index.js';
import { idRange, type PathIds } from './path-ids.js';
import type { StartSource } from './path-scheduler.js';

/** What the device gives for one batch of paths. */
export interface DeviceBatch {
  readonly ids: Uint32Array;
  /** Values of `TrackStatus`. */
  readonly status: Uint8Array;
  readonly s: Float32Array | Float64Array;
  /** 2N per path: zeros of F of those that arrived, else points at the hand-over. */
  readonly points: Float64Array;
  /** Values of `EndOutcome`, and 2N per path: what the endgame on the GPU decided; null where there was none. */
  readonly outcome: Uint8Array;
  readonly ends: Float64Array | null;
  readonly loops: LoopColumns | null;
  readonly iterations: Uint32Array;
  readonly pivotRatio: ArrayLike<number>;
}

/** Of both kinds of jobs: what the tracker is told of batches. */
interface BatchOptions extends Pick<TrackJob, 'batchSize' | 'onSmaller'> {
  readonly signal?: AbortSignal | undefined;
}

/** Paths of one dispatch over many members. */
const MEMBER_PATHS = 16_384;

/** Batches of one homotopy; start points are made on the GPU when there is a table. */
export function trackOnGpu(
  tracker: GpuTracker,
  homotopy: Homotopy,
  source: StartSource,
  table: StartTable | null,
  ids: PathIds,
  {
    signal,
    onPoints,
    ...sizes
  }: BatchOptions & {
    readonly onPoints?: ((points: RoundPoints) => void | Promise<void>) | undefined;
  },
): AsyncIterable<DeviceBatch> {
  const batches = tracker.track({
    homotopy,
    paths: table
      ? { ids: ids.ids }
      : { startPoints: pointsOf(source, homotopy.structure.coordinates, ids) },
    ...sizes,
    ...(signal && { signal }),
    ...(onPoints && { onPoints }),
  });
  return table ? batches : withIds(batches, ids);
}

/** The tracker numbers given points from 0. */
async function* withIds(
  batches: AsyncIterable<DeviceBatch>,
  ids: PathIds,
): AsyncGenerator<DeviceBatch, void, undefined> {
  for await (const batch of batches) yield { ...batch, ids: batch.ids.map((k) => ids.at(k)) };
}

/**
 * Tracks the same start points to many members together.
 *
 * @param homotopies of one structure and one start, as many members as wanted.
 * @returns one batch per member, in order; a member that an abort cut short has fewer paths.
 */
export async function* trackMembersOnGpu(
  tracker: GpuTracker,
  homotopies: readonly Homotopy[],
  source: StartSource,
  { signal, ...sizes }: BatchOptions,
): AsyncGenerator<DeviceBatch, void, undefined> {
  const { coordinates } = tracker.structure;
  const length = 2 * coordinates;
  const together = Math.max(1, Math.floor(MEMBER_PATHS / source.total));
  const starts = pointsOf(source, coordinates, idRange(0, source.total));
  for (let first = 0; first < homotopies.length && !signal?.aborted; first += together) {
    const members = homotopies.slice(first, first + together);
    const count = members.length * source.total;
    const startPoints = new Float64Array(count * length);
    members.forEach((_, k) => startPoints.set(starts, k * starts.length));
    const paths: TrackJob['paths'] = {
      startPoints,
      targets: members,
      targetOf: Uint32Array.from({ length: count }, (_, k) => Math.floor(k / source.total)),
    };
    const parts: DeviceBatch[] = [];
    for await (const batch of tracker.track({
      homotopy: members[0]!,
      paths,
      ...sizes,
      ...(signal && { signal }),
    })) {
      parts.push(batch);
    }
    for (let k = 0; k < members.length; k++) yield memberBatch(parts, k, source.total, length);
  }
}

function pointsOf(source: StartSource, coordinates: number, ids: PathIds): Float64Array {
  const points = new Float64Array(2 * coordinates * ids.count);
  for (let k = 0; k < ids.count; k++) points.set(source.point(ids.at(k)), 2 * coordinates * k);
  return points;
}

/** The paths of one member, numbered from 0. */
function memberBatch(
  parts: readonly DeviceBatch[],
  member: number,
  perMember: number,
  length: number,
): DeviceBatch {
  const ids: number[] = [];
  const rows: { readonly part: DeviceBatch; readonly row: number }[] = [];
  for (const part of parts) {
    part.ids.forEach((id, row) => {
      if (Math.floor(id / perMember) !== member) return;
      ids.push(id % perMember);
      rows.push({ part, row });
    });
  }
  const vectors = (pick: (part: DeviceBatch) => Float64Array): Float64Array => {
    const out = new Float64Array(rows.length * length);
    rows.forEach(({ part, row }, k) =>
      out.set(pick(part).subarray(row * length, (row + 1) * length), k * length),
    );
    return out;
  };
  return {
    ids: Uint32Array.from(ids),
    status: Uint8Array.from(rows, ({ part, row }) => part.status[row]!),
    s: Float64Array.from(rows, ({ part, row }) => part.s[row]!),
    points: vectors((part) => part.points),
    outcome: Uint8Array.from(rows, ({ part, row }) => part.outcome[row]!),
    // A part that an abort has cut short has decided none.
    ends: rows.some(({ part }) => part.ends) ? vectors((part) => part.ends ?? part.points) : null,
    loops: rows.some(({ part }) => part.loops)
      ? {
          winding: Uint8Array.from(rows, ({ part, row }) => part.loops?.winding[row] ?? 0),
          size: Float64Array.from(rows, ({ part, row }) => part.loops?.size[row] ?? 0),
          negative: Float64Array.from(rows, ({ part, row }) => part.loops?.negative[row] ?? 0),
          starts: vectors((part) => part.loops?.starts ?? part.points),
        }
      : null,
    iterations: Uint32Array.from(rows, ({ part, row }) => part.iterations[row]!),
    pivotRatio: Float64Array.from(rows, ({ part, row }) => part.pivotRatio[row]!),
  };
}
