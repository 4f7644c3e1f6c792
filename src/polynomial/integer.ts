/**
 * Exact evaluation of polynomials with Gaussian rational coefficients at f64 points, by whole
 * numbers only.
 *
 * A finite f64 is a whole number over a power of two. With the coefficients over one common
 * denominator a value is sum(numerator) / (denominator 2^shift): products and shifts of bigints,
 * then one rounding division. General rational arithmetic would take a gcd after every step.
 */
import Fraction from 'fraction.js';
import { commonDenominator } from './exact.js';
import { splitQuotient, type Split } from './rounding.js';
import type { ExactComplex, Term } from './system.js';

/** (re + im i) / 2^shift */
export interface Dyadic {
  readonly re: bigint;
  readonly im: bigint;
  readonly shift: number;
}

/** sum of terms / denominator, denominator > 0. */
export interface IntegerPolynomial {
  readonly denominator: bigint;
  readonly terms: readonly IntegerTerm[];
}

interface IntegerTerm {
  readonly re: bigint;
  readonly im: bigint;
  /** The variables that occur, each as often as its exponent says. */
  readonly factors: readonly number[];
}

/** The exact value of two finite f64. */
export function toDyadic(re: number, im: number): Dyadic {
  const real = decompose(re);
  const imaginary = decompose(im);
  const shift = Math.max(real.shift, imaginary.shift);
  return {
    re: real.mantissa << BigInt(shift - real.shift),
    im: imaginary.mantissa << BigInt(shift - imaginary.shift),
    shift,
  };
}

/** Clears the denominators of a polynomial. */
export function toIntegerPolynomial(terms: readonly Term[]): IntegerPolynomial {
  const denominator = commonDenominator(terms.map(({ coefficient }) => coefficient));
  return {
    denominator,
    terms: terms.map(({ coefficient: { re, im }, exponents }) => ({
      re: re.s * re.n * (denominator / re.d),
      im: im.s * im.n * (denominator / im.d),
      factors: exponents.flatMap((exponent, k) => new Array<number>(exponent).fill(k)),
    })),
  };
}

/** [re, im] of the value at a point, each as double-double. */
export function evaluateInteger(
  polynomial: IntegerPolynomial,
  point: readonly Dyadic[],
): [Split, Split] {
  const { re, im, denominator } = evaluateFraction(polynomial, point);
  return [splitQuotient(re, denominator), splitQuotient(im, denominator)];
}

/** The value at a point. */
export function evaluateExactly(
  polynomial: IntegerPolynomial,
  point: readonly Dyadic[],
): ExactComplex {
  const { re, im, denominator } = evaluateFraction(polynomial, point);
  return { re: new Fraction(re, denominator), im: new Fraction(im, denominator) };
}

/**
 * The value along a line, at point + t direction: its Bernstein coefficients b_k, the value being the sum of
 * b_k C(d, k) t^k (1 - t)^(d - k). The first and the last are the values at both ends.
 *
 * @returns [re, im] per k = 0..d, each as double-double.
 */
export function evaluateAlong(
  { denominator, terms }: IntegerPolynomial,
  point: readonly Dyadic[],
  direction: readonly Dyadic[],
): [Split, Split][] {
  const sum: Dyadic[] = [];
  for (const { re, im, factors } of terms) {
    let product: Dyadic[] = [{ re, im, shift: 0 }];
    for (const factor of factors) {
      const next = product.map((each) => multiplyDyadic(each, point[factor]!));
      product.forEach((each, k) => {
        const moved = multiplyDyadic(each, direction[factor]!);
        next[k + 1] = next[k + 1] ? addDyadic(next[k + 1]!, moved) : moved;
      });
      product = next;
    }
    product.forEach((each, k) => (sum[k] = sum[k] ? addDyadic(sum[k], each) : each));
  }
  // b_j = sum over k <= j of C(j, k) / C(d, k) times the coefficient of t^k: over a common denominator.
  const degree = sum.length - 1;
  const common = sum.reduce((product, _, k) => product * binomial(degree, k), 1n);
  return sum.map((_, j): [Split, Split] => {
    let total: Dyadic = { re: 0n, im: 0n, shift: 0 };
    for (let k = 0; k <= j; k += 1) {
      const factor = (common / binomial(degree, k)) * binomial(j, k);
      const { re, im, shift } = sum[k]!;
      total = addDyadic(total, { re: re * factor, im: im * factor, shift });
    }
    const over = (denominator * common) << BigInt(total.shift);
    return [splitQuotient(total.re, over), splitQuotient(total.im, over)];
  });
}

function binomial(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 1; i <= k; i += 1) result = (result * BigInt(n - k + i)) / BigInt(i);
  return result;
}

/** a - b */
export function subtractDyadic(a: Dyadic, b: Dyadic): Dyadic {
  return addDyadic(a, { re: -b.re, im: -b.im, shift: b.shift });
}

/** (re + im i) / denominator, not in lowest terms. */
function evaluateFraction(
  { denominator, terms }: IntegerPolynomial,
  point: readonly Dyadic[],
): { re: bigint; im: bigint; denominator: bigint } {
  let sum: Dyadic = { re: 0n, im: 0n, shift: 0 };
  for (const { re, im, factors } of terms) {
    let product: Dyadic = { re, im, shift: 0 };
    for (const factor of factors) {
      const value = point[factor];
      if (value === undefined) {
        throw new RangeError(
          `the point has ${point.length} coordinates, number ${factor} is needed`,
        );
      }
      product = multiplyDyadic(product, value);
    }
    sum = addDyadic(sum, product);
  }
  return { re: sum.re, im: sum.im, denominator: denominator << BigInt(sum.shift) };
}

function multiplyDyadic(a: Dyadic, b: Dyadic): Dyadic {
  const shift = a.shift + b.shift;
  if (a.im === 0n && b.im === 0n) {
    return { re: a.re * b.re, im: 0n, shift };
  }
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re, shift };
}

function addDyadic(a: Dyadic, b: Dyadic): Dyadic {
  const shift = Math.max(a.shift, b.shift);
  const shiftA = BigInt(shift - a.shift);
  const shiftB = BigInt(shift - b.shift);
  return {
    re: (a.re << shiftA) + (b.re << shiftB),
    im: (a.im << shiftA) + (b.im << shiftB),
    shift,
  };
}

/** value = mantissa / 2^shift with shift >= 0. */
function decompose(value: number): { mantissa: bigint; shift: number } {
  if (Number.isInteger(value)) {
    return { mantissa: BigInt(value), shift: 0 };
  }
  // Not whole, so |value| < 2^52 and its last bit is 2^(exponent - 52) >= 2^-1074.
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const shift = Math.min(53 - exponent, 1074);
  const half = Math.floor(shift / 2);
  return { mantissa: BigInt(value * 2 ** half * 2 ** (shift - half)), shift };
}
