/**
 * The regular ends of paths. A regular zero is the end of exactly one path; two arrivals mean that
 * a path jumped.
 *
 * Usually every end is kept to the end of the solve (`KeptEnds`). When solutions are streamed,
 * `StreamedEnds` passes new points on in batches and keeps 60 bytes of each, so that a job of
 * millions of paths needs little memory; a point reached twice is passed on once.
 */
import { MemoryRows, type Items, type Rows, type RowStorage } from '../../math/rows.js';
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import { clusterPoints, clusterSteps, clusterTolerance, groupsOf } from '../points/cluster.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { PointSet } from '../points/point-set.js';
import type { Solution } from './solution.js';

export interface EndPoint {
  readonly id: number;
  /** 2N projective coordinates. */
  readonly point: Float64Array;
  readonly pivotRatio: number;
  readonly winding: number;
  /** The Cauchy loop of a singular end: where it began, 2N, and its size. */
  readonly loop: { readonly start: Float64Array; readonly size: number } | null;
  /** Of zeros that were separated from a cluster: see Solution. */
  readonly cluster?: Solution['cluster'];
}

export interface RegularEnds {
  /** Paths that ended here. */
  readonly size: number;
  add(end: EndPoint): void;
  /** Forgets the ends of some paths. */
  remove(ids: ReadonlySet<number>): void;
  /** Ids of paths that share their end, without the first `keep` of each point. */
  collisions(keep: number): Stepwise<number[]>;
  /** The ends that are still here, by path id: as they are now, until ends are added or removed. */
  kept(): Items<EndPoint>;
}

/** Points further apart than this are different zeros: f64 errs by less. */
const NEAR = 1e-6;
/** Points refined in double-double are the same when they are this close; the rest is rounding to f64. */
const SAME_REFINED = 1e-15;

/**
 * Regular ends by the zero they are at. Where f64 cannot tell two close zeros apart, double-double does.
 *
 * @param refine Newton's method in double-double, null where it does not converge.
 * @returns indices of the ends at each zero, in order of the first.
 */
export function groupByZero(
  structure: HomotopyStructure,
  ends: Items<EndPoint>,
  refine: (point: Float64Array) => Float64Array | null,
): number[][] {
  return groupsOf(atOnce(groupByZeroSteps(structure, ends, refine)));
}

/**
 * The same step by step.
 *
 * @returns of each end the first one at its zero.
 */
export function* groupByZeroSteps(
  structure: HomotopyStructure,
  ends: Items<EndPoint>,
  refine: (point: Float64Array) => Float64Array | null,
): Stepwise<Uint32Array> {
  const points = pointsOf(ends);
  const firsts = yield* clusterSteps(structure, points, () => NEAR);
  for (const members of groupsOf(firsts, 2)) {
    yield;
    const own = members.map((k) => points.at(k)!);
    const refined = own.map(refine);
    const parts = refined.includes(null)
      ? clusterPoints(structure, own, (k) => clusterTolerance(ends.at(members[k]!)!.pivotRatio))
      : clusterPoints(structure, refined as Float64Array[], () => SAME_REFINED);
    for (const part of parts) for (const k of part) firsts[members[k]!] = members[part[0]!]!;
  }
  return firsts;
}

/** Of a solution that monodromy found. */
const NO_PATH = -1;

/** Of each solution the first path that reached it, -1 for recovered ones. */
export function pathOf({ id }: EndPoint): number {
  return Math.max(id, NO_PATH);
}

/** Where ends are. */
export function pointsOf(ends: Items<EndPoint>): Items<Float64Array> {
  if (ends instanceof KeptItems) return ends.points;
  return { length: ends.length, at: (index) => ends.at(index)?.point };
}

/** The numbers of an end beside its point. */
const BESIDE = 1;
const FIRST_CAPACITY = 256;

/** Ends as rows of a table, whose place is not the memory's as a rule where there are millions. */
export class KeptEnds implements RegularEnds {
  size = 0;
  private readonly rows: Rows;
  /** The one that is appended. */
  private readonly row: Float64Array;
  /** Of each path by id the row of its end, plus 1; 0 where it has none. */
  private places = new Uint32Array(FIRST_CAPACITY);
  private readonly clusters = new Map<number, EndPoint['cluster']>();
  /** Nothing was added since all were found to be different. */
  private areDistinct = false;

  /** @param refine as for groupByZero. */
  constructor(
    private readonly structure: HomotopyStructure,
    private readonly refine: (point: Float64Array) => Float64Array | null,
    storage: RowStorage = (width) => new MemoryRows(width),
  ) {
    this.row = new Float64Array(2 * structure.coordinates + BESIDE);
    this.rows = storage(this.row.length);
  }

  add({ id, point, pivotRatio, cluster }: EndPoint): void {
    if (id >= this.places.length) {
      const longer = new Uint32Array(Math.max(id + 1, 2 * this.places.length));
      longer.set(this.places);
      this.places = longer;
    }
    if (this.places[id] === 0) this.size++;
    this.areDistinct = false;
    const { row } = this;
    row.set(point);
    row[point.length] = pivotRatio;
    this.places[id] = this.rows.append(row) + 1;
    if (cluster) this.clusters.set(id, cluster);
    else this.clusters.delete(id);
  }

  remove(ids: ReadonlySet<number>): void {
    for (const id of ids) {
      if ((this.places[id] ?? 0) === 0) continue;
      this.places[id] = 0;
      this.clusters.delete(id);
      this.size--;
    }
  }

  *collisions(keep: number): Stepwise<number[]> {
    if (this.areDistinct) return [];
    // In order, so that the same ones are kept whichever path ended first.
    const ends = this.kept();
    const firsts = yield* groupByZeroSteps(this.structure, ends, this.refine);
    const groups = groupsOf(firsts, 2);
    this.areDistinct = groups.length === 0;
    return groups.flatMap((group) => group.slice(keep).map((k) => ends.at(k)!.id));
  }

  kept(): Items<EndPoint> {
    const { places } = this;
    const ids = new Uint32Array(this.size);
    let length = 0;
    for (let id = 0; id < places.length; id++) if (places[id]! > 0) ids[length++] = id;
    return new KeptItems(ids, places, this.rows, this.clusters);
  }
}

/** Ends by path id, made of their rows when they are asked for. */
class KeptItems implements Items<EndPoint> {
  readonly length: number;

  constructor(
    private readonly ids: Uint32Array,
    private readonly places: Uint32Array,
    private readonly rows: Rows,
    private readonly clusters: ReadonlyMap<number, EndPoint['cluster']>,
  ) {
    this.length = ids.length;
  }

  at(index: number): EndPoint | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    const id = this.ids[index]!;
    const row = this.rows.row(this.places[id]! - 1);
    const length = row.length - BESIDE;
    const end: EndPoint = {
      id,
      point: row.subarray(0, length),
      pivotRatio: row[length]!,
      winding: 1,
      loop: null,
    };
    const cluster = this.clusters.get(id);
    return cluster ? { ...end, cluster } : end;
  }

  get points(): Items<Float64Array> {
    const { ids, places, rows, length } = this;
    return {
      length,
      at(index) {
        if (!(index >= 0 && index < length)) return undefined;
        const row = rows.row(places[ids[index]!]! - 1);
        return row.subarray(0, row.length - BESIDE);
      },
    };
  }
}

/** Ends per batch passed on: finishing one takes 0.1 to 0.2 ms. */
const BATCH = 128;
/** Nobody waits longer for an end that is here. */
const FLUSH_MS = 250;
const NOBODY = -1;

export class StreamedEnds implements RegularEnds {
  size = 0;
  private readonly points: PointSet;
  /** Path that ended at each point of the set. */
  private readonly owners: number[] = [];
  /** Later arrivals at points that have an owner. */
  private later: { readonly id: number; readonly index: number }[] = [];
  private outbox: EndPoint[] = [];
  private flushed = performance.now();

  /** @param deliver takes the ends at new points. */
  constructor(
    structure: HomotopyStructure,
    private readonly deliver: (ends: readonly EndPoint[]) => void,
  ) {
    this.points = new PointSet(structure);
  }

  add(end: EndPoint): void {
    const known = this.points.size;
    const index = this.points.add(end.point, clusterTolerance(end.pivotRatio));
    this.size++;
    if (index === known) {
      this.owners.push(end.id);
      this.outbox.push(end);
      if (this.outbox.length === BATCH) this.flush();
    } else if (this.owners[index] === NOBODY) this.owners[index] = end.id;
    else this.later.push({ id: end.id, index });
  }

  /** What was passed on stays valid: it is a zero, whichever path reaches it. */
  remove(ids: ReadonlySet<number>): void {
    const before = this.later.length;
    this.later = this.later.filter(({ id }) => !ids.has(id));
    this.size -= before - this.later.length;
    this.owners.forEach((id, index) => {
      if (!ids.has(id)) return;
      this.owners[index] = NOBODY;
      this.size--;
    });
    this.later = this.later.filter(({ id, index }) => {
      if (this.owners[index] !== NOBODY) return true;
      this.owners[index] = id;
      return false;
    });
  }

  // Little to do, but the interface is that of ends by the million.
  // oxlint-disable-next-line require-yield
  *collisions(keep: number): Stepwise<number[]> {
    const later = this.later.map(({ id }) => id);
    if (keep > 0) return later;
    return [...new Set(this.later.map(({ index }) => this.owners[index]!)), ...later];
  }

  kept(): Items<EndPoint> {
    return [];
  }

  /** Passes on what is here when the last batch is some time ago. */
  flushIfDue(): void {
    if (performance.now() - this.flushed >= FLUSH_MS) this.flush();
  }

  /** Passes on what is left of a batch. */
  flush(): void {
    this.flushed = performance.now();
    const ends = this.outbox;
    this.outbox = [];
    if (ends.length > 0) this.deliver(ends);
  }
}
