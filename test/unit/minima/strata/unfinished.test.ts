/**
 * Believed afterwards: where workers die again and again the critical points that were found come with the error, in the
 * unknowns of the network, and are solutions; that they are not all is said.
 */
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CpuDevice } from '../../../../src/gpu/index.js';
import { UnfinishedSolveError, WorkerError } from '../../../../src/homotopy/index.js';
import { stationarityProblem } from '../../../../src/minima/find-minima.js';
import { solveStrata } from '../../../../src/minima/strata/solve-strata.js';
import { shippedBaseSet } from './shipped-base-set.js';

const MORTAL = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ kind }) => kind === 'work' && process.exit(1));
  parentPort.postMessage({ lpsWorker: true, lock: null });`;

const problem = stationarityProblem({
  data: {
    inputs: [[-1.3], [-0.4], [0.2], [0.9], [1.7]],
    targets: [[0.7], [-0.5], [0.1], [-0.8], [1.2]],
  },
  architecture: { layers: [1, 2, 1] },
  activation: { name: 'relu', degree: 2 },
  regularization: 0.01,
});

let device: CpuDevice;
beforeEach(() => {
  device = new CpuDevice({ createWorker: () => new Worker(MORTAL, { eval: true }) as never });
});
afterEach(() => {
  device.close();
});

async function failureOf(solving: Promise<unknown>): Promise<UnfinishedSolveError> {
  const error = await solving.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnfinishedSolveError);
  return error as UnfinishedSolveError;
}

it('gives the strata that are done, and says that these are not all', async () => {
  const { cause, results } = await failureOf(
    solveStrata(device, problem, { seed: 1, findBaseSet: shippedBaseSet }),
  );
  expect(cause).toBeInstanceOf(WorkerError);
  expect(results).toHaveLength(1);
  const [{ partial, system, solutions, completeness }] = results as [(typeof results)[0]];
  expect(partial).toBe(true);
  expect(system.variables).toEqual(problem.family.gradient.variables);
  expect(completeness[0]!.proves).toMatch(/^nothing: not all paths were followed/);
  for (const { residual } of solutions) expect(residual).toBeLessThan(1e-12);
});
