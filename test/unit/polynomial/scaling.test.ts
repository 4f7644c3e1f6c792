// Believed after it passes: units of the unknowns make coefficients near 1 where any do, the scaled system is the same system to the last bit, and what f64 cannot hold is refused by name. Truth: units planted by multiplying unknowns with powers of two, exact rational arithmetic on every coefficient, powers of two by BigInt, systems whose scale is plain to see.
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { rationalFromNumber } from '../../../src/math/rational.js';
import { SystemError } from '../../../src/polynomial/errors.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import { roundRational } from '../../../src/polynomial/rounding.js';
import {
  chooseScaling,
  chooseUnits,
  scaleEquations,
  scaleSystem,
  shiftExponent,
  type Scaling,
} from '../../../src/polynomial/scaling.js';
import type { NumericPolynomial, NumericSystem } from '../../../src/polynomial/system.js';
import { systems } from './random-systems.js';

const RUNS = { numRuns: 300, seed: 20261126, endOnFailure: true };
const read = (text: string): NumericSystem => toNumeric(parseSystem(text));
const unitsOf = (text: string): number[] => [...chooseUnits(read(text))];

/** In its own best units. */
function scale(system: NumericSystem): { scaling: Scaling; scaled: NumericSystem } {
  const scaling = chooseScaling(system, chooseUnits(system));
  return { scaling, scaled: scaleSystem(system, scaling) };
}

function powerOfTwo(exponent: number): Fraction {
  const power = 2n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? new Fraction(1n, power) : new Fraction(power);
}

/** Every part of every coefficient, high and low together, without rounding. */
function exactParts({ coefficients, low }: NumericPolynomial): Fraction[] {
  return Array.from(coefficients, (part, k) =>
    rationalFromNumber(part).add(rationalFromNumber(low?.[k] ?? 0)),
  );
}

/** f(2^u y) 2^v, coefficient by coefficient, is the scaled system; nothing is rounded. */
function expectSame(system: NumericSystem, scaled: NumericSystem, scaling: Scaling): void {
  expect(scaled.variables).toEqual(system.variables);
  system.equations.forEach((equation, i) => {
    const other = scaled.equations[i]!;
    expect(other.exponents).toEqual(equation.exponents);
    const before = exactParts(equation);
    exactParts(other).forEach((part, k) => {
      const shift = equation.exponents[k >> 1]!.reduce(
        (sum, exponent, j) => sum + exponent * scaling.units[j]!,
        scaling.equations[i]!,
      );
      expect(part.equals(before[k]!.mul(powerOfTwo(shift)))).toBe(true);
    });
  });
}

/** log2 of the moduli of all coefficients that are not 0, by equation. */
function logarithms(system: NumericSystem): number[][] {
  return system.equations.map(({ exponents, coefficients }) =>
    exponents.flatMap((_, term) => {
      const modulus = Math.hypot(coefficients[2 * term]!, coefficients[2 * term + 1]!);
      return modulus > 0 ? [Math.log2(modulus)] : [];
    }),
  );
}

const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

describe('units', () => {
  it('are the size of the solutions where there is one size', () => {
    // 10^2 = 2^6.6, 10^-6 = 2^-19.9
    expect(unitsOf('x^6 - 10^12')).toEqual([7]);
    expect(unitsOf('1e12*x^2 - 1\n1e-12*y^2 - 1')).toEqual([-20, 20]);
    expect(unitsOf('x - 3')).toEqual([2]);
    expect(unitsOf('x*y - 1e-9\ny - 1e6')).toEqual([-50, 20]);
    expect(unitsOf('x^2 + y^2 - 1\nx*y - 1')).toEqual([0, 0]);
  });

  it('of two circles in map coordinates are kilometres, not metres', () => {
    const text = (x: number, y: number, r: number) => `(x - ${x})^2 + (y - ${y})^2 - ${r}^2`;
    const circles = read(`${text(431_200, 5_812_300, 900)}\n${text(432_000, 5_812_900, 1200)}`);
    const { scaling, scaled } = scale(circles);
    expectSame(circles, scaled, scaling);
    // Easting and northing, 4.3e5 = 2^18.7 and 5.8e6 = 2^22.5: within a factor 16 of both.
    for (const unit of scaling.units) {
      expect(unit).toBeGreaterThanOrEqual(18);
      expect(unit).toBeLessThanOrEqual(24);
    }
    const before = Math.max(...logarithms(circles).map(spread));
    const after = Math.max(...logarithms(scaled).map(spread));
    expect(before).toBeGreaterThan(44);
    expect(after).toBeLessThan(9);
  });

  it('that were planted are found again', () => {
    const planted = fc.tuple(
      fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 3, maxLength: 3 }),
      fc.array(fc.constantFrom(1, -1), { minLength: 30, maxLength: 30 }),
      fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 3 }),
    );
    const exponents = [0, 1, 2].flatMap((a) =>
      [0, 1, 2].flatMap((b) => [0, 1, 2].map((c) => [a, b, c])),
    );
    const quadratic = exponents.filter((each) => each.reduce((sum, e) => sum + e, 0) <= 2);
    expect(quadratic).toHaveLength(10);
    fc.assert(
      fc.property(planted, ([units, signs, factors]) => {
        const system: NumericSystem = {
          variables: ['x', 'y', 'z'],
          equations: factors.map((factor, i) => ({
            exponents: quadratic,
            coefficients: Float64Array.from(
              quadratic.flatMap((each, term) => [
                signs[10 * i + term]! *
                  2 ** (factor - each.reduce((sum, e, j) => sum + e * units[j]!, 0)),
                0,
              ]),
            ),
          })),
        };
        const { scaling, scaled } = scale(system);
        expectSame(system, scaled, scaling);
        // The ridge draws units towards 0, by 0.4% at most here.
        scaling.units.forEach((unit, j) => {
          expect(Math.abs(unit - units[j]!)).toBeLessThanOrEqual(1);
        });
        // One power of two a variable, to the degree 2, on either side.
        for (const row of logarithms(scaled)) expect(spread(row)).toBeLessThanOrEqual(4);
      }),
      RUNS,
    );
  });

  it('undo a multiplication of the unknowns: the same units, the same coefficients', () => {
    let undone = 0;
    let runs = 0;
    fc.assert(
      fc.property(
        systems,
        fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 3, maxLength: 3 }),
        (exact, shifts) => {
          const system = toNumeric(exact);
          const moved = scaleSystem(system, {
            units: Int32Array.from(shifts),
            equations: new Int32Array(3),
          });
          const [own, other] = [scale(system), scale(moved)];
          const total = Array.from(other.scaling.units, (unit, j) => unit + shifts[j]!);
          runs += 1;
          if (!total.every((unit, j) => unit === own.scaling.units[j])) return;
          undone += 1;
          expect(other.scaled).toEqual(own.scaled);
        },
      ),
      RUNS,
    );
    // What no coefficient tells apart is held back by the ridge; most systems come back.
    expect(undone / runs, `${undone} of ${runs}`).toBeGreaterThan(0.7);
  });

  it('in use are kept while they are within a factor 8 of the best', () => {
    const system = read('x^2 - 1e12\nx*y - 1');
    const best = chooseUnits(system);
    expect([...best]).toEqual([20, -20]);
    for (const away of [-3, -1, 0, 2, 3]) {
      const near = Int32Array.of(20 + away, -20 - away);
      expect(chooseUnits(system, near)).toBe(near);
    }
    for (const away of [-4, 4, 17]) {
      expect(chooseUnits(system, Int32Array.of(20 + away, -20))).toEqual(best);
      expect(chooseUnits(system, Int32Array.of(20, -20 + away))).toEqual(best);
    }
  });

  it('are those in use, or 1, where no coefficient says anything', () => {
    const monomials = read('x*y\ny^2');
    expect([...chooseUnits(monomials)]).toEqual([0, 0]);
    const near = Int32Array.of(5, -70);
    expect(chooseUnits(monomials, near)).toBe(near);
  });

  it('are 1 for coefficients that are all equal, whatever they are', () => {
    for (const size of ['1', '3', '1e-250', '7e290', '(2 - 2*i)']) {
      const system = read(`${size}*(x^2*y + x + y + 1)\n${size}*(x*y^3 - x - 1)`);
      const { scaling, scaled } = scale(system);
      expect([...scaling.units]).toEqual([0, 0]);
      expectSame(system, scaled, scaling);
      for (const row of logarithms(scaled)) {
        expect(spread(row)).toBe(0);
        expect(row[0]).toBeGreaterThanOrEqual(0);
        expect(row[0]).toBeLessThan(4);
      }
    }
  });

  it('of an unknown that some equations lack come from the others', () => {
    const equations = ['x^2 - 1e10', 'x*z - y', 'y - 1e-4*z^2'];
    const { scaling, scaled } = scale(
      toNumeric(parseSystem({ variables: ['x', 'y', 'z'], equations })),
    );
    // x = 1e5; z = y / x and y = 1e-4 z^2: z = 1e9, y = 1e14
    const sizes = [5, 14, 9].map((decades) => decades * Math.log2(10));
    sizes.forEach((size, j) => {
      expect(Math.abs(scaling.units[j]! - size)).toBeLessThan(2);
    });
    for (const row of logarithms(scaled)) expect(spread(row)).toBeLessThan(4);
  });

  it('see the modulus of complex coefficients', () => {
    expect(unitsOf('(3 + 4*i)*1e11*x^2 - 1')).toEqual(unitsOf('4e11*x^2 - 1'));
    expect(unitsOf('1e12*i*x^2 - i\n(1 + i)*1e-12*y^2 - 1')).toEqual([-20, 20]);
  });
});

describe('the scaled system', () => {
  it('is the same system to the last bit, low parts included', () => {
    let withLow = 0;
    fc.assert(
      fc.property(systems, (exact) => {
        const system = toNumeric(exact);
        const { scaling, scaled } = scale(system);
        expectSame(system, scaled, scaling);
        withLow += Number(scaled.equations.some(({ low }) => low));
        // Equations are multiplied so that the largest part of a coefficient is between 1/8 and 16.
        for (const { coefficients } of scaled.equations) {
          const largest = Math.max(...coefficients.map(Math.abs));
          expect(largest).toBeGreaterThanOrEqual(2 ** -3);
          expect(largest).toBeLessThan(2 ** 4);
        }
        const equationsOnly = scaleEquations(system);
        expectSame(
          system,
          equationsOnly,
          chooseScaling(system, new Int32Array(system.variables.length)),
        );
      }),
      RUNS,
    );
    expect(withLow).toBeGreaterThan(100);
  });

  it('keeps solutions: f(x) = 0 exactly where the scaled system is 0 at x / 2^u', () => {
    const system = read('x^2 - 2^60\n3*x*y - 3*2^-10');
    const { scaling, scaled } = scale(system);
    const [x, y] = [2 ** 30, 2 ** -40].map((value, j) => value * 2 ** -scaling.units[j]!);
    const powers = ([a, b]: readonly number[]) =>
      rationalFromNumber(x!).pow(a!).mul(rationalFromNumber(y!).pow(b!));
    for (const equation of scaled.equations) {
      const parts = exactParts(equation);
      const value = equation.exponents.reduce(
        (sum, exponents, term) => sum.add(parts[2 * term]!.mul(powers(exponents))),
        new Fraction(0),
      );
      expect(value.equals(0)).toBe(true);
    }
  });

  it('leaves alone what is near 1 already: not even a copy is made', () => {
    const system = read('x^2 + 9*x*y - 1\ny^2 + x/5 - 1/3');
    expect(scaleEquations(system).equations.map((each, i) => each === system.equations[i])).toEqual(
      [true, true],
    );
  });

  it.each([
    'x - 1e300',
    '1e300*x^2 - 1',
    '1e-300*x + 1',
    '1e-300*x^2 - 1e300',
    '1e300*x*y - 1e-300\nx - y',
    '1e-300*x^3 + x^2 + 1e100*x - 1',
    '1e-300*x + 1e-300\n1e300*y^2 + 1e300',
  ])('holds coefficients from 1e-300 to 1e300: %s', (text) => {
    const system = read(text);
    const { scaling, scaled } = scale(system);
    expectSame(system, scaled, scaling);
    for (const row of logarithms(scaled)) expect(Math.max(...row)).toBeLessThan(4.5);
  });

  it('marks a low part that becomes too small for f64, instead of dropping it', () => {
    const system = read('x/3 - 1');
    const scaling = { units: Int32Array.of(0), equations: Int32Array.of(-1020) };
    const { coefficients, low } = scaleSystem(system, scaling).equations[0]!;
    expect(coefficients[0]).toBe((1 / 3) * 2 ** -1020);
    expect(low![0]).toBe(Number.MIN_VALUE);
    expect(low![2]).toBe(0);
    const negative = scaleSystem(read('-x/3 - 1'), scaling).equations[0]!;
    expect(negative.low![0]).toBe(-Number.MIN_VALUE);
  });

  it.each([
    ['equation 1', '1e-300*x^2 + 1e300*x + 1e-300'],
    // Among all units the spread is least, 2^1330, with x = 2^330 y.
    ['equation 1', '1e-300*x^3 + x^2 + 1e300*x - 1'],
    ['equation 2', 'x*y - 1\n1e300*x^2 + 1e-300*x*y + 1e300*y^2 + x - 1e300'],
    ['equation 3', 'x - 1\ny - 1\n1e-290*z + 1e290*x*z + 1e-290*x^2*z + 1e290*x^3*z - 1'],
  ])('that f64 cannot hold is refused, naming %s', (label, text) => {
    const run = () => scale(read(text));
    expect(run).toThrow(SystemError);
    expect(run).toThrow(new RegExp(`^${label} has coefficients that differ by more than`));
  });

  it('keeps coefficients that are 0, as members of families have them', () => {
    const equation: NumericPolynomial = {
      exponents: [[2], [1], [0]],
      coefficients: Float64Array.of(1, 0, 0, 0, -1e12, 0),
    };
    const system: NumericSystem = { variables: ['x'], equations: [equation] };
    const { scaling, scaled } = scale(system);
    expect([...scaling.units]).toEqual([20]);
    expectSame(system, scaled, scaling);
    expect([...scaled.equations[0]!.coefficients.subarray(2, 4)]).toEqual([0, 0]);
  });
});

describe('shiftExponent', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  const shift = fc.oneof(
    fc.integer({ min: -60, max: 60 }),
    fc.integer({ min: -2200, max: 2200 }),
    fc.constantFrom(-1075, -1074, -1022, -1001, -1000, -999, 999, 1000, 1001, 1023, 1024, 2098),
  );

  it('is value * 2^shift: exact where f64 can hold it, else the next number or infinity', () => {
    fc.assert(
      fc.property(any, shift, (value, by) => {
        const exact = rationalFromNumber(value).mul(powerOfTwo(by));
        const expected = roundRational(exact);
        const found = shiftExponent(value, by);
        if (Math.abs(expected) >= 2 ** -1022) expect(found).toBe(expected);
        // Below, the last bit of a subnormal number is all that may be lost.
        else expect(Math.abs(found - expected)).toBeLessThanOrEqual(Number.MIN_VALUE);
      }),
      { ...RUNS, numRuns: 3000 },
    );
  });

  it('comes back from the far ends of the range', () => {
    expect(shiftExponent(Number.MIN_VALUE, 2097)).toBe(2 ** 1023);
    expect(shiftExponent(2 ** 1023, -2097)).toBe(Number.MIN_VALUE);
    expect(shiftExponent(1.5, 1023)).toBe(1.5 * 2 ** 1023);
    expect(shiftExponent(1, 1024)).toBe(Infinity);
    expect(shiftExponent(-1, 5000)).toBe(-Infinity);
    expect(shiftExponent(1, -1075)).toBe(0);
    expect(shiftExponent(1.5, -1074)).toBe(2 * Number.MIN_VALUE);
  });

  it('leaves 0, infinity and NaN as they are', () => {
    for (const by of [-5000, -1, 0, 1, 5000]) {
      expect(shiftExponent(0, by)).toBe(0);
      expect(Object.is(shiftExponent(-0, by), -0)).toBe(true);
      expect(shiftExponent(Infinity, by)).toBe(Infinity);
      expect(shiftExponent(-Infinity, by)).toBe(-Infinity);
      expect(shiftExponent(NaN, by)).toBeNaN();
    }
  });
});
