/**
 * Believed afterwards: path numbers are one to one with the zeros of the binomial systems of the mixed cells, and all
 * other terms begin with positive powers of t. The truth: the binomials themselves, and the number of zeros.
 */
import { describe, expect, it } from 'vitest';
import { polyhedralPlan, systemExponents } from '../../../../src/homotopy/start/index.js';
import {
  CellStarts,
  generalCoefficients,
} from '../../../../src/homotopy/start/polyhedral/cell-start.js';
import { atOnce } from '../../../../src/math/stepwise.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';

describe.each([
  ['one cell of volume 12', 'x^3*y - 2; x^2*y^5 - x*y - 1', 13n],
  ['noon3', 'x*y^2 + x*z^2 - x + 1; y*x^2 + y*z^2 - y + 1; z*x^2 + z*y^2 - z + 1', 21n],
  ['cyclic3', 'x + y + z; x*y + y*z + z*x; x*y*z - 1', 6n],
  ['a high degree', 'x^30*y^7 - x + 3; x^2*y^31 - y^3 + x', null],
])('%s', (_, text, paths) => {
  const system = parseSystem(text);
  const exponents = systemExponents(system);
  const groups = [system.variables.map((__, j) => j)];
  const plan = atOnce(polyhedralPlan({ exponents, groups, mostWork: Infinity }))!;
  // Of the second one what the first has made of the cells is there already.
  const seeds = [5, 6].map((seed) => generalCoefficients(plan, seed));

  it.each(seeds)(
    'solves the binomials of its cell on every path, each in another point',
    (...coefficients) => {
      const starts = new CellStarts(plan, coefficients);
      if (paths !== null) expect(plan.paths).toBe(paths);
      const seen = new Set<string>();
      for (let path = 0; path < Number(plan.paths); path++) {
        const { cell, point } = starts.start(path);
        const { powers } = starts.powers(cell);
        plan.supports.forEach((support, i) => {
          const sum = [0, 0];
          const ends = plan.extreme[i]!.filter((k) => powers[i]![k] === 0);
          expect(ends).toHaveLength(2);
          // The other terms vanish at t = 0.
          for (const k of plan.extreme[i]!)
            expect(powers[i]![k] === 0 || powers[i]![k]! >= 1).toBe(true);
          for (const k of ends) {
            const term = support[k]!;
            let angle = Math.atan2(coefficients[i]![2 * k + 1]!, coefficients[i]![2 * k]!);
            let log = 0;
            term.forEach((exponent, j) => {
              angle += exponent * Math.atan2(point[2 * j + 1]!, point[2 * j]!);
              log += exponent * Math.log(Math.hypot(point[2 * j]!, point[2 * j + 1]!));
            });
            sum[0]! += Math.exp(log) * Math.cos(angle);
            sum[1]! += Math.exp(log) * Math.sin(angle);
          }
          expect(Math.hypot(...sum)).toBeLessThan(1e-6);
        });
        seen.add(`${cell}:${Array.from(point, (part) => part.toFixed(7)).join()}`);
      }
      expect(seen.size).toBe(Number(plan.paths));
    },
  );

  it.each(seeds)('has the same points in a table for kernels', (...coefficients) => {
    const starts = new CellStarts(plan, coefficients);
    const { words, points, cells } = atOnce(starts.table())!;
    const n = plan.supports.length;
    const classesAt = cells + 1;
    const turnsAt = classesAt + cells * n;
    expect(words[cells]).toBe(Number(plan.paths));
    for (let path = 0; path < Number(plan.paths); path++) {
      const { cell, point } = starts.start(path);
      expect(path >= words[cell]! && path < words[cell + 1]!).toBe(true);
      for (let j = 0; j < n; j++) {
        let rest = path - words[cell]!;
        let turns = 0;
        for (let i = 0; i < n; i++) {
          const classes = words[classesAt + cell * n + i]!;
          const fraction = words[turnsAt + (cell * n + j) * n + i]!;
          turns += ((rest % classes) * (fraction & 0xffff)) / (fraction >>> 16);
          rest = Math.floor(rest / classes);
        }
        const at = 2 * (cell * n + j);
        const angle = Math.atan2(points[at + 1]!, points[at]!) + 2 * Math.PI * turns;
        const size = Math.hypot(points[at]!, points[at + 1]!);
        const error = [Math.cos(angle), Math.sin(angle)].map(
          (part, k) => size * part - point[2 * j + k]!,
        );
        expect(Math.hypot(...error)).toBeLessThan(1e-6 * size);
      }
    }
  });
});
