/** Believed afterwards: as many arrangements as the formulas say, all different. */
import { expect, it } from 'vitest';
import {
  arrangements,
  countCopies,
  partitions,
  unitOrders,
} from '../../../../src/minima/strata/stratum-copies.js';

/** Stirling numbers of the second kind: k! S(h, k) is the number of maps of h units onto k. */
it.each([
  [3, 2, 6],
  [4, 2, 14],
  [5, 3, 150],
  [6, 5, 1800],
])('%i units, %i different: %i arrangements', (hidden, different, surjections) => {
  const shares = partitions(hidden, different);
  const counts = shares.map((share) => countCopies(hidden, share, null));
  const all = shares.reduce((sum, share, k) => sum + unitOrders(share).length * counts[k]!, 0);
  expect(all).toBe(surjections);
  shares.forEach((share, k) => {
    const arranged = arrangements(hidden, share, null).map((each) => JSON.stringify(each));
    expect(new Set(arranged).size).toBe(counts[k]);
    expect(arranged).toHaveLength(counts[k]!);
  });
});

it.each([
  [[], 1],
  [[1], 6],
  [[2], 12],
  [[3], 8],
  [[2, 1], 24],
])('with signs, and dead units, of three: %j', (share, copies) => {
  expect(countCopies(3, share, 'odd')).toBe(copies);
  const all = arrangements(3, share, 'odd').map((each) => JSON.stringify(each));
  expect(new Set(all).size).toBe(copies);
});
