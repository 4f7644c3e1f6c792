// Believed after it passes: the members of a family are the systems with the parameters put in, correctly rounded, all on one support. Truth: the same texts with the exact decimal expansion of each value in the parameter's place; coefficients worked out by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SystemError } from '../../../src/polynomial/errors.js';
import {
  exactMember,
  member,
  memberLine,
  parameterDegrees,
  parseFamily,
  type ParameterValue,
} from '../../../src/polynomial/family.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';

const TEXT = 'p*x^2 + (p*q - 1/3)*x*y + q^2 - 0.7*r*(x - y)^2\nr*x + (p + 2*i*q)*y - q/7';
const PARAMETERS = ['p', 'q', 'r'];

describe('parseFamily', () => {
  it('separates unknowns and parameters', () => {
    const family = parseFamily(TEXT, { parameters: PARAMETERS, name: 'conics' });
    expect(family.name).toBe('conics');
    expect(family.variables).toEqual(['x', 'y']);
    expect(family.parameters).toEqual(PARAMETERS);
    expect(family.degrees).toEqual([2, 1]);
    const shapes = family.polynomials.map((terms) =>
      terms.map(({ exponents, coefficient }) => `${exponents.join()}: ${coefficient.length}`),
    );
    // p - 7/10 r; p q + 7/5 r - 1/3; -7/10 r; q^2 | r; p + 2 i q; -q/7
    expect(shapes).toEqual([
      ['2,0: 2', '1,1: 3', '0,2: 1', '0,0: 1'],
      ['1,0: 1', '0,1: 2', '0,0: 1'],
    ]);
    const json = { variables: ['y', 'x'], equations: ['p*x - 1', 'x*y - q'] };
    expect(parseFamily(json, { parameters: ['p', 'q'] }).variables).toEqual(['y', 'x']);
  });

  it('knows the degrees of its coefficients', () => {
    const degrees = (text: string, parameters: string[]) =>
      parameterDegrees(parseFamily(text, { parameters }));
    expect(degrees('p*x^2 + (p - q)*x + 3', ['p', 'q'])).toEqual([[1, 1, 0]]);
    expect(degrees('p*q*x + 1', ['p', 'q'])).toEqual([[2, 0]]);
    expect(degrees('p^2*x + 1', ['p'])).toEqual([[2, 0]]);
    expect(degrees('(p + x)*(q + x) - p*q', ['p', 'q'])).toEqual([[0, 1]]);
  });
});

describe('rational coefficients', () => {
  const TERMS = 'x^2/(p - q) + 2*x/p - y/(p - q)^2 + p\n(p + 1)^-2*x*y - q/2';
  const family = parseFamily(TERMS, { parameters: ['p', 'q'] });

  it('are cleared: members are multiples of the system with the values put in', () => {
    const [p, q] = [3, -0.5];
    // The common denominators: (p - q)^2 p, and (p + 1)^2.
    const factors = [(p - q) ** 2 * p, (p + 1) ** 2];
    const { equations } = member(family, [p, q]);
    const plain = toNumeric(parseSystem(`x^2/3.5 + 2*x/3 - y/3.5^2 + 3\n4^-2*x*y + 0.25`));
    equations.forEach(({ exponents, coefficients }, i) => {
      expect(exponents).toEqual(plain.equations[i]!.exponents);
      coefficients.forEach((part, k) =>
        expect(part).toBeCloseTo(factors[i]! * plain.equations[i]!.coefficients[k]!, 12),
      );
    });
    expect(parameterDegrees(family)).toEqual([
      [2, 2, 1, 4],
      [0, 3],
    ]);
  });

  it('have no member at a pole', () => {
    expect(() => member(family, [2, 2])).toThrow(
      /equation 1 .* divides by p - q, which is 0 at these parameter values; choose others/,
    );
    expect(() => member(family, [-1, 2])).toThrow(/equation 2 .* divides by p \+ 1/);
    expect(() => exactMember(family, [0, 2])).toThrow(/divides by p,/);
  });

  it('divide by quotients and unknowns, too', () => {
    const options = { parameters: ['p'] };
    const nested = parseFamily('x/(1/p + 1) - 1', options);
    expect(member(nested, [4]).equations[0]!.coefficients).toEqual(Float64Array.of(4, 0, -5, 0));
    expect(() => member(nested, [-1])).toThrow(/divides by 1 \+ p, which is 0/);
    const both = parseFamily('1/(x*(x - p)) + 1/p - y; y - x', options);
    // p + x (x - p) - p x (x - p) y
    expect(exactMember(both, [2]).polynomials[0]!.map(({ exponents }) => exponents)).toEqual([
      [2, 1],
      [2, 0],
      [1, 1],
      [1, 0],
      [0, 0],
    ]);
    const excluded = (p: number) =>
      exactMember(both, [p]).excluded!.map((divisor) => divisor.map(({ exponents }) => exponents));
    expect(excluded(2)).toEqual([[[1, 0]], [[1, 0], [0, 0]]]); // prettier-ignore
    const vanishing = parseFamily('1/(p*x) + 1/(p*x + p^2) - 1', options);
    expect(() => member(vanishing, [0])).toThrow(/divides by .* which is 0/);
    expect(() => parseFamily('x/(p - p) - 1', options)).toThrow(/division by zero/);
  });
});

describe('memberLine', () => {
  it('gives both ends and, by the parameters on the way, everything between', () => {
    const family = parseFamily(TEXT, { parameters: PARAMETERS });
    const from = [2, [-1, 0.5], 4] as ParameterValue[];
    const to = [0.25, 3, [1, -2]] as ParameterValue[];
    const line = memberLine(family, from, to);
    expect(line).toHaveLength(3);
    expect(line[0]).toEqual(member(family, to));
    for (const tau of [0, 0.25, 0.5, 1]) {
      const complex = (value: ParameterValue) => (typeof value === 'number' ? [value, 0] : value);
      const between = to.map((end, k): ParameterValue => {
        const [a, b] = [complex(end), complex(from[k]!)];
        return [a[0] + tau * (b[0] - a[0]), a[1] + tau * (b[1] - a[1])];
      });
      member(family, between).equations.forEach(({ coefficients }, i) => {
        coefficients.forEach((part, k) => {
          const degree = parameterDegrees(family)[i]![k >> 1]!;
          let binomial = 1;
          let sum = 0;
          for (let power = 0; power <= degree; power++) {
            const weight = binomial * tau ** power * (1 - tau) ** (degree - power);
            sum += weight * line[power]!.equations[i]!.coefficients[k]!;
            binomial = (binomial * (degree - power)) / (power + 1);
          }
          expect(sum).toBeCloseTo(part, 12);
        });
      });
    }
  });
});

describe('member', () => {
  const family = parseFamily(TEXT, { parameters: PARAMETERS });

  it('is the system with the values put in, rounded once', () => {
    const part = fc.oneof(
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.constantFrom(0.1, -1e-9, 7),
    );
    const value = fc.oneof(part, fc.tuple(part, part));
    // Not denormal: toFixed(100) would cut the expansion off.
    const isWritable = (each: ParameterValue): boolean =>
      (typeof each === 'number' ? [each] : [...each]).every(
        (one) => one === 0 || Math.abs(one) > 1e-10,
      );
    const written = (each: ParameterValue): string =>
      typeof each === 'number'
        ? `(${each.toFixed(100)})`
        : `(${each[0].toFixed(100)} + (${each[1].toFixed(100)})*i)`;
    fc.assert(
      fc.property(fc.tuple(value, value, value), (values) => {
        fc.pre(values.every(isWritable));
        const text = TEXT.replace(/[pqr]/g, (name) =>
          written(values[PARAMETERS.indexOf(name)] ?? 0),
        );
        let system;
        try {
          system = parseSystem(text, { variables: ['x', 'y'] });
        } catch (error) {
          expect(error).toBeInstanceOf(SystemError);
          expect(() => member(family, values)).toThrow(SystemError);
          return;
        }
        const expected = toNumeric(system);
        member(family, values).equations.forEach(({ exponents, coefficients }, index) => {
          const equation = expected.equations[index];
          exponents.forEach((exponent, term) => {
            const other = equation?.exponents.findIndex((each) => each.join() === exponent.join());
            const [re, im] =
              other === undefined || other < 0
                ? [0, 0]
                : [equation?.coefficients[2 * other], equation?.coefficients[2 * other + 1]];
            expect([coefficients[2 * term], coefficients[2 * term + 1]]).toEqual([re, im]);
          });
        });
      }),
      { numRuns: 300, seed: 20261123, endOnFailure: true },
    );
  });

  it('keeps vanishing terms, so that all members have one support', () => {
    const general = member(family, [1.5, [0.25, -1], -2]);
    const special = member(family, [0, 1, 0]);
    special.equations.forEach(({ exponents }, index) => {
      expect(exponents).toEqual(general.equations[index]?.exponents);
    });
    // p - 7/10 r = 0, p q + 7/5 r - 1/3 = -1/3, -7/10 r = 0, q^2 = 1 | r = 0, 2i, -1/7
    expect(special.equations.map(({ coefficients }) => [...coefficients])).toEqual([
      [0, 0, -1 / 3, 0, 0, 0, 1, 0],
      [0, 0, 0, 2, -1 / 7, 0],
    ]);
  });

  it('rounds once where f64 arithmetic would cancel', () => {
    const cancelling = parseFamily('x^2 + (p^2 - 2)*x + 1', { parameters: ['p'] });
    // fl(sqrt 2)^2 - 2 = 2.7343234630647693e-16 exactly rounded (Python fractions); f64 gives 4.4e-16
    expect(member(cancelling, [Math.SQRT2]).equations[0]?.coefficients[2]).toBe(
      2.7343234630647693e-16,
    );
  });
});

describe('bad input', () => {
  const family = parseFamily('p*x^2 + q*x + 1', { parameters: ['p', 'q'] });
  it.each<[string, () => unknown, RegExp]>([
    ['missing', () => member(family, [1]), /1 values were given for 2 parameters \(p, q\)/],
    ['too many', () => member(family, [1, 2, 3]), /3 values were given for 2 parameters/],
    ['NaN', () => member(family, [1, NaN]), /parameter "q" has the value NaN/],
    ['infinite', () => member(family, [[1, -Infinity], 1]), /parameter "p".*-Infinity/],
    ['excessive', () => member(family, [1e301, 1]), /coefficient 1e\+301 at these parameter/],
    ['degenerate', () => member(family, [0, 0]), /^equation 1, at these .* is a constant/],
    ['no parameters', () => parseFamily('x - 1', { parameters: [] }), /at least one parameter/],
    [
      'both',
      () => parseFamily('p*x', { parameters: ['p'], variables: ['p'] }),
      /"p" is declared both as an unknown and as a parameter/,
    ],
    [
      'not square',
      () => parseFamily('p*x + y', { parameters: ['p'] }),
      /1 equation in 2 unknowns \(x, y\)/,
    ],
    ['constant', () => parseFamily('x\np', { parameters: ['p'] }), /equation 2 .* constant/],
    [
      'unknown symbol',
      () => parseFamily('p*x + q', { parameters: ['p'], variables: ['x'] }),
      /unknown symbol "q" \(declared: x, p\)/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(SystemError);
    expect(run).toThrow(message);
  });
});
