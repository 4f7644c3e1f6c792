// Believed after it passes: coefficients are rounded to the nearest f64, and values, derivatives and residuals are right, also where f64 would overflow. Truth: the engine's own decimal reader for rounding (ECMAScript requires the nearest f64), exact rational evaluation, derivatives by hand, and the product rule at random points.
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import {
  degreesByVariable,
  differentiate,
  evaluateExact,
  evaluateTerms,
  supports,
} from '../../../src/polynomial/calculus.js';
import { exactComplex } from '../../../src/polynomial/exact.js';
import { evaluate, toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import { residual } from '../../../src/polynomial/residual.js';
import { roundQuotient, roundRational } from '../../../src/polynomial/rounding.js';
import { systems } from './random-systems.js';

const RUNS = { numRuns: 300, seed: 20261123, endOnFailure: true };

describe('rounding', () => {
  it('gives back every f64', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(roundRational(exactComplex(value).re)).toBe(value === 0 ? 0 : value);
      }),
      RUNS,
    );
  });

  it('agrees with the decimal reader of the engine', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 40n }),
        fc.integer({ min: -365, max: 310 }),
        (digits, power) => {
          const scale = 10n ** BigInt(Math.abs(power));
          const found =
            power < 0 ? roundQuotient(digits, scale) : roundQuotient(-digits * scale, 1n);
          expect(Math.abs(found)).toBe(Number(`${digits}e${power}`));
          expect(Math.sign(found)).toBe(found === 0 ? 0 : power < 0 ? 1 : -1);
        },
      ),
      { ...RUNS, numRuns: 1000 },
    );
  });

  it('breaks ties to even at both ends of the range', () => {
    const one = 2n ** 60n;
    expect(roundQuotient(one + 2n ** 7n, one)).toBe(1);
    expect(roundQuotient(one + 2n ** 7n + 1n, one)).toBe(1 + 2 ** -52);
    expect(roundQuotient(one + 3n * 2n ** 7n, one)).toBe(1 + 2 ** -51);
    expect(roundQuotient(1n, 2n ** 1075n)).toBe(0);
    expect(roundQuotient(3n, 2n ** 1076n)).toBe(Number.MIN_VALUE);
    expect(roundQuotient(3n, 2n ** 1075n)).toBe(2 * Number.MIN_VALUE);
    const overflow = 2n ** 1024n - 2n ** 970n;
    expect(roundQuotient(overflow - 1n, 1n)).toBe(Number.MAX_VALUE);
    expect(roundQuotient(-overflow, 1n)).toBe(-Infinity);
    expect(roundQuotient(2n ** 5000n / 3n, 2n ** 5000n)).toBe(1 / 3);
  });

  it('rounds real and imaginary parts of a system in the order of its terms', () => {
    const numeric = toNumeric(parseSystem('1/3*x^2 + (0.1 - 2/7*i)*x - 5'));
    expect(numeric.variables).toEqual(['x']);
    expect(numeric.equations[0]?.exponents).toEqual([[2], [1], [0]]);
    expect([...(numeric.equations[0]?.coefficients ?? [])]).toEqual([1 / 3, 0, 0.1, -2 / 7, -5, 0]);
  });
});

describe('evaluation', () => {
  it('in f64 agrees with exact evaluation to the conditioning of the sum', () => {
    // Sixteenths: their exact powers stay short, and nothing underflows.
    const coordinate = fc.integer({ min: -32, max: 32 }).map((numerator) => numerator / 16);
    const coordinates = fc.array(coordinate, { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(systems, coordinates, (system, point) => {
        const numeric = toNumeric(system);
        const values = evaluate(numeric, point);
        const exact = evaluateExact(
          system,
          [0, 2, 4].map((k) => exactComplex(point[k] ?? 0, point[k + 1] ?? 0)),
        );
        exact.forEach(({ re, im }, index) => {
          const equation = numeric.equations[index];
          let magnitude = 0;
          equation?.exponents.forEach((exponents, term) => {
            const modulus = exponents.reduce(
              (product, exponent, k) =>
                product * Math.hypot(point[2 * k] ?? 0, point[2 * k + 1] ?? 0) ** exponent,
              1,
            );
            const [a, b] = equation.coefficients.subarray(2 * term, 2 * term + 2);
            magnitude += modulus * Math.hypot(a ?? 0, b ?? 0);
          });
          // At most 20 complex products (error 2^-51 each at most) and 6 sums per term.
          const bound = 26 * 2 ** -51 * magnitude;
          expect(Math.abs((values[2 * index] ?? NaN) - roundRational(re))).toBeLessThanOrEqual(
            bound,
          );
          expect(Math.abs((values[2 * index + 1] ?? NaN) - roundRational(im))).toBeLessThanOrEqual(
            bound,
          );
        });
      }),
      RUNS,
    );
  });

  it('is exact on a hand-made example', () => {
    // x = 1/2 + i, y = -3: x^2 = -3/4 + i; x^2 y - i x + 1 = 9/4 - 3i - i/2 + 1 + 1
    const system = parseSystem('x^2*y - i*x + 1\nx*y');
    const x = { re: new Fraction(1, 2), im: new Fraction(1) };
    const y = { re: new Fraction(-3), im: new Fraction(0) };
    const values = evaluateExact(system, [x, y]).map(({ re, im }) => [
      re.toFraction(),
      im.toFraction(),
    ]);
    expect(values).toEqual([
      ['17/4', '-7/2'],
      ['-3/2', '-3'],
    ]);
    expect([...evaluate(toNumeric(system), [0.5, 1, -3, 0])]).toEqual([4.25, -3.5, -1.5, -3]);
  });
});

describe('derivatives and supports', () => {
  it('differentiates term by term', () => {
    const [terms = []] = parseSystem('3*x^4*y - 1/2*x*y^2 + (1 + i)*y - 7\ny').polynomials;
    const text = (variable: number): string[] =>
      differentiate(terms, variable).map(
        ({ coefficient: { re, im }, exponents }) =>
          `${re.toFraction()} ${im.toFraction()} ${exponents.join()}`,
      );
    expect(text(0)).toEqual(['12 0 3,1', '-1/2 0 0,2']);
    expect(text(1)).toEqual(['3 0 4,0', '-1 0 1,1', '1 1 0,0']);
    expect(differentiate(differentiate(terms, 1), 1)).toHaveLength(1);
  });

  it('obeys the product rule at an exact point', () => {
    const variables = ['x', 'y'];
    const f = 'x^3*y - 2*i*x + 5/3*y^2';
    const g = '(x - y)^4 + 7*x - 1';
    const system = parseSystem({
      variables: [...variables, 'z'],
      equations: [f, g, `(${f})*(${g})`],
    });
    const point = [exactComplex(0.75, -1), exactComplex(-2, 0.5), exactComplex(0)];
    const [first, second, product] = system.polynomials;
    for (const variable of [0, 1]) {
      const [df, dg, dp] = [first, second, product].map((terms) =>
        evaluateTerms(differentiate(terms ?? [], variable), point),
      );
      const [vf, vg] = evaluateExact(system, point);
      const re = df?.re.mul(vg?.re ?? 0).sub(df.im.mul(vg?.im ?? 0));
      const rest = vf?.re.mul(dg?.re ?? 0).sub(vf.im.mul(dg?.im ?? 0));
      expect(dp?.re.toFraction()).toBe(re?.add(rest ?? 0).toFraction());
    }
  });

  it('lists exponents and degrees by unknown', () => {
    const system = parseSystem('x^2*y - y^3 + 1\nx - 2');
    expect(supports(system)).toEqual([
      [
        [2, 1],
        [0, 3],
        [0, 0],
      ],
      [
        [1, 0],
        [0, 0],
      ],
    ]);
    expect(degreesByVariable(system)).toEqual([
      [2, 3],
      [1, 0],
    ]);
    expect(system.degrees).toEqual([3, 1]);
  });
});

describe('residual', () => {
  const at = (text: string, point: number[]): number =>
    residual(toNumeric(parseSystem(text)), point);

  it('is the relative value of the worst equation', () => {
    // |4 - 1| / (4 + 1) and |2*3 - 5| / (6 + 5)
    expect(at('x^2 - 1\nx*y - 5', [2, 0, 3, 0])).toBeCloseTo(0.6, 15);
    expect(at('x^2 - 1\nx*y - 5', [1, 0, 3, 0])).toBeCloseTo(2 / 8, 15);
    // |i^2 + 1| = 0
    expect(at('x^2 + 1', [0, 1])).toBe(0);
    expect(at('x^2 - 2', [Math.SQRT2, 0])).toBeLessThan(2 ** -52);
  });

  it('does not change with the scales of equations and unknowns', () => {
    const expected = at('x^2*y - 3*y + 1\nx*y - 2', [0.7, -0.2, 1.1, 0.4]);
    for (const power of [200, -200]) {
      const k = 2 ** power;
      const scaled = at(
        `${`x^2*y - 3*2^${2 * power}*y + 2^${3 * power}`}\nx*y - 2*2^${2 * power}`,
        [0.7 * k, -0.2 * k, 1.1 * k, 0.4 * k],
      );
      expect(scaled).toBeCloseTo(expected, 15);
    }
  });

  it('survives powers beyond the f64 range', () => {
    expect(at('x^2 - y\nx - y', [1e200, 0, 1, 0])).toBe(1);
    expect(at('x*y - 1\nx^2*y - x', [2 ** 1000, 0, 2 ** -1000, 0])).toBe(0);
    expect(at('x^60 - y^60\ny - x', [1e300, 1e300, 1e300, 1e300])).toBeLessThan(1e-13);
    expect(at('x^60 - 1', [1e-300, 0])).toBe(1);
    expect(at('x^2 + x', [Number.MIN_VALUE, 0])).toBe(1);
  });

  it('keeps its digits when a power underflows and another makes up for it', () => {
    // x^2 y^2 - 1e-20 at (1e-160, 1e150); x^2 = 1e-320 alone keeps only four digits.
    const equation = {
      exponents: [
        [2, 2],
        [0, 0],
      ],
      coefficients: Float64Array.of(1, 0, -1e-20, 0),
    };
    const system = { variables: ['x', 'y'], equations: [equation] };
    expect(residual(system, [1e-160, 0, 1e150, 0])).toBeLessThan(1e-14);
  });

  it('is never NaN', () => {
    expect(at('x^2 + x', [0, 0])).toBe(0);
    expect(at('x - 1', [NaN, 0])).toBe(Infinity);
    expect(at('x - 1', [0, -Infinity])).toBe(Infinity);
    expect(at('x - 1', [0])).toBe(Infinity);
  });
});
