/**
 * Believed afterwards: medians, ranges and random orders of the benchmark are what they say. The
 * truth: small lists sorted by hand, and that a shuffle keeps every element.
 */
import { expect, it } from 'vitest';
import { median, shuffled, summarize } from '../../../harness/statistics.js';
import { randomStream } from '../../../src/math/random.js';

it('takes the middle, or the mean of the two middle values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 3, 2])).toBe(2.5);
  expect(median([10, 9, 100])).toBe(10);
});

it('sums up without changing the list', () => {
  const values = [5, 1, 4];
  expect(summarize(values)).toEqual({ median: 4, min: 1, max: 5, count: 3 });
  expect(values).toEqual([5, 1, 4]);
  expect(summarize([])).toBeNull();
});

it('shuffles: keeps the elements, and every order of three comes up', () => {
  const random = randomStream(1);
  const orders = new Set<string>();
  for (let k = 0; k < 200; k++) {
    const order = shuffled(['a', 'b', 'c'], random);
    expect([...order].sort()).toEqual(['a', 'b', 'c']);
    orders.add(order.join(''));
  }
  expect(orders.size).toBe(6);
});
