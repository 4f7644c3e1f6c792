/**
 * Believed afterwards: the statements compute what the methods say, equal expressions are written once,
 * and no statement is deeper than a parser takes. The truth: the statements run as JavaScript, beside
 * complex arithmetic written out.
 */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  literal,
  StraightLine,
  type ComplexValue,
  type MaybeZero,
} from '../../../../src/homotopy/gpu/straight-line.js';
import { randomNumbers } from '../examples.js';

type Complex = readonly [number, number];

/** The values of expressions after the statements, in f64. */
function evaluate(
  code: StraightLine,
  inputs: Readonly<Record<string, number>>,
  value: MaybeZero,
): Complex {
  if (value === null) return [0, 0];
  const script = [...code.statements(), `[${value.re}, ${value.im ?? 0}]`].join('\n');
  return runInNewContext(script.replaceAll(/(\d)f\b/g, '$1'), {
    ...inputs,
    max: Math.max,
    min: Math.min,
  }) as Complex;
}

const complex = (name: string): ComplexValue => ({ re: `${name}r`, im: `${name}i` });
const real = (name: string): ComplexValue => ({ re: `${name}r`, im: null });
const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];

function inputs(names: string, seed: number): Record<string, number> {
  const random = randomNumbers(seed);
  return Object.fromEntries(
    [...names].flatMap((name) => [
      [`${name}r`, random()],
      [`${name}i`, random()],
    ]),
  );
}

function expectNear(actual: Complex, expected: Complex): void {
  expect(actual[0]).toBeCloseTo(expected[0], 12);
  expect(actual[1]).toBeCloseTo(expected[1], 12);
}

describe('values', () => {
  const given = inputs('xyz', 7);
  const [x, y, z] = ['x', 'y', 'z'].map((name): Complex => [
    given[`${name}r`]!,
    given[`${name}i`]!,
  ]);

  it('products of complex and real numbers, and squares', () => {
    const code = new StraightLine('t');
    expectNear(evaluate(code, given, code.mul(complex('x'), complex('y'))), times(x!, y!));
    expectNear(evaluate(code, given, code.mul(real('x'), complex('y'))), times([x![0], 0], y!));
    expectNear(evaluate(code, given, code.mul(complex('x'), complex('x'))), times(x!, x!));
    expect(code.mul(real('x'), real('y')).im).toBeNull();
  });

  it('powers', () => {
    const code = new StraightLine('t');
    let expected: Complex = [1, 0];
    for (let exponent = 0; exponent <= 9; exponent++) {
      expectNear(evaluate(code, given, code.power(complex('x'), exponent)), expected);
      expected = times(expected, x!);
    }
  });

  it('reciprocals', () => {
    const code = new StraightLine('t');
    const inverse = evaluate(code, given, code.reciprocal(complex('x')));
    expectNear(times(inverse, x!), [1, 0]);
    expectNear(evaluate(code, given, code.reciprocal(real('x'))), [1 / x![0], 0]);
  });

  it('x - y z, and signed sums', () => {
    const code = new StraightLine('t');
    const product = times(y!, z!);
    expectNear(evaluate(code, given, code.mulSub(complex('x'), complex('y'), complex('z'))), [
      x![0] - product[0],
      x![1] - product[1],
    ]);
    expectNear(evaluate(code, given, code.mulSub(null, complex('y'), complex('z'))), [
      -product[0],
      -product[1],
    ]);
    const sum = code.sum([
      { value: complex('x'), negative: true },
      { value: real('y') },
      { value: complex('z') },
    ]);
    expectNear(evaluate(code, given, sum), [-x![0] + y![0] + z![0], -x![1] + z![1]]);
    expect(code.sum([])).toBeNull();
    expect(code.dot([])).toBeNull();
  });

  it('the largest and the smallest', () => {
    const code = new StraightLine('t');
    const names = Object.keys(given);
    for (const of of ['max', 'min'] as const) {
      const value = evaluate(code, given, { re: code.extreme(of, names), im: null });
      expect(value[0]).toBe(Math[of](...Object.values(given)));
    }
  });
});

it('equal expressions are one statement and cost once', () => {
  const code = new StraightLine('t');
  const first = code.mul(complex('x'), complex('y'));
  const { operations } = code;
  // Four products, a difference and a sum.
  expect(operations).toBe(6);
  expect(code.mul(complex('x'), complex('y'))).toEqual(first);
  expect(code.operations).toBe(operations);
  expect(code.statements()).toHaveLength(2);
});

it('a sum of a thousand products is cut into statements that a parser takes', () => {
  const code = new StraightLine('t');
  const given = inputs('xy', 3);
  const terms = Array.from({ length: 1000 }, (_, k) => ({
    left: complex('x'),
    right: { re: literal(k), im: null },
    negative: k % 2 === 1,
  }));
  const value = evaluate(code, given, code.dot(terms));
  // sum of (-1)^k k = -500
  expect(value[0]).toBeCloseTo(-500 * given.xr!, 9);
  expect(value[1]).toBeCloseTo(-500 * given.xi!, 9);
  for (const line of code.statements()) expect(line.split(/ [+-] /).length).toBeLessThan(64);
});
