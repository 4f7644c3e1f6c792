/**
 * Test cases of the precision self-test and their exact oracle.
 *
 * Every input is a multiple of 2^-80 below 2^22, so integers (BigInt, scaled) hold inputs and
 * results exactly: the oracle has no rounding of its own. Inputs are random plus the patterns on
 * which error-free transforms break first: cancellation, ties, all-ones significands, powers of two
 * and their neighbours, and low parts at half an ulp.
 */

import { atOnce, type Stepwise } from '../math/stepwise.js';

/** f32 numbers per case: x.high, x.low, y.high, y.low. */
export const numbersPerCase = 4;

/** What the kernel computes for each case, in its order; each result is a (high, low) pair. */
export const operations = [
  'twoSum',
  'twoProduct',
  'add',
  'multiply',
  'divide',
  'multiplyAdd',
] as const;
export type Operation = (typeof operations)[number];

/** Exponents of the random operands: far inside the range of the contract in shaders/lib. */
const exponentSpan = 20;
const randomCases = 960;

/** A small generator of its own (mulberry32): the cases must be the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Distance to the next f32 above |x| (x normal). */
function ulp(x: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23);
}

/** Rounds x to a double-single pair whose low part is at most half an ulp of the high one. */
function pair(x: number, low: number): [number, number] {
  const high = Math.fround(x);
  const rounded = Math.fround(low);
  return Math.fround(high + rounded) === high ? [high, rounded] : [high, 0];
}

/** The inputs, `numbersPerCase` f32 each. The seed only varies the random part. */
export function precisionCases(seed = 1): Float32Array<ArrayBuffer> {
  const random = generator(seed);
  const cases: number[] = [];
  const randomPair = (): [number, number] => {
    const sign = random() < 0.5 ? -1 : 1;
    const high = Math.fround(
      sign * (1 + random()) * 2 ** Math.round((random() * 2 - 1) * exponentSpan),
    );
    return pair(high, (random() - 0.5) * ulp(high));
  };
  const push = (x: [number, number], y: [number, number]): void => {
    cases.push(...x, ...y);
  };
  for (let index = 0; index < randomCases; index++) push(randomPair(), randomPair());

  const ulpOfOne = 2 ** -23;
  const patterns = [
    1,
    1 + ulpOfOne,
    2 - ulpOfOne, // all ones
    1 - ulpOfOne / 2, // all ones just below a power of two
    1 + 2 ** -12, // 4097 / 4096: the tie of a product of halves
    1 + 2 ** -11 - ulpOfOne,
    4 / 3,
    Math.PI,
  ].map(Math.fround);
  const scales = [1, -1, 2 ** -12, -(2 ** -23), 2 ** -24, 2 ** 13];
  for (const x of patterns)
    for (const y of patterns)
      for (const scale of scales) {
        const scaled = Math.fround(y * scale);
        push([x, 0], [scaled, 0]);
        push(pair(x, ulp(x) / 2), pair(scaled, -ulp(scaled) / 2));
        push(pair(x, -ulp(x) / 2), pair(scaled, ulp(scaled) * 0.4999));
      }
  // Cancellation: the high parts annihilate each other and only the low parts are left.
  for (const x of patterns) {
    const low = ulp(x) * 0.3;
    push(pair(x, low), pair(-x, ulp(x) * 0.125));
    push(pair(x, low), pair(-(x + ulp(x)), -low));
    push(pair(x, low), [-x, -Math.fround(low)]);
  }
  return new Float32Array(cases);
}

/** Bits below the point of the scaled integers: 2^-80 is below the last bit of every input. */
const fractionBits = 80;
/** Results of products have twice as many. */
const productBits = 2 * fractionBits;

/** An f32 (or a f64 with a last bit above 2^-bits) as an integer multiple of 2^-bits, exactly. */
function scaledInteger(x: number, bits: number): bigint {
  let scaled = x;
  let shift = bits;
  // Powers of two in steps that cannot overflow.
  while (shift > 0 && !Number.isInteger(scaled)) {
    scaled *= 2;
    shift--;
  }
  return Number.isInteger(scaled) ? BigInt(scaled) << BigInt(shift) : 0n;
}

function absolute(x: bigint): bigint {
  return x < 0n ? -x : x;
}

/** |error| / |scale|. Both integers have less than 400 bits, well inside the range of f64. */
function relative(error: bigint, scale: bigint): number {
  if (error === 0n) return 0;
  return Math.abs(Number(error)) / Math.abs(Number(scale));
}

/**
 * Relative errors of the kernel's results against exact arithmetic.
 * @param cases what `precisionCases` gave
 * @param results (high, low) per case and operation, as the kernel wrote them
 * @returns the largest relative error of each operation; Infinity when a result is not finite or an
 *   exact zero was missed. That of x y + x is relative to |x y| + |x|, because its sum may cancel.
 */
export function measureErrors(
  cases: Float32Array,
  results: Float32Array,
): Record<Operation, number> {
  return atOnce(measureErrorsStepwise(cases, results));
}

/** `measureErrors`, one case a step. */
export function* measureErrorsStepwise(
  cases: Float32Array,
  results: Float32Array,
): Stepwise<Record<Operation, number>> {
  const worst = Object.fromEntries(operations.map((operation) => [operation, 0])) as Record<
    Operation,
    number
  >;
  const count = cases.length / numbersPerCase;
  const at = (array: Float32Array, index: number): number => array[index] ?? Number.NaN;
  const one = 1n << BigInt(fractionBits);
  for (let index = 0; index < count; index++) {
    const [xHigh, xLow, yHigh, yLow] = [0, 1, 2, 3].map((part) =>
      scaledInteger(at(cases, index * numbersPerCase + part), fractionBits),
    ) as [bigint, bigint, bigint, bigint];
    const x = xHigh + xLow;
    const y = yHigh + yLow;
    // Numerator and denominator of the exact values, in units of 2^-productBits.
    const exact: Record<Operation, bigint> = {
      twoSum: (xHigh + yHigh) * one,
      twoProduct: xHigh * yHigh,
      add: (x + y) * one,
      multiply: x * y,
      divide: x * one,
      multiplyAdd: x * y + x * one,
    };
    operations.forEach((operation, position) => {
      const first = 2 * (index * operations.length + position);
      const high = at(results, first);
      const low = at(results, first + 1);
      if (!Number.isFinite(high) || !Number.isFinite(low)) {
        worst[operation] = Infinity;
        return;
      }
      const computed = scaledInteger(high, productBits) + scaledInteger(low, productBits);
      // A quotient is checked by multiplying back: q y against x.
      const error =
        operation === 'divide' ? computed * y - exact.divide * one : computed - exact[operation];
      const scale =
        operation === 'divide'
          ? exact.divide * one
          : operation === 'multiplyAdd'
            ? absolute(exact.multiply) + absolute(x * one)
            : exact[operation];
      worst[operation] = Math.max(worst[operation], relative(error, scale));
    });
    yield;
  }
  return worst;
}
