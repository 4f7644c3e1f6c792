/**
 * The GPU stage as the source of batches: for one homotopy, or for many members of a family in the
 * same dispatches.
 */
import type { GpuTracker, RoundPoints, TrackJob } from '../gpu/index.js';
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
  /** 2N per path. */
  readonly points: Float64Array;
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
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onPoints?: ((points: RoundPoints) => void | Promise<void>) | undefined;
  },
): AsyncIterable<DeviceBatch> {
  const batches = tracker.track({
    homotopy,
    paths: table
      ? { ids: ids.ids }
      : { startPoints: pointsOf(source, homotopy.structure.coordinates, ids) },
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
  signal: AbortSignal | undefined,
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
      targets: members.map(({ targetCoefficients }) => targetCoefficients),
      targetOf: Uint32Array.from({ length: count }, (_, k) => Math.floor(k / source.total)),
    };
    const parts: DeviceBatch[] = [];
    for await (const batch of tracker.track({
      homotopy: members[0]!,
      paths,
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
  const status: number[] = [];
  const s: number[] = [];
  const points = new Float64Array(perMember * length);
  for (const part of parts) {
    for (let k = 0; k < part.ids.length; k++) {
      if (Math.floor(part.ids[k]! / perMember) !== member) continue;
      points.set(part.points.subarray(k * length, (k + 1) * length), ids.length * length);
      ids.push(part.ids[k]! % perMember);
      status.push(part.status[k]!);
      s.push(part.s[k]!);
    }
  }
  return {
    ids: Uint32Array.from(ids),
    status: Uint8Array.from(status),
    s: Float64Array.from(s),
    points: points.subarray(0, ids.length * length),
  };
}
