/**
 * Groups end points that are the same point of projective space.
 *
 * Points are normalised by the largest coordinate of each group, projected on a random real
 * direction and sorted, so only neighbours are compared: O(m log m) for well-separated points.
 */
import type { HomotopyStructure } from '../program/homotopy.js';

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
  const normalised = points.map((point) => normalise(structure, point));
  // Fixed irrational weights serve as the random direction; collisions only cost time.
  const weights = Float64Array.from({ length: 2 * structure.coordinates }, (_, k) =>
    Math.sin(1 + 12.9898 * k),
  );
  const keys = Float64Array.from(normalised, (point) => dot(weights, point));
  const order = Uint32Array.from(points, (_, index) => index).sort((a, b) => keys[a]! - keys[b]!);
  const parent = points.map((_, index) => index);
  const find = (index: number): number => {
    while (parent[index] !== index) index = parent[index] = parent[parent[index]!]!;
    return index;
  };
  const width = points.length > 0 ? 2 * structure.coordinates : 0;
  order.forEach((a, position) => {
    for (let next = position + 1; next < order.length; next++) {
      const b = order[next]!;
      const limit = Math.max(tolerance(a), tolerance(b));
      if (keys[b]! - keys[a]! > width * limit) break;
      if (distance(normalised[a]!, normalised[b]!) <= limit) parent[find(b)] = find(a);
    }
  });
  const clusters = new Map<number, number[]>();
  points.forEach((_, index) => {
    const root = find(index);
    const members = clusters.get(root);
    if (members) members.push(index);
    else clusters.set(root, [index]);
  });
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
