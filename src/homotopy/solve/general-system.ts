/**
 * All zeros of a general system, by polyhedral homotopies from the binomial systems of its mixed cells.
 *
 * There are as many as the mixed volume, all different, so the result is its own check: paths that do not arrive, or
 * arrive where another did, are followed again, in f64 after the GPU, then with shorter steps.
 */
import { nextTurn } from '../../math/stepwise.js';
import { PointSet } from '../points/point-set.js';
import type { Homotopy } from '../program/homotopy.js';
import type { CellStarts } from '../start/polyhedral/cell-start.js';
import { TrackStatus } from '../gpu/status.js';
import { CLASSES, type Care, type PolyhedralBatch, type PolyhedralJob } from '../track/jobs.js';
import type { DeviceBatch } from './gpu-stage.js';
import { INLINE_CONFIRMATIONS, INLINE_PATHS, type FollowResources } from './path-scheduler.js';

/** Zeros are the same when their invariants are this close: the corrector leaves less. */
const SAME = 1e-8;
/** Paths per message, and messages on their way. */
const CHUNK = 64;
const BACKLOG = 16;

/** A point at this s is near its zero, whatever f32 makes of the last step. */
const NEAR_END = 1e-3;

export interface GeneralZeros {
  /** 2N projective coordinates per path; NaN where the path was lost. */
  readonly points: Float64Array;
  /** Paths that did not arrive at a zero of their own. */
  readonly lost: readonly number[];
}

/**
 * @param homotopy the general system as both ends of a family's homotopy.
 * @param starts of the same coefficients.
 * @param onGpu paths that the GPU has followed; null for none.
 * @throws the signal's reason.
 */
export async function generalZeros(
  homotopy: Homotopy,
  starts: CellStarts,
  paths: number,
  resources: FollowResources,
  onGpu: AsyncIterable<DeviceBatch> | null,
  signal: AbortSignal | undefined,
): Promise<GeneralZeros> {
  const length = 2 * homotopy.structure.coordinates;
  const points = new Float64Array(paths * length).fill(NaN);
  if (onGpu) {
    for await (const batch of onGpu) await refine(homotopy, batch, resources, points, signal);
    signal?.throwIfAborted();
  }
  let ids = onGpu
    ? withoutZero(homotopy, points, paths)
    : Array.from({ length: paths }, (_, id) => id);
  for (const care of ['relative', 'careful'] as const) {
    if (ids.length === 0) break;
    await follow(homotopy, starts, ids, care, resources, points, signal);
    ids = withoutZero(homotopy, points, paths);
  }
  for (const id of ids) points.fill(NaN, id * length, (id + 1) * length);
  return { points, lost: ids };
}

/** Newton's method in f64 from what f32 has reached. */
async function refine(
  homotopy: Homotopy,
  { ids, status, s, points: reached }: DeviceBatch,
  { pool, setup }: FollowResources,
  points: Float64Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { structure, ...coefficients } = homotopy;
  const length = 2 * structure.coordinates;
  const arrived = [...ids.keys()].filter(
    (row) => status[row] === TrackStatus.arrived || s[row]! < NEAR_END,
  );
  const regular = CLASSES.indexOf('regular');
  const isHere = arrived.length < INLINE_CONFIRMATIONS;
  await inChunks(arrived, async (rows) => {
    const near = new Float64Array(rows.length * length);
    rows.forEach((row, k) =>
      near.set(reached.subarray(row * length, (row + 1) * length), k * length),
    );
    const job = {
      coefficients,
      points: near,
      s: new Float64Array(rows.length),
      insist: new Uint8Array(rows.length),
      care: 'relative' as const,
    };
    const ends = await (isHere
      ? pool.followFew(setup, job, signal)
      : pool.follow(setup, job, signal));
    rows.forEach((row, k) => {
      if (ends.classes[k] === regular)
        points.set(ends.points.subarray(k * length, (k + 1) * length), ids[row]! * length);
    });
  });
}

async function follow(
  homotopy: Homotopy,
  starts: CellStarts,
  ids: readonly number[],
  care: Care,
  { pool, setup }: FollowResources,
  points: Float64Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const length = 2 * homotopy.structure.coordinates;
  const enter = (part: readonly number[], { points: ends, arrived }: PolyhedralBatch) => {
    part.forEach((id, k) => {
      const end = ends.subarray(k * length, (k + 1) * length);
      if (arrived[k]) points.set(end, id * length);
      else points.fill(NaN, id * length, (id + 1) * length);
    });
  };
  await inChunks(ids, async (part) => {
    const job = makeJob(homotopy, starts, part, care);
    const isHere = ids.length < INLINE_PATHS;
    enter(
      part,
      await (isHere
        ? pool.followFewPolyhedral(setup, job, signal)
        : pool.followPolyhedral(setup, job, signal)),
    );
  });
}

/** A message each, so many at a time. */
async function inChunks(
  all: readonly number[],
  work: (part: readonly number[]) => Promise<void>,
): Promise<void> {
  const pending = new Set<Promise<void>>();
  const errors: unknown[] = [];
  for (let first = 0; first < all.length && errors.length === 0; first += CHUNK) {
    const done: Promise<void> = work(all.slice(first, first + CHUNK))
      .catch((error: unknown) => {
        errors.push(error);
      })
      .finally(() => pending.delete(done));
    pending.add(done);
    while (pending.size >= BACKLOG) await Promise.race(pending);
    await nextTurn();
  }
  while (pending.size > 0) await Promise.race(pending);
  if (errors.length > 0) throw errors[0];
}

function makeJob(
  homotopy: Homotopy,
  starts: CellStarts,
  ids: readonly number[],
  care: Care,
): PolyhedralJob {
  const { structure, ...coefficients } = homotopy;
  const { coordinates, variables } = structure;
  const points = new Float64Array(2 * coordinates * ids.length);
  const places = new Map<number, number>();
  const powers: number[] = [];
  const steepest: number[] = [];
  const cells = Uint32Array.from(ids, (id, k) => {
    const { cell, point } = starts.start(id);
    const at = 2 * coordinates * k;
    points.set(point, at);
    for (let j = variables; j < coordinates; j++) points[at + 2 * j] = 1;
    let place = places.get(cell);
    if (place === undefined) {
      place = places.size;
      places.set(cell, place);
      const of = starts.powers(cell);
      for (const row of of.powers) powers.push(...row);
      steepest.push(of.steepest);
    }
    return place;
  });
  return {
    coefficients,
    points,
    cells,
    powers: Float64Array.from(powers),
    steepest: Float64Array.from(steepest),
    care,
  };
}

/** Paths that were lost, and those that share their end with another. */
function withoutZero({ structure }: Homotopy, points: Float64Array, paths: number): number[] {
  const length = 2 * structure.coordinates;
  const zeros = new PointSet(structure);
  const owners: number[] = [];
  const without = new Set<number>();
  for (let id = 0; id < paths; id++) {
    const point = points.subarray(id * length, (id + 1) * length);
    if (Number.isNaN(point[0])) {
      without.add(id);
      continue;
    }
    const index = zeros.add(point, SAME);
    if (index === owners.length) owners.push(id);
    else without.add(id).add(owners[index]!);
  }
  return [...without];
}
