/**
 * Believed afterwards: the self-test's oracle accepts exact arithmetic and catches every way in which
 * a compiler is known to spoil it. The truth is IEEE f32 arithmetic done with Math.fround.
 */
import { describe, expect, it } from 'vitest';
import {
  measureErrors,
  numbersPerCase,
  operations,
  precisionCases,
  type Operation,
} from '../../../src/gpu/precision-cases.js';
import { doubleSingleTolerance, judge } from '../../../src/gpu/precision.js';

type Pair = [number, number];
const round = Math.fround;

/** The transforms of shaders/lib/error-free-plain.wgsl in f32, or a spoiled version of them. */
interface Transforms {
  twoSum(a: number, b: number): Pair;
  twoProduct(a: number, b: number): Pair;
}

const exact: Transforms = {
  twoSum(a, b) {
    const sum = round(a + b);
    const bPart = round(sum - a);
    const aPart = round(sum - bPart);
    return [sum, round(round(a - aPart) + round(b - bPart))];
  },
  twoProduct(a, b) {
    // The product of two f32 has 48 bits: f64 holds it exactly.
    const product = round(a * b);
    return [product, round(a * b - product)];
  },
};

const quickTwoSum = (a: number, b: number): Pair => {
  const sum = round(a + b);
  return [sum, round(b - round(sum - a))];
};

/** The double-single operations of shaders/lib/double-single.wgsl over given transforms. */
function compute(cases: Float32Array, transforms: Transforms, quick = quickTwoSum): Float32Array {
  const { twoSum, twoProduct } = transforms;
  const add = (x: Pair, y: Pair): Pair => {
    const high = twoSum(x[0], y[0]);
    const low = twoSum(x[1], y[1]);
    const middle = quick(high[0], round(high[1] + low[0]));
    return quick(middle[0], round(low[1] + middle[1]));
  };
  const multiply = (x: Pair, y: Pair): Pair => {
    const high = twoProduct(x[0], y[0]);
    const cross = round(round(x[0] * y[1]) + round(x[1] * y[0]));
    return quick(high[0], round(high[1] + cross));
  };
  const divide = (x: Pair, y: Pair): Pair => {
    const quotient = round(x[0] / y[0]);
    const high = twoProduct(y[0], quotient);
    const middle = quick(high[0], round(y[1] * quotient));
    const product = quick(middle[0], round(middle[1] + high[1]));
    const remainder = round(twoSum(x[0], -product[0])[0] + round(x[1] - product[1]));
    return quick(quotient, round(remainder / y[0]));
  };
  const results: number[] = [];
  for (let index = 0; index < cases.length; index += numbersPerCase) {
    const x: Pair = [cases[index]!, cases[index + 1]!];
    const y: Pair = [cases[index + 2]!, cases[index + 3]!];
    const pairs: Record<Operation, Pair> = {
      twoSum: twoSum(x[0], y[0]),
      twoProduct: twoProduct(x[0], y[0]),
      add: add(x, y),
      multiply: multiply(x, y),
      divide: divide(x, y),
      multiplyAdd: add(multiply(x, y), x),
    };
    for (const operation of operations) results.push(...pairs[operation]);
  }
  return new Float32Array(results);
}

describe.each([1, 2, 3])('seed %i', (seed) => {
  const cases = precisionCases(seed);

  it('accepts exact transforms within the proven bounds', () => {
    const verdict = judge(measureErrors(cases, compute(cases, exact)));
    expect(verdict.errors.twoSum).toBe(0);
    expect(verdict.errors.twoProduct).toBe(0);
    // Joldes, Muller, Popescu 2017, theorems 3.1 and 5.1: 3 u^2 and 5 u^2 to first order.
    expect(verdict.errors.add).toBeLessThanOrEqual(3.0001 * 2 ** -48);
    expect(verdict.errors.multiply).toBeLessThanOrEqual(5.0001 * 2 ** -48);
    expect(verdict.passed).toBe(true);
  });

  it('rejects a sum whose error term was simplified away, as Mesa does', () => {
    const spoiled = compute(cases, { ...exact, twoSum: (a, b) => [round(a + b), 0] });
    const verdict = judge(measureErrors(cases, spoiled));
    expect(verdict.passed).toBe(false);
    expect(verdict.errors.twoSum).toBeGreaterThan(2 ** -26);
    expect(verdict.errors.add).toBeGreaterThan(doubleSingleTolerance);
  });

  it('rejects a product whose error term was simplified away', () => {
    const spoiled = compute(cases, { ...exact, twoProduct: (a, b) => [round(a * b), 0] });
    const verdict = judge(measureErrors(cases, spoiled));
    expect(verdict.passed).toBe(false);
    expect(verdict.errors.multiply).toBeGreaterThan(doubleSingleTolerance);
  });

  it('rejects quick sums without their error', () => {
    const verdict = judge(
      measureErrors(
        cases,
        compute(cases, exact, (a, b) => [round(a + b), 0]),
      ),
    );
    expect(verdict.errors.twoSum).toBe(0);
    expect(verdict.passed).toBe(false);
  });

  it('notices one wrong bit in one low part', () => {
    const results = compute(cases, exact);
    const position = 2 * operations.indexOf('twoProduct') + 1;
    const low = results[position]!;
    results[position] = low === 0 ? 2 ** -40 : low * (1 + 2 ** -23);
    expect(judge(measureErrors(cases, results)).errors.twoProduct).toBeGreaterThan(0);
  });

  it('rejects results that are not numbers', () => {
    const results = compute(cases, exact);
    results[2 * operations.indexOf('divide')] = Number.NaN;
    expect(judge(measureErrors(cases, results)).passed).toBe(false);
  });
});

it('the cases are what their contract says', () => {
  const cases = precisionCases();
  for (let index = 0; index < cases.length; index += 2) {
    const [high, low] = [cases[index]!, cases[index + 1]!];
    expect(Math.fround(high + low)).toBe(high);
    // Multiples of 2^-80 below 2^22, the range in which the oracle's integers are exact.
    expect(Math.abs(high)).toBeLessThan(2 ** 22);
    for (const value of [high, low]) expect(Number.isInteger(value * 2 ** 80)).toBe(true);
  }
});
