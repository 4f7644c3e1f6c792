/**
 * The losses of all local minima of a small relu network with one input, by brute force and for small
 * data only: every choice of active rows and kinks, the convex problem by proximal gradient on the rows, and
 * then the network itself is asked, by thousands of small changes of its weights, whether the point is a
 * minimum. It shares nothing with the enumeration, neither code nor the conditions it decides by.
 */

export interface SmallProblem {
  /** Distinct inputs, ascending. */
  readonly x: readonly number[];
  readonly t: readonly number[];
  readonly negativeSlope: number;
  readonly regularization: number;
}

/** One unit's output per row for each of its coefficients, and (w, b) of a coefficient. */
interface Shape {
  readonly features: number[][];
  readonly directions: [number, number][];
}

/** Losses, ascending, of the minima with exactly `units` different live units. */
export function bruteReluMinima(problem: SmallProblem, units: number): number[] {
  const shapes = unitShapes(problem);
  const losses: number[] = [];
  for (const chosen of subsets(shapes, units)) {
    const solution = proximalGradient(problem, chosen);
    if (solution === null) continue;
    const { betas, bias, value } = solution;
    if (betas.some((beta) => Math.hypot(...beta) < 1e-7)) continue;
    // v (w, b) = beta with |v| = |(w, b)|; either sign of v, whichever gives this output.
    for (const signs of signPatterns(units)) {
      const theta = networkOf(betas, bias, signs);
      const loss = lossOf(problem, units, theta);
      if (Math.abs(loss - value) < 1e-9 && isMinimum(problem, units, theta, loss)) {
        losses.push(loss);
      }
    }
  }
  return losses
    .sort((a, b) => a - b)
    .filter((loss, k, all) => k === 0 || loss - all[k - 1]! > 1e-8);
}

function unitShapes({ x, negativeSlope }: SmallProblem): Shape[] {
  const shapes: Shape[] = [];
  const add = (slopes: number[], kink: number | null): void => {
    const directions: [number, number][] =
      kink === null
        ? [
            [1, 0],
            [0, 1],
          ]
        : [[1 / Math.hypot(1, x[kink]!), -x[kink]! / Math.hypot(1, x[kink]!)]];
    const features = directions.map(([w, b]) => x.map((value, i) => slopes[i]! * (w * value + b)));
    if (features.flat().every((entry) => Math.abs(entry) < 1e-12)) return;
    shapes.push({ features, directions });
  };
  for (let cut = 0; cut <= x.length; cut++) {
    const right = x.map((_, i) => (i >= cut ? 1 : negativeSlope));
    const left = x.map((_, i) => (i < cut ? 1 : negativeSlope));
    add(right, null);
    if (cut > 0 && cut < x.length) add(left, null);
    if (cut === x.length) continue;
    add(
      right.map((slope, i) => (i === cut ? 0 : slope)),
      cut,
    );
    add(
      left.map((slope, i) => (i === cut ? 0 : slope)),
      cut,
    );
  }
  if (negativeSlope > 0)
    add(
      x.map(() => 1),
      null,
    );
  return unique(shapes);
}

function unique(shapes: readonly Shape[]): Shape[] {
  const name = (shape: Shape): string => JSON.stringify(shape.features);
  return shapes.filter(
    (shape, k) => shapes.findIndex((other) => name(other) === name(shape)) === k,
  );
}

/** FISTA with restarts on sum over rows; null when it does not settle. */
function proximalGradient(
  { x, t, regularization }: SmallProblem,
  shapes: readonly Shape[],
): { betas: number[][]; bias: number; value: number } | null {
  const rows = x.length;
  const columns = shapes.flatMap(({ features }) => features);
  const n = columns.length;
  let bound = 1 + regularization;
  for (const column of columns)
    bound += column.reduce((sum, entry) => sum + entry * entry, 0) / rows;
  const step = 1 / bound;
  let point = new Array<number>(n + 1).fill(0);
  let ahead = [...point];
  let momentum = 1;
  for (let iteration = 0; iteration < 40_000; iteration++) {
    const residual = x.map((_, i) => {
      let sum = ahead[n]! - t[i]!;
      for (let k = 0; k < n; k++) sum += columns[k]![i]! * ahead[k]!;
      return sum;
    });
    const next = ahead.map((value, k) => {
      let slope = k === n ? regularization * value : 0;
      for (let i = 0; i < rows; i++)
        slope += ((k === n ? 1 : columns[k]![i]!) * residual[i]!) / rows;
      return value - step * slope;
    });
    let at = 0;
    for (const { features } of shapes) {
      const size = Math.hypot(...next.slice(at, at + features.length));
      const kept = size === 0 ? 0 : Math.max(0, 1 - (step * regularization) / size);
      for (let k = 0; k < features.length; k++, at++) next[at]! *= kept;
    }
    const change = Math.hypot(...next.map((value, k) => value - point[k]!));
    const turnsBack =
      next.reduce((sum, value, k) => sum + (ahead[k]! - value) * (value - point[k]!), 0) > 0;
    momentum = turnsBack ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const pull = turnsBack ? 0 : (momentum - 1) / momentum;
    ahead = next.map((value, k) => value + pull * (value - point[k]!));
    point = next;
    if (change < 1e-15 && iteration > 50) break;
  }
  let at = 0;
  const betas = shapes.map(({ features, directions }) => {
    const beta = [0, 0];
    for (let k = 0; k < features.length; k++, at++) {
      beta[0]! += point[at]! * directions[k]![0];
      beta[1]! += point[at]! * directions[k]![1];
    }
    return beta;
  });
  const bias = point[n]!;
  const outputs = x.map((_, i) =>
    columns.reduce((sum, column, k) => sum + column[i]! * point[k]!, bias),
  );
  const value =
    outputs.reduce((sum, y, i) => sum + (y - t[i]!) ** 2, 0) / (2 * rows) +
    regularization * betas.reduce((sum, beta) => sum + Math.hypot(...beta), 0) +
    (regularization / 2) * bias * bias;
  return { betas, bias, value };
}

/** w, b, v of every unit, then c. */
function networkOf(
  betas: readonly (readonly number[])[],
  bias: number,
  signs: readonly number[],
): number[] {
  return [
    ...betas.flatMap(([w, b], j) => {
      const v = signs[j]! * Math.sqrt(Math.hypot(w!, b!));
      return [w! / v, b! / v, v];
    }),
    bias,
  ];
}

function lossOf(problem: SmallProblem, units: number, theta: readonly number[]): number {
  const { x, t, negativeSlope, regularization } = problem;
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    let y = theta[3 * units]! - t[i]!;
    for (let j = 0; j < units; j++) {
      const z = theta[3 * j]! * x[i]! + theta[3 * j + 1]!;
      y += theta[3 * j + 2]! * (z > 0 ? z : negativeSlope * z);
    }
    squares += y * y;
  }
  const norm = theta.reduce((sum, entry) => sum + entry * entry, 0);
  return squares / (2 * x.length) + (regularization / 2) * norm;
}

/** No change of the weights by 1e-4 or 1e-5 lowers the loss. */
function isMinimum(
  problem: SmallProblem,
  units: number,
  theta: readonly number[],
  loss: number,
): boolean {
  let state = 77;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647 - 0.5;
  for (const size of [1e-4, 1e-5]) {
    for (let trial = 0; trial < 4000; trial++) {
      const step = theta.map(random);
      const scale = size / Math.hypot(...step);
      const near = theta.map((entry, k) => entry + scale * step[k]!);
      if (lossOf(problem, units, near) < loss - 1e-15) return false;
    }
  }
  return true;
}

function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, k) =>
    subsets(items.slice(k + 1), size - 1).map((rest) => [item, ...rest]),
  );
}

function signPatterns(size: number): number[][] {
  return Array.from({ length: 2 ** size }, (_, bits) =>
    Array.from({ length: size }, (__, j) => ((bits >> j) & 1 ? -1 : 1)),
  );
}
