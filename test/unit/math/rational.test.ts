// Believed after it passes: rationals from f64 are exact and decimals mean what they say. Truth: the definition (exact powers of two, powers of ten), and round trips of f64 through division of big integers that are exact by construction.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rationalFromDecimal, rationalFromNumber } from '../../../src/math/rational.js';

it('an f64 is its exact dyadic value', () => {
  expect(rationalFromNumber(0.1).toFraction()).toBe('3602879701896397/36028797018963968');
  expect(rationalFromNumber(-0.75).toFraction()).toBe('-3/4');
  expect(rationalFromNumber(1e22).toFraction()).toBe('10000000000000000000000');
  expect(rationalFromNumber(Number.MIN_VALUE).d).toBe(2n ** 1074n);
  expect(rationalFromNumber(-0).n).toBe(0n);
});

it('every finite f64 comes back', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
      (value) => {
        const { s, n, d } = rationalFromNumber(value);
        const power = d.toString(2).length - 1;
        expect(d).toBe(2n ** BigInt(power));
        // n < 2^53, and the two halves of the power keep the scaling exact down to subnormals.
        const half = Math.floor(power / 2);
        expect(Number(s) * (Number(n) * 2 ** -half * 2 ** -(power - half))).toBe(
          value === 0 ? 0 : value,
        );
      },
    ),
  );
});

it('a decimal is the fraction a person means', () => {
  for (const [text, fraction] of [
    [0.01, '1/100'],
    [-0.1, '-1/10'],
    ['1.50', '3/2'],
    ['.5', '1/2'],
    ['5.', '5'],
    [1e-7, '1/10000000'],
    [' +2.5e3 ', '2500'],
    [1e21, '1000000000000000000000'],
    [0, '0'],
  ] as const) {
    expect(rationalFromDecimal(text).toFraction()).toBe(fraction);
  }
});

it.each([NaN, Infinity])('refuses %s', (value) => {
  expect(() => rationalFromNumber(value)).toThrow(RangeError);
  expect(() => rationalFromDecimal(value)).toThrow(RangeError);
});

it.each(['', '.', 'e5', '1e', '1/2', '0x10', '1,5', '--1', '1e99999'])('refuses "%s"', (text) => {
  expect(() => rationalFromDecimal(text)).toThrow(/a decimal number was needed/);
});
