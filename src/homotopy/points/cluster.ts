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
 * The same step by step: a million points take seconds, and need not be in memory.
 *
 * @returns of each point the first of its cluster.
 */
export function* clusterSteps(
  structure: HomotopyStructure,
  points: Items<Float64Array>,
  tolerance: (index: number) => number,
): Stepwise<Uint32Array> {
  const { length } = points;
  const width = 2 * structure.coordinates;
  const [scratch, otherScratch] = [new Float64Array(width), new Float64Array(width)];
  const normalised = (index: number, out: Float64Array) =>
    normaliseInto(structure, points.at(index)!, out);
  // Fixed irrational weights serve as random directions; collisions only cost time.
  const directions = Array.from({ length: DIRECTIONS }, (_, d) =>
    Float64Array.from({ length: width }, (_, k) => Math.sin(1 + (12.9898 + 4.1414 * d) * k)),
  );
  const keys = directions.map(() => new Float64Array(length));
  for (let index = 0; index < length; index++) {
    const point = normalised(index, scratch);
    for (let d = 0; d < DIRECTIONS; d++) keys[d]![index] = dot(directions[d]!, point);
    if (index % POINTS_PER_STEP === 0) yield;
  }
  const [sorted, ...others] = keys as [Float64Array, ...Float64Array[]];
  const order = yield* sortedOrder(sorted);
  const parent = new Uint32Array(length);
  for (let index = 0; index < length; index++) parent[index] = index;
  const find = (index: number): number => {
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  };
  for (let position = 0; position < length; position++) {
    const a = order[position]!;
    let point: Float64Array | null = null;
    for (let next = position + 1; next < length; next++) {
      const b = order[next]!;
      const limit = Math.max(tolerance(a), tolerance(b));
      if (sorted[b]! - sorted[a]! > width * limit) break;
      if (others.some((key) => Math.abs(key[b]! - key[a]!) > width * limit)) continue;
      const [one, other] = [find(a), find(b)];
      if (one === other) continue;
      point ??= normalised(a, scratch);
      if (distance(point, normalised(b, otherScratch)) <= limit)
        parent[Math.max(one, other)] = Math.min(one, other);
    }
    if (position % POINTS_PER_STEP === 0) yield;
  }
  for (let index = 0; index < length; index++) parent[index] = parent[parent[index]!]!;
  return parent;
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
