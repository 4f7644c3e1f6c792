/**
 * Believed afterwards: medians, ranges and random orders of the benchmark are what they say. The
 * truth: small lists sorted by hand, and that a shuffle keeps every element.
 */
import { expect, it } from 'vitest';
import {
  median,
  randomNumbers,
  shuffled,
  summary,
} from '../../../harness/benchmark/solver/statistics.mjs';

it('takes the middle, or the mean of the two middle values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 3, 2])).toBe(2.5);
  expect(median([10, 9, 100])).toBe(10);
  expect(median([])).toBeNaN();
});

it('sums up without changing the list', () => {
  const values = [5, 1, 4];
  expect(summary(values)).toEqual({ median: 4, smallest: 1, largest: 5, count: 3 });
  expect(values).toEqual([5, 1, 4]);
  expect(summary([])).toBeNull();
});

it('draws numbers on [0, 1) that the seed decides', () => {
  const draw = (seed: number): number[] => {
    const random = randomNumbers(seed);
    return Array.from({ length: 2000 }, random);
  };
  const numbers = draw(7);
  expect(draw(7)).toEqual(numbers);
  expect(draw(8)).not.toEqual(numbers);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  // The mean of 2000 uniform numbers has deviation 0.0065.
  expect(Math.abs(numbers.reduce((sum, x) => sum + x, 0) / 2000 - 0.5)).toBeLessThan(0.04);
});

it('shuffles: keeps the elements, and every order of three comes up', () => {
  const random = randomNumbers(1);
  const orders = new Set<string>();
  for (let k = 0; k < 200; k++) {
    const order = shuffled(['a', 'b', 'c'], random);
    expect([...order].sort()).toEqual(['a', 'b', 'c']);
    orders.add(order.join(''));
  }
  expect(orders.size).toBe(6);
});
