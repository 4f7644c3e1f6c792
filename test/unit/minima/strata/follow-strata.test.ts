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
import { stationarityProblem } from '../../../../src/minima/find-minima.js';
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
