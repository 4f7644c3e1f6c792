/**
 * Believed after it passes: an epoch's order is a permutation that depends on nothing but seed,
 * epoch and count, the same on every runtime and version. The truth for the latter are orders
 * written down when the generator was fixed (Philox4x32-10 passes Random123's vectors in
 * math/random.test.ts); for uniformity, the chi-squared distribution.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shuffledOrder } from '../../../src/network/shuffle.js';

describe('shuffledOrder', () => {
  it('is a permutation', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.nat(),
        fc.nat({ max: 50 }),
        (count, seed, epoch) => {
          const order = shuffledOrder(count, seed, epoch);
          expect([...order].sort((a, b) => a - b)).toEqual(
            Array.from({ length: count }, (_, k) => k),
          );
          expect(shuffledOrder(count, seed, epoch)).toEqual(order);
        },
      ),
      { seed: 11 },
    );
  });

  it('differs from epoch to epoch and from seed to seed', () => {
    const orders = [0, 1, 2].flatMap((epoch) =>
      [1, 2].map((seed) => shuffledOrder(50, seed, epoch).join()),
    );
    expect(new Set(orders).size).toBe(6);
  });

  it('puts every sample into every place equally often', () => {
    const count = 8;
    const draws = 8000;
    const table = new Float64Array(count * count);
    for (let epoch = 0; epoch < draws; epoch++) {
      shuffledOrder(count, 5, epoch).forEach((sample, place) => table[place * count + sample]!++);
    }
    const expected = draws / count;
    const chiSquared = table.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    // 49 degrees of freedom: mean 49, deviation 9.9; the bound is the 99.99% quantile.
    expect(chiSquared).toBeLessThan(93);
  });
});
