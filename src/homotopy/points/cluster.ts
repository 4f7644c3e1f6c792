/**
 * Groups end points that are the same point of projective space.
 *
 * Points are normalised by the largest coordinate of each group, projected on random real
 * directions and sorted by one of them, so only neighbours are compared: O(m log m) for well-separated points, of
 * which three numbers each are kept.
 */
import { sortedOrder } from '../../math/sorted-order.js';
import type { Items } from '../../math/rows.js';
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import type { HomotopyStructure } from '../program/homotopy.js';

const POINTS_PER_STEP = 256;
/** Numbers of each point that tell it from others, before its coordinates do. */
const DIRECTIONS = 3;

/**
 * @param points 2N projective coordinates each.
 * @param tolerance largest distance (max norm after normalisation) within a cluster, per point.
 * @returns clusters as lists of indices, each in increasing order, ordered by first index.
 */
export function clusterPoints(
  structure: HomotopyStructure,
  points: Items<Float64Array>,
  tolerance: (index: number) => number,
): number[][] {
  return groupsOf(atOnce(clusterSteps(structure, points, tolerance)));
}

/**
 * The same step by step: a million points take seconds, and need not be in memory; of each its numbers are taken before
 * the next is asked for.
 *
 * @returns of each point the first of its cluster.
 */
export function* clusterSteps(
  structure: HomotopyStructure,
  points: Items<Float64Array>,
  tolerance: (index: number) => number,
): Stepwise<Uint32Array> {
  const { length } = points;
  const neighbours = new Neighbours(structure, points, tolerance);
  for (let first = 0; first < length; first += POINTS_PER_STEP) {
    neighbours.project(first, Math.min(first + POINTS_PER_STEP, length));
    yield;
  }
  const order = yield* sortedOrder(neighbours.keys.subarray(0, length));
  for (let first = 0; first < length; first += POINTS_PER_STEP) {
    neighbours.join(order, first, Math.min(first + POINTS_PER_STEP, length));
    yield;
  }
  return neighbours.firsts();
}

/** What a step of `clusterSteps` does: loops by themselves, since what V8 compiles of a generator it compiles as a whole. */
class Neighbours {
  /** [direction][point] */
  readonly keys: Float64Array;
  private readonly directions: readonly Float64Array[];
  private readonly width: number;
  private readonly scratch: Float64Array;
  private readonly otherScratch: Float64Array;
  private readonly parent: Uint32Array;

  constructor(
    private readonly structure: HomotopyStructure,
    private readonly points: Items<Float64Array>,
    private readonly tolerance: (index: number) => number,
  ) {
    const width = 2 * structure.coordinates;
    this.width = width;
    this.scratch = new Float64Array(width);
    this.otherScratch = new Float64Array(width);
    // Fixed irrational weights serve as random directions; collisions only cost time.
    this.directions = Array.from({ length: DIRECTIONS }, (_, d) =>
      Float64Array.from({ length: width }, (_, k) => Math.sin(1 + (12.9898 + 4.1414 * d) * k)),
    );
    this.keys = new Float64Array(DIRECTIONS * points.length);
    this.parent = new Uint32Array(points.length);
  }

  project(first: number, end: number): void {
    const { keys, directions, points, parent } = this;
    for (let index = first; index < end; index++) {
      const point = this.normalised(index, this.scratch);
      for (let d = 0; d < DIRECTIONS; d++)
        keys[d * points.length + index] = dot(directions[d]!, point);
      parent[index] = index;
    }
  }

  /** @param order by the first direction. */
  join(order: Uint32Array, first: number, end: number): void {
    const { keys, width, tolerance } = this;
    const { length } = order;
    for (let position = first; position < end; position++) {
      const a = order[position]!;
      for (let next = position + 1; next < length; next++) {
        const b = order[next]!;
        const limit = Math.max(tolerance(a), tolerance(b));
        if (keys[b]! - keys[a]! > width * limit) break;
        if (this.isNear(a, b, limit)) this.unite(a, b);
      }
    }
  }

  firsts(): Uint32Array {
    const { parent } = this;
    for (let index = 0; index < parent.length; index++) parent[index] = parent[parent[index]!]!;
    return parent;
  }

  /** Whether two points that one direction cannot tell apart are near each other, where it is not known yet. */
  private isNear(a: number, b: number, limit: number): boolean {
    const { keys, points, width } = this;
    for (let at = points.length; at < keys.length; at += points.length)
      if (Math.abs(keys[at + b]! - keys[at + a]!) > width * limit) return false;
    if (this.find(a) === this.find(b)) return false;
    const point = this.normalised(a, this.scratch);
    return distance(point, this.normalised(b, this.otherScratch)) <= limit;
  }

  private unite(a: number, b: number): void {
    const one = this.find(a);
    const other = this.find(b);
    this.parent[Math.max(one, other)] = Math.min(one, other);
  }

  private find(index: number): number {
    const { parent } = this;
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  }

  private normalised(index: number, out: Float64Array): Float64Array {
    return normaliseInto(this.structure, this.points.at(index)!, out);
  }
}

/**
 * @param firsts of each item the first of its group.
 * @param least smaller groups are left out.
 * @returns the groups as lists of indices, each in increasing order, ordered by first index.
 */
export function groupsOf(firsts: Uint32Array, least = 1): number[][] {
  const sizes = new Uint32Array(firsts.length);
  for (const first of firsts) sizes[first]!++;
  const groups = new Map<number, number[]>();
  firsts.forEach((first, index) => {
    if (sizes[first]! < least) return;
    const members = groups.get(first);
    if (members) members.push(index);
    else groups.set(first, [index]);
  });
  return [...groups.values()];
}

/** Newton's method in f64 fixes a zero to about eps / pivot ratio. */
export function clusterTolerance(pivotRatio: number): number {
  return Math.min(1e-6, Math.max(1e-10, (1e4 * 2 ** -52) / pivotRatio));
}

/** Divides each group by its coordinate of largest modulus (the first within 1e-6 of it, for stability). */
export function normalise(structure: HomotopyStructure, point: Float64Array): Float64Array {
  return normaliseInto(structure, point, new Float64Array(point.length));
}

function normaliseInto(
  { groups }: HomotopyStructure,
  point: Float64Array,
  out: Float64Array,
): Float64Array {
  for (const group of groups) {
    let largest = 0;
    for (const j of group) largest = Math.max(largest, square(point, j));
    let place = 0;
    // NaN is no less than anything.
    while (square(point, group[place]!) < largest * (1 - 2e-6)) place++;
    const pivot = group[place]!;
    const re = point[2 * pivot]!;
    const im = point[2 * pivot + 1]!;
    const norm = re * re + im * im;
    for (const j of group) {
      out[2 * j] = (point[2 * j]! * re + point[2 * j + 1]! * im) / norm;
      out[2 * j + 1] = (point[2 * j + 1]! * re - point[2 * j]! * im) / norm;
    }
    out[2 * pivot] = 1;
    out[2 * pivot + 1] = 0;
  }
  return out;
}

function square(point: Float64Array, j: number): number {
  return point[2 * j]! * point[2 * j]! + point[2 * j + 1]! * point[2 * j + 1]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function distance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < a.length; k += 2) {
    const re = a[k]! - b[k]!;
    const im = a[k + 1]! - b[k + 1]!;
    largest = Math.max(largest, re * re + im * im);
  }
  return Math.sqrt(largest);
}
