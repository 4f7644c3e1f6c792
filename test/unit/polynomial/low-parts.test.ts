// Believed after it passes: rounding keeps what it takes away: high and low part together are right to 32 digits, and a low part of 0 means that nothing was rounded; for systems, members of families and derived coefficients alike. Truth: exact rational arithmetic on the parts.
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { recordHomotopy } from '../../../src/homotopy/program/record-homotopy.js';
import { deriveData } from '../../../src/homotopy/program/record-system.js';
import { rationalFromNumber } from '../../../src/math/rational.js';
import { exactMember, member, parseFamily } from '../../../src/polynomial/family.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import {
  roundRational,
  splitQuotient,
  splitRational,
  type Split,
} from '../../../src/polynomial/rounding.js';
import type { NumericSystem, PolynomialSystem } from '../../../src/polynomial/system.js';
import { systems } from './random-systems.js';

const RUNS = { numRuns: 500, seed: 20261126, endOnFailure: true };
/** Half a unit in the last place of a double-double, 2^-53 of 2^-53, with a bit to spare. */
const PRECISION = new Fraction(1n, 2n ** 105n);
/** Below this the low part of a number may be subnormal and have fewer digits. */
const LOW_IS_NORMAL = 2 ** -960;

const sumOf = ([high, low]: Split): Fraction =>
  rationalFromNumber(high).add(rationalFromNumber(low));

/** value = high + low to `precision`, high is the nearest f64, and low is 0 only when high is exact. */
function expectSplit(value: Fraction, split: Split, precision = PRECISION): void {
  const [high, low] = split;
  expect(high).toBe(roundRational(value));
  const isExact = rationalFromNumber(high).equals(value);
  expect(low === 0, `${high} + ${low}`).toBe(isExact);
  const error = value.sub(sumOf(split)).abs();
  if (Math.abs(high) > LOW_IS_NORMAL) {
    expect(error.lte(value.abs().mul(precision)), `${high} + ${low}`).toBe(true);
  } else {
    // The smallest number stands for whatever is left.
    const bound = rationalFromNumber(Math.abs(low) * 2 ** -53).add(
      rationalFromNumber(Number.MIN_VALUE),
    );
    expect(error.lte(bound), `${high} + ${low}`).toBe(true);
  }
}

/** The low parts of a system, 0 where there are none. */
function splitsOf(system: NumericSystem): Split[][] {
  return system.equations.map(({ coefficients, low }) =>
    Array.from(coefficients, (high, k): Split => [high, low?.[k] ?? 0]),
  );
}

function expectRounded(system: NumericSystem, exact: PolynomialSystem): void {
  const splits = splitsOf(system);
  exact.polynomials.forEach((terms, i) => {
    const { exponents, low } = system.equations[i]!;
    terms.forEach(({ exponents: own, coefficient }) => {
      const term = exponents.findIndex((each) => each.join() === own.join());
      expectSplit(coefficient.re, splits[i]![2 * term]!);
      expectSplit(coefficient.im, splits[i]![2 * term + 1]!);
    });
    // Absent when all parts are 0.
    expect(low?.every((part) => part === 0) ?? false).toBe(false);
  });
}

describe('splitting a quotient', () => {
  const numerator = fc.oneof(
    fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }),
    fc.bigInt({ min: -(10n ** 400n), max: 10n ** 400n }),
  );
  const denominator = fc.oneof(
    fc.bigInt({ min: 1n, max: 1000n }),
    fc.bigInt({ min: 1n, max: 10n ** 300n }),
    fc.constantFrom(2n ** 53n, 10n ** 22n, 3n ** 200n, 2n ** 1074n),
  );

  it('keeps 32 digits, and nothing is left exactly where the low part is 0', () => {
    let exact = 0;
    fc.assert(
      fc.property(numerator, denominator, (above, below) => {
        const value = new Fraction(above, below);
        if (value.abs().gte(rationalFromNumber(2 ** 1023))) return;
        const split = splitQuotient(above, below);
        expectSplit(value, split);
        expect(splitRational(value)).toEqual(split);
        exact += Number(split[1] === 0);
      }),
      { ...RUNS, numRuns: 2000 },
    );
    expect(exact).toBeGreaterThan(20);
  });

  it('is nothing but the number for every f64', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const split = splitRational(rationalFromNumber(value));
        expect(split).toEqual([value === 0 ? 0 : value, 0]);
      }),
      RUNS,
    );
  });

  it('of two f64 gives both back', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 2, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (high, part) => {
          const low = part * 2 ** -54;
          const split = splitRational(rationalFromNumber(high).add(rationalFromNumber(low)));
          // Next to a power of two the nearest f64 is another one.
          expect(sumOf(split).equals(rationalFromNumber(high).add(rationalFromNumber(low)))).toBe(
            true,
          );
          if (high > 1) expect(split).toEqual([high, low === 0 ? 0 : low]);
        },
      ),
      RUNS,
    );
  });

  it.each<[string, bigint, bigint, Split]>([
    // 1/3 = fl(1/3) + 2^-54 / 3, as fl(1/3) = (2^54 - 1) / (3 2^54)
    ['1/3', 1n, 3n, [1 / 3, 2 ** -54 / 3]],
    ['-2/3', -2n, 3n, [-2 / 3, -(2 ** -53) / 3]],
    // fl(0.1) = 3602879701896397 / 2^55, and 2^55 - 10 * 3602879701896397 = -2
    ['1/10', 1n, 10n, [0.1, -(2 ** -54) / 10]],
    ['2^53 + 1', 2n ** 53n + 1n, 1n, [2 ** 53, 1]],
    ['2^200 - 1', 2n ** 200n - 1n, 1n, [2 ** 200, -1]],
    ['5/8', 5n, 8n, [0.625, 0]],
    ['0', 0n, 7n, [0, 0]],
  ])('%s', (_, above, below, expected) => {
    expect(splitQuotient(above, below)).toEqual(expected);
  });

  it('says that something is left where it is too small for f64', () => {
    expect(splitQuotient(1n, 3n * 2n ** 1060n)[1]).not.toBe(0);
    expect(splitQuotient(3n * 2n ** 60n + 1n, 2n ** 1100n)).toEqual([
      3 * 2 ** -1040,
      Number.MIN_VALUE,
    ]);
    expect(splitQuotient(3n * 2n ** 60n - 1n, 2n ** 1100n)).toEqual([
      3 * 2 ** -1040,
      -Number.MIN_VALUE,
    ]);
  });
});

describe('a system', () => {
  it('has the low parts of its exact coefficients', () => {
    fc.assert(
      fc.property(systems, (exact) => {
        const system = toNumeric(exact);
        const splits = splitsOf(system);
        exact.polynomials.forEach((terms, i) =>
          terms.forEach(({ coefficient }, term) => {
            expectSplit(coefficient.re, splits[i]![2 * term]!);
            expectSplit(coefficient.im, splits[i]![2 * term + 1]!);
          }),
        );
        for (const { low } of system.equations) {
          expect(low?.every((part) => part === 0) ?? false).toBe(false);
        }
      }),
      { ...RUNS, numRuns: 200 },
    );
  });

  it('of f64 coefficients has none', () => {
    const { equations } = toNumeric(parseSystem('x^2 - 0.5*x + 2^-900\n3*y + 2^52*x - 7*i'));
    expect(equations.map(({ low }) => low)).toEqual([undefined, undefined]);
  });

  it('of decimals, thirds and 400 digits has them', () => {
    const digits = (seed: number) =>
      Array.from({ length: 400 }, (_, k) => ((k + 1) * (k + seed) + seed) % 10).join('');
    const scale = `10^-${250}`;
    const text = `0.1*x^2 + 1/3*x + ${digits(7)}/${digits(3)}\n${digits(7)}*${scale}*y + 1.1*i*x - 2`;
    const exact = parseSystem(text);
    const system = toNumeric(exact);
    expectRounded(system, exact);
    expect(system.equations[0]!.low!.filter((part) => part !== 0)).toHaveLength(3);
    const [first] = splitsOf(system);
    expect(first!.slice(0, 3)).toEqual([
      [0.1, -(2 ** -54) / 10],
      [0, 0],
      [1 / 3, 2 ** -54 / 3],
    ]);
  });
});

describe('a member of a family', () => {
  const family = parseFamily(
    'p*x^2 + (p*q - 1/3)*x*y + q^2 - 0.7*r*(x - y)^2\nr*x + (p + 2*i*q)*y - q/7',
    { parameters: ['p', 'q', 'r'] },
  );
  const part = fc.double({ min: -3, max: 3, noNaN: true });
  const value = fc.oneof(part, fc.constantFrom(0, 0.1, 1, -2), fc.tuple(part, part));

  it('has the low parts of the exact member', () => {
    let withLow = 0;
    fc.assert(
      fc.property(fc.tuple(value, value, value), (values) => {
        // An equation that vanishes is refused: family.test.ts.
        fc.pre(values.every((each) => each !== 0));
        const system = member(family, values);
        expectRounded(system, exactMember(family, values));
        withLow += system.equations.filter(({ low }) => low).length;
      }),
      RUNS,
    );
    expect(withLow).toBeGreaterThan(RUNS.numRuns);
  });

  it('keeps vanishing terms without low parts, and the exact one leaves them out', () => {
    const values = [0, 1, 0];
    const system = member(family, values);
    // p q - 1/3 = -1/3 and -q / 7 are the only ones that are rounded.
    const rounded = splitsOf(system).map((row) => row.flatMap(([, low], k) => (low ? [k] : [])));
    const exact = exactMember(family, values);
    expect(exact.polynomials.map((terms) => terms.map((term) => term.exponents.join()))).toEqual([
      ['1,1', '0,0'],
      ['0,1', '0,0'],
    ]);
    expect(exact.polynomials[0]![0]!.coefficient.re.toFraction()).toBe('-1/3');
    const terms = system.equations.map(({ exponents }) => exponents.map((each) => each.join()));
    expect(rounded).toEqual([[2 * terms[0]!.indexOf('1,1')], [2 * terms[1]!.indexOf('0,0')]]);
    expectRounded(system, exact);
  });

  it('is exact at f64 values where nothing has to be rounded', () => {
    const whole = parseFamily('p*x^2 + p*q*x - q', { parameters: ['p', 'q'] });
    const { equations } = member(whole, [3, [0.25, -7]]);
    expect([...equations[0]!.coefficients]).toEqual([3, 0, 0.75, -21, -0.25, 7]);
    expect(equations[0]!.low).toBeUndefined();
    // p q = (1 + 2^-52)^2 = 1 + 2^-51 + 2^-104
    const near = 1 + 2 ** -52;
    const [equation] = member(whole, [near, near]).equations;
    expect([equation!.coefficients[2], equation!.low![2]]).toEqual([1 + 2 ** -51, 2 ** -104]);
  });
});

describe('derived coefficients', () => {
  const MULTIPLE = new Fraction(1n, 2n ** 104n);
  /** Data of the terms of one unknown, all of them there because none counts as structure. */
  function derive(system: NumericSystem, degree: number) {
    const parameterDegrees = system.equations.map(({ exponents }) => exponents.map(() => 0));
    const options = { groups: [[0]], degrees: [[degree]], parameterDegrees };
    const { derived, program } = recordHomotopy(system, { kind: 'parameters' }, options);
    return { derived, ...deriveData({ derived, rules: program.rules }, [system]) };
  }

  /** Terms c x^e of one unknown, and what differentiation makes of them. */
  function expectDerived(system: NumericSystem, degree: number): number {
    const derived = derive(system, degree);
    const [splits] = splitsOf(system);
    let rounded = 0;
    derived.derived.forEach(({ term, multiplier }, k) => {
      for (const part of [0, 1]) {
        const expected = sumOf(splits![2 * term + part]!).mul(multiplier);
        const split: Split = [derived.high[2 * k + part]!, derived.low[2 * k + part]!];
        const error = expected.sub(sumOf(split)).abs();
        expect(error.lte(expected.abs().mul(MULTIPLE)), `${split.join(' + ')}`).toBe(true);
        // Rounded to nearest: the low part is at most half a unit in the last place.
        expect(Math.abs(split[1])).toBeLessThanOrEqual(Math.abs(split[0]) * 2 ** -53);
        const isExact = rationalFromNumber(split[0]).equals(expected);
        // Parts of a coefficient that was rounded itself never count as exact.
        const wasRounded = splits![2 * term + part]![1] !== 0;
        if (split[1] === 0) expect(isExact && !wasRounded).toBe(true);
        else expect(isExact && !wasRounded).toBe(false);
        rounded += Number(split[1] !== 0);
      }
    });
    return rounded;
  }

  it('are exponent times coefficient to 31 digits, and exact where they say so', () => {
    const coefficient = fc.tuple(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.constantFrom(1n, 3n, 7n, 10n ** 15n, 2n ** 70n, 10n ** 250n),
    );
    let rounded = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coefficient, coefficient), { minLength: 1, maxLength: 8 }),
        (coefficients) => {
          const parts = coefficients.flatMap((pair) =>
            pair.map(([above, below]) => splitQuotient(above, below)),
          );
          const system: NumericSystem = {
            variables: ['x'],
            equations: [
              {
                exponents: coefficients.map((_, term) => [7 * term + 1]),
                coefficients: Float64Array.from(parts, ([high]) => high),
                low: Float64Array.from(parts, ([, low]) => low),
              },
            ],
          };
          rounded += expectDerived(system, 64);
        },
      ),
      { ...RUNS, numRuns: 300 },
    );
    expect(rounded).toBeGreaterThan(1000);
  });

  it('of f64 coefficients are right, too, with nothing left over where the product fits', () => {
    const [small, large] = [3, 1 + 2 ** -52];
    const system: NumericSystem = {
      variables: ['x'],
      equations: [{ exponents: [[5], [3]], coefficients: Float64Array.of(small, 0, large, 0) }],
    };
    const { derived, high, low } = derive(system, 5);
    const found = derived.map(({ term, multiplier }, k) => [
      `${term} ${multiplier}`,
      high[2 * k],
      low[2 * k],
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['0 5', 15, 0],
        // 3 (1 + 2^-52) = 3 + 3 2^-52 lies between 3 + 2^-51 and 3 + 2^-50.
        ['1 3', 3 + 2 ** -50, -(2 ** -52)],
        ['1 2', 2 + 2 ** -51, 0],
      ]),
    );
    expectDerived(system, 5);
  });
});
