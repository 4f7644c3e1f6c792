/**
 * Is a zero isolated? By the dual space of the local ring, from the equations near the point alone.
 *
 * The differential functionals of order k at p that annihilate the ideal are the null space of the Macaulay matrix, whose
 * rows are (x - p)^a f_i, |a| < k, and whose columns are the monomials (x - p)^b, |b| <= k. Where p is isolated the dimension
 * stops growing with k, at the multiplicity; elsewhere it never does (Dayton & Zeng 2005). As a path system gives an upper
 * bound of the multiplicity, the paths that end at p, one of both shows after finitely many k (Bates, Hauenstein, Peterson &
 * Sommese 2009).
 */
import type { Stepwise } from '../../math/stepwise.js';
import type { NumericSystem } from '../../polynomial/system.js';

/** Singular end points have six digits, so smaller parts of the matrix are rounding. */
const RANK_TOLERANCE = 1e-4;
/** What is left of a sum of terms that cancel, relative to them, is rounding. */
const CANCELLED = 1e-13;
/** Columns of the largest matrix: a second of arithmetic. */
const MOST_COLUMNS = 400;

export type Isolation = 'isolated' | 'not isolated' | 'undecided';

/**
 * @param point interleaved, a zero of the system
 * @param most upper bound of its multiplicity if it is isolated
 */
export function* isolation(
  system: NumericSystem,
  point: readonly number[],
  most: number,
): Stepwise<Isolation> {
  let dimension = 1;
  for (let order = 1; ; order++) {
    const columns = monomials(system.variables.length, order);
    if (columns.length > MOST_COLUMNS) return 'undecided';
    const next = columns.length - rank(macaulayMatrix(system, point, order, columns));
    if (next > most) return 'not isolated';
    // A simple zero by rank, and singular by the way there: too few digits.
    if (next === 1) return 'undecided';
    if (next === dimension) return 'isolated';
    dimension = next;
    yield;
  }
}

/** Exponents of all monomials of n unknowns up to a degree. */
function monomials(n: number, degree: number): number[][] {
  if (n === 0) return [[]];
  return Array.from({ length: degree + 1 }, (_, first) =>
    monomials(n - 1, degree - first).map((rest) => [first, ...rest]),
  ).flat();
}

/** Rows of the matrix, interleaved, each of norm 1. */
function macaulayMatrix(
  system: NumericSystem,
  point: readonly number[],
  order: number,
  columns: readonly (readonly number[])[],
): Float64Array[] {
  const place = new Map(columns.map((exponents, k) => [exponents.join(), k]));
  const factors = monomials(system.variables.length, order - 1);
  return system.equations.flatMap((_, i) => {
    const taylor = taylorTerms(system, i, point, order);
    const size = Math.hypot(...taylor.flatMap(({ re, im }) => [re, im]));
    if (size === 0) return [];
    return factors.map((factor) => {
      const row = new Float64Array(2 * columns.length);
      for (const { exponents, re, im } of taylor) {
        const at = place.get(exponents.map((exponent, j) => exponent + factor[j]!).join());
        if (at === undefined) continue;
        row[2 * at]! += re / size;
        row[2 * at + 1]! += im / size;
      }
      return row;
    });
  });
}

interface TaylorTerm {
  readonly exponents: readonly number[];
  readonly re: number;
  readonly im: number;
}

/** f_i at p + |p| y as a polynomial in y, without its constant, up to a degree; terms that rounding leaves are none. */
function taylorTerms(
  { equations, variables }: NumericSystem,
  equation: number,
  point: readonly number[],
  degree: number,
): TaylorTerm[] {
  const { exponents, coefficients } = equations[equation]!;
  const scale = point.reduce((largest, part) => Math.max(largest, Math.abs(part)), 1);
  const sums = new Map<string, { part: TaylorTerm; size: number }>();
  exponents.forEach((term, k) => {
    // (p + scale y)^e, one unknown after the other.
    let parts: TaylorTerm[] = [
      { exponents: [], re: coefficients[2 * k]!, im: coefficients[2 * k + 1]! },
    ];
    for (let j = 0; j < variables.length; j++) {
      const powers = binomial(point[2 * j]!, point[2 * j + 1]!, scale, term[j]!, degree);
      parts = parts.flatMap((part) => {
        const used = part.exponents.reduce((sum, exponent) => sum + exponent, 0);
        return powers.slice(0, degree - used + 1).map(([re, im], exponent) => ({
          exponents: [...part.exponents, exponent],
          re: part.re * re - part.im * im,
          im: part.re * im + part.im * re,
        }));
      });
    }
    for (const part of parts) {
      if (part.exponents.every((exponent) => exponent === 0)) continue;
      const key = part.exponents.join();
      const { part: before, size } = sums.get(key) ?? { part: { ...part, re: 0, im: 0 }, size: 0 };
      const sum = { ...part, re: before.re + part.re, im: before.im + part.im };
      sums.set(key, { part: sum, size: size + Math.hypot(part.re, part.im) });
    }
  });
  return [...sums.values()].flatMap(({ part, size }) =>
    Math.hypot(part.re, part.im) > CANCELLED * size ? [part] : [],
  );
}

/** Coefficients of y^0, y^1, ... in (p + scale y)^exponent, up to a degree. */
function binomial(
  re: number,
  im: number,
  scale: number,
  exponent: number,
  degree: number,
): [number, number][] {
  const powers: [number, number][] = [[1, 0]];
  for (let k = 1; k <= exponent; k++) {
    const [a, b] = powers[k - 1]!;
    powers.push([a * re - b * im, a * im + b * re]);
  }
  let choose = 1;
  return Array.from({ length: Math.min(exponent, degree) + 1 }, (_, k) => {
    const [a, b] = powers[exponent - k]!;
    const factor = choose * scale ** k;
    choose = (choose * (exponent - k)) / (k + 1);
    return [a * factor, b * factor];
  });
}

/** Numerical rank of rows, interleaved, by Gram-Schmidt with pivoting. */
function rank(rows: Float64Array[]): number {
  const left = rows.map((row) => ({ row, norm: norm(row) }));
  const largest = Math.max(0, ...left.map((each) => each.norm));
  let found = 0;
  while (left.length > 0) {
    const pivot = left.reduce((best, each, k) => (each.norm > left[best]!.norm ? k : best), 0);
    const [{ row, norm: size }] = left.splice(pivot, 1) as [(typeof left)[number]];
    if (!(size > RANK_TOLERANCE * largest)) break;
    found++;
    for (let k = 0; k < row.length; k++) row[k]! /= size;
    for (const other of left) {
      let [re, im] = [0, 0];
      const to = other.row;
      for (let k = 0; k < row.length; k += 2) {
        re += row[k]! * to[k]! + row[k + 1]! * to[k + 1]!;
        im += row[k]! * to[k + 1]! - row[k + 1]! * to[k]!;
      }
      if (re === 0 && im === 0) continue;
      for (let k = 0; k < row.length; k += 2) {
        to[k]! -= row[k]! * re - row[k + 1]! * im;
        to[k + 1]! -= row[k]! * im + row[k + 1]! * re;
      }
      other.norm = norm(to);
    }
  }
  return found;
}

function norm(row: Float64Array): number {
  let sum = 0;
  for (const part of row) sum += part * part;
  return Math.sqrt(sum);
}
