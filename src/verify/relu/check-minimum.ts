/**
 * Whether a point is a local minimum of the relu network, from rows and weights alone, in plain f64:
 * its loss, stationarity, and the slopes to both sides of every kink.
 */
import type { ClaimedMinimum, ClaimedResult, Unit } from './read-exact.js';

/** |w . x + b| over the size of its terms below which a row lies on a unit's kink. */
const ON_KINK = 1e-12;
/** Largest |dJ/dtheta| of a stationary point, over lambda + the largest gradient of a row. */
const STATIONARY = 1e-11;
/** Relative difference of two losses that is rounding. */
const SAME_LOSS = 1e-12;
/** Slopes of ties may be this much below zero, relative to lambda. */
const TIE = 1e-7;
/** A claimed margin is the low end of an interval, which may be so much below the value. */
const MARGIN_WIDTH = 1e-7;
/** Agreement of recomputed margins. */
const CLOSE = 1e-6;

export interface NetworkPoint {
  readonly units: readonly Unit[];
  readonly bias: number;
}

/** What is wrong with a claimed minimum; empty when nothing is. */
export function checkMinimum(result: ClaimedResult, claimed: ClaimedMinimum): string[] {
  const failures: string[] = [];
  const loss = lossAt(result, claimed);
  if (!(Math.abs(loss - claimed.loss) <= SAME_LOSS * Math.max(1, loss))) {
    failures.push(`the loss of its parameters is ${loss}, not ${claimed.loss}`);
  }
  const [low, high] = claimed.lossBounds;
  const slack = SAME_LOSS * Math.max(1, loss);
  if (
    !(low <= claimed.loss && claimed.loss <= high && low <= loss + slack && loss <= high + slack)
  ) {
    failures.push(`its loss ${loss} does not lie within its bounds ${low} to ${high}`);
  }
  const { distance, margin, kinks } = stationarity(result, claimed, ON_KINK);
  if (!(distance <= STATIONARY)) {
    failures.push(`it is not stationary: the gradient is ${distance.toExponential(1)}`);
  }
  if (!(margin > (claimed.margin === 0 ? -TIE : 0))) {
    failures.push(`the loss falls off to one side of a kink (slope ${margin.toExponential(1)})`);
  } else if (claimed.margin !== 0 && claimed.margin > margin * (1 + CLOSE)) {
    failures.push(`its margin is ${margin}, below the claimed ${claimed.margin}`);
  } else if (claimed.margin !== 0 && claimed.margin < margin * (1 - CLOSE) - MARGIN_WIDTH) {
    failures.push(`its margin is ${margin}, not ${claimed.margin}`);
  }
  const different = mergedUnits(claimed).length;
  if (different !== claimed.distinctUnits) {
    failures.push(`it has ${different} different units, not ${claimed.distinctUnits}`);
  }
  // A tie may be counted on either side.
  if (claimed.margin !== 0 && kinks !== claimed.kinks) {
    failures.push(`${kinks} of its different units lie at kinks, not ${claimed.kinks}`);
  }
  return failures;
}

/** 1/(2S) sum (y - t)^2 + (lambda/2) |theta|^2 */
export function lossAt(result: ClaimedResult, point: NetworkPoint): number {
  const squares = compensatedSum(residualsAt(result, point).map((residual) => residual ** 2));
  const norm = compensatedSum([
    point.bias ** 2,
    ...point.units.flatMap(({ inner, outer }) => [outer ** 2, ...inner.map((w) => w ** 2)]),
  ]);
  return squares / (2 * result.targets.length) + (result.regularization / 2) * norm;
}

/** y - t of every row */
export function residualsAt(result: ClaimedResult, { units, bias }: NetworkPoint): number[] {
  return result.inputs.map((row, k) => {
    const outputs = units.map(({ inner, outer }) => {
      const z = lineAt(inner, row);
      return outer * (z > 0 ? z : result.negativeSlope * z);
    });
    return compensatedSum([bias, -result.targets[k]!, ...outputs]);
  });
}

/**
 * How far from stationary a point is, and the least of its strict inequalities, as the enumeration
 * defines them: sine of the angle between a unit and a row's border, slope across a kink over lambda.
 *
 * @param onKink rows closer to a unit's kink than this count as on it
 */
export function stationarity(
  result: ClaimedResult,
  point: NetworkPoint,
  onKink: number,
): { distance: number; margin: number; kinks: number } {
  const residuals = residualsAt(result, point);
  const rows = result.targets.length;
  const { regularization: lambda, negativeSlope } = result;
  const mean = (values: readonly number[]): number => compensatedSum(values) / rows;
  let distance = Math.abs(mean(residuals) + lambda * point.bias);
  let margin = Infinity;
  let kinks = 0;
  const counted: Unit[] = [];
  for (const unit of point.units) {
    const { inner, outer } = unit;
    const extended = result.inputs.map((row) => [...row, 1]);
    const z = result.inputs.map((row) => lineAt(inner, row));
    const atKink = z.map((value, k) => Math.abs(value) <= onKink * lineSize(inner, extended[k]!));
    const slopes = z.map((value) => (value > 0 ? 1 : negativeSlope));
    const length = norm(inner);
    z.forEach((value, k) => {
      if (!atKink[k]) margin = Math.min(margin, Math.abs(value) / (length * norm(extended[k]!)));
    });
    const outerSlope = mean(z.map((value, k) => residuals[k]! * slopes[k]! * value));
    distance = Math.max(distance, Math.abs(outerSlope + lambda * outer));
    // With respect to w and b, rows on the kink left out.
    const gradient = inner.map(
      (weight, entry) =>
        lambda * weight +
        mean(
          extended.map((row, k) =>
            atKink[k] ? 0 : outer * residuals[k]! * slopes[k]! * row[entry]!,
          ),
        ),
    );
    const normals = distinctRows(extended.filter((_, k) => atKink[k]));
    if (normals.length > 0 && !counted.some((other) => isSameDirection(other, unit))) kinks++;
    counted.push(unit);
    for (const entry of projectOut(gradient, normals))
      distance = Math.max(distance, Math.abs(entry));
    for (const ray of raysAcross(normals, inner)) {
      const across = mean(
        extended.map((row, k) => {
          if (!atKink[k]) return 0;
          const step = dot(ray, row);
          const isTangent = Math.abs(step) <= onKink * norm(ray) * norm(row);
          return isTangent ? 0 : outer * residuals[k]! * (step > 0 ? step : negativeSlope * step);
        }),
      );
      // A slope in (w, b) is v times one in v (w, b).
      const slope = (dot(gradient, ray) + across) / (Math.abs(outer) * lambda * norm(ray));
      margin = Math.min(margin, slope);
    }
  }
  return { distance, margin, kinks };
}

/** v (w, b) of the different units: equal ones, up to their length, added up. */
export function mergedUnits({ units }: NetworkPoint): number[][] {
  const merged: { unit: Unit; beta: number[] }[] = [];
  for (const unit of units) {
    if (unit.outer === 0 && unit.inner.every((weight) => weight === 0)) continue;
    const beta = unit.inner.map((weight) => unit.outer * weight);
    const known = merged.find((other) => isSameDirection(other.unit, unit));
    if (known === undefined) merged.push({ unit, beta });
    else known.beta = known.beta.map((entry, k) => entry + beta[k]!);
  }
  return merged.map(({ beta }) => beta);
}

/** The same sign of v and the same (w, b) but for a positive factor. */
function isSameDirection(a: Unit, b: Unit): boolean {
  const scale = norm(a.inner) * norm(b.inner);
  return a.outer * b.outer > 0 && dot(a.inner, b.inner) >= scale * (1 - ON_KINK);
}

/** Directions between which the slope across the kinks is linear. */
function raysAcross(normals: readonly (readonly number[])[], inner: readonly number[]): number[][] {
  const both = (ray: readonly number[]): number[][] => [[...ray], ray.map((entry) => -entry)];
  if (normals.length <= 1) return normals.flatMap(both);
  // Two inputs: orthogonal to the unit and to one of the normals.
  return normals.flatMap((normal) => both(cross(normal, inner)));
}

function projectOut(vector: readonly number[], normals: readonly (readonly number[])[]): number[] {
  const basis: number[][] = [];
  let rest = [...vector];
  for (const normal of normals) {
    let direction = [...normal];
    for (const other of basis) direction = axpy(-dot(other, direction), other, direction);
    const length = norm(direction);
    if (length <= 1e-9 * norm(normal)) continue;
    basis.push(direction.map((entry) => entry / length));
    rest = axpy(-dot(basis.at(-1)!, rest), basis.at(-1)!, rest);
  }
  return rest;
}

function distinctRows(rows: readonly (readonly number[])[]): (readonly number[])[] {
  return rows.filter(
    (row, k) => rows.findIndex((other) => other.every((entry, j) => entry === row[j])) === k,
  );
}

export function lineAt(inner: readonly number[], row: readonly number[]): number {
  return compensatedSum([...row.map((value, k) => inner[k]! * value), inner[row.length]!]);
}

function lineSize(inner: readonly number[], extended: readonly number[]): number {
  return extended.reduce((sum, value, k) => sum + Math.abs(value * inner[k]!), 0);
}

export function norm(vector: readonly number[]): number {
  return Math.hypot(...vector);
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, entry, k) => sum + entry * b[k]!, 0);
}

export function cross(a: readonly number[], b: readonly number[]): number[] {
  return [
    a[1]! * b[2]! - a[2]! * b[1]!,
    a[2]! * b[0]! - a[0]! * b[2]!,
    a[0]! * b[1]! - a[1]! * b[0]!,
  ];
}

function axpy(factor: number, a: readonly number[], b: readonly number[]): number[] {
  return b.map((entry, k) => entry + factor * a[k]!);
}

/** Neumaier's sum. */
export function compensatedSum(values: readonly number[]): number {
  let sum = 0;
  let rest = 0;
  for (const value of values) {
    const next = sum + value;
    rest += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + rest;
}
