/**
 * The trace test. Let the target moments of a network's stationarity system move on a line, Q + s q. Every solution
 * moves with s, and with it the coefficients y_a of its network function y(x). The sum of each y_a over the complete
 * set of solutions is a function of s alone: single-valued, since going around a loop only exchanges solutions; without
 * poles, where none goes to infinity; and of the growth of s, as y must fit targets of that size. So it is affine. One
 * solution left out leaves a branched function, whose second derivative is not zero.
 *
 * The sum over each irreducible component of the solutions (equal units, dead units, all different) is affine by itself:
 * that a whole component is missing the test cannot see. The counts of the components can.
 *
 * The second derivative at s = 0 follows from the solutions alone, by implicit differentiation: no path is followed.
 */
import { solveComplexLinear } from '../../math/complex-linear.js';
import { randomStream } from '../../math/random.js';
import { series, StationaritySystem, type ShallowNetwork } from './shallow-network.js';

const STREAM = 0x7_1ace;

/** [re, im] of W row by row, b, v and c. */
type Point = readonly (readonly [number, number])[];

/** Up to here a defect is rounding: complete sets have 1e-12 or less, incomplete ones 5e-7 or more. */
export const LARGEST_DEFECT = 1e-9;

/**
 * Half the second derivatives of the y_a of each solution, for a random complex q: re, im of each.
 *
 * @param solutions [re, im] of W row by row, b, v and c
 * @returns null for a singular one
 */
export function traceCurvatures(
  network: ShallowNetwork,
  solutions: readonly Point[],
  seed = 1,
): (Float64Array | null)[] {
  const random = randomStream(seed, STREAM);
  const shifts: [number, number][] = [];
  const system = new StationaritySystem(
    network,
    (index) => (shifts[index] ??= random.unitCircle()),
  );
  return solutions.map((solution) => curvatureAt(system, solution));
}

/**
 * max_a |sum y_a''| / sum |y_a''|: 0 up to rounding for a complete set. NaN when one is singular.
 *
 * @param copies how many solutions with the same network function each stands for; null for 1
 */
export function traceDefect(
  curvatures: readonly (Float64Array | null)[],
  copies: readonly number[] | null = null,
): number {
  const size = curvatures[0]?.length ?? 0;
  const sums = new Float64Array(size);
  const sizes = new Float64Array(size / 2);
  for (const [place, curvature] of curvatures.entries()) {
    if (curvature === null) return NaN;
    const weight = copies?.[place] ?? 1;
    curvature.forEach((part, k) => (sums[k]! += weight * part));
    sizes.forEach(
      (_, a) => (sizes[a]! += weight * Math.hypot(curvature[2 * a]!, curvature[2 * a + 1]!)),
    );
  }
  return sizes.reduce((largest, all, a) => {
    const defect = Math.hypot(sums[2 * a]!, sums[2 * a + 1]!);
    return Math.max(largest, all === 0 ? 0 : defect / all);
  }, 0);
}

/**
 * How much of a defect may be rounding: the sum of the changes of the y_a'' when Newton's method moves each solution once more,
 * relative as the defect is. NaN when one is singular.
 *
 * @param curvatures of the solutions
 */
export function traceRounding(
  network: ShallowNetwork,
  solutions: readonly Point[],
  curvatures: readonly (Float64Array | null)[],
  copies: readonly number[] | null = null,
): number {
  const system = new StationaritySystem(network, () => [0, 0]);
  const moved = traceCurvatures(
    network,
    solutions.map((solution) => newtonStep(system, solution)),
  );
  let [change, all] = [0, 0];
  for (const [place, before] of curvatures.entries()) {
    const after = moved[place];
    if (!before || !after) return NaN;
    const weight = copies?.[place] ?? 1;
    change += weight * Math.hypot(...before.map((part, k) => part - after[k]!));
    all += weight * Math.hypot(...before);
  }
  return change / all;
}

function curvatureAt(system: StationaritySystem, solution: Point): Float64Array | null {
  const { still, solve } = linearized(system, solution);
  const first = solve((row) => [-still[row]![2]!, -still[row]![3]!]);
  if (first === null) return null;
  const linear = solution.map((each, k) => series(...each, first[2 * k]!, first[2 * k + 1]!));
  const bent = system.evaluate(linear).gradient;
  const second = solve((row) => [-bent[row]![4]!, -bent[row]![5]!])!;
  const { outputs } = system.evaluate(
    linear.map((each, k) => {
      const full = each.slice();
      full.set(second.subarray(2 * k, 2 * k + 2), 4);
      return full;
    }),
  );
  return Float64Array.from(outputs.flatMap((output) => [output[4]!, output[5]!]));
}

/** One more Newton iteration at s = 0; a singular solution stays. */
function newtonStep(system: StationaritySystem, solution: Point): Point {
  const { still, solve } = linearized(system, solution);
  const step = solve((row) => [-still[row]![0]!, -still[row]![1]!]);
  return step === null
    ? solution
    : solution.map(([re, im], k) => [re + step[2 * k]!, im + step[2 * k + 1]!] as const);
}

/** The gradient at a solution that does not move with s, and solver of linear systems with its Jacobian (null: singular). */
function linearized(system: StationaritySystem, solution: Point) {
  const n = system.unknowns;
  const fixed = solution.map((each) => series(...each));
  // The Jacobian, column by column: the part of s when one unknown moves with s, less the target's own.
  const still = system.evaluate(fixed).gradient;
  const matrix = new Float64Array(2 * n * (n + 1));
  const width = 2 * (n + 1);
  for (let column = 0; column < n; column++) {
    const moved = fixed.map((each, k) => (k === column ? series(...solution[k]!, 1) : each));
    system.evaluate(moved).gradient.forEach((entry, row) => {
      matrix[row * width + 2 * column] = entry[2]! - still[row]![2]!;
      matrix[row * width + 2 * column + 1] = entry[3]! - still[row]![3]!;
    });
  }
  const solve = (right: (row: number) => readonly [number, number]): Float64Array | null => {
    const work = matrix.slice();
    for (let row = 0; row < n; row++) work.set(right(row), row * width + 2 * n);
    if (solveComplexLinear(work, n, 1) === 0) return null;
    return Float64Array.from(
      { length: 2 * n },
      (_, k) => work[(k >> 1) * width + 2 * n + (k % 2)]!,
    );
  };
  return { still, solve };
}
