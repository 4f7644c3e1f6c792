/**
 * Believed afterwards: monodromy of the whole network's equations from one seed stays on one stratum, and the checks say so.
 * The truth: 1-1-1 with square has 33 critical points, of which one, the dead unit, is a stratum of its own.
 */
import { expect, it } from 'vitest';
import { solve } from '../../../../src/homotopy/index.js';
import { exactMember } from '../../../../src/polynomial/family.js';
import { countSolutions } from '../../../../src/polynomial/index.js';
import { genericParameters } from '../../../../src/minima/generic-parameters.js';
import { minimaOfSolved, stationarityProblem } from '../../../../src/minima/find-minima.js';
import { minimaCompleteness } from '../../../../src/minima/completeness-report.js';
import { solveStrata } from '../../../../src/minima/strata/solve-strata.js';
import { noGpu } from '../../homotopy/no-gpu.js';

const problem = stationarityProblem({
  data: {
    inputs: [[-1.3], [-0.4], [0.2], [0.9], [1.7]],
    targets: [[0.7], [-0.5], [0.1], [-0.8], [1.2]],
  },
  architecture: { layers: [1, 1, 1] },
  activation: { name: 'square', degree: 2 },
  regularization: 0.01,
});

it('a single stratum is rejected by the exact count and by the Euler sum', async () => {
  const { gradient } = problem.family;
  const parameters = genericParameters(problem.family, 1);
  const { solutions } = await solve(noGpu, gradient, { parameters, precision: 'f64' });
  const live = solutions.find(({ coordinates }) => Math.hypot(...coordinates[0]!) > 1e-3)!;
  const from = await solve(noGpu, gradient, {
    monodromy: { from: { parameters, solutions: [live] } },
  });
  expect(from.counts.nonsingular).toBe(32);
  const [alone] = await solve(noGpu, gradient, {
    from,
    checkBase: false,
    targets: [problem.point.parameters],
    precision: 'f64',
    countMilliseconds: 0,
  });
  expect(alone!.counts.nonsingular).toBe(32);
  const exact = countSolutions(exactMember(gradient, problem.point.parameters), {
    milliseconds: 60_000,
  });
  expect(exact).toMatchObject({ status: 'decided', count: 33 });
  const checks = minimaCompleteness(minimaOfSolved(problem, alone!));
  expect(checks.find(({ check }) => check === 'Euler sum')!.proves).toMatch(/is missing/);
});

it('all strata together are complete', async () => {
  const result = await solveStrata(noGpu, problem, { seed: 1 });
  expect(result.strata.map(({ multiplicities }) => multiplicities)).toEqual([[], [1]]);
  expect(result.counts).toMatchObject({ distinct: 33, nonsingular: 33 });
  expect(result.solutions.every(({ certified }) => certified)).toBe(true);
  expect(minimaOfSolved(problem, result).eulerSum).toBe(1);
});
