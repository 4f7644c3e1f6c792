/**
 * Believed afterwards: the endgame on the GPU is given every coefficient to 48 bits, where it looks for it, and the sums
 * of the leading forms' coefficients. Truth: by hand.
 */
import { expect, it } from 'vitest';
import { endgameCoefficients, endgameTables } from '../../../../src/homotopy/gpu/endgame-tables.js';
import { example } from '../examples.js';

it('sums the coefficients of the leading forms, per group and equation', () => {
  // Scaled by powers of two, which the ratios do not see.
  const { homotopy } = example(
    '3*x^2*y - 4*x^2*y + 2*x*y^2 - 5*x + 7\ny^2 - 3*x*y + 8',
    'total-degree',
  );
  const { structure, startCoefficients } = homotopy;
  const {
    targets_at: first,
    target_vectors: vectors,
    sums_at: sums,
  } = endgameTables(structure).system;
  const words = endgameCoefficients(
    structure,
    endgameTables(structure),
    startCoefficients,
    [homotopy, homotopy],
    2,
  );
  expect(words).toHaveLength(4 * (first! + 2 * vectors!));
  for (const member of [0, 1]) {
    const at = 4 * (first! + member * vectors! + sums!);
    const [a, b] = [words[at]!, words[at + 4]!];
    expect(Math.log2(a / 3) % 1).toBe(0);
    expect(Math.log2(b / 4) % 1).toBe(0);
  }
});

it.each([
  [2, 2 ** -47],
  [3, 0],
])('splits coefficients into %i f32', (parts, error) => {
  const { homotopy } = example('x^2 - 0.1', 'total-degree');
  const { structure, startCoefficients, targetCoefficients } = homotopy;
  const { targets_at: first } = endgameTables(structure).system;
  const words = endgameCoefficients(
    structure,
    endgameTables(structure),
    startCoefficients,
    [homotopy],
    parts,
  );
  for (let k = 0; k < structure.program.data; k++) {
    for (const part of [0, 1]) {
      const at = 2 * parts * (first! + k) + part;
      const value = targetCoefficients[2 * k + part]!;
      let sum = 0;
      for (let each = parts - 1; each >= 0; each--) sum += words[at + 2 * each]!;
      expect(Math.abs(sum - value)).toBeLessThanOrEqual(error * Math.abs(value));
    }
  }
});
