/**
 * Division by polynomials: quotients and negative exponents become polynomial equations, exactly.
 *
 * While an equation is expanded every unknown, and every other divisor, has a symbol that stands for its reciprocal.
 * Afterwards each term is reduced (x times 1/x is 1) and the equation is multiplied by what its terms still divide by. That
 * changes no solution where no divisor is 0, and may add some where one is: those points are excluded.
 */
import {
  addInto,
  keyOf,
  monomial,
  multiply,
  power,
  toTerms,
  type ExpansionBudget,
  type SparsePolynomial,
} from './sparse.js';
import { invertExact, ONE } from './exact.js';
import type { Expression } from './syntax.js';
import type { Term } from './system.js';

/** How many divisors with symbols an expression can have at most: divisions, and powers, whose exponent may be negative. */
export function countDivisions(expression: Expression): number {
  switch (expression.kind) {
    case 'number':
    case 'symbol':
      return 0;
    case 'sum':
      return expression.terms.reduce((sum, term) => sum + countDivisions(term.expression), 0);
    case 'product':
      return expression.factors.reduce(
        (sum, factor) =>
          sum +
          countDivisions(factor.expression) +
          (factor.inverse && hasSymbol(factor.expression) ? 1 : 0),
        0,
      );
    case 'power': {
      const mayDivide = expression.exponent.kind !== 'number' && hasSymbol(expression.base);
      return countDivisions(expression.base) + (mayDivide ? 1 : 0);
    }
  }
}

function hasSymbol(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
      return false;
    case 'symbol':
      return true;
    case 'sum':
      return expression.terms.some((term) => hasSymbol(term.expression));
    case 'product':
      return expression.factors.some((factor) => hasSymbol(factor.expression));
    case 'power':
      return hasSymbol(expression.base) || hasSymbol(expression.exponent);
  }
}

/** The divisors of one equation. */
export class Divisors {
  private readonly polynomials: SparsePolynomial[] = [];
  private readonly numbers = new Map<string, number>();
  /** Unknowns by which the equation divides. */
  private readonly coordinates = new Set<number>();

  /**
   * @param unknowns they come first among the symbols.
   * @param symbols unknowns and parameters.
   * @param most divisions of the equation.
   */
  constructor(
    private readonly unknowns: number,
    private readonly symbols: number,
    private readonly most: number,
    private readonly budget: ExpansionBudget,
  ) {}

  /** Length of exponent vectors while the equation is expanded: symbols, reciprocals of unknowns and of other divisors. */
  get symbolCount(): number {
    return this.most === 0 ? this.symbols : this.symbols + this.unknowns + this.most;
  }

  /** 1 / divisor, in symbols; null when the divisor is 0. */
  inverse(divisor: SparsePolynomial): SparsePolynomial | null {
    // divisor = numerator / denominator
    const { polynomial, denominator } = this.overCommonDenominator(divisor);
    const terms = toTerms(polynomial);
    if (terms.length === 0) return null;
    const common = Array.from({ length: this.unknowns }, (_, j) =>
      Math.min(...terms.map(({ exponents }) => exponents[j]!)),
    );
    const reciprocal = new Array<number>(this.symbolCount).fill(0);
    common.forEach((exponent, j) => {
      if (exponent === 0) return;
      this.coordinates.add(j);
      reciprocal[this.symbols + j] = exponent;
    });
    const rest = terms.map(({ coefficient, exponents }) => ({
      coefficient,
      exponents: exponents.map((exponent, k) => exponent - (common[k] ?? 0)),
    }));
    const isConstant = rest.length === 1 && rest[0]!.exponents.every((exponent) => exponent === 0);
    if (!isConstant) reciprocal[this.symbols + this.unknowns + this.numberOf(rest)] = 1;
    const coefficient = isConstant ? invertExact(rest[0]!.coefficient) : ONE;
    return multiply(denominator, monomial(reciprocal, coefficient), this.budget);
  }

  /** The equation times what makes it a polynomial in the symbols. */
  clear(equation: SparsePolynomial): SparsePolynomial {
    if (this.most === 0) return equation;
    const { polynomial } = this.overCommonDenominator(equation);
    return new Map(
      Array.from(polynomial, ([key, coefficient]) => [key.slice(0, this.symbols), coefficient]),
    );
  }

  /** Every divisor that the equation has, over unknowns and parameters; unknowns stand alone. */
  all(): (readonly Term[])[] {
    const coordinates = Array.from(this.coordinates, (variable) => [
      {
        coefficient: ONE,
        exponents: Array.from({ length: this.symbols }, (_, k) => (k === variable ? 1 : 0)),
      },
    ]);
    const others = this.polynomials.map((divisor) =>
      toTerms(divisor).map(({ coefficient, exponents }) => ({
        coefficient,
        exponents: exponents.slice(0, this.symbols),
      })),
    );
    return [...coordinates, ...others];
  }

  /** polynomial / denominator, neither with a reciprocal. */
  private overCommonDenominator(value: SparsePolynomial): {
    polynomial: SparsePolynomial;
    denominator: SparsePolynomial;
  } {
    const { symbols, unknowns, symbolCount, budget } = this;
    const one = monomial(new Array<number>(symbolCount).fill(0), ONE);
    if (this.most === 0) return { polynomial: value, denominator: one };
    const first = symbols + unknowns;
    // Exponents of unknowns may be negative here.
    const terms = toTerms(value).map(({ coefficient, exponents }) => ({
      coefficient,
      exponents: exponents.map((exponent, k) =>
        k < unknowns ? exponent - exponents[symbols + k]! : exponent,
      ),
    }));
    const highest = (exponent: (exponents: readonly number[]) => number) =>
      terms.reduce((most, { exponents }) => Math.max(most, exponent(exponents)), 0);
    const shift = Array.from({ length: unknowns }, (_, j) => highest((each) => -each[j]!));
    const powers = this.polynomials.map((_, k) => highest((each) => each[first + k]!));
    const product = (factors: readonly number[], start: SparsePolynomial): SparsePolynomial =>
      this.polynomials.reduce(
        (result, divisor, k) =>
          multiply(result, power(divisor, factors[k]!, symbolCount, budget), budget),
        start,
      );
    const polynomial: SparsePolynomial = new Map();
    for (const { coefficient, exponents } of terms) {
      const kept = exponents.map((exponent, k) =>
        k < unknowns ? exponent + shift[k]! : k < symbols ? exponent : 0,
      );
      const missing = powers.map((most, k) => most - exponents[first + k]!);
      addInto(polynomial, product(missing, monomial(kept, coefficient)), false);
    }
    const shifts = Array.from({ length: symbolCount }, (_, k) => shift[k] ?? 0);
    return { polynomial, denominator: product(powers, monomial(shifts, ONE)) };
  }

  /** Of a divisor that is not a monomial in the unknowns; the same one has the same number. */
  private numberOf(terms: readonly Term[]): number {
    const key = keyOf(terms);
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.polynomials.length;
      this.numbers.set(key, number);
      const divisor: SparsePolynomial = new Map();
      for (const { exponents, coefficient } of terms)
        addInto(divisor, monomial(exponents, coefficient), false);
      this.polynomials.push(divisor);
    }
    return number;
  }
}
