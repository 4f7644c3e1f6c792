// Believed after it passes: text, JSON and PHCpack input become the right canonical system. Truth: expansions worked out by hand, binomial and multinomial coefficients, exact values of random expressions computed without expanding them, and polynomials as PHCpack 2.4.86 itself printed them.
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { evaluateExact } from '../../../src/polynomial/calculus.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import { expressions, picture, VARIABLES } from './random-systems.js';

/** Terms of equation `index` as "re[,im] @ exponents". */
function terms(input: string | object, index = 0, variables?: string[]): string[] {
  const system = parseSystem(input, variables === undefined ? {} : { variables });
  return (system.polynomials[index] ?? []).map(({ coefficient: { re, im }, exponents }) => {
    const imaginary = im.n === 0n ? '' : `,${im.toFraction()}`;
    return `${re.toFraction()}${imaginary} @ ${exponents.join(' ')}`;
  });
}

describe('plain text', () => {
  it('expands, collects and sorts by degree, then lexicographically', () => {
    // (x + 2y)^2 - (x - y)(x + y) = 4xy + 5y^2
    expect(terms('(x + 2*y)^2 - (x - y)*(x + y)\ny - 1')).toEqual(['4 @ 1 1', '5 @ 0 2']);
    expect(terms('1 + y + x + x*y + y^2 + x^2\ny')).toEqual([
      '1 @ 2 0',
      '1 @ 1 1',
      '1 @ 0 2',
      '1 @ 1 0',
      '1 @ 0 1',
      '1 @ 0 0',
    ]);
  });

  it('reads every kind of coefficient exactly', () => {
    expect(terms('3/4*x^3 - 0.1*x^2 + 2.5e-3*x + .5')).toEqual([
      '3/4 @ 3',
      '-1/10 @ 2',
      '1/400 @ 1',
      '1/2 @ 0',
    ]);
    expect(terms('1E3*x - 5.')).toEqual(['1000 @ 1', '-5 @ 0']);
    expect(terms('3*x^2/4 + x/2 - 10^-2')).toEqual(['3/4 @ 2', '1/2 @ 1', '-1/100 @ 0']);
    expect(terms('1E9/-8.E-6*y + 3')).toEqual(['-125000000000000 @ 1', '3 @ 0']);
  });

  it('reads the imaginary unit, and an unknown of that name when it is declared', () => {
    // (1 + 2i)^2 = -3 + 4i, 1/i = -i
    expect(terms('(1 + 2*i)^2*x + 1/I')).toEqual(['-3,4 @ 1', '0,-1 @ 0']);
    expect(terms('i^2 - 2', 0, ['i'])).toEqual(['1 @ 2', '-2 @ 0']);
    expect(terms({ variables: ['I'], equations: ['i*I^2 - 1'] })).toEqual(['0,1 @ 2', '-1 @ 0']);
  });

  it('gives a sign less force than a power and more than a sum', () => {
    expect(terms('-x^2 + 2*-x - -3')).toEqual(['-1 @ 2', '-2 @ 1', '3 @ 0']);
    expect(terms('- -x ** 2 = +4')).toEqual(['1 @ 2', '-4 @ 0']);
  });

  it('takes lhs = rhs, comments, blank lines, any line ends and a byte order mark', () => {
    const expected = picture(parseSystem('x^2 + y^2 - 4\nx*y - 1'));
    const text = '\uFEFF# circle; x\r\n\r\n x^2 + y^2 = 4 # radius 2\r\r x*y = 1\n\n# end';
    expect(picture(parseSystem(text))).toEqual(expected);
    expect(picture(parseSystem('x^2 + y^2 - 4 = 0; x*y - 1 = 0'))).toEqual(expected);
    expect(picture(parseSystem('x^2\n + y^2\n - 4;\n\n x*y\n = 1;\n'))).toEqual(expected);
  });

  it('continues a line after an operator and inside parentheses', () => {
    const text = 'x^2 +\n y^2 = \n 4\n(x\n * y\n) - 1';
    expect(picture(parseSystem(text))).toEqual(picture(parseSystem('x^2+y^2-4\nx*y-1')));
  });

  it('orders unknowns by first appearance, cancelled terms included, unless declared', () => {
    expect(parseSystem('b*a - 1\na - 2').variables).toEqual(['b', 'a']);
    expect(parseSystem('a + b - a - b + b*a - 1\na - 2').variables).toEqual(['a', 'b']);
    expect(terms('b*a^2 - 1\na - 2', 0, ['a', 'b'])).toEqual(['1 @ 2 1', '-1 @ 0 0']);
  });

  it('takes names with digits, underscores and letters of any script', () => {
    expect(parseSystem('λ_1^2 - e1\ne1*E2 - 1\nE2 - _a\n_a - 3').variables).toEqual([
      'λ_1',
      'e1',
      'E2',
      '_a',
    ]);
  });
});

describe('expansion', () => {
  it('has the binomial and multinomial numbers of terms and coefficients', () => {
    const binomial = (n: bigint, k: bigint): bigint =>
      k === 0n ? 1n : (binomial(n - 1n, k - 1n) * n) / k;
    const power = parseSystem('(x + y)^64 - 1\ny').polynomials[0] ?? [];
    expect(power).toHaveLength(66);
    for (const { coefficient, exponents } of power.slice(0, 65)) {
      expect(coefficient.re.n).toBe(binomial(64n, BigInt(exponents[1] ?? 0)));
    }
    const trinomial = parseSystem('(1 + x + y)^20\ny').polynomials[0] ?? [];
    expect(trinomial).toHaveLength(Number(binomial(22n, 2n)));
    const sum = trinomial.reduce((total, { coefficient }) => total + coefficient.re.n, 0n);
    expect(sum).toBe(3n ** 20n);
  });

  it('agrees with the unexpanded expression at exact points', () => {
    const coordinate = fc
      .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }))
      .map(([re, im]) => ({ re: new Fraction(re, 2), im: new Fraction(im, 3) }));
    fc.assert(
      fc.property(
        expressions,
        fc.tuple(coordinate, coordinate, coordinate),
        ({ text, value }, point) => {
          // A leading x^60 keeps the equation from being constant whatever the expression is.
          const equations = [`${text} + x^60`, 'y_1', 'zeta'];
          const system = parseSystem({ variables: VARIABLES, equations });
          const [found] = evaluateExact(system, point);
          const expected = value(point);
          const x = point[0];
          let lead = { re: new Fraction(1), im: new Fraction(0) };
          for (let k = 0; k < 60; k += 1) {
            lead = {
              re: lead.re.mul(x.re).sub(lead.im.mul(x.im)),
              im: lead.re.mul(x.im).add(lead.im.mul(x.re)),
            };
          }
          expect(found?.re.toFraction()).toBe(expected.re.add(lead.re).toFraction());
          expect(found?.im.toFraction()).toBe(expected.im.add(lead.im).toFraction());
        },
      ),
      { numRuns: 150, seed: 20261123, endOnFailure: true },
    );
  });
});

describe('JSON', () => {
  it('takes objects and text alike and ignores fields it does not know', () => {
    const input = {
      name: 'pair',
      title: 'ignored',
      variables: ['y', 'x'],
      equations: ['x^2 - y', '+3/2*y*x\n -1'],
    };
    const system = parseSystem(JSON.stringify(input));
    expect(system).toEqual(parseSystem(input));
    expect(system.name).toBe('pair');
    expect(system.variables).toEqual(['y', 'x']);
    expect(system.degrees).toEqual([2, 2]);
    expect(parseSystem(input, { name: 'other' }).name).toBe('other');
  });
});

describe("PHCpack's format", () => {
  // The second text is what phc 2.4.86 printed after reading the first.
  const given = `2
 x + y - x - y + 1947796875.0/68719476736.0*x^2 + 68719476736/1947796875*y -(1.0 + 2.0*i)*x*y
   + 3 -(1/3-2/3*i)*x - 7*i*y;
 x*y - 1/3*x+2/5;

THE SOLUTIONS :
3 2
x : 9.92034191830234E+00 ; not an equation`;
  const printed = ` 2
 2.83441750070779E-02*x^2+(-1 -2*i)*x*y+(-3.33333333333333E-01 + 6.66666666666667E-01*i)*x
+( 3.52806176136821E+01 -7*i)*y+3;
x*y-3.33333333333333E-01*x+ 4.00000000000000E-01;
`;

  it('is read as PHCpack reads it, and what follows the polynomials is ignored', () => {
    const system = toNumeric(parseSystem(given));
    const expected = toNumeric(parseSystem(printed));
    expect(system.variables).toEqual(['x', 'y']);
    system.equations.forEach(({ exponents, coefficients }, index) => {
      expect(exponents).toEqual(expected.equations[index]?.exponents);
      coefficients.forEach((part, k) => {
        const other = expected.equations[index]?.coefficients[k] ?? NaN;
        expect(Math.abs(part - other)).toBeLessThanOrEqual(1e-14 * Math.abs(other));
      });
    });
  });

  it('reads the examples of its manual', () => {
    // x**2*y + 1/2*z*y**2 - 2*z + y**3 + x - 1E9/-8.E-6* y + 3 and a factored polynomial
    const system = parseSystem(`3 3
x**2*y + 1/2*z*y**2 - 2*z + y**3 + x - 1E9/-8.E-6* y + 3;
x^2*y + z*y^2 - 2*z + y^3 + x - y + 3; (x^2*y + z - 3)*y**2*(y-1+i);`);
    expect(system.variables).toEqual(['x', 'y', 'z']);
    expect(system.degrees).toEqual([3, 3, 6]);
    const coefficients = system.polynomials[0]?.map(({ coefficient }) =>
      coefficient.re.toFraction(),
    );
    expect(coefficients).toEqual(['1', '1', '1/2', '1', '125000000000000', '-2', '3']);
    // (x^2 y + z - 3) y^2 (y - 1 + i): 3 * 2 terms
    expect(system.polynomials[2]).toHaveLength(6);
  });
});
