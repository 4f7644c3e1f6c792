/**
 * Believed afterwards: the coefficients a solve starts from have no unsafe start solution in the
 * sample. The truth comes from the definition: the condition of the chosen forms and the value of
 * the other factors.
 */
import { expect, test } from 'vitest';
import {
  checkStartSolution,
  chooseStart,
  createStartTable,
  drawStart,
  startCoefficients,
} from '../../../../src/homotopy/start/index.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';

test('every start solution of a small product start is safe, for many seeds', () => {
  const system = parseSystem('x*y + x + y - 1\nx^2*y - 3*x + 2');
  const plan = chooseStart(system, { start: 'multihomogeneous', partition: [[0], [1]] });
  const table = createStartTable(plan);
  for (let seed = 0; seed < 200; seed++) {
    const coefficients = drawStart(plan, table, seed);
    for (let id = 0; id < Number(plan.paths); id++) {
      expect(checkStartSolution(plan, table, coefficients, id)).toMatchObject({ ok: true });
    }
  }
});

test('safe coefficients stay as they were drawn', () => {
  const system = parseSystem('x*y - 1\nx + y - 3');
  const plan = chooseStart(system, { start: 'multihomogeneous', partition: [[0], [1]] });
  const drawn = startCoefficients(plan, 5);
  expect(drawStart(plan, createStartTable(plan), 5).values).toEqual(drawn.values);
});
