/**
 * Believed afterwards: paths that pass so close to infinity that f64 crawls there (pivot ratios of 1e-10) arrive, in
 * double-double, without another gamma. The truth: 376 orbits of three different units, as the base set has (1-3-1: 3,585 in
 * all, exact), all different, and a trace that is affine for each stratum by itself.
 */
import { expect, it } from 'vitest';
import {
  DIABETES_CSV,
  DIABETES_TARGET,
  readTable,
  standardize,
} from '../../../../src/data/index.js';
import { solve } from '../../../../src/homotopy/index.js';
import { stationarityProblem } from '../../../../src/minima/find-minima.js';
import { lagrangeFamily } from '../../../../src/minima/strata/lagrange-family.js';
import { parityOfNetwork, StrataFollower } from '../../../../src/minima/strata/follow-strata.js';
import { firstArrangement, networkPoint } from '../../../../src/minima/strata/stratum-copies.js';
import { traceCurvatures, traceDefect } from '../../../../src/verify/network/trace-test.js';
import { noGpu } from '../../homotopy/no-gpu.js';
import { shippedBaseSet } from './shipped-base-set.js';

it('1-6-1, units of multiplicity 2, 2 and 2: no path is lost next to infinity', async () => {
  const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: [DIABETES_TARGET] }));
  const problem = stationarityProblem({
    data,
    architecture: { layers: [1, 6, 1] },
    activation: { name: 'relu', degree: 2 },
    regularization: 0.01,
  });
  const { family, point, activation } = problem;
  const options = { seed: 1, certify: false, findBaseSet: shippedBaseSet };
  const follower = await StrataFollower.create(noGpu, family, options);
  const share = follower.shares.find(({ multiplicities }) => multiplicities.join() === '2,2,2')!;
  const [result] = await follower.follow(share, [point]);
  expect(result!.paths).toMatchObject({ tracked: 376, regular: 376, failed: 0 });
  // The same gamma: what f64 does not decide is followed again in double-double.
  expect(result!.seed).toBe(1);
  expect(result!.paths.doubleDouble).toBeGreaterThan(0);
  const arrangement = firstArrangement(6, share.multiplicities);
  const network = {
    inputs: data.inputs,
    targets: data.targets.map((row) => row[0]!),
    units: 6,
    activation: activation.coefficients,
    regularization: 0.01,
  };
  const solutions = result!.solutions.map(({ coordinates }) =>
    networkPoint(share.lagrange, coordinates, arrangement, parityOfNetwork(family)),
  );
  expect(traceDefect(traceCurvatures(network, solutions))).toBeLessThan(1e-12);
});

it('two inputs: a start with units of size 9,274, which f64 does not refine, is followed as others are', async () => {
  const family = lagrangeFamily(2, 2, [0, 1, 2]);
  const set = (await shippedBaseSet(family))!;
  expect(set.solutions).toHaveLength(2172);
  const sizeOf = ({ coordinates }: (typeof set.solutions)[number]): number =>
    Math.max(...coordinates.flat().map(Math.abs));
  const solutions = [...set.solutions].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, 8);
  expect(sizeOf(solutions[0]!)).toBeGreaterThan(9000);
  const targets = [set.parameters.map((_, k) => [Math.cos(k * k), Math.sin(k * k)] as const)];
  const from = { parameters: set.parameters, solutions };
  const options = { from, targets, precision: 'f64', countMilliseconds: 0 } as const;
  const [result] = await solve(noGpu, family.system, options);
  expect(result!.paths).toMatchObject({ tracked: 8, regular: 8, failed: 0 });
  expect(result!.counts.nonsingular).toBe(8);
});
