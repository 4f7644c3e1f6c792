/**
 * The straight-line program that evaluates a (multi)homogenised system and its Jacobian.
 *
 * One program, many back ends: WGSL text (f32), WebAssembly (f64), typed arrays (f64) and
 * double-double all walk the same two lists, so they cannot disagree about the mathematics:
 *   products   monomials, each the product of two earlier registers (shared by all equations)
 *   sums       dF_i/dx_j = sum of derived coefficient * monomial
 * F itself follows from Euler's identity d_ig F_i = sum over group g of x_j dF_i/dx_j where that
 * is cheaper than a sum of its own. The set of monomials is closed under differentiation, so a
 * monomial costs one multiplication once its derivatives are known (Speelpenning's observation).
 */
import { productError, sumError } from '../../math/double-double.js';
import type { NumericSystem } from '../../polynomial/system.js';

/** Register number that stands for the constant 1. */
export const ONE = -1;
/** Coefficient numbers that stand for the constants +1 and -1: no multiplication, no buffer. */
export const PLUS_ONE = -1;
export const MINUS_ONE = -2;

/** sum_k coefficient_k * register_k */
export interface Sum {
  /** Derived coefficient number, or PLUS_ONE / MINUS_ONE. */
  readonly coefficients: readonly number[];
  /** Register number, or ONE. */
  readonly registers: readonly number[];
}

export interface JacobianEntry extends Sum {
  readonly coordinate: number;
}

/** How F_i is obtained. */
export type ValueRule =
  | { readonly kind: 'euler'; readonly group: number; readonly degree: number }
  | { readonly kind: 'sum'; readonly sum: Sum };

export interface DerivedCoefficient {
  readonly equation: number;
  readonly term: number;
  /** The exponent that differentiation brought down; 1 in F itself. */
  readonly multiplier: number;
}

export interface EvaluationPlan {
  /** n equations. */
  readonly equations: number;
  /** N projective coordinates: variable j is coordinate j, group g's homogenising one is n + g. */
  readonly coordinates: number;
  /** Register N + p = register[left] * register[right]; registers 0..N-1 are the coordinates. */
  readonly products: readonly { readonly left: number; readonly right: number }[];
  /** Non-zero entries of row i of the n x N Jacobian. */
  readonly jacobian: readonly (readonly JacobianEntry[])[];
  readonly values: readonly ValueRule[];
  /** F_i as a plain sum, always present: parameter homotopies need dH/ds term by term. */
  readonly direct: readonly Sum[] | null;
  readonly derived: readonly DerivedCoefficient[];
  /** Every coefficient is real: products with it cost half. */
  readonly real: boolean;
}

export interface EvaluationOptions {
  /** [equation][group] degree to which the equation is homogenised. */
  readonly degrees: readonly (readonly number[])[];
  /** Variables of each projective group. */
  readonly groups: readonly (readonly number[])[];
  /** Treat coefficients +-1 as structure. False for families, whose coefficients move. */
  readonly unitCoefficients: boolean;
  /** Also list F_i term by term (parameter homotopies). */
  readonly directValues: boolean;
}

/**
 * Builds the program.
 *
 * @param system n polynomials in n variables; every term must fit in `options.degrees`.
 * @throws RangeError when a term exceeds the degree it is homogenised to.
 */
export function planEvaluation(system: NumericSystem, options: EvaluationOptions): EvaluationPlan {
  const n = system.variables.length;
  const groupCount = options.groups.length;
  const coordinates = n + groupCount;
  // gamma makes the blended coefficients of a parameter homotopy complex.
  const real =
    !options.directValues &&
    system.equations.every((equation) => {
      for (let k = 1; k < equation.coefficients.length; k += 2) {
        if (equation.coefficients[k] !== 0) return false;
      }
      return true;
    });

  const monomials = new MonomialTable(coordinates);
  const derived: DerivedCoefficient[] = [];
  const derivedIndex = new Map<string, number>();
  const coefficientOf = (equation: number, term: number, multiplier: number): number => {
    const { coefficients, low } = system.equations[equation]!;
    const isRounded = low !== undefined && (low[2 * term] !== 0 || low[2 * term + 1] !== 0);
    // 3 fl(1/3) is 1 by rounding only: powers of two multiply exactly.
    if (options.unitCoefficients && !isRounded && isPowerOfTwo(multiplier)) {
      const re = (coefficients[2 * term] ?? 0) * multiplier;
      const im = coefficients[2 * term + 1] ?? 0;
      if (im === 0 && re === 1) return PLUS_ONE;
      if (im === 0 && re === -1) return MINUS_ONE;
    }
    const key = `${equation},${term},${multiplier}`;
    let index = derivedIndex.get(key);
    if (index === undefined) {
      index = derived.length;
      derived.push({ equation, term, multiplier });
      derivedIndex.set(key, index);
    }
    return index;
  };

  interface PendingSum {
    coefficients: number[];
    exponents: number[][];
  }
  const jacobian: (PendingSum & { coordinate: number })[][] = [];
  const values: ({ kind: 'euler'; group: number; degree: number } | { kind: 'sum' })[] = [];
  const direct: PendingSum[] = [];
  system.equations.forEach((equation, i) => {
    const homogeneous = equation.exponents.map((exponents, term) =>
      homogenise(exponents, options, i, term, n),
    );
    const row = new Map<number, PendingSum & { coordinate: number }>();
    homogeneous.forEach((exponents, term) => {
      exponents.forEach((exponent, coordinate) => {
        if (exponent === 0) return;
        const derivative = exponents.slice();
        derivative[coordinate] = exponent - 1;
        const entry = row.get(coordinate) ?? { coordinate, coefficients: [], exponents: [] };
        entry.coefficients.push(coefficientOf(i, term, exponent));
        entry.exponents.push(derivative);
        monomials.require(derivative);
        row.set(coordinate, entry);
      });
    });
    const entries = [...row.values()].sort((a, b) => a.coordinate - b.coordinate);
    jacobian.push(entries);
    const rule = cheapestValueRule(entries, homogeneous.length, options, i, n, real);
    values.push(rule);
    if (rule.kind === 'sum' || options.directValues) {
      homogeneous.forEach((exponents) => monomials.require(exponents));
    }
    direct.push({
      coefficients:
        rule.kind === 'sum' || options.directValues
          ? homogeneous.map((_, term) => coefficientOf(i, term, 1))
          : [],
      exponents: homogeneous,
    });
  });

  monomials.decompose();
  const finish = (sum: PendingSum): Sum => ({
    coefficients: sum.coefficients,
    registers: sum.exponents.map((exponents) => monomials.register(exponents)),
  });
  return {
    equations: n,
    coordinates,
    products: monomials.products,
    jacobian: jacobian.map((row) =>
      row.map((entry) => ({ coordinate: entry.coordinate, ...finish(entry) })),
    ),
    values: values.map((rule, i) =>
      rule.kind === 'euler' ? rule : { kind: 'sum', sum: finish(direct[i]!) },
    ),
    direct: options.directValues ? direct.map(finish) : null,
    derived,
    real,
  };
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

/** Interleaved re, im; the exact coefficient is the sum of both parts to 32 digits. */
export interface DerivedCoefficients {
  readonly high: Float64Array;
  /** A part is 0 only when the high part is exact. */
  readonly low: Float64Array;
}

/** The error of a product smaller than this may be too small for f64. */
const ERRORS_VANISH = 2 ** -960;

/** Derived coefficients of one member of the family the plan was made for. */
export function deriveCoefficients(
  plan: EvaluationPlan,
  system: NumericSystem,
): DerivedCoefficients {
  const high = new Float64Array(2 * plan.derived.length);
  const low = new Float64Array(2 * plan.derived.length);
  plan.derived.forEach(({ equation, term, multiplier }, k) => {
    const source = system.equations[equation]!;
    for (let part = 0; part < 2; part++) {
      const coefficient = source.coefficients[2 * term + part]!;
      const rest = source.low?.[2 * term + part] ?? 0;
      const product = coefficient * multiplier;
      // Dekker's product overflows beyond 2^996 and has nothing to say about powers of two.
      const error = isPowerOfTwo(multiplier) ? 0 : productError(coefficient, multiplier, product);
      const left = error + rest * multiplier;
      const sum = product + left;
      high[2 * k + part] = sum;
      // The low part is rounded, too, and 0 is to mean that nothing was.
      const isRounded = rest !== 0 || (error === 0 && Math.abs(product) < ERRORS_VANISH);
      low[2 * k + part] =
        sumError(product, left, sum) || (isRounded && product !== 0 ? Number.MIN_VALUE : 0);
    }
  });
  return { high, low };
}

/** [equation][term][coordinate] exponents of the homogenised system. */
export function homogeneousTerms(
  system: NumericSystem,
  options: EvaluationOptions,
): readonly (readonly (readonly number[])[])[] {
  return system.equations.map(({ exponents }, i) =>
    exponents.map((each, term) => homogenise(each, options, i, term, system.variables.length)),
  );
}

function homogenise(
  exponents: readonly number[],
  options: EvaluationOptions,
  equation: number,
  term: number,
  n: number,
): number[] {
  const out = [...exponents];
  options.groups.forEach((group, g) => {
    const degree = group.reduce((sum, variable) => sum + exponents[variable]!, 0);
    const missing = options.degrees[equation]![g]! - degree;
    if (missing < 0) {
      throw new RangeError(
        `equation ${equation + 1}, term ${term + 1}: degree ${degree} in group ${g + 1} exceeds the start system's ${options.degrees[equation]![g]!}; use a structure that supports the system`,
      );
    }
    out[n + g] = missing;
  });
  return out;
}

/** Flops decide: an Euler term is one complex product, a direct term one coefficient product and usually one more monomial. */
function cheapestValueRule(
  entries: readonly { coordinate: number }[],
  terms: number,
  options: EvaluationOptions,
  equation: number,
  n: number,
  real: boolean,
): { kind: 'euler'; group: number; degree: number } | { kind: 'sum' } {
  let best: { kind: 'euler'; group: number; degree: number } | { kind: 'sum' } = { kind: 'sum' };
  let bestCost = terms * ((real ? 4 : 8) + 6);
  options.groups.forEach((group, g) => {
    const degree = options.degrees[equation]![g]!;
    if (degree === 0) return;
    const members = new Set([...group, n + g]);
    const cost = entries.filter((entry) => members.has(entry.coordinate)).length * 8 + 2;
    if (cost < bestCost) {
      bestCost = cost;
      best = { kind: 'euler', group: g, degree };
    }
  });
  return best;
}

/** Monomials needed, and a way to build each from two others that are needed anyway. */
class MonomialTable {
  readonly products: { left: number; right: number }[] = [];
  private readonly needed = new Map<string, number[]>();
  private readonly registers = new Map<string, number>();

  constructor(private readonly coordinates: number) {}

  require(exponents: number[]): void {
    this.needed.set(exponents.join(), exponents);
  }

  register(exponents: readonly number[]): number {
    const register = this.registers.get(exponents.join());
    if (register === undefined) throw new Error(`monomial [${exponents.join()}] was not planned`);
    return register;
  }

  decompose(): void {
    const degree = (e: readonly number[]) => e.reduce((a, b) => a + b, 0);
    this.registers.set(new Array<number>(this.coordinates).fill(0).join(), ONE);
    for (let j = 0; j < this.coordinates; j++) {
      const unit = new Array<number>(this.coordinates).fill(0);
      unit[j] = 1;
      this.registers.set(unit.join(), j);
      this.needed.set(unit.join(), unit);
    }
    const splits = new Map<string, [number[], number[]]>();
    const queue = [...this.needed.values()].filter((e) => degree(e) > 1);
    queue.sort((a, b) => degree(b) - degree(a));
    for (let q = 0; q < queue.length; q++) {
      const monomial = queue[q]!;
      const split = this.bestSplit(monomial, degree);
      splits.set(monomial.join(), split);
      for (const part of split) {
        const key = part.join();
        if (degree(part) > 1 && !this.needed.has(key)) {
          this.needed.set(key, part);
          // Keep the queue sorted by decreasing degree from q on.
          let at = q + 1;
          while (at < queue.length && degree(queue[at]!) > degree(part)) at++;
          queue.splice(at, 0, part);
        }
      }
    }
    queue.sort((a, b) => degree(a) - degree(b));
    for (const monomial of queue) {
      const [left, right] = splits.get(monomial.join())!;
      this.registers.set(monomial.join(), this.coordinates + this.products.length);
      this.products.push({ left: this.register(left), right: this.register(right) });
    }
  }

  /** Both parts known if possible; otherwise the largest known divisor and its cofactor. */
  private bestSplit(
    monomial: number[],
    degree: (e: readonly number[]) => number,
  ): [number[], number[]] {
    let best: [number[], number[]] | null = null;
    let bestDegree = 0;
    for (const candidate of this.needed.values()) {
      const size = degree(candidate);
      if (size === 0 || size >= degree(monomial)) continue;
      const rest: number[] = [];
      let divides = true;
      for (let j = 0; j < monomial.length && divides; j++) {
        const difference = monomial[j]! - candidate[j]!;
        if (difference < 0) divides = false;
        rest.push(difference);
      }
      if (!divides) continue;
      if (this.needed.has(rest.join())) return [candidate, rest];
      if (size > bestDegree) {
        bestDegree = size;
        best = [candidate, rest];
      }
    }
    // Coordinates are always in `needed`, so a divisor exists.
    return best!;
  }
}
