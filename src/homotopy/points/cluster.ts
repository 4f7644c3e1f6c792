/**
 * Groups end points that are the same point of projective space.
 *
 * Points are normalised by the largest coordinate of each group, projected on a random real
 * direction and sorted, so only neighbours are compared: O(m log m) for well-separated points.
 */
import { sortedOrder } from '../../math/sorted-order.js';
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import type { HomotopyStructure } from '../program/homotopy.js';

const POINTS_PER_STEP = 256;

/**
 * @param points 2N projective coordinates each.
 * @param tolerance largest distance (max norm after normalisation) within a cluster, per point.
 * @returns clusters as lists of indices, each in increasing order, ordered by first index.
 */
export function clusterPoints(
  structure: HomotopyStructure,
  points: readonly Float64Array[],
  tolerance: (index: number) => number,
): number[][] {
  return atOnce(clusterSteps(structure, points, tolerance));
}

/** The same step by step: a million points take seconds. */
export function* clusterSteps(
  structure: HomotopyStructure,
  points: readonly Float64Array[],
  tolerance: (index: number) => number,
): Stepwise<number[][]> {
  const normalised: Float64Array[] = [];
  for (const point of points) {
    normalised.push(normalise(structure, point));
    if (normalised.length % POINTS_PER_STEP === 0) yield;
  }
  // Fixed irrational weights serve as the random direction; collisions only cost time.
  const weights = Float64Array.from({ length: 2 * structure.coordinates }, (_, k) =>
    Math.sin(1 + 12.9898 * k),
  );
  const keys = Float64Array.from(normalised, (point) => dot(weights, point));
  const order = yield* sortedOrder(keys);
  const parent = points.map((_, index) => index);
  const find = (index: number): number => {
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  };
  const width = points.length > 0 ? 2 * structure.coordinates : 0;
  for (let position = 0; position < order.length; position++) {
    const a = order[position]!;
    for (let next = position + 1; next < order.length; next++) {
      const b = order[next]!;
      const limit = Math.max(tolerance(a), tolerance(b));
      if (keys[b]! - keys[a]! > width * limit) break;
      if (distance(normalised[a]!, normalised[b]!) <= limit) parent[find(b)] = find(a);
    }
    if (position % POINTS_PER_STEP === 0) yield;
  }
  const clusters = new Map<number, number[]>();
  for (let index = 0; index < points.length; index++) {
    const root = find(index);
    const members = clusters.get(root);
    if (members) members.push(index);
    else clusters.set(root, [index]);
    if (index % POINTS_PER_STEP === 0) yield;
  }
  return [...clusters.values()];
}

/** Newton's method in f64 fixes a zero to about eps / pivot ratio. */
export function clusterTolerance(pivotRatio: number): number {
  return Math.min(1e-6, Math.max(1e-10, (1e4 * 2 ** -52) / pivotRatio));
}

/** Divides each group by its coordinate of largest modulus (the first within 1e-6 of it, for stability). */
export function normalise(structure: HomotopyStructure, point: Float64Array): Float64Array {
  const out = point.slice();
  for (const group of structure.groups) {
    let largest = 0;
    for (const j of group) largest = Math.max(largest, square(point, j));
    const pivot = group.find((j) => square(point, j) >= largest * (1 - 2e-6))!;
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
