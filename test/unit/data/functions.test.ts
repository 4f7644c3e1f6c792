/**
 * Believed afterwards: the regression tasks are |x|, the step, x sin 5x and sin 3x on [-sqrt 3,
 * sqrt 3], as many points as asked, repeatable by seed. The truth is known values of the functions.
 */
import { expect, it } from 'vitest';
import { REGRESSION_TASKS, sampleFunction } from '../../../src/data/functions.js';

it('has known values', () => {
  const at = (name: keyof typeof REGRESSION_TASKS, x: number): number =>
    REGRESSION_TASKS[name].value(x);
  expect([at('abs', -0.5), at('abs', 0.25)]).toEqual([0.5, 0.25]);
  expect([at('step', -0.5), at('step', 0), at('step', 1e-9)]).toEqual([0, 0, 1]);
  expect(at('x-sin5x', Math.PI / 10)).toBeCloseTo(Math.PI / 10, 15);
  expect(at('sin3x', -Math.PI / 6)).toBeCloseTo(-1, 15);
});

it.each(Object.values(REGRESSION_TASKS))('samples $name', (task) => {
  const grid = sampleFunction(task);
  expect(grid).toMatchObject({ name: task.name, shape: [1], count: 128 });
  const x = [...grid.inputs];
  expect([x[0], x[127]]).toEqual([Math.fround(-Math.sqrt(3)), Math.fround(Math.sqrt(3))]);
  const steps = x.slice(1).map((value, index) => value - x[index]!);
  for (const step of steps) expect(step).toBeCloseTo((2 * Math.sqrt(3)) / 127, 6);
  const { targets } = grid;
  expect(targets).toMatchObject({ kind: 'values', width: 1 });
  if (targets.kind !== 'values') throw new Error('values');
  x.forEach((value, index) => expect(targets.values[index]).toBe(Math.fround(task.value(value))));
});

it('draws points by seed', () => {
  const task = REGRESSION_TASKS.sin3x;
  const points = (seed: number): number[] => [
    ...sampleFunction(task, { points: 500, seed }).inputs,
  ];
  expect(points(1)).toEqual(points(1));
  expect(points(1)).not.toEqual(points(2));
  expect(points(1)).toEqual([...points(1)].sort((a, b) => a - b));
  // Uniform on [-sqrt 3, sqrt 3]: mean 0 and variance 1, within five standard errors.
  const mean = points(1).reduce((sum, x) => sum + x, 0) / 500;
  const square = points(1).reduce((sum, x) => sum + x * x, 0) / 500;
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(500));
  expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(0.8 / 500));
  expect(() => sampleFunction(task, { points: 1 })).toThrow(/at least 2 points/);
});
