/**
 * Believed afterwards: the convex problem of a combination is solved, also where groups are nearly alike
 * and one of them is zero or nearly so. The truth is the optimality condition, computed anew.
 */
import { expect, it } from 'vitest';
import { GroupLasso, ROW } from '../../../../src/minima/relu/group-lasso.js';

const LAMBDA = 0.01;

/** Units with neighbouring roots on 60 inputs: their outputs differ at a few points only. */
function neighbouringUnits(seed: number) {
  let state = seed;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const x = Array.from({ length: 60 }, () => 4 * random() - 2).sort((a, b) => a - b);
  const target = x.map((value) => 0.6 * Math.max(0, value + 0.6) - 0.5 * value + random() - 0.5);
  const first = 5 + Math.floor(40 * random());
  const columns: number[][] = [];
  const starts = [0];
  for (let unit = 0; unit < 3; unit++) {
    const from = first + Math.floor(8 * random());
    const isKink = random() < 0.4;
    const at = x[from]!;
    const of = (f: (value: number) => number): number[] =>
      x.map((value, i) => (i >= from ? f(value) : 0));
    if (isKink) columns.push(of((value) => (value - at) / Math.hypot(1, at)));
    else
      columns.push(
        of((value) => value),
        of(() => 1),
      );
    starts.push(columns.length);
  }
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, entry, i) => sum + entry * b[i]!, 0) / x.length;
  return {
    starts,
    matrix: columns.map((a) => columns.map((b) => dot(a, b))),
    linear: columns.map((a) => dot(a, target)),
  };
}

it('nearly equal groups: the optimality condition holds', () => {
  let withZero = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const { starts, matrix, linear } = neighbouringUnits(7919 * seed);
    const lasso = new GroupLasso(LAMBDA, 1e-12);
    lasso.groups = 3;
    lasso.starts.set(starts);
    matrix.forEach((row, i) => {
      lasso.matrix.set(row, i * ROW);
    });
    lasso.linear.set(linear);
    expect(lasso.descend(), `seed ${seed}`).toBe(true);
    const slope = matrix.map((row, i) =>
      row.reduce((sum, entry, k) => sum + entry * lasso.beta[k]!, -linear[i]!),
    );
    for (let g = 0; g < 3; g++) {
      const [from, to] = [starts[g]!, starts[g + 1]!];
      const beta = Array.from(lasso.beta.slice(from, to));
      const length = Math.hypot(...beta);
      const part = slope.slice(from, to);
      if (length === 0) {
        withZero++;
        expect(Math.hypot(...part)).toBeLessThanOrEqual(LAMBDA + 1e-11);
      } else {
        part.forEach((entry, k) => {
          expect(Math.abs(entry + (LAMBDA * beta[k]!) / length)).toBeLessThan(1e-11);
        });
      }
    }
  }
  expect(withZero).toBeGreaterThan(50);
});
