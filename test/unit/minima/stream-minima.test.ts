/**
 * Believed afterwards: data sets in a stream have the critical points that each has by itself. The truth: the same data solved
 * one by one from another base (the strata with another seed), and the Euler sum.
 */
import { expect, it } from 'vitest';
import { networkFamily } from '../../../src/minima/network-family.js';
import { minimaOfSolved, stationarityProblem } from '../../../src/minima/find-minima.js';
import { countPoints } from '../../../src/minima/critical-points.js';
import { solveStrata } from '../../../src/minima/strata/solve-strata.js';
import { streamMinima } from '../../../src/minima/stream-minima.js';
import { rationalFromDecimal } from '../../../src/math/rational.js';
import { noGpu } from '../homotopy/no-gpu.js';
import { shippedBaseSet } from './strata/shipped-base-set.js';

const problems = [1, 2, 3].map((k) =>
  stationarityProblem({
    data: {
      inputs: [[-1.3], [-0.4], [0.2 * k], [0.9], [1.7]],
      targets: [[0.7], [-0.5 * k], [0.1], [-0.8], [1.2]],
    },
    architecture: { layers: [1, 1, 1] },
    activation: { name: 'relu', degree: 2 },
    regularization: 0.01,
  }),
);

it('finds the critical points of every data set, in order', async () => {
  const { family } = problems[0]!;
  const points = problems.map(({ point }) => point);
  let next = 0;
  for await (const streamed of streamMinima(noGpu, family, points, {
    findBaseSet: shippedBaseSet,
  })) {
    expect(streamed).toMatchObject({ index: next, solutions: 33, failed: 0, eulerSum: 1 });
    const problem = problems[next++]!;
    const alone = await solveStrata(noGpu, problem, { seed: 7, findBaseSet: shippedBaseSet });
    const minima = minimaOfSolved(problem, alone);
    expect(countPoints(streamed.points)).toBe(minima.points.length);
    streamed.minima.forEach((place, k) => {
      const { loss } = minima.points[minima.minima[k]!]!;
      expect(streamed.points[place]!.loss).toBeCloseTo(loss, 10);
    });
  }
  expect(next).toBe(3);
});

it('refuses networks without strata, and names the shape', async () => {
  const deep = networkFamily({ layers: [1, 1, 1, 1] }, [0, 1, 1].map(rationalFromDecimal));
  await expect(streamMinima(noGpu, deep, []).next()).rejects.toThrow(/one hidden layer.*1-1-1-1/);
});
