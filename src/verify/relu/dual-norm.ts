/**
 * The dual norm by candidates: the function d(u) = E r phi(u . (x, 1)) on the sphere is linear in each
 * cell, so |d| is largest at a corner of the cells (u through D data points), at the maximum of an edge or
 * at that of a cell; each candidate is evaluated by the definition, so none can give too much.
 */
import {
  compensatedSum,
  cross,
  dot,
  norm,
  residualsAt,
  type NetworkPoint,
} from './check-minimum.js';
import type { ClaimedResult } from './read-exact.js';

/** max |E r phi(u . (x, 1))| / lambda over |u| = 1 for r = y - t at the point, one or two inputs. */
export function dualNormAt(result: ClaimedResult, point: NetworkPoint): number {
  const { rows, weights } = distinctPoints(result, residualsAt(result, point));
  const { negativeSlope, regularization } = result;
  let largest = 0;
  const evaluate = (u: readonly number[]): void => {
    const length = norm(u);
    if (length === 0) return;
    for (const sign of [1, -1]) {
      let sum = 0;
      for (let i = 0; i < rows.length; i++) {
        const z = sign * dot(u, rows[i]!);
        sum += weights[i]! * (z > 0 ? z : negativeSlope * z);
      }
      largest = Math.max(largest, Math.abs(sum) / length);
    }
  };
  /** The maximum within the cell of u, if it lies there, and along its edge with the given rows. */
  const evaluateCell = (u: readonly number[], edge: readonly number[] | null): void => {
    const moment = rows[0]!.map((_, entry) => {
      let sum = 0;
      for (let i = 0; i < rows.length; i++) {
        const slope = dot(u, rows[i]!) > 0 ? 1 : negativeSlope;
        sum += weights[i]! * slope * rows[i]![entry]!;
      }
      return sum;
    });
    evaluate(moment);
    if (edge === null) return;
    const share = dot(moment, edge) / dot(edge, edge);
    evaluate(moment.map((entry, k) => entry - share * edge[k]!));
  };
  if (rows[0]!.length === 2) {
    const sorted = rows.map((row) => row[0]!).sort((a, b) => a - b);
    for (const x of sorted) evaluate([1, -x]);
    const between = sorted.slice(1).map((x, k) => (x + sorted[k]!) / 2);
    for (const x of [sorted[0]! - 1, ...between, sorted.at(-1)! + 1]) {
      evaluateCell([1, -x], null);
      evaluateCell([-1, x], null);
    }
  } else {
    eachCorner(rows, (corner, first, second) => {
      evaluate(corner);
      for (const [a, b] of [
        [1, 1],
        [1, -1],
      ]) {
        const near = nudged(corner, rows[first]!, rows[second]!, a!, b!);
        evaluateCell(near, rows[first]!);
        evaluateCell(
          near.map((entry) => -entry),
          rows[first]!,
        );
        evaluateCell(near, rows[second]!);
      }
    });
  }
  return largest / regularization;
}

/** Below the loss of every network of any width: the dual function at -r / max(1, dual norm). */
export function lowerBoundAt(result: ClaimedResult, point: NetworkPoint, dualNorm: number): number {
  const { targets, regularization } = result;
  const residuals = residualsAt(result, point);
  const { rows, means, shares } = meanTargets(result);
  const spread =
    compensatedSum(targets.map((target, k) => (target - means[rows[k]!]!) ** 2)) /
    (2 * targets.length);
  // The part of the residual inside a group of equal inputs is the spread's.
  const first = new Map<number, number>();
  rows.forEach((group, k) => {
    if (!first.has(group)) first.set(group, residuals[k]! + targets[k]! - means[group]!);
  });
  const nu = means.map((_, group) => -first.get(group)! / Math.max(1, dualNorm));
  const mean = (values: readonly number[]): number =>
    compensatedSum(values.map((value, group) => shares[group]! * value));
  return (
    mean(nu.map((value, group) => value * means[group]!)) -
    mean(nu.map((value) => value * value)) / 2 -
    mean(nu) ** 2 / (2 * regularization) +
    spread
  );
}

interface Groups {
  /** Group of every row. */
  readonly rows: readonly number[];
  readonly means: readonly number[];
  readonly shares: readonly number[];
}

function meanTargets({ inputs, targets }: ClaimedResult): Groups {
  const names = new Map<string, number>();
  const rows = inputs.map((row) => {
    const name = row.join(' ');
    if (!names.has(name)) names.set(name, names.size);
    return names.get(name)!;
  });
  const members = Array.from(names, (_, group) => targets.filter((__, k) => rows[k] === group));
  return {
    rows,
    means: members.map((values) => compensatedSum(values) / values.length),
    shares: members.map((values) => values.length / targets.length),
  };
}

/** (x, 1) of the different inputs, and the sum of r / S over the rows at each. */
function distinctPoints(
  result: ClaimedResult,
  residuals: readonly number[],
): { rows: number[][]; weights: number[] } {
  const places = new Map<string, { row: number[]; values: number[] }>();
  result.inputs.forEach((row, k) => {
    const name = row.join(' ');
    const place = places.get(name) ?? { row: [...row, 1], values: [] };
    place.values.push(residuals[k]! / residuals.length);
    places.set(name, place);
  });
  const list = [...places.values()];
  return {
    rows: list.map(({ row }) => row),
    weights: list.map(({ values }) => compensatedSum(values)),
  };
}

function eachCorner(
  rows: readonly (readonly number[])[],
  visit: (corner: number[], first: number, second: number) => void,
): void {
  for (let first = 0; first < rows.length; first++) {
    for (let second = first + 1; second < rows.length; second++) {
      visit(cross(rows[first]!, rows[second]!), first, second);
    }
  }
}

/** A little away from a corner, to the sides a and b of its two rows. */
function nudged(
  corner: readonly number[],
  p: readonly number[],
  q: readonly number[],
  a: number,
  b: number,
): number[] {
  const [pp, pq, qq] = [dot(p, p), dot(p, q), dot(q, q)];
  const determinant = pp * qq - pq * pq;
  const size = 1e-9 * norm(corner);
  const [s, t] = [(a * qq - b * pq) / determinant, (b * pp - a * pq) / determinant];
  return corner.map((entry, k) => entry + size * (s * p[k]! + t * q[k]!));
}
