/**
 * From a syntax tree to a sparse polynomial: numbers become exact rationals, products and powers
 * of sums are multiplied out, quotients get symbols for reciprocals
 * (divisors.ts), and everything else is refused at its place.
 */
import { rationalFromDecimal } from '../math/rational.js';
import { countDivisions, Divisors } from './divisors.js';
import { locate, SystemError, type Source, type SystemErrorCode } from './errors.js';
import { exactReal, IMAGINARY_UNIT, invertExact, isZero, ONE, powerExact, ZERO } from './exact.js';
import { MAX_DEGREE, MAX_DIGITS } from './limits.js';
import {
  addInto,
  constantValue,
  ExpansionLimit,
  monomial,
  multiply,
  power,
  toTerms,
  type ExpansionBudget,
  type SparsePolynomial,
} from './sparse.js';
import type { Expression } from './syntax.js';
import type { ExactComplex, Term } from './system.js';

/** Largest |power of ten| of a literal: 1e400 * 1e-400 is fine, 1e999999999 would fill memory. */
const MAX_LITERAL_POWER = 1000;

/** Largest size in bits of a power of a constant; 1e300 has 997. */
const MAX_POWER_BITS = 20_000;

/** Exponents above this cannot belong to any admissible power but of 0, 1, -1, i and -i. */
const MAX_EXPONENT = 1_000_000n;

/** Names that other programs print for numbers that no coefficient can be. */
const NOT_FINITE = /^(nan|inf|infinity)$/i;

/** What an expression is expanded in. */
interface ExpansionContext {
  readonly source: Source;
  /** Symbol -> its place in the exponent vectors. */
  readonly symbols: ReadonlyMap<string, number>;
  /** Shared by all equations of one system. */
  readonly budget: ExpansionBudget;
  /** Of the equation. */
  readonly divisors: Divisors;
}

/** Length of the exponent vectors. */
function symbolCount({ divisors }: ExpansionContext): number {
  return divisors.symbolCount;
}

/** True when an undeclared name is the imaginary unit. */
export function isImaginaryUnit(name: string): boolean {
  return name === 'i' || name === 'I';
}

/** True when an undeclared name stands for a number that is not finite. */
export function isNotFinite(name: string): boolean {
  return NOT_FINITE.test(name);
}

/** An equation = 0, times all that it divides by. */
export interface ExpandedEquation {
  readonly terms: readonly Term[];
  /** What it divides by: a solution is a zero of the equation where none of these is 0. */
  readonly divisors: readonly (readonly Term[])[];
}

/**
 * Multiplies an equation out, and by what it divides by.
 *
 * @param unknowns of the symbols, of which they are the first.
 * @throws as `expand`
 */
export function expandEquation(
  expression: Expression,
  context: Omit<ExpansionContext, 'divisors'>,
  unknowns: number,
): ExpandedEquation {
  const { symbols, budget } = context;
  const divisors = new Divisors(unknowns, symbols.size, countDivisions(expression), budget);
  const own = { ...context, divisors };
  const expanded = expand(expression, own);
  const cleared = guard(own, offsetOf(expression), () => divisors.clear(expanded));
  return { terms: toTerms(cleared), divisors: divisors.all() };
}

/**
 * Multiplies an expression out.
 *
 * @throws SystemError codes unknown-symbol, coefficient, division, exponent, degree,
 *   too-many-terms, each with line and column
 */
function expand(expression: Expression, context: ExpansionContext): SparsePolynomial {
  switch (expression.kind) {
    case 'number':
      return constant(readNumber(expression.text, expression.offset, context), context);
    case 'symbol':
      return expandSymbol(expression, context);
    case 'sum': {
      const sum: SparsePolynomial = new Map();
      for (const { negative, expression: term } of expression.terms) {
        const addend = expand(term, context);
        guard(context, offsetOf(term), () => {
          addInto(sum, addend, negative);
        });
      }
      return sum;
    }
    case 'product':
      return expandProduct(expression, context);
    case 'power':
      return expandPower(expression, context);
  }
}

/** The first offset of an expression that is known. */
function offsetOf(expression: Expression): number {
  if (expression.kind === 'sum') {
    const first = expression.terms[0];
    return first === undefined ? 0 : offsetOf(first.expression);
  }
  return expression.offset;
}

function expandSymbol(
  { name, offset }: Expression & { kind: 'symbol' },
  context: ExpansionContext,
): SparsePolynomial {
  const index = context.symbols.get(name);
  if (index !== undefined) {
    const exponents = new Array<number>(symbolCount(context)).fill(0);
    exponents[index] = 1;
    return monomial(exponents, ONE);
  }
  if (isImaginaryUnit(name)) {
    return constant(IMAGINARY_UNIT, context);
  }
  if (isNotFinite(name)) {
    const remedy = 'write a number, or declare it as an unknown';
    throw fault('coefficient', `"${name}" is not a finite coefficient`, remedy, offset, context);
  }
  const known = [...context.symbols.keys()].join(', ');
  const found = `unknown symbol "${name}" (declared: ${known})`;
  throw fault('unknown-symbol', found, 'declare it or correct its name', offset, context);
}

function expandProduct(
  { factors, offset }: Expression & { kind: 'product' },
  context: ExpansionContext,
): SparsePolynomial {
  let product = constant(ONE, context);
  for (const { inverse, expression } of factors) {
    let factor = expand(expression, context);
    if (inverse) {
      const divisor = constantValue(factor, ZERO);
      if (divisor === null) {
        factor = invertFactor(factor, expression, context);
        product = guard(context, offset, () => multiply(product, factor, context.budget));
        continue;
      }
      if (isZero(divisor)) {
        throw fault(
          'division',
          'division by zero',
          'correct the divisor',
          offsetOf(expression),
          context,
        );
      }
      factor = constant(invertExact(divisor), context);
    }
    product = guard(context, offset, () => multiply(product, factor, context.budget));
  }
  return product;
}

/** 1 / factor; of a power the power of the reciprocal, so that common denominators stay small. */
function invertFactor(
  factor: SparsePolynomial,
  expression: Expression,
  context: ExpansionContext,
): SparsePolynomial {
  if (expression.kind !== 'power') return invertPolynomial(factor, offsetOf(expression), context);
  const { base, offset } = expression;
  const exponent = readExponent(expression.exponent, context);
  const expanded = expand(base, context);
  const inverse = invertPolynomial(expanded, offset, context);
  return guard(context, offset, () =>
    power(
      exponent < 0 ? expanded : inverse,
      Math.abs(exponent),
      symbolCount(context),
      context.budget,
    ),
  );
}

/** 1 / divisor, with symbols for reciprocals. */
function invertPolynomial(
  divisor: SparsePolynomial,
  place: number,
  context: ExpansionContext,
): SparsePolynomial {
  const inverse = guard(context, place, () => context.divisors.inverse(divisor));
  if (inverse) return inverse;
  throw fault('division', 'division by zero', 'correct the divisor', place, context);
}

function expandPower(
  { base: baseExpression, exponent: exponentExpression, offset }: Expression & { kind: 'power' },
  context: ExpansionContext,
): SparsePolynomial {
  const base = expand(baseExpression, context);
  const exponent = readExponent(exponentExpression, context);
  const value = constantValue(base, ZERO);
  if (value === null) {
    if (exponent < 0) {
      const inverse = invertPolynomial(base, offset, context);
      return guard(context, offset, () =>
        power(inverse, -exponent, symbolCount(context), context.budget),
      );
    }
    return guard(context, offset, () =>
      power(base, exponent, symbolCount(context), context.budget),
    );
  }
  if (exponent < 0 && isZero(value)) {
    const remedy = 'correct the base or the exponent';
    throw fault('division', 'zero with a negative exponent', remedy, offset, context);
  }
  if (powerBits(value, Math.abs(exponent)) > MAX_POWER_BITS) {
    const remedy = 'keep coefficients between 1e-300 and 1e300';
    throw fault('coefficient', 'a power of a constant that is too large', remedy, offset, context);
  }
  const result = powerExact(exponent < 0 ? invertExact(value) : value, Math.abs(exponent));
  return constant(result, context);
}

function readExponent(expression: Expression, context: ExpansionContext): number {
  const value = constantValue(expand(expression, context), ZERO);
  let found: string | null = null;
  if (value === null) {
    found = 'an exponent with unknowns';
  } else if (value.im.n !== 0n) {
    found = 'a complex exponent';
  } else if (value.re.d !== 1n) {
    found = `the fractional exponent ${value.re.toFraction()}`;
  } else if (value.re.n > MAX_EXPONENT) {
    found = `an exponent above ${MAX_EXPONENT}`;
  }
  if (value === null || found !== null) {
    const remedy = `use a whole number from -${MAX_DEGREE} to ${MAX_DEGREE}`;
    throw fault('exponent', found ?? '', remedy, offsetOf(expression), context);
  }
  return Number(value.re.s * value.re.n);
}

/** Upper estimate of the size of value^exponent; powers of 0, 1, -1, i, -i do not grow. */
function powerBits({ re, im }: ExactComplex, exponent: number): number {
  if (re.d === 1n && im.d === 1n && re.n + im.n <= 1n) {
    return 0;
  }
  const parts = [re.n, re.d, im.n, im.d];
  return Math.max(...parts.map((part) => part.toString(2).length)) * exponent;
}

function readNumber(text: string, offset: number, context: ExpansionContext): ExactComplex {
  const [mantissa = '', powerOfTen = '0'] = text.toLowerCase().split('e');
  if (!/[1-9]/.test(mantissa)) {
    return ZERO;
  }
  if (mantissa.length > MAX_DIGITS) {
    const found = `a number of ${mantissa.length} digits, more than ${MAX_DIGITS}`;
    throw fault('coefficient', found, 'round it', offset, context);
  }
  if (Math.abs(Number(powerOfTen)) > MAX_LITERAL_POWER) {
    const remedy = 'keep coefficients between 1e-300 and 1e300';
    throw fault(
      'coefficient',
      `the coefficient ${mantissa.slice(0, 20)}${mantissa.length > 20 ? '...' : ''}e${powerOfTen.slice(0, 20)}`,
      remedy,
      offset,
      context,
    );
  }
  return exactReal(rationalFromDecimal(text));
}

function constant(value: ExactComplex, context: ExpansionContext): SparsePolynomial {
  return monomial(new Array<number>(symbolCount(context)).fill(0), value);
}

/** Runs a step of the expansion and gives a limit that it hits a place in the text. */
function guard<T>(context: ExpansionContext, offset: number, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ExpansionLimit)) {
      throw error;
    }
    const remedy =
      error.code === 'degree'
        ? 'lower the degree, for example with a new unknown for a power'
        : 'split the equation with new unknowns for its factors';
    throw fault(error.code, error.message, remedy, offset, context);
  }
}

function fault(
  code: SystemErrorCode,
  found: string,
  remedy: string,
  offset: number,
  { source }: ExpansionContext,
): SystemError {
  const place = locate(source, offset);
  return new SystemError(code, `${place.label}: ${found}; ${remedy}`, place);
}
