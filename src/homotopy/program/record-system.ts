/**
 * Records a (multi)homogenised system F, its Jacobian and, in a family, its derivative along the way.
 *
 * dF_i/dx_j is a sum of coefficient * monomial, where the exponent that differentiation brings down is part of the
 * coefficient: `derived` says which, and `deriveData` makes the data of one member. F itself follows from Euler's
 * identity d_ig F_i = sum over group g of x_j dF_i/dx_j where that is cheaper than a sum of its own. The set of
 * monomials is closed under differentiation, so a monomial costs one multiplication once its derivatives are known
 * (Speelpenning's observation).
 */
import { productError, sumError } from '../../math/double-double.js';
import type { Stepwise } from '../../math/stepwise.js';
import type { NumericSystem } from '../../polynomial/system.js';
import { Monomials } from './monomials.js';
import type { CoefficientRule } from './program.js';
import {
  coefficient,
  coordinate,
  ONE,
  slope,
  type MaybeZero,
  type Recorder,
  type Register,
  type Summand,
} from './recorder.js';

/** A coefficient of F or of one of its derivatives: multiplier times the coefficient of a term. */
export interface DerivedCoefficient {
  readonly equation: number;
  readonly term: number;
  /** The exponent that differentiation brought down; 1 in F itself. */
  readonly multiplier: number;
}

export interface SystemOptions {
  /** [equation][group] degree to which the equation is homogenised. */
  readonly degrees: readonly (readonly number[])[];
  /** Variables of each projective group. */
  readonly groups: readonly (readonly number[])[];
  /**
   * [equation][term] degree of each coefficient in the parameters, in a family. Without it coefficients stay, and those
   * that are 1 or -1 are structure, no data.
   */
  readonly parameterDegrees?: readonly (readonly number[])[];
}

export interface RecordedSystem {
  readonly values: readonly MaybeZero[];
  readonly jacobian: readonly ReadonlyMap<number, Register>[];
  /** Records dF/dtau. */
  readonly slopes: () => readonly MaybeZero[];
  readonly derived: readonly DerivedCoefficient[];
  readonly rules: readonly CoefficientRule[];
  /** No coefficient has an imaginary part. */
  readonly real: boolean;
}

/** What is the same however often a system is recorded. */
export interface SystemPlan {
  readonly system: NumericSystem;
  readonly options: SystemOptions;
  readonly terms: readonly (readonly (readonly number[])[])[];
  readonly equations: readonly PlannedEquation[];
  readonly monomials: Monomials;
  /** No coefficient has an imaginary part. */
  readonly real: boolean;
}

/**
 * Decides how a system is computed.
 *
 * @param system n polynomials in n variables; every term must fit in `options.degrees`.
 * @throws RangeError when a term exceeds the degree it is homogenised to.
 */
export function* planSystem(system: NumericSystem, options: SystemOptions): Stepwise<SystemPlan> {
  const n = system.variables.length;
  const terms = homogeneousTerms(system, options);
  // gamma makes the coefficients of a family complex on the way.
  const real = !options.parameterDegrees && hasRealCoefficients(system);
  const monomials = new Monomials(n + options.groups.length);
  const equations: PlannedEquation[] = [];
  for (const [i, ofEquation] of terms.entries()) {
    const planned = planEquation(ofEquation, options, i, n, real);
    equations.push(planned);
    for (const entry of planned.entries)
      for (const { exponents } of entry.terms) monomials.require(exponents);
    if (planned.group === null || options.parameterDegrees)
      ofEquation.forEach((each) => {
        monomials.require(each);
      });
    yield;
  }
  yield* monomials.decide();
  return { system, options, terms, equations, monomials, real };
}

/** Records a system as it was planned. */
export function* recordSystem(
  recorder: Recorder,
  { system, options, terms, equations, monomials, real }: SystemPlan,
): Stepwise<RecordedSystem> {
  const n = system.variables.length;
  const coefficients = new Coefficients(system, options);
  const monomial = monomials.record(recorder);
  yield;
  const values: MaybeZero[] = [];
  const jacobian: ReadonlyMap<number, Register>[] = [];
  for (const [i, { entries, group, degree }] of equations.entries()) {
    const row = new Map<number, Register>();
    for (const entry of entries) {
      const summands = entry.terms.map(({ term, exponents, multiplier }) =>
        coefficients.times(i, term, multiplier, monomial(exponents)),
      );
      row.set(entry.coordinate, recorder.sum(summands)!);
    }
    const direct = () =>
      recorder.sum(terms[i]!.map((each, term) => coefficients.times(i, term, 1, monomial(each))));
    const euler = () =>
      recorder.sum(
        [...row]
          .filter(([j]) => isInGroup(j, group!, options, n))
          .map(([j, register]) => ({ left: register, right: coordinate(j) })),
        1,
        degree,
      );
    values.push(group === null ? direct() : euler());
    jacobian.push(row);
    yield;
  }
  return {
    values,
    jacobian,
    slopes: () =>
      terms.map((ofEquation, i) =>
        recorder.sum(
          ofEquation.flatMap((each, term) => {
            if ((options.parameterDegrees?.[i]![term] ?? 0) === 0) return [];
            const right = slope(coefficients.index(i, term, 1));
            return [{ left: monomial(each), right }];
          }),
        ),
      ),
    derived: coefficients.derived,
    rules: coefficients.rules,
    real,
  };
}

export function hasRealCoefficients(system: NumericSystem): boolean {
  return system.equations.every(({ coefficients }) =>
    coefficients.every((part, k) => k % 2 === 0 || part === 0),
  );
}

/** Which coefficients F and its derivatives need, each once. */
class Coefficients {
  readonly derived: DerivedCoefficient[] = [];
  readonly rules: CoefficientRule[] = [];
  private readonly known = new Map<string, number>();
  private data = 0;

  constructor(
    private readonly system: NumericSystem,
    private readonly options: SystemOptions,
  ) {}

  /** multiplier * coefficient * monomial; +-1 costs no multiplication. */
  times(equation: number, term: number, multiplier: number, monomial: Register): Summand {
    const unit = this.unit(equation, term, multiplier);
    if (unit !== 0) return { left: monomial, negative: unit < 0 };
    const right = coefficient(this.index(equation, term, multiplier));
    return monomial === ONE ? { left: right } : { left: monomial, right };
  }

  index(equation: number, term: number, multiplier: number): number {
    const key = `${equation},${term},${multiplier}`;
    let index = this.known.get(key);
    if (index === undefined) {
      index = this.derived.length;
      this.known.set(key, index);
      this.derived.push({ equation, term, multiplier });
      const degree = this.options.parameterDegrees?.[equation]![term] ?? 0;
      this.rules.push({ first: this.data, degree });
      this.data += degree + 1;
    }
    return index;
  }

  /** 1 or -1 where the product of coefficient and multiplier is that, exactly; else 0. */
  private unit(equation: number, term: number, multiplier: number): -1 | 0 | 1 {
    const { coefficients, low } = this.system.equations[equation]!;
    const isRounded = low !== undefined && (low[2 * term] !== 0 || low[2 * term + 1] !== 0);
    // 3 fl(1/3) is 1 by rounding only: powers of two multiply exactly.
    if (this.options.parameterDegrees || isRounded || !isPowerOfTwo(multiplier)) return 0;
    const re = coefficients[2 * term]! * multiplier;
    if (coefficients[2 * term + 1] !== 0) return 0;
    return re === 1 ? 1 : re === -1 ? -1 : 0;
  }
}

interface PlannedEntry {
  readonly coordinate: number;
  readonly terms: {
    readonly term: number;
    readonly exponents: readonly number[];
    readonly multiplier: number;
  }[];
}

interface PlannedEquation {
  readonly entries: readonly PlannedEntry[];
  /** Of Euler's identity; null for a sum of its own. */
  readonly group: number | null;
  /** What Euler's identity divides by. */
  readonly degree: number;
}

/** The terms of the derivatives of one equation. */
function planEquation(
  terms: readonly (readonly number[])[],
  options: SystemOptions,
  equation: number,
  n: number,
  real: boolean,
): PlannedEquation {
  const row = new Map<number, PlannedEntry>();
  terms.forEach((exponents, term) => {
    exponents.forEach((multiplier, j) => {
      if (multiplier === 0) return;
      const entry = row.get(j) ?? { coordinate: j, terms: [] };
      const derivative = exponents.with(j, multiplier - 1);
      entry.terms.push({ term, exponents: derivative, multiplier });
      row.set(j, entry);
    });
  });
  const entries = [...row.values()].sort((a, b) => a.coordinate - b.coordinate);
  // An Euler term is one complex product, a direct one a coefficient's product and usually one more monomial.
  let best = {
    group: null as number | null,
    degree: 1,
    flops: terms.length * ((real ? 4 : 8) + 6),
  };
  options.groups.forEach((_, group) => {
    const degree = options.degrees[equation]![group]!;
    if (degree === 0) return;
    const flops =
      entries.filter((entry) => isInGroup(entry.coordinate, group, options, n)).length * 8 + 2;
    if (flops < best.flops) best = { group, degree, flops };
  });
  return { entries, group: best.group, degree: best.degree };
}

function isInGroup(j: number, group: number, { groups }: SystemOptions, n: number): boolean {
  return j === n + group || groups[group]!.includes(j);
}

/** [equation][term][coordinate] exponents of the homogenised system. */
export function homogeneousTerms(
  system: NumericSystem,
  options: Pick<SystemOptions, 'degrees' | 'groups'>,
): readonly (readonly (readonly number[])[])[] {
  const n = system.variables.length;
  return system.equations.map(({ exponents }, equation) =>
    exponents.map((each, term) => {
      const out = [...each];
      options.groups.forEach((group, g) => {
        const degree = group.reduce((sum, variable) => sum + each[variable]!, 0);
        const missing = options.degrees[equation]![g]! - degree;
        if (missing < 0) {
          throw new RangeError(
            `equation ${equation + 1}, term ${term + 1}: degree ${degree} in group ${g + 1} exceeds the start system's ${options.degrees[equation]![g]!}; use a structure that supports the system`,
          );
        }
        out[n + g] = missing;
      });
      return out;
    }),
  );
}

/** Interleaved re, im; the exact coefficient is the sum of both parts to 32 digits. */
export interface CoefficientData {
  readonly high: Float64Array;
  /** A part is 0 only when the high part is exact. */
  readonly low: Float64Array;
}

/** The error of a product smaller than this may be too small for f64. */
const ERRORS_VANISH = 2 ** -960;

/**
 * The data of one member.
 *
 * @param line the system at the target, and in a family Bernstein coefficients along the way (see `memberLine`).
 */
export function deriveData(
  { derived, rules }: Pick<RecordedSystem, 'derived' | 'rules'>,
  line: readonly NumericSystem[],
): CoefficientData {
  const count = rules.reduce((sum, { degree }) => sum + degree + 1, 0);
  const high = new Float64Array(2 * count);
  const low = new Float64Array(2 * count);
  derived.forEach(({ equation, term, multiplier }, k) => {
    const { first, degree } = rules[k]!;
    for (let power = 0; power <= degree; power++) {
      const source = line[power]?.equations[equation];
      for (let part = 0; source && part < 2; part++) {
        const coefficientPart = source.coefficients[2 * term + part]!;
        const rest = source.low?.[2 * term + part] ?? 0;
        const product = coefficientPart * multiplier;
        // Dekker's product overflows beyond 2^996 and has nothing to say about powers of two.
        const error = isPowerOfTwo(multiplier)
          ? 0
          : productError(coefficientPart, multiplier, product);
        const left = error + rest * multiplier;
        const sum = product + left;
        const at = 2 * (first + power) + part;
        high[at] = sum;
        // The low part is rounded, too, and 0 is to mean that nothing was.
        const isRounded = rest !== 0 || (error === 0 && Math.abs(product) < ERRORS_VANISH);
        low[at] =
          sumError(product, left, sum) || (isRounded && product !== 0 ? Number.MIN_VALUE : 0);
      }
    }
  });
  return { high, low };
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
