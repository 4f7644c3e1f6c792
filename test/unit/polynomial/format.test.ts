// Believed after it passes: a system written as text, JSON or PHCpack's format reads back as the same system, exactly, and writing is stable. Truth: the system before it was written; texts worked out by hand; numbers that PHCpack 2.4.86 was seen to read right.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSystem } from '../../../src/polynomial/format.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import type { PolynomialSystem } from '../../../src/polynomial/system.js';
import { picture, systems } from './random-systems.js';

const RUNS = { numRuns: 200, seed: 20261123, endOnFailure: true };

describe('round trips of random systems', () => {
  it.each(['text', 'json'] as const)('%s is exact and stable', (format) => {
    fc.assert(
      fc.property(systems, (system) => {
        const written = formatSystem(system, format);
        const read = parseSystem(written, { format, name: 'random' });
        expect(picture(read)).toEqual(picture(system));
        expect(formatSystem(read, format)).toBe(written);
        // The format is found without being told.
        expect(picture(parseSystem(written))).toEqual(picture(system));
      }),
      RUNS,
    );
  });

  it('phc keeps supports and order, and every coefficient to its nearest f64', () => {
    fc.assert(
      fc.property(systems, (system) => {
        const written = formatSystem(system, 'phc');
        const read = parseSystem(written);
        const parts = (each: PolynomialSystem) =>
          toNumeric(each).equations.map(({ exponents, coefficients }) => ({
            exponents,
            coefficients,
          }));
        expect(parts(read)).toEqual(parts(system));
        expect(formatSystem(read, 'phc')).toBe(written);
        // PHCpack misreads longer runs of digits.
        for (const number of written.match(/[\d.]+/g) ?? []) {
          expect(number.replace('.', '').length).toBeLessThanOrEqual(18);
        }
      }),
      RUNS,
    );
  });

  it('text to system to text settles after one pass', () => {
    const text = '(x + 2*y)^2 = 0.5\n3/4*x*y**3 - 1e-3*i*x';
    const once = formatSystem(parseSystem(text), 'text');
    expect(once).toBe('x^2 + 4*x*y + 4*y^2 - 1/2\n3/4*x*y^3 - 1/1000*i*x\n');
    expect(formatSystem(parseSystem(once), 'text')).toBe(once);
  });
});

describe('forms', () => {
  it('writes coefficients the short way', () => {
    const system = parseSystem(
      `(3/2 - 2*i)*x^2*y - 2*i*x - 5e290*y + (1/3 - i)
       5e-24*x^5 + 0.00000000123456789*y^5 - 0.9167144057621401*y^3 + i*y^2 - x*y - x/4096`,
    );
    expect(formatSystem(system, 'text')).toBe(
      '(3/2 - 2*i)*x^2*y - 2*i*x - 5e290*y + (1/3 - i)\n' +
        '5e-24*x^5 + 1.23456789e-9*y^5 - 0.9167144057621401*y^3 - x*y + i*y^2 - 0.000244140625*x\n',
    );
  });

  it('keeps the order of unknowns by naming all of them first', () => {
    const system = parseSystem({ variables: ['a', 'b', 'c'], equations: ['-b', 'a*b', 'a - 1'] });
    expect(formatSystem(system, 'phc')).toBe('3\na + b + c - a - b - c - b;\na*b;\na - 1;\n');
    expect(parseSystem(formatSystem(system, 'phc')).variables).toEqual(['a', 'b', 'c']);
  });

  it('writes JSON with name, unknowns and degrees', () => {
    const written = formatSystem(parseSystem('x*y - i\ny - 3', { name: 'pair' }), 'json');
    expect(JSON.parse(written)).toEqual({
      name: 'pair',
      variables: ['x', 'y'],
      equations: ['x*y - i', 'y - 3'],
      degrees: [2, 1],
    });
  });

  it('writes unknowns named like numbers in JSON only', () => {
    const system = parseSystem({ variables: ['i'], equations: ['I*i^2 - 1'] });
    expect(picture(parseSystem(formatSystem(system, 'json')))).toEqual(picture(system));
    expect(() => formatSystem(system, 'text')).toThrow(
      /"i" would be read back as a number from text/,
    );
    expect(() => formatSystem(system, 'phc')).toThrow(/write json/);
    const both = parseSystem({ variables: ['i', 'I'], equations: ['i - 1', 'I - 2'] });
    expect(picture(parseSystem(formatSystem(both, 'json')))).toEqual(picture(both));
  });
});
