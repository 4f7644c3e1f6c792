/**
 * Believed afterwards: the diagonal gives every class of Z^n modulo a lattice once. The truth: the determinant, and
 * differences of representatives solved for in the lattice by Cramer's rule.
 */
import { expect, it } from 'vitest';
import { hermiteDiagonal } from '../../../src/math/lattice.js';
import { randomStream } from '../../../src/math/random.js';

function determinant(m: readonly (readonly number[])[]): number {
  const [first, ...rest] = m;
  if (!first) return 1;
  return first.reduce((sum, entry, j) => {
    const minor = rest.map((row) => row.filter((_, k) => k !== j));
    return sum + (j % 2 === 0 ? 1 : -1) * entry * determinant(minor);
  }, 0);
}

it('gives one vector of every class', () => {
  for (let trial = 0; trial < 60; trial++) {
    const random = randomStream(trial);
    const n = 1 + random.integer(3);
    const vectors = Array.from({ length: n }, () =>
      Array.from({ length: n }, () => random.integer(9) - 4),
    );
    const size = Math.abs(determinant(vectors));
    if (size === 0 || size > 40) continue;
    const diagonal = hermiteDiagonal(vectors).map(Number);
    expect(diagonal.reduce((product, h) => product * h, 1)).toBe(size);
    const classes = Array.from({ length: size }, (_, id) => {
      let left = id;
      return diagonal.map((h) => {
        const digit = left % h;
        left = Math.floor(left / h);
        return digit;
      });
    });
    // A combination of the vectors has whole coefficients: determinants that are multiples of theirs.
    const isInLattice = (point: readonly number[]) =>
      vectors.every((_, i) => determinant(vectors.with(i, point as number[])) % size === 0);
    for (const a of classes) {
      const alike = classes.filter((b) => isInLattice(a.map((entry, j) => entry - b[j]!)));
      expect(alike).toHaveLength(1);
    }
  }
});
