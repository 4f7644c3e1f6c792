/**
 * Writes the solution of one Newton system with two right sides, unrolled.
 *
 * The n x N Jacobian is projective: each group g of coordinates c_0..c_m moves in the hyperplane
 * sum_j p_j dx_{c_j} = 0 with signs p_j = +-1 that follow the point (see chart signs in track.wgsl).
 * A basis of that hyperplane is bidiagonal: column t is e_{c_t} - sigma_t e_{c_t+1} with
 * sigma_t = p_t p_{t+1}. It does three jobs at once: it picks the chart (no select per entry), it
 * makes dx exact in the hyperplane (nothing for a predictor to amplify), and it mixes columns.
 *
 * Rows are exchanged by `select`, for partial pivoting without branches. Instead of that, mixing each row with the next
 * one and an order in which no leading minor vanishes for structural reasons left 13% of cyclic-7's paths to the f64
 * stage (with pivoting 2%), and a third of a polyhedral homotopy's, whose binomials have a pattern of their own at s = 1
 * (2026-11-28); an iteration takes 1.3 times as long, on katsura-8 1.65 (SwiftShader).
 */
import type { ComplexValue, MaybeZero, StraightLine } from './straight-line.js';

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
  const a = order.map((row) => projected[row]!);
  const b = rightSides.map((side) => order.map((row): MaybeZero => side[row]!));
  const inverse: ComplexValue[] = [];
  for (let k = 0; k < n; k++) {
    exchangeRows(code, a, b, k);
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

/** Partial pivoting without branches: row k and each later one change places where that has the larger entry in column k. */
function exchangeRows(code: StraightLine, a: MaybeZero[][], b: readonly MaybeZero[][], k: number) {
  for (let i = k + 1; i < a.length; i++) {
    const [upper, lower] = [a[k]!, a[i]!];
    if (!upper[k] || !lower[k]) continue;
    const isLarger = code.bind(
      `${code.squaredModulus(lower[k])} > ${code.squaredModulus(upper[k])}`,
      1,
    );
    const exchange = (first: MaybeZero, second: MaybeZero): [MaybeZero, MaybeZero] =>
      first || second
        ? [select(code, first, second, isLarger), select(code, second, first, isLarger)]
        : [null, null];
    for (let j = k; j < upper.length; j++) [upper[j], lower[j]] = exchange(upper[j]!, lower[j]!);
    for (const side of b) [side[k], side[i]] = exchange(side[k]!, side[i]!);
  }
}

/** `otherwise`, or `value` where the condition holds. */
function select(
  code: StraightLine,
  otherwise: MaybeZero,
  value: MaybeZero,
  condition: string,
): ComplexValue {
  const part = (of: (each: ComplexValue) => string | null): string | null => {
    const [no, yes] = [otherwise && of(otherwise), value && of(value)];
    if (no === null && yes === null) return null;
    return code.bind(`select(${no ?? '0.0f'}, ${yes ?? '0.0f'}, ${condition})`, 1);
  };
  return { re: part(({ re }) => re) ?? '0.0f', im: part(({ im }) => im) };
}

/**
 * A row for every column, so that all diagonal entries are structurally nonzero (bipartite matching).
 *
 * @param pattern whether entry [row][column] can be nonzero.
 */
export function rowOrder(pattern: readonly (readonly boolean[])[]): number[] {
  const n = pattern.length;
  const rowOf = new Array<number>(n).fill(-1);
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
  for (let row = 0; row < n; row++) {
    if (augment(row, new Array<boolean>(n).fill(false))) continue;
    throw new RangeError(
      `equation ${row + 1} adds no new variable to the others: the Jacobian is singular everywhere, so the system has no isolated solutions`,
    );
  }
  return rowOf;
}
