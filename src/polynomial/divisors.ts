/**
 * Division by polynomials in the parameters: rational coefficients become polynomial ones.
 *
 * While an equation is expanded every divisor has a symbol of its own that stands for its reciprocal; afterwards the
 * equation is multiplied by what its terms divide by. That changes no member whose divisors differ from 0.
 */
import {
  addInto,
  monomial,
  multiply,
  power,
  toTerms,
  type ExpansionBudget,
  type SparsePolynomial,
} from './sparse.js';
import { ONE } from './exact.js';
import type { Expression } from './syntax.js';
import type { Term } from './system.js';

/** How many divisors an expression can have at most: divisions and powers, whose exponent may be negative. */
export function countDivisions(expression: Expression): number {
  switch (expression.kind) {
    case 'number':
    case 'symbol':
      return 0;
    case 'sum':
      return expression.terms.reduce((sum, term) => sum + countDivisions(term.expression), 0);
    case 'product':
      return expression.factors.reduce(
        (sum, factor) => sum + countDivisions(factor.expression) + (factor.inverse ? 1 : 0),
        0,
      );
    case 'power':
      return countDivisions(expression.base) + (isNegative(expression.exponent) ? 1 : 0);
  }
}

/** Exponents are whole numbers, so a minus sign is visible. */
function isNegative(exponent: Expression): boolean {
  return exponent.kind === 'sum' && exponent.terms.some(({ negative }) => negative);
}

export class Divisors {
  private readonly polynomials: SparsePolynomial[] = [];
  private readonly numbers = new Map<string, number>();

  /**
   * @param variables unknowns, which come first among the symbols.
   * @param symbols unknowns and parameters.
   * @param most divisors of the equation.
   */
  constructor(
    private readonly variables: number,
    private readonly symbols: number,
    private readonly most: number,
    private readonly budget: ExpansionBudget,
  ) {}

  /** Length of exponent vectors while the equation is expanded. */
  get symbolCount(): number {
    return this.symbols + this.most;
  }

  /** The symbol of 1 / divisor; null when the divisor has unknowns or a division inside. */
  inverse(divisor: SparsePolynomial): SparsePolynomial | null {
    const terms = toTerms(divisor);
    const hasOthers = terms.some(({ exponents }) =>
      exponents.some((exponent, k) => exponent > 0 && (k < this.variables || k >= this.symbols)),
    );
    if (hasOthers) return null;
    const key = terms
      .map(
        ({ exponents, coefficient: { re, im } }) =>
          `${exponents.join()}:${re.toFraction()},${im.toFraction()}`,
      )
      .sort()
      .join(';');
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.polynomials.length;
      this.numbers.set(key, number);
      this.polynomials.push(divisor);
    }
    return monomial(this.unit(number), ONE);
  }

  /** The equation times the powers of its divisors that make it a polynomial. */
  clear(equation: SparsePolynomial): { polynomial: SparsePolynomial; powers: readonly number[] } {
    const terms = toTerms(equation);
    const powers = this.polynomials.map((_, k) =>
      terms.reduce((most, { exponents }) => Math.max(most, exponents[this.symbols + k]!), 0),
    );
    const polynomial: SparsePolynomial = new Map();
    for (const { coefficient, exponents } of terms) {
      const kept = exponents.map((exponent, k) => (k < this.symbols ? exponent : 0));
      let product = monomial(kept, coefficient);
      this.polynomials.forEach((divisor, k) => {
        const missing = powers[k]! - exponents[this.symbols + k]!;
        const factor = power(divisor, missing, this.symbolCount, this.budget);
        product = multiply(product, factor, this.budget);
      });
      addInto(polynomial, product, false);
    }
    return { polynomial: this.withoutSymbols(polynomial), powers };
  }

  /** Divisors with a power above 0, over the parameters. */
  used(powers: readonly number[]): (readonly Term[])[] {
    return this.polynomials.flatMap((divisor, k) =>
      powers[k]! > 0
        ? [
            toTerms(divisor).map(({ coefficient, exponents }) => ({
              coefficient,
              exponents: exponents.slice(this.variables, this.symbols),
            })),
          ]
        : [],
    );
  }

  private unit(number: number): number[] {
    const exponents = new Array<number>(this.symbolCount).fill(0);
    exponents[this.symbols + number] = 1;
    return exponents;
  }

  private withoutSymbols(polynomial: SparsePolynomial): SparsePolynomial {
    if (this.most === 0) return polynomial;
    return new Map(
      Array.from(polynomial, ([key, coefficient]) => [key.slice(0, this.symbols), coefficient]),
    );
  }
}
