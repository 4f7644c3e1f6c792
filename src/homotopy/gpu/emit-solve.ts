/**
 * Writes the solution of one Newton system with two right sides, unrolled and without pivoting.
 *
 * The n x N Jacobian is projective: each group g of coordinates c_0..c_m moves in the hyperplane
 * sum_j p_j dx_{c_j} = 0 with signs p_j = +-1 that follow the point (see chart signs in track.wgsl).
 * A basis of that hyperplane is bidiagonal: column t is e_{c_t} - sigma_t e_{c_t+1} with
 * sigma_t = p_t p_{t+1}. It does three jobs at once: it picks the chart (no select per entry), it
 * makes dx exact in the hyperplane (nothing for a predictor to amplify), and it mixes columns.
 * Together with a bidiagonal mixing of rows this replaces pivoting: measured 2026-11-23, see
 * generate.ts. Rows are permuted first so that no leading minor vanishes for structural reasons.
 */
import type { ComplexValue, MaybeZero, StraightLine } from './straight-line.js';
import { literal } from './straight-line.js';

/** One column of the hyperplane basis: coordinate `to` moves by y, `from` by -sign * y. */
export interface BasisColumn {
  readonly first: number;
  readonly second: number;
}

/** Columns of the basis: n in all, group after group. */
export function basisColumns(groups: readonly (readonly number[])[]): BasisColumn[] {
  return groups.flatMap((group) =>
    group.slice(1).map((second, t) => ({ first: group[t]!, second })),
  );
}

/** dx = C y: coordinate displacements from basis coefficients. `signs[t]` names sigma_t. */
export function emitDisplacement(
  code: StraightLine,
  coordinates: number,
  columns: readonly BasisColumn[],
  signs: readonly string[],
  y: readonly ComplexValue[],
): ComplexValue[] {
  const terms = Array.from({ length: coordinates }, () => ({
    plain: null as MaybeZero,
    signed: -1,
  }));
  columns.forEach(({ first, second }, t) => {
    terms[first]!.plain = y[t]!;
    terms[second]!.signed = t;
  });
  return terms.map(({ plain, signed }) => {
    if (signed < 0) return plain!;
    return code.dot(
      [{ left: y[signed]!, right: { re: signs[signed]!, im: null }, negative: true }],
      plain,
    )!;
  });
}

/**
 * Row mixing: row k becomes row k + weight * row k+1. Irrational-looking and all different, so that
 * a symmetric solution does not make a leading minor vanish; below 1, so that nothing grows.
 */
function rowWeight(k: number): number {
  return Math.fround(0.35 + 0.6 * ((0.754877666 * (k + 1)) % 1)) * (k % 3 === 1 ? -1 : 1);
}

/**
 * Solves (J C) y = b for every right side.
 *
 * @param order from `rowOrder`.
 * @returns y per right side, and |pivot|^2 of every column.
 */
export function emitSolve(
  code: StraightLine,
  jacobian: readonly (readonly MaybeZero[])[],
  rightSides: readonly (readonly ComplexValue[])[],
  columns: readonly BasisColumn[],
  signs: readonly string[],
  order: readonly number[],
): { readonly solutions: ComplexValue[][]; readonly pivots: string[] } {
  const n = columns.length;
  const projected = jacobian.map((row) =>
    columns.map(({ first, second }, t): MaybeZero => {
      const other = row[second] ?? null;
      if (!other) return row[first] ?? null;
      return code.dot(
        [{ left: other, right: { re: signs[t]!, im: null }, negative: true }],
        row[first] ?? null,
      );
    }),
  );
  const a: MaybeZero[][] = order.map((row, k) => {
    const next = order[k + 1];
    if (next === undefined) return [...projected[row]!];
    return projected[row]!.map((entry, j) => mix(code, entry, projected[next]![j]!, k));
  });
  const b = rightSides.map((side) =>
    order.map((row, k): MaybeZero => {
      const next = order[k + 1];
      return next === undefined ? side[row]! : mix(code, side[row]!, side[next]!, k);
    }),
  );
  const inverse: ComplexValue[] = [];
  for (let k = 0; k < n; k++) {
    const pivot = a[k]![k];
    if (!pivot) throw new Error('the Jacobian is structurally singular');
    inverse.push(code.reciprocal(pivot));
    for (let i = k + 1; i < n; i++) {
      const entry = a[i]![k];
      if (!entry) continue;
      const factor = code.mul(entry, inverse[k]!);
      for (let j = k + 1; j < n; j++) {
        const above = a[k]![j];
        if (above) a[i]![j] = code.mulSub(a[i]![j]!, factor, above);
      }
      for (const side of b) side[i] = code.mulSub(side[i]!, factor, side[k]!);
    }
  }
  const solutions = b.map((side) => {
    const y = new Array<ComplexValue>(n);
    for (let k = n - 1; k >= 0; k--) {
      const known = a[k]!.flatMap((entry, j) =>
        j > k && entry ? [{ left: entry, right: y[j]!, negative: true }] : [],
      );
      y[k] = code.mul(code.dot(known, side[k])!, inverse[k]!);
    }
    return y;
  });
  return { solutions, pivots: a.map((row, k) => code.squaredModulus(row[k]!)) };
}

function mix(code: StraightLine, entry: MaybeZero, next: MaybeZero, k: number): MaybeZero {
  return next
    ? code.dot([{ left: next, right: { re: literal(rowWeight(k)), im: null } }], entry)
    : entry;
}

/**
 * A row for every column, so that all diagonal entries are structurally nonzero (bipartite matching).
 *
 * @param patterns for each pattern, in order of preference, whether entry [row][column] can be nonzero.
 */
export function rowOrder(patterns: readonly (readonly (readonly boolean[])[])[]): number[] {
  const n = patterns[0]!.length;
  const rowOf = new Array<number>(n).fill(-1);
  const matched = new Array<boolean>(n).fill(false);
  for (const pattern of patterns) {
    const augment = (row: number, seen: boolean[]): boolean => {
      for (let column = 0; column < n; column++) {
        if (!pattern[row]![column] || seen[column]) continue;
        seen[column] = true;
        if (rowOf[column]! < 0 || augment(rowOf[column]!, seen)) {
          rowOf[column] = row;
          return true;
        }
      }
      return false;
    };
    for (let row = 0; row < n; row++)
      matched[row] ||= augment(row, new Array<boolean>(n).fill(false));
  }
  const unmatched = matched.indexOf(false);
  if (unmatched >= 0) {
    throw new RangeError(
      `equation ${unmatched + 1} adds no new variable to the others: the Jacobian is singular everywhere, so the system has no isolated solutions`,
    );
  }
  return rowOf;
}
