/** What a device remembers of the structures that it solved. */
import { expect, it } from 'vitest';
import { CpuDevice } from '../../../../src/gpu/index.js';
import { isWorthTheGpu } from '../../../../src/homotopy/gpu/cost.js';
import { SolverResources } from '../../../../src/homotopy/solve/solver-resources.js';
import { example } from '../examples.js';

const CUBIC = 'x^3 + y^3 + z^3 - 1\nx*y*z - 2\nx + y + z - 3';

it('paths of equal structures add up until they are worth a compilation, those of others do not count', () => {
  const resources = new SolverResources(new CpuDevice());
  const { structure } = example(CUBIC).homotopy;
  const software = { software: true };
  const paths = 300;
  expect(isWorthTheGpu(structure, paths, software)).toBe(false);
  expect(resources.pathsAskedFor(example('x^2 + y^2 - 1\nx - y').homotopy.structure, 1e9)).toBe(
    1e9,
  );
  let solves = 0;
  for (let all = 0; !isWorthTheGpu(structure, all, software); solves++) {
    // Another system of the same structure.
    all = resources.pathsAskedFor(example(CUBIC).homotopy.structure, paths);
    expect(all).toBe((solves + 1) * paths);
  }
  expect(solves).toBeGreaterThan(1);
  resources.close();
});
