/**
 * Random inputs for property tests: exact coefficients, systems, and expressions with a value
 * that is computed without the code under test (plain recursion over the expression).
 */
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { createSystem } from '../../../src/polynomial/canonical.js';
import type { ExactComplex, PolynomialSystem } from '../../../src/polynomial/system.js';

export const VARIABLES = ['x', 'y_1', 'zeta'];

/** Rationals with small, long and decimal denominators. */
const rational = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
    fc.oneof(
      fc.bigInt({ min: 1n, max: 60n }),
      fc.constantFrom(1n, 10n, 100_000n, 10n ** 22n, 2n ** 40n, 3n ** 45n),
    ),
  )
  .map(([numerator, denominator]) => new Fraction(numerator, denominator));

const zero = new Fraction(0);

export const exactComplex: fc.Arbitrary<ExactComplex> = fc.oneof(
  rational.map((re) => ({ re, im: zero })),
  fc.tuple(rational, rational).map(([re, im]) => ({ re, im })),
);

const nonZero = exactComplex.filter(({ re, im }) => re.n !== 0n || im.n !== 0n);

const exponents = fc.tuple(
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 0, max: 4 }),
);

/** Systems of three sparse equations; some leave an unknown out. */
export const systems: fc.Arbitrary<PolynomialSystem> = fc
  .array(
    fc.tuple(
      fc.dictionary(
        exponents.map((each) => each.join(',')),
        nonZero,
        { maxKeys: 5 },
      ),
      nonZero,
      fc.integer({ min: 0, max: 2 }),
    ),
    { minLength: 3, maxLength: 3 },
  )
  .map((equations) =>
    createSystem({
      name: 'random',
      variables: VARIABLES,
      polynomials: equations.map(([terms, coefficient, variable]) => [
        ...Object.entries(terms).map(([key, value]) => ({
          coefficient: value,
          exponents: key.split(',').map(Number),
        })),
        // One term of degree 15 that cannot cancel, so that no equation is constant.
        { coefficient, exponents: [0, 1, 2].map((k) => (k === variable ? 15 : 0)) },
      ]),
    }),
  );

export interface ExpressionSample {
  readonly text: string;
  /** The expression's value at a point of Gaussian integers, computed by its own structure. */
  readonly value: (point: readonly ExactComplex[]) => ExactComplex;
}

function plus(a: ExactComplex, b: ExactComplex): ExactComplex {
  return { re: a.re.add(b.re), im: a.im.add(b.im) };
}

function times(a: ExactComplex, b: ExactComplex): ExactComplex {
  return {
    re: a.re.mul(b.re).sub(a.im.mul(b.im)),
    im: a.re.mul(b.im).add(a.im.mul(b.re)),
  };
}

function real(re: Fraction): ExactComplex {
  return { re, im: zero };
}

const leaf: fc.Arbitrary<ExpressionSample> = fc.oneof(
  fc.constantFrom(...VARIABLES.keys()).map((k) => ({
    text: VARIABLES[k] ?? '',
    value: (point: readonly ExactComplex[]) => point[k] ?? real(zero),
  })),
  fc.constantFrom('i', 'I').map((text) => ({
    text,
    value: () => ({ re: zero, im: new Fraction(1) }),
  })),
  fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 999 })).map(([a, b]) => ({
    text: `${a}.${String(b).padStart(3, '0')}`,
    value: () => real(new Fraction(1000 * a + b, 1000)),
  })),
  fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: -5, max: 5 })).map(([a, b]) => ({
    text: `${a}e${b}`,
    value: () => real(new Fraction(a).mul(new Fraction(10).pow(b))),
  })),
  fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 99 })).map(([a, b]) => ({
    text: `(${a}/${b})`,
    value: () => real(new Fraction(a, b)),
  })),
);

/** Nested sums, differences, products, powers and signs, with parentheses and without. */
export const expressions: fc.Arbitrary<ExpressionSample> = fc.letrec<{ node: ExpressionSample }>(
  (tie) => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.tuple(tie('node'), tie('node'), fc.constantFrom('+', '-')).map(([a, b, operator]) => ({
        text: `(${a.text} ${operator} ${b.text})`,
        value: (point: readonly ExactComplex[]) =>
          plus(
            a.value(point),
            times(real(new Fraction(operator === '+' ? 1 : -1)), b.value(point)),
          ),
      })),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => ({
        text: `${a.text}*${b.text}`,
        value: (point: readonly ExactComplex[]) => times(a.value(point), b.value(point)),
      })),
      fc
        .tuple(tie('node'), fc.integer({ min: 0, max: 3 }), fc.constantFrom('^', '**', ' ^ '))
        .map(([a, exponent, operator]) => ({
          text: `(${a.text})${operator}${exponent}`,
          value: (point: readonly ExactComplex[]) => {
            let power = real(new Fraction(1));
            for (let k = 0; k < exponent; k += 1) {
              power = times(power, a.value(point));
            }
            return power;
          },
        })),
      fc
        .tuple(tie('node'), fc.constantFrom(['-', -1], ['+', 1], ['--', 1] as const))
        .map(([a, sign]) => ({
          text: `${sign[0]}(${a.text})`,
          value: (point: readonly ExactComplex[]) =>
            times(real(new Fraction(sign[1])), a.value(point)),
        })),
    ),
  }),
).node;

/** A comparable picture of a system: everything but its name. */
export function picture(system: PolynomialSystem): unknown {
  return {
    variables: system.variables,
    degrees: system.degrees,
    polynomials: system.polynomials.map((terms) =>
      terms.map(({ coefficient, exponents: powers }) => [
        coefficient.re.toFraction(),
        coefficient.im.toFraction(),
        powers.join(),
      ]),
    ),
  };
}
