/**
 * Exact integers in two sizes: f64 numbers that are whole and small enough for every operation to be exact, and BigInt
 * without limits.
 *
 * The operators of JavaScript are the same for both, so what is computed with them is written once, with `Integer` as the
 * type; it must not mix in literals other than in comparisons with 0. `OverflowError` tells that numbers do not suffice.
 */

import { LpsError } from '../../../math/lps-error.js';

/** A whole number; at run time a bigint where the arithmetic is `bigIntegers`. */
export type Integer = number;

export interface IntegerArithmetic {
  readonly one: Integer;
  readonly zero: Integer;
  /** What no intermediate result may exceed; infinite for BigInt. */
  readonly limit: number;
  from(value: number): Integer;
  row(length: number): Integer[];
  /** The sign of a / b - c / d, exactly; b, d > 0. */
  compareQuotients(a: Integer, b: Integer, c: Integer, d: Integer): number;
}

/** A number left the range in which f64 is exact: the same must be computed with `bigIntegers`. */
export class OverflowError extends LpsError {
  override readonly name = 'OverflowError';
  override readonly kind = 'internal';
}

export const f64Integers: IntegerArithmetic = {
  one: 1,
  zero: 0,
  limit: 2 ** 53,
  from: (value) => value,
  row: (length) => new Float64Array(length) as unknown as number[],
  compareQuotients(a, b, c, d) {
    // Division is rounded correctly, hence monotone: only equal quotients leave a doubt.
    const difference = a / b - c / d;
    if (difference !== 0) return difference;
    const exact = BigInt(a) * BigInt(d) - BigInt(c) * BigInt(b);
    return exact < 0n ? -1 : exact > 0n ? 1 : 0;
  },
};

export const bigIntegers: IntegerArithmetic = {
  one: 1n as unknown as Integer,
  zero: 0n as unknown as Integer,
  limit: Infinity,
  from: (value) => BigInt(value) as unknown as Integer,
  row: (length) => new Array<bigint>(length).fill(0n) as unknown as Integer[],
  compareQuotients(a, b, c, d) {
    const left = a * d;
    const right = c * b;
    return left < right ? -1 : left > right ? 1 : 0;
  },
};
