/**
 * Believed afterwards: the Lagrange form has the critical points that the gradient has, from a start with fewer paths. The
 * truth: the gradient of the loss, solved by its own linear-product start, and 33, the exact count; the numbers of paths of the
 * specification, 101 (1-1-1) and 3,265 (1-2-1, where the gradient has 12,225).
 */
import { expect, it } from 'vitest';
import { solve } from '../../../../src/homotopy/index.js';
import { chooseStart } from '../../../../src/homotopy/start/index.js';
import { stationarityProblem } from '../../../../src/minima/find-minima.js';
import { lagrangeParameters, powersOf } from '../../../../src/minima/strata/follow-strata.js';
import { lagrangeFamily } from '../../../../src/minima/strata/lagrange-family.js';
import { solveLagrangeForm } from '../../../../src/minima/strata/solve-lagrange.js';
import { exactMember } from '../../../../src/polynomial/family.js';
import { noGpu } from '../../homotopy/no-gpu.js';

function problemOf(units: number) {
  return stationarityProblem({
    data: {
      inputs: [[-1.3], [-0.4], [0.2], [0.9], [1.7]],
      targets: [[0.7], [-0.5], [0.1], [-0.8], [1.2]],
    },
    architecture: { layers: [1, units, 1] },
    activation: { name: 'relu', degree: 2 },
    regularization: 0.01,
  });
}

it('1-1-1: the solutions of the gradient, from 101 paths', async () => {
  const problem = problemOf(1);
  const { family, point } = problem;
  const options = { seed: 1, precision: 'f64', certify: true } as const;
  const found = await solveLagrangeForm(noGpu, problem, options);
  const { parameters } = point;
  const truth = await solve(noGpu, family.gradient, { ...options, parameters });
  expect(found.start.paths).toBe(101);
  expect(found.paths.failed).toBe(0);
  expect(found.counts).toMatchObject({ distinct: 33, nonsingular: 33, real: truth.counts.real });
  expect(truth.counts.nonsingular).toBe(33);
  expect(found.system.variables).toEqual(truth.system.variables);
  for (const { coordinates, residual, certified } of found.solutions) {
    expect(certified).toBe(true);
    expect(residual).toBeLessThan(1e-14);
    const distances = truth.solutions.map((other) =>
      Math.max(
        ...coordinates.map(([re, im], k) =>
          Math.hypot(re - other.coordinates[k]![0], im - other.coordinates[k]![1]),
        ),
      ),
    );
    expect(distances.filter((distance) => distance < 1e-9)).toHaveLength(1);
  }
});

it('1-2-1: 3,265 paths', () => {
  const { family, point } = problemOf(2);
  const lagrange = lagrangeFamily(1, 2, powersOf(family));
  const system = exactMember(lagrange.system, lagrangeParameters(family, point, lagrange, [1, 1]));
  expect(Number(chooseStart(system).paths)).toBe(3265);
});
