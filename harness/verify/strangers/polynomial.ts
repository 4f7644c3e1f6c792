/**
 * Polynomials in several unknowns with rational coefficients, exactly: enough to expand planted
 * products, to change variables, to evaluate at a planted point and to write text that a parser
 * reads back without rounding.
 *
 * A polynomial is a Map from exponents ("2,0,1") to nonzero coefficients.
 */
import {
  add as addNumbers,
  gaussian,
  multiply as multiplyNumbers,
  one,
  rational,
  zero,
  type Gaussian,
  type Rational,
} from './rational.js';

/** Nonzero coefficients by exponents. */
export type Polynomial = ReadonlyMap<string, Rational>;

const SEPARATOR = ',';

function keyOf(exponents: readonly number[]): string {
  return exponents.join(SEPARATOR);
}

function exponentsOf(key: string): number[] {
  return key.split(SEPARATOR).map(Number);
}

function accumulate(terms: Map<string, Rational>, key: string, coefficient: Rational): void {
  const sum = (terms.get(key) ?? zero).add(coefficient);
  if (sum.n === 0n) terms.delete(key);
  else terms.set(key, sum);
}

/** The polynomial with these [exponents, coefficient] pairs. */
export function polynomial(pairs: Iterable<readonly [readonly number[], Rational]>): Polynomial {
  const terms = new Map<string, Rational>();
  for (const [exponents, coefficient] of pairs) accumulate(terms, keyOf(exponents), coefficient);
  return terms;
}

/** coefficients[0] x_0 + ... + constant. */
export function linearForm(coefficients: readonly Rational[], constant = zero): Polynomial {
  const n = coefficients.length;
  return polynomial([
    ...coefficients.map((coefficient, j) => [unit(n, j), coefficient] as const),
    [Array<number>(n).fill(0), constant],
  ]);
}

/** x_j among n unknowns. */
export function unknown(n: number, j: number): Polynomial {
  return polynomial([[unit(n, j), one]]);
}

export function constant(n: number, value: Rational): Polynomial {
  return polynomial([[Array<number>(n).fill(0), value]]);
}

function unit(n: number, j: number): number[] {
  return Array.from({ length: n }, (_, k) => (k === j ? 1 : 0));
}

/** f + factor g. */
export function add(f: Polynomial, g: Polynomial, factor = one): Polynomial {
  const sum = new Map(f);
  for (const [key, coefficient] of g) accumulate(sum, key, coefficient.mul(factor));
  return sum;
}

export function scale(f: Polynomial, factor: Rational): Polynomial {
  return new Map([...f].map(([key, coefficient]) => [key, coefficient.mul(factor)]));
}

export function multiply(f: Polynomial, g: Polynomial): Polynomial {
  const product = new Map<string, Rational>();
  const right = [...g].map(([key, coefficient]) => [exponentsOf(key), coefficient] as const);
  for (const [key, coefficient] of f) {
    const exponents = exponentsOf(key);
    for (const [others, other] of right)
      accumulate(
        product,
        keyOf(exponents.map((exponent, j) => exponent + others[j]!)),
        coefficient.mul(other),
      );
  }
  return product;
}

export function multiplyAll(n: number, factors: readonly Polynomial[]): Polynomial {
  return factors.reduce(multiply, constant(n, one));
}

/** f with x_j replaced by images[j]. */
export function substitute(f: Polynomial, images: readonly Polynomial[]): Polynomial {
  const n = images.length;
  let sum: Polynomial = new Map();
  for (const [key, coefficient] of f) {
    const factors = exponentsOf(key).flatMap((exponent, j) =>
      Array<Polynomial>(exponent).fill(images[j]!),
    );
    sum = add(sum, multiplyAll(n, factors), coefficient);
  }
  return sum;
}

export function derivative(f: Polynomial, j: number): Polynomial {
  return polynomial(
    [...f]
      .map(([key, coefficient]) => [exponentsOf(key), coefficient] as const)
      .filter(([exponents]) => exponents[j]! > 0)
      .map(([exponents, coefficient]): [number[], Rational] => [
        exponents.map((exponent, k) => (k === j ? exponent - 1 : exponent)),
        coefficient.mul(rational(exponents[j]!)),
      ]),
  );
}

/** The values of the terms at a point of Gaussian rationals. */
export function termValues(f: Polynomial, point: readonly Gaussian[]): Gaussian[] {
  return [...f].map(([key, coefficient]) => {
    let value = gaussian(coefficient);
    exponentsOf(key).forEach((exponent, j) => {
      for (let k = 0; k < exponent; k++) value = multiplyNumbers(value, point[j]!);
    });
    return value;
  });
}

export function evaluate(f: Polynomial, point: readonly Gaussian[]): Gaussian {
  return termValues(f, point).reduce(addNumbers, gaussian(zero));
}

export function degree(f: Polynomial): number {
  return Math.max(
    0,
    ...[...f.keys()].map((key) => exponentsOf(key).reduce((sum, exponent) => sum + exponent)),
  );
}

/** Whether x_j occurs. */
export function contains(f: Polynomial, j: number): boolean {
  return [...f.keys()].some((key) => exponentsOf(key)[j]! > 0);
}

/** Power of ten of the largest term where |x_j| is about 10^exponents[j]. */
export function magnitude(f: Polynomial, exponents: readonly number[]): number {
  return Math.max(
    ...[...f].map(
      ([key, coefficient]) =>
        Math.log10(Math.abs(coefficient.valueOf())) +
        exponentsOf(key).reduce((sum, exponent, j) => sum + exponent * exponents[j]!, 0),
    ),
  );
}

/** Text that means exactly this polynomial, highest degree first. */
export function format(f: Polynomial, variables: readonly string[]): string {
  const terms = [...f]
    .map(([key, coefficient]) => ({ exponents: exponentsOf(key), coefficient }))
    .sort((a, b) => compareTerms(a.exponents, b.exponents));
  if (terms.length === 0) return '0';
  return terms
    .map(({ exponents, coefficient }, k) => {
      const negative = coefficient.s < 0n;
      const lead = k === 0 ? (negative ? '-' : '') : negative ? ' - ' : ' + ';
      const powers = exponents
        .map((exponent, j) => (exponent > 1 ? `${variables[j]!}^${exponent}` : variables[j]!))
        .filter((_, j) => exponents[j]! > 0);
      const number = formatRational(coefficient.abs());
      return lead + (number === '1' && powers.length > 0 ? powers : [number, ...powers]).join('*');
    })
    .join('');
}

function compareTerms(a: readonly number[], b: readonly number[]): number {
  const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
  if (sum(a) !== sum(b)) return sum(b) - sum(a);
  const j = a.findIndex((value, k) => value !== b[k]);
  return j < 0 ? 0 : b[j]! - a[j]!;
}

/** Digits of a whole number from which on zeros at its end are written as an exponent. */
const LONG = 10;
/** Digits behind a decimal point from which on an exponent is written. */
const FINE = 8;

/** A positive rational as a user would write it: 1500, 15e12, 0.25, 3e-9, and 1/3 where nothing else is exact. */
export function formatRational({ n, d }: Pick<Rational, 'd' | 'n'>): string {
  if (d === 1n) {
    const text = String(n);
    const [, digits, zeros] = /^(\d*?)(0*)$/.exec(text) as unknown as [string, string, string];
    return text.length > LONG && zeros.length > 3 ? `${digits}e${zeros.length}` : text;
  }
  let places = 0;
  let power = 1n;
  let rest = d;
  while (rest % 10n === 0n) rest /= 10n;
  for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
  if (rest !== 1n) return `${n}/${d}`;
  while (power % d !== 0n) {
    power *= 10n;
    places++;
  }
  const digits = String((n * power) / d);
  if (places > FINE) return `${digits}e-${places}`;
  const padded = digits.padStart(places + 1, '0');
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`;
}
