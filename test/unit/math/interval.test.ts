/**
 * Believed afterwards: every interval operation encloses the exact result, tightly. The truth:
 * exact rational arithmetic on the f64 inputs (fraction.js).
 */
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import * as interval from '../../../src/math/interval.js';
import { rationalFromNumber } from '../../../src/math/rational.js';

interface Exact {
  readonly re: Fraction;
  readonly im: Fraction;
}

/** Numbers of all ordinary sizes, zero and powers of two included. */
const number = fc.oneof(
  fc.constantFrom(0, 1, -1, 2, 0.1, -3, 1 / 3),
  fc
    .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -60, max: 60 }))
    .map(([fraction, exponent]) => fraction * 2 ** exponent),
);

/** A rectangle and a point of it: the corner and the centre are the hardest. */
const rectangle = fc
  .tuple(number, number, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 2 }))
  .map(([re, im, width, place]) => {
    const box = Float64Array.of(re, re + width, im, im + width);
    const corner = { re: place === 1 ? box[1]! : re, im: place === 2 ? box[3]! : im };
    return {
      box,
      exact: { re: rationalFromNumber(corner.re), im: rationalFromNumber(corner.im) },
    };
  });

function contains(box: Float64Array, { re, im }: Exact): boolean {
  const [rl, rh, il, ih] = Array.from(box, rationalFromNumber) as [
    Fraction,
    Fraction,
    Fraction,
    Fraction,
  ];
  return rl.lte(re) && re.lte(rh) && il.lte(im) && im.lte(ih);
}

const times = (a: Exact, b: Exact): Exact => ({
  re: a.re.mul(b.re).sub(a.im.mul(b.im)),
  im: a.re.mul(b.im).add(a.im.mul(b.re)),
});

describe('encloses the exact result', () => {
  it('bounds of one number', () => {
    fc.assert(
      fc.property(number, (value) => {
        // Half a unit in the last place, exactly: what rounding may have hidden.
        const bits = new DataView(new ArrayBuffer(8));
        bits.setFloat64(0, Math.abs(value));
        bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
        const unit = bits.getFloat64(0) - Math.abs(value);
        expect(interval.below(value)).toBeLessThanOrEqual(value - unit / 2);
        expect(interval.below(value)).toBeLessThan(value);
        expect(interval.above(value)).toBeGreaterThan(value);
        expect(interval.above(value) - interval.below(value)).toBeLessThanOrEqual(
          4 * unit + 2 ** -950,
        );
      }),
    );
  });

  it('sums, differences, products', () => {
    const out = new Float64Array(4);
    fc.assert(
      fc.property(rectangle, rectangle, (a, b) => {
        interval.add(a.box, 0, b.box, 0, out, 0);
        expect(
          contains(out, { re: a.exact.re.add(b.exact.re), im: a.exact.im.add(b.exact.im) }),
        ).toBe(true);
        interval.subtract(a.box, 0, b.box, 0, out, 0);
        expect(
          contains(out, { re: a.exact.re.sub(b.exact.re), im: a.exact.im.sub(b.exact.im) }),
        ).toBe(true);
        interval.multiply(a.box, 0, b.box, 0, out, 0);
        expect(contains(out, times(a.exact, b.exact))).toBe(true);
      }),
    );
  });

  it('products in place, with real factors and with points', () => {
    fc.assert(
      fc.property(rectangle, rectangle, number, number, (a, b, re, im) => {
        const squared = a.box.slice();
        interval.multiply(squared, 0, squared, 0, squared, 0);
        expect(contains(squared, times(a.exact, a.exact))).toBe(true);
        const real = Float64Array.of(b.box[0]!, b.box[1]!, 0, 0);
        const product = new Float64Array(4);
        interval.multiply(a.box, 0, real, 0, product, 0);
        const zero = new Fraction(0);
        expect(contains(product, times(a.exact, { re: b.exact.re, im: zero }))).toBe(true);
        const sum = a.box.slice();
        interval.addMultiple(re, im, b.box, 0, sum, 0);
        const point = { re: rationalFromNumber(re), im: rationalFromNumber(im) };
        const multiple = times(point, b.exact);
        expect(
          contains(sum, { re: a.exact.re.add(multiple.re), im: a.exact.im.add(multiple.im) }),
        ).toBe(true);
      }),
    );
  });

  it('quotients', () => {
    const out = new Float64Array(4);
    const whole = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(rectangle, whole, whole, (a, times, over) => {
        interval.scale(a.box, 0, times, over, out, 0);
        const scaled = (part: Fraction) => part.mul(times).div(over);
        expect(contains(out, { re: scaled(a.exact.re), im: scaled(a.exact.im) })).toBe(true);
        const { re, im } = a.exact;
        const norm = re.mul(re).add(im.mul(im));
        if (interval.reciprocal(a.box, 0, out, 0)) {
          expect(contains(out, { re: re.div(norm), im: im.neg().div(norm) })).toBe(true);
        } else {
          // A box of width <= 1 that may hold 0.
          expect(Math.abs(a.box[0]!) <= 1.001 && Math.abs(a.box[2]!) <= 1.001).toBe(true);
        }
      }),
    );
  });

  it('absolute values', () => {
    fc.assert(
      fc.property(rectangle, ({ box, exact: { re, im } }) => {
        const bound = rationalFromNumber(interval.magnitude(box, 0));
        expect(re.mul(re).add(im.mul(im)).lte(bound.mul(bound))).toBe(true);
      }),
    );
  });
});

it('stays tight: a product of two points is a few units wide', () => {
  const [a, b, out] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
  interval.setPoint(0.1, 0.7, a, 0);
  interval.setPoint(-1.3, 0.2, b, 0);
  interval.multiply(a, 0, b, 0, out, 0);
  expect(out[1]! - out[0]!).toBeLessThan(10 * 2 ** -53);
  expect(out[3]! - out[2]!).toBeLessThan(16 * 2 ** -53);
});

it('nothing is inside, disjoint or invertible once a bound is not a number', () => {
  const broken = Float64Array.of(NaN, NaN, NaN, NaN);
  const unit = Float64Array.of(-1, 1, -1, 1);
  expect(interval.isInside(broken, 0, unit, 0)).toBe(false);
  expect(interval.areDisjoint(broken, 0, unit, 0)).toBe(false);
  expect(interval.reciprocal(broken, 0, new Float64Array(4), 0)).toBe(false);
});
