/**
 * Believed afterwards: sums in double-double are as near to the true values as their bounds say, far beyond f64 where
 * terms cancel, and the bounds are of the size of its rounding. The truth: evaluation in whole numbers.
 */
import { expect, it } from 'vitest';
import { parseSystem } from '../../../src/polynomial/index.js';
import { ExactSystem } from '../../../src/verify/system/exact-system.js';
import { ScaledSystem, sparseTerms } from '../../../src/verify/system/scaled-system.js';

const text = `
x^5 - 5*x^4 + 10*x^3 - 10*x^2 + 5*x - 1 + (x - 1)*(y - 1/3)^3
1e-7/3*x^3*y^2 - 2.5*x*y^4 + (1/7 + i)*x^2 + 1e9*y - 12345678901234567/3`;

it('is as near to the exact values as it says', () => {
  const exact = new ExactSystem(parseSystem(text));
  const terms = sparseTerms(exact);
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
  const points = Array.from({ length: 40 }, (_, k) => {
    const near = 2 ** -k;
    return [
      [1 + near * random(), near * random() * 1e-9],
      [1 / 3 + near * random(), near * random()],
    ] as [number, number][];
  });
  for (const units of [
    [0, 0],
    [3, -40],
  ]) {
    const system = new ScaledSystem(exact, terms, units);
    for (const point of points) {
      const z = system.scaled(point);
      const behind = z.map(([re, im]): [number, number] => [
        re * random() * 2 ** -54,
        im * random() * 2 ** -54,
      ]);
      for (const rest of [undefined, behind]) {
        const found = system.evaluate(z, rest);
        const truth = system.evaluateExactly(z, rest);
        for (let i = 0; i < 2; i++) {
          const off = Math.hypot(
            found.value[2 * i]! - truth.value[2 * i]!,
            found.value[2 * i + 1]! - truth.value[2 * i + 1]!,
          );
          const size = Math.hypot(truth.value[2 * i]!, truth.value[2 * i + 1]!);
          expect(off).toBeLessThanOrEqual(found.error[i]! + 4 * 2 ** -53 * size);
          // Terms are measured so that the largest is about 1 where |z| is.
          const largest = Math.max(1, ...z.flat().map(Math.abs)) ** 5;
          expect(found.error[i]!).toBeLessThan(1e-26 * largest);
        }
        expect(Math.abs(found.residual - truth.residual)).toBeLessThan(1e-14);
      }
    }
  }
});
