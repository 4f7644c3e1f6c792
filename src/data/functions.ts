/**
 * Functions of one variable that deep narrow networks are known to fail on: most random
 * initializations end at a constant (Lu, Shin, Su, Karniadakis, "Dying ReLU and initialization:
 * theory and numerical examples", 2019, section 4).
 */
import { randomStream } from '../math/random.js';
import { makeDataset, type Dataset } from './dataset.js';

export interface RegressionTask {
  readonly name: string;
  readonly interval: readonly [from: number, to: number];
  readonly value: (x: number) => number;
}

const SQRT3 = Math.sqrt(3);

/** x on [-sqrt 3, sqrt 3] has variance 1, as initializers expect of inputs. */
const INTERVAL = [-SQRT3, SQRT3] as const;

/** By name. */
export const REGRESSION_TASKS = {
  abs: { name: 'abs', interval: INTERVAL, value: Math.abs },
  /** 1 above 0, else 0. */
  step: { name: 'step', interval: INTERVAL, value: (x) => (x > 0 ? 1 : 0) },
  /** x sin 5x */
  'x-sin5x': { name: 'x-sin5x', interval: INTERVAL, value: (x) => x * Math.sin(5 * x) },
  sin3x: { name: 'sin3x', interval: INTERVAL, value: (x) => Math.sin(3 * x) },
} as const satisfies Record<string, RegressionTask>;

export type RegressionTaskName = keyof typeof REGRESSION_TASKS;

/** Random stream of sample points (the first word of the address, see math/random.ts). */
const POINTS_STREAM = 0xf07c7;

/**
 * Points (x, value(x)) of a task: [1] input, one target value.
 *
 * @param options.points at least 2, default 128
 * @param options.seed draws x uniformly on the interval, in ascending order; without a seed the
 *   points are equidistant and include both ends
 * @throws RangeError for fewer than 2 points
 */
export function sampleFunction(
  task: RegressionTask,
  options: { readonly points?: number; readonly seed?: number } = {},
): Dataset {
  const { points = 128, seed } = options;
  if (!Number.isInteger(points) || points < 2) {
    throw new RangeError(`at least 2 points are needed, not ${points}`);
  }
  const [from, to] = task.interval;
  const random = seed === undefined ? null : randomStream(seed, POINTS_STREAM);
  const inputs = Float32Array.from({ length: points }, (_, index) => {
    const share = random === null ? index / (points - 1) : random.uniform();
    return from + share * (to - from);
  }).sort();
  return makeDataset({
    name: task.name,
    shape: [1],
    inputs,
    targets: { kind: 'values', values: inputs.map(task.value), width: 1 },
  });
}
