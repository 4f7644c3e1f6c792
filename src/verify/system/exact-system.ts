/**
 * A polynomial system in whole numbers, evaluated without any rounding at points whose coordinates are f64.
 *
 * Each equation is multiplied by the common denominator of its coefficients. A point is a + b i over one power of two
 * for all its coordinates, so that a term of degree k is a whole number over that power to the k.
 */
import { commonDenominator } from '../../polynomial/exact.js';
import type { PolynomialSystem } from '../../polynomial/system.js';

/** re + im i over a power of two that is known from elsewhere. */
export interface Whole {
  readonly re: bigint;
  readonly im: bigint;
}

export interface WholeTerm extends Whole {
  readonly exponents: readonly number[];
  readonly degree: number;
  /** The coefficient is rounded * 2^bits, re and im in double-double, to a relative error of 2^-105. */
  readonly bits: number;
  readonly rounded: readonly [number, number, number, number];
}

export interface ExactValue {
  /** The value as re + im i times 2^shift, rounded once. */
  readonly re: number;
  readonly im: number;
  readonly shift: number;
  /** |value| over the sum of the moduli of the terms: 0 for 0. */
  readonly residual: number;
}

const ZERO: Whole = { re: 0n, im: 0n };
/** Bits that are kept when a whole number becomes an f64: more than it holds. */
const KEPT_BITS = 64;

export class ExactSystem {
  /** [equation][term]: whole numbers. */
  readonly equations: readonly (readonly WholeTerm[])[];
  readonly isReal: boolean;
  readonly degree: number;

  constructor(readonly system: PolynomialSystem) {
    this.equations = system.polynomials.map((terms) => {
      const denominator = commonDenominator(terms.map(({ coefficient }) => coefficient));
      return terms.map(({ coefficient: { re, im }, exponents }) => {
        const whole = {
          re: re.s * re.n * (denominator / re.d),
          im: im.s * im.n * (denominator / im.d),
        };
        const bits = bitsOf(whole);
        return {
          ...whole,
          exponents,
          degree: exponents.reduce((sum, exponent) => sum + exponent, 0),
          bits,
          rounded: [...doubleDouble(whole.re, bits), ...doubleDouble(whole.im, bits)] as const,
        };
      });
    });
    this.isReal = this.equations.every((terms) => terms.every(({ im }) => im === 0n));
    this.degree = Math.max(...system.degrees);
  }

  /**
   * @param point [re, im] of each unknown, finite
   * @param behind what is to be added to it, exactly
   */
  evaluate(
    point: readonly (readonly [number, number])[],
    behind: readonly (readonly [number, number])[] = point.map(() => [0, 0]),
  ): ExactValue[] {
    const places = Math.max(0, ...[...point, ...behind].flat().map(binaryPlaces));
    const whole = (place: number, part: 0 | 1): bigint =>
      wholeOf(point[place]![part], places) + wholeOf(behind[place]![part], places);
    const powers = point.map((_, j) => [
      { re: 1n, im: 0n },
      { re: whole(j, 0), im: whole(j, 1) },
    ]);
    const powerOf = (variable: number, exponent: number): Whole => {
      const known = powers[variable]!;
      for (let k = known.length; k <= exponent; k++) known.push(product(known[k - 1]!, known[1]!));
      return known[exponent]!;
    };
    return this.equations.map((terms) => {
      const highest = Math.max(...terms.map(({ degree }) => degree));
      const values = terms.map((term) => {
        let value: Whole = term;
        term.exponents.forEach((exponent, variable) => {
          if (exponent > 0) value = product(value, powerOf(variable, exponent));
        });
        const up = BigInt(places * (highest - term.degree));
        return { re: value.re << up, im: value.im << up };
      });
      const sum = values.reduce(
        (total, { re, im }) => ({ re: total.re + re, im: total.im + im }),
        ZERO,
      );
      const drop = bitsOf(sum) - KEPT_BITS;
      const [re, im] = [rounded(sum.re, drop), rounded(sum.im, drop)];
      const largest = Math.max(...values.map(bitsOf)) - KEPT_BITS;
      const size = values.reduce(
        (total, value) =>
          total + Math.hypot(rounded(value.re, largest), rounded(value.im, largest)),
        0,
      );
      return {
        re,
        im,
        shift: Math.max(0, drop) - places * highest,
        residual:
          size === 0 ? 0 : Math.hypot(rounded(sum.re, largest), rounded(sum.im, largest)) / size,
      };
    });
  }
}

function product(a: Whole, b: Whole): Whole {
  if (a.im === 0n && b.im === 0n) return { re: a.re * b.re, im: 0n };
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

/** Digits behind the binary point of an f64. */
function binaryPlaces(value: number): number {
  let places = 0;
  for (let rest = value; !Number.isInteger(rest); rest *= 2) places++;
  return places;
}

/** value * 2^places, a whole number. */
function wholeOf(value: number, places: number): bigint {
  const own = binaryPlaces(value);
  let scaled = value;
  for (let k = 0; k < own; k++) scaled *= 2;
  return BigInt(scaled) << BigInt(places - own);
}

/** Bits of the larger part. */
function bitsOf({ re, im }: Whole): number {
  const size = [re, im].map((part) => (part < 0n ? -part : part).toString(16).length * 4);
  return Math.max(...size);
}

/** value / 2^bits, at most 1, in double-double. */
function doubleDouble(value: bigint, bits: number): [number, number] {
  const drop = Math.max(0, bits - 2 * KEPT_BITS);
  const kept = value >> BigInt(drop);
  const high = Number(kept);
  const scale = 2 ** (drop - bits);
  return [high * scale, Number(kept - BigInt(high)) * scale];
}

/** value / 2^drop, rounded; dropping no bits when drop is not above 0. */
function rounded(value: bigint, drop: number): number {
  return Number(drop > 0 ? value >> BigInt(drop) : value);
}
