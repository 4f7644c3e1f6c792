/**
 * Believed afterwards: the trace test knows a complete set from one that lacks a solution, but for one that is a component by itself. The truth: all
 * solutions of small networks by an independent program, counted by Macaulay2 (test/data/networks).
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { traceCurvatures, traceDefect } from '../../../src/verify/network/trace-test.js';

interface NetworkFile {
  readonly complex_solutions: [number, number][][];
  readonly isolated_complex_exact_M2: number;
}

const load = (name: string): NetworkFile =>
  JSON.parse(
    readFileSync(new URL(`../../data/networks/${name}.json`, import.meta.url), 'utf8'),
  ) as NetworkFile;

const threePoints = { inputs: [[-1], [0.5], [1]], targets: [0.5, -0.25, 1], units: 1 };

it.each([
  ['s2_111_relu2', [3 / 32, 1 / 2, 15 / 32]],
  ['s1_111_square', [0, 0, 1]],
])('%s: complete in every direction, and none that bends can be left out', (name, activation) => {
  const { complex_solutions: solutions, isolated_complex_exact_M2: exact } = load(name);
  expect(solutions).toHaveLength(exact);
  const network = { ...threePoints, activation, regularization: 0.01 };
  for (const seed of [1, 2, 3]) {
    const curvatures = traceCurvatures(network, solutions, seed);
    expect(traceDefect(curvatures)).toBeLessThan(1e-12);
    for (let gone = 0; gone < exact; gone++) {
      const rest = curvatures.filter((_, k) => k !== gone);
      // A dead unit stays dead when the targets move: that solution is a component by itself, and cannot be seen.
      const isDead = solutions[gone]!.slice(0, 3).every(([re, im]) => re === 0 && im === 0);
      if (isDead) expect(traceDefect(rest)).toBeLessThan(1e-12);
      else expect(traceDefect(rest), `without ${gone}`).toBeGreaterThan(0.1);
    }
  }
});

it('a solution that is off is brought back, one of another network is none', () => {
  const { complex_solutions: solutions } = load('s2_111_relu2');
  const network = { ...threePoints, activation: [3 / 32, 1 / 2, 15 / 32], regularization: 0.01 };
  const off = solutions.map((solution) =>
    solution.map(([re, im]): [number, number] => [re + 1e-9, im]),
  );
  expect(traceDefect(traceCurvatures(network, off))).toBeLessThan(1e-12);
  const other = traceCurvatures({ ...network, regularization: 0.02 }, solutions);
  expect(traceDefect(other)).toBeNaN();
});
