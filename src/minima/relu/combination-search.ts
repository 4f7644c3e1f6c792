/**
 * All combinations of h different states whose first state is given: one convex problem each, solved
 * in f64, and a verdict that is a proof: either the combination surely holds no minimum, or it is
 * handed on to interval arithmetic (certify.ts).
 *
 * The bound. Let beta be any point with subgradient e of F, where groups that are zero have the
 * subgradient of least length, and beta* the solution. F is the sum of a convex function and of
 * |y - t|^2 / 2 + lambda c^2 / 2 in the weighted norm, so its subgradients are strongly monotone there:
 *
 *   |y - y*|^2 + lambda (c - c*)^2 <= e . (beta - beta*) <= |e| (|beta| + |beta*|),
 *
 * and lambda sum |beta*_j| <= F(beta*) <= F(0). A moment g_j . n = E s_j (y - t) (x, 1) . n of the
 * solution therefore differs by at most rho sqrt(E (s_j (x, 1) . n)^2), rho^2 = the right side.
 * Every necessary condition of a minimum is the sign of such a moment:
 *
 * - no unit is zero, so |g_j| = lambda for all of them;
 * - beta_j is a negative multiple of g_j, and must have its signs at the cell's border points;
 * - at a kink both one-sided derivatives across it, g_j . n and g_j . n + (1 - a) w_k r_k |(x_k, 1)|^2,
 *   point inwards.
 *
 * Rounding is bounded beside it: entries by `entryError`, a gradient by its fewer than 16 operations.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { borderTables, type BorderTables } from './border-tables.js';
import { GroupLasso, MOST_GROUPS, ROW } from './group-lasso.js';
import { MOST_UNITS_KEPT, Solutions } from './solutions.js';
import { BLOCK, StateTables, type ReluProblem } from './state-tables.js';
import { excludeEachOther } from './unit-states.js';

/** What became of the combinations; `combinations` is the sum of the six after it. */
export interface SearchCounts {
  readonly combinations: number;
  /** Not solved: two of the states exclude each other. */
  readonly excluded: number;
  /** Not solved: the solution of a smaller combination is this one's, a unit is zero. */
  readonly sameAsSmaller: number;
  /** A unit is zero at the solution. */
  readonly zeroUnit: number;
  /** A root lies outside its cell at the solution. */
  readonly outsideCell: number;
  /** The loss falls off to one side of a kink. */
  readonly fallsOff: number;
  /** Decided by interval arithmetic. */
  readonly enclosed: number;
  /** How many of them a GPU has screened and left to f64; 0 where none has screened. */
  readonly handedOver: number;
}

export const NO_COUNTS: SearchCounts = {
  combinations: 0,
  excluded: 0,
  sameAsSmaller: 0,
  zeroUnit: 0,
  outsideCell: 0,
  fallsOff: 0,
  enclosed: 0,
  handedOver: 0,
};

/** A combination that only interval arithmetic can decide. */
export interface Candidate {
  /** Indices of its states, ascending. */
  readonly states: readonly number[];
  /** beta per unit, approximately. */
  readonly betas: readonly (readonly [number, number])[];
}

export interface SearchResult {
  readonly counts: SearchCounts;
  readonly candidates: readonly Candidate[];
}

const UNIT_ROUNDOFF = 2 ** -53;
/** |gradient| relative to lambda at which Newton's method stops; beyond it one more step is rounding. */
const TOLERANCE = 1e-10;
/** Covers the rounding of the few operations in a bound. */
const WIDER = 1 + 1e-12;

export type Verdict = 'zeroUnit' | 'outsideCell' | 'fallsOff' | 'enclosed';

export class CombinationSearch {
  readonly tables: StateTables;
  private readonly lasso: GroupLasso;
  /** One row of blocks per unit but the last. */
  private readonly rows: Float64Array[];
  private readonly chosen: Int32Array;
  private readonly borders: BorderTables;
  private readonly excludes: Uint8Array[];
  /** Solutions of the combination before, in the same kinds of states. */
  private readonly warm = new Float64Array(2 * MOST_GROUPS);
  private warmKind = -1;
  private readonly counts = { ...NO_COUNTS };
  private candidates: Candidate[] = [];
  /** Upper bound of |beta*| for every combination. */
  private readonly longest: number;
  private readonly largestSensitivity: number;
  /** Of all combinations of one unit fewer; made when they are first asked for. */
  private smaller: Solutions | null = null;
  /** Of the combination decided last: the moment of a zero unit is surely shorter than this. */
  private limit = -1;

  /**
   * @param units 1 to MOST_GROUPS
   * @param solutions where to keep the solutions of all combinations
   */
  constructor(
    private readonly problem: ReluProblem,
    private readonly units: number,
    private readonly solutions: Solutions | null = null,
  ) {
    this.tables = new StateTables(problem);
    const { lambda, states, zeroLoss } = this.tables;
    this.lasso = new GroupLasso(lambda, TOLERANCE * lambda);
    this.lasso.groups = units;
    const empty = (): Float64Array => new Float64Array(BLOCK * states.length);
    this.rows = Array.from({ length: units - 1 }, empty);
    this.excludes = Array.from({ length: units - 1 }, () => new Uint8Array(states.length));
    this.chosen = new Int32Array(units);
    this.borders = borderTables(this.tables);
    this.longest = (zeroLoss / lambda) * WIDER;
    this.largestSensitivity = this.borders.whole.reduce((a, b) => Math.max(a, b), 0);
  }

  private *solveSmaller(): Stepwise<Solutions> {
    const { length } = this.tables.states;
    const solutions = new Solutions(length, this.units - 1);
    const search = new CombinationSearch(this.problem, this.units - 1, solutions);
    for (let first = 0; first < length; first++) yield* search.searchFrom(first);
    return solutions;
  }

  /** Decides all combinations of `first` with later states. */
  *searchFrom(first: number): Stepwise<SearchResult> {
    if (this.units > 1 && this.units <= MOST_UNITS_KEPT + 1)
      this.smaller ??= yield* this.solveSmaller();
    Object.assign(this.counts, NO_COUNTS);
    this.candidates = [];
    yield* this.choose(0, first);
    return { counts: { ...this.counts }, candidates: this.candidates };
  }

  private *choose(depth: number, state: number): Stepwise<void> {
    const { tables, units } = this;
    if (depth === units - 1) {
      this.warmKind = -1;
      this.decide(state);
      return;
    }
    const { states } = tables;
    this.place(depth, state);
    tables.fillRow(state, this.rows[depth]!);
    for (let other = state + 1; other < states.length; other++) {
      const excluded = excludeEachOther(states[state]!, states[other]!, tables.x.length);
      this.excludes[depth]![other] = excluded ? 1 : 0;
    }
    if (depth === units - 2) {
      this.warmKind = -1;
      for (let last = state + 1; last < states.length; last++) this.decide(last);
      yield;
      return;
    }
    for (let next = state + 1; next < states.length; next++) {
      if (this.isExcluded(depth + 1, next)) {
        this.countExcluded(depth + 1, next);
      } else {
        yield* this.choose(depth + 1, next);
      }
    }
  }

  /**
   * Decides one combination on its own, without what others have told.
   *
   * @param states ascending, no two of which exclude each other
   * @returns why it surely holds no minimum, or the candidate
   */
  decideOne(states: readonly number[]): Exclude<Verdict, 'enclosed'> | Candidate {
    const { lasso, tables, rows } = this;
    states.forEach((state, depth) => {
      for (const later of states.slice(depth + 1)) {
        tables.fillBlock(state, later, rows[depth]!, BLOCK * later);
      }
      this.place(depth, state);
    });
    lasso.beta.fill(0);
    lasso.descend();
    const verdict = this.verdict();
    return verdict === 'enclosed' ? this.candidate() : verdict;
  }

  private isExcluded(depth: number, state: number): boolean {
    for (let d = 0; d < depth; d++) if (this.excludes[d]![state] === 1) return true;
    return false;
  }

  /** Counts every combination that begins with the chosen states and this one. */
  private countExcluded(depth: number, state: number): void {
    const left = this.tables.states.length - state - 1;
    const missing = this.units - depth - 1;
    const number = missing === 0 ? 1 : missing === 1 ? left : (left * (left - 1)) / 2;
    this.counts.excluded += number;
    this.counts.combinations += number;
  }

  /** Puts a state at a place: its variables, its blocks with those before it, its right side. */
  private place(depth: number, state: number): void {
    const { lasso, tables, chosen, rows } = this;
    const { matrix, linear, starts } = lasso;
    const dimension = tables.dimensions[state]!;
    const at = starts[depth]!;
    chosen[depth] = state;
    starts[depth + 1] = at + dimension;
    for (let i = 0; i < dimension; i++) {
      linear[at + i] = tables.linear[2 * state + i]!;
      for (let j = 0; j < dimension; j++) {
        matrix[(at + i) * ROW + at + j] = tables.diagonal[BLOCK * state + 2 * i + j]!;
      }
    }
    for (let d = 0; d < depth; d++) {
      const row = rows[d]!;
      const first = starts[d]!;
      const size = starts[d + 1]! - first;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < dimension; j++) {
          const entry = row[BLOCK * state + 2 * i + j]!;
          matrix[(first + i) * ROW + at + j] = entry;
          matrix[(at + j) * ROW + first + i] = entry;
        }
      }
    }
  }

  private decide(last: number): void {
    const { lasso, tables, counts, units, warm } = this;
    if (this.isExcluded(units - 1, last)) {
      this.countExcluded(units - 1, last);
      return;
    }
    this.place(units - 1, last);
    counts.combinations++;
    const { beta, size } = lasso;
    if (this.smaller !== null && this.takeSmaller(this.smaller)) {
      counts.sameAsSmaller++;
    } else {
      const kind = tables.kinds[last]!;
      const isWarm = kind === this.warmKind;
      for (let i = 0; i < size; i++) beta[i] = isWarm ? warm[i]! : 0;
      let isLive = (isWarm && lasso.newton()) || lasso.descend();
      const verdict = this.verdict();
      counts[verdict]++;
      if (verdict === 'enclosed') this.candidates.push(this.candidate());
      for (let g = 0; g < units; g++) isLive &&= lasso.groupLength(g) > 0;
      this.warmKind = isLive ? kind : -1;
      for (let i = 0; i < size; i++) warm[i] = beta[i]!;
    }
    if (this.solutions !== null) this.keep(this.solutions);
  }

  /**
   * Looks for a unit that is surely zero: at the solution of the others its moment is shorter than
   * lambda, and so their solution is this combination's. Then sets `beta` and `limit` to theirs.
   */
  private takeSmaller(smaller: Solutions): boolean {
    const { chosen, units, lasso } = this;
    const { matrix, linear, starts, beta } = lasso;
    for (let g = units - 1; g >= 0; g--) {
      const others = g === 0 ? 1 : 0;
      const index = smaller.indexOf(chosen[others]!, units === 3 ? chosen[g === 2 ? 1 : 2]! : 0);
      const limit = smaller.limit[index]!;
      if (limit <= 0) continue;
      let squares = 0;
      for (let i = starts[g]!; i < starts[g + 1]!; i++) {
        let sum = -linear[i]!;
        let from = 2 * (units - 1) * index;
        for (let other = 0; other < units; other++) {
          if (other === g) continue;
          const first = starts[other]!;
          const size = starts[other + 1]! - first;
          sum += matrix[i * ROW + first]! * smaller.beta[from]!;
          if (size === 2) sum += matrix[i * ROW + first + 1]! * smaller.beta[from + 1]!;
          from += 2;
        }
        squares += sum * sum;
      }
      if (!(squares < limit * limit)) continue;
      if (this.solutions !== null) {
        let from = 2 * (units - 1) * index;
        for (let other = 0; other < units; other++) {
          for (let i = starts[other]!; i < starts[other + 1]!; i++) {
            beta[i] = other === g ? 0 : smaller.beta[from + i - starts[other]!]!;
          }
          if (other !== g) from += 2;
        }
        this.limit = limit;
      }
      return true;
    }
    return false;
  }

  private keep(solutions: Solutions): void {
    const { chosen, units, lasso } = this;
    const { beta, starts } = lasso;
    const index = solutions.indexOf(chosen[0]!, units === 2 ? chosen[1]! : 0);
    solutions.limit[index] = this.limit;
    for (let g = 0; g < units; g++) {
      for (let i = starts[g]!; i < starts[g + 1]!; i++) {
        solutions.beta[2 * (units * index + g) + i - starts[g]!] = beta[i]!;
      }
    }
  }

  /** Why there is surely no minimum, if it is sure. */
  private verdict(): Verdict {
    const { lasso, tables, borders, chosen, units } = this;
    const { beta, slope, starts } = lasso;
    const { lambda, x, largestEntry, entryError } = tables;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < lasso.size; i++) {
      sum += Math.abs(beta[i]!);
      squares += beta[i]! * beta[i]!;
    }
    // Twice: of a moment here, and of one computed from a kept solution.
    const rounding =
      6 * (entryError * (sum + 1) + 16 * UNIT_ROUNDOFF * (largestEntry * (sum + 1) + lambda));
    let gradient = lasso.gradientNorm + rounding;
    for (let g = 0; g < units; g++) {
      if (lasso.groupLength(g) === 0) gradient += Math.max(0, this.slopeLength(g) - lambda);
    }
    const rho = Math.sqrt(gradient * (Math.sqrt(squares) + this.longest)) * WIDER;
    this.limit = (lambda - rho * this.largestSensitivity - rounding) / WIDER;
    for (let g = 0; g < units; g++) {
      const bound = rho * borders.whole[chosen[g]!]! + rounding;
      if (lasso.groupLength(g) === 0 && this.slopeLength(g) + bound < lambda) return 'zeroUnit';
    }
    for (let g = 0; g < units; g++) {
      const state = chosen[g]!;
      const at = starts[g]!;
      if (tables.dimensions[state] === 2) {
        const [low, high] = [x[borders.low[state]!]!, x[borders.high[state]!]!];
        const a = slope[at]! * low + slope[at + 1]!;
        const b = slope[at]! * high + slope[at + 1]!;
        const errorA = rho * borders.atLow[state]! + rounding * (2 + 2 * Math.abs(low));
        const errorB = rho * borders.atHigh[state]! + rounding * (2 + 2 * Math.abs(high));
        const areSame = (a > errorA && b > errorB) || (a < -errorA && b < -errorB);
        const differ = (a > errorA && b < -errorB) || (a < -errorA && b > errorB);
        if (borders.crosses[state] === 1 ? areSame : differ) return 'outsideCell';
      } else if (this.fallsOff(g, rho, rounding)) {
        return 'fallsOff';
      }
    }
    return 'enclosed';
  }

  private slopeLength(g: number): number {
    const { slope, starts } = this.lasso;
    let squares = 0;
    for (let i = starts[g]!; i < starts[g + 1]!; i++) squares += slope[i]! * slope[i]!;
    return Math.sqrt(squares);
  }

  /** Whether the loss surely falls off to one side of the kink of unit g. */
  private fallsOff(g: number, rho: number, rounding: number): boolean {
    const { lasso, tables, borders, chosen } = this;
    const state = chosen[g]!;
    const along = lasso.slope[lasso.starts[g]!]!;
    if (Math.abs(along) <= rho * borders.whole[state]! + rounding) return false;
    const { kink, to } = tables.states[state]!;
    const at = tables.x[kink!]!;
    // beta is a negative multiple of the slope; its unit has w > 0 when the active points end the data.
    const isAscending = to === tables.x.length;
    const v = along < 0 === isAscending ? 1 : -1;
    const inactive = v * this.normalSlope(g);
    const error = rho * borders.atLow[state]! + 2 * rounding;
    if (inactive > error) return true;
    const weight = (1 - tables.slope) * tables.weights[kink!]!;
    const length = Math.sqrt(1 + at * at);
    const residual = this.residual(kink!);
    const active = inactive + v * weight * residual * length;
    const errorActive =
      (error + (rho * Math.sqrt(weight) + weight * rounding) * length) * WIDER +
      16 * UNIT_ROUNDOFF * weight * length * Math.abs(residual);
    return active < -errorActive;
  }

  /** g_j . n for the unit normal n of a kink, its point not active. */
  private normalSlope(g: number): number {
    const { tables, chosen, rows, units, lasso } = this;
    const { beta, starts } = lasso;
    const state = chosen[g]!;
    let sum = -tables.linear[2 * state + 1]!;
    for (let other = 0; other < units; other++) {
      const at = starts[other]!;
      const size = starts[other + 1]! - at;
      const t = chosen[other]!;
      for (let j = 0; j < size; j++) {
        // Rows are kept for the earlier of two units: read across, or down.
        const entry =
          other === g
            ? tables.diagonal[BLOCK * state + 2 + j]!
            : other > g
              ? rows[g]![BLOCK * t + 2 + j]!
              : rows[other]![BLOCK * state + 2 * j + 1]!;
        sum += entry * beta[at + j]!;
      }
    }
    return sum;
  }

  /** y - t at a data point. */
  private residual(point: number): number {
    const { tables, chosen, units, lasso } = this;
    const { beta, starts } = lasso;
    const { bases, means, states, x, slope, lambda, meanTarget, targets } = tables;
    let bias = meanTarget;
    let output = 0;
    for (let g = 0; g < units; g++) {
      const s = chosen[g]!;
      const { from, to } = states[s]!;
      const size = starts[g + 1]! - starts[g]!;
      let line = 0;
      for (let i = 0; i < size; i++) {
        const entry = beta[starts[g]! + i]!;
        bias -= means[2 * s + i]! * entry;
        line += entry * (bases[BLOCK * s + 2 * i]! * x[point]! + bases[BLOCK * s + 2 * i + 1]!);
      }
      if (states[s]!.kink !== point) output += (from <= point && point < to ? 1 : slope) * line;
    }
    return bias / (1 + lambda) + output - targets[point]!;
  }

  private candidate(): Candidate {
    const { tables, chosen, lasso } = this;
    const { beta, starts } = lasso;
    return {
      states: Array.from(chosen),
      betas: Array.from(chosen, (s, g) => {
        const first = beta[starts[g]!]!;
        const second = tables.dimensions[s] === 2 ? beta[starts[g]! + 1]! : 0;
        const at = BLOCK * s;
        const { bases } = tables;
        return [
          first * bases[at]! + second * bases[at + 2]!,
          first * bases[at + 1]! + second * bases[at + 3]!,
        ] as const;
      }),
    };
  }
}
