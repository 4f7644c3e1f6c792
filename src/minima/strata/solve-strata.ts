/**
 * All critical points of a polynomial network with one hidden layer of any width, from the base sets of its strata: for
 * each number k of different units and each way to share h units among them, as many paths as the base set has orbits;
 * then the copies, by arranging the units.
 */
import type { Device } from '../../gpu/index.js';
import {
  solve,
  type CompletenessCheck,
  type Solution,
  type SolveResult,
  type StartSolutions,
} from '../../homotopy/index.js';
import { member, residual } from '../../polynomial/index.js';
import type { StationarityProblem } from '../find-minima.js';
import { lagrangeFamily, type LagrangeFamily } from './lagrange-family.js';

/** One way to share the hidden units among different ones. */
export interface Stratum {
  /** How many units each different one stands for. */
  readonly multiplicities: readonly number[];
  /** Paths that were followed, one an orbit, and how many of them ended at a solution. */
  readonly paths: number;
  readonly solutions: number;
  /** Arrangements of the units of each. */
  readonly copies: number;
}

export interface StrataResult extends SolveResult {
  readonly strata: readonly Stratum[];
}

/** General members of the strata: entry k - 1 has k different units. */
export type BaseSets = readonly StartSolutions[];

/** The family of the k-th stratum of a network. */
export function stratumFamily({ family }: StationarityProblem, units: number): LagrangeFamily {
  return lagrangeFamily(family.layout.architecture.layers[0]!, units, family.activation);
}

/** Solutions of the whole network that these bases lead to: sum of orbits times copies. */
export function countStrataSolutions(bases: BaseSets, units: number): number {
  return bases.reduce(
    (sum, { solutions }, k) =>
      sum +
      compositions(units, k + 1).reduce(
        (total, shares) => total + solutions.length * countArrangements(shares),
        0,
      ),
    0,
  );
}

/** @param bases with 1, 2, ... different units, as many as the network may have */
export async function solveStrata(
  device: Device,
  problem: StationarityProblem,
  bases: BaseSets,
  options: {
    readonly seed: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<StrataResult> {
  const begin = performance.now();
  const units = problem.family.layout.architecture.layers[1]!;
  const numeric = member(problem.family.gradient, problem.point.parameters);
  const jobs = bases.flatMap((base, k) =>
    compositions(units, k + 1).map((multiplicities) => ({ base, multiplicities })),
  );
  const strata: Stratum[] = [];
  const results: SolveResult[] = [];
  const solutions: Solution[] = [];
  for (const [done, { base, multiplicities }] of jobs.entries()) {
    if (options.signal?.aborted) break;
    options.onProgress?.(done, jobs.length);
    const lagrange = stratumFamily(problem, multiplicities.length);
    const [result] = await solve(device, lagrange.system, {
      from: base,
      targets: [parametersOf(problem, lagrange, multiplicities)],
      seed: options.seed,
      precision: 'f64',
      countMilliseconds: 0,
      certify: true,
      ...(options.signal && { signal: options.signal }),
    });
    if (result === undefined) break;
    results.push(result);
    const arranged = arrangements(multiplicities);
    strata.push({
      multiplicities,
      paths: result.start.paths,
      solutions: result.solutions.length,
      copies: arranged.length,
    });
    for (const solution of result.solutions) {
      for (const arrangement of arranged) {
        const coordinates = networkPoint(lagrange, solution.coordinates, arrangement);
        solutions.push({
          ...solution,
          coordinates,
          residual: residual(numeric, coordinates.flat()),
        });
      }
    }
  }
  return combine(problem, results, { strata, solutions, jobs: jobs.length, bases, units, begin });
}

/** Ordered lists of k whole numbers above 0 that add up to n. */
export function compositions(n: number, k: number): number[][] {
  if (k === 1) return n >= 1 ? [[n]] : [];
  return Array.from({ length: Math.max(0, n - k + 1) }, (_, first) =>
    compositions(n - first - 1, k - 1).map((rest) => [first + 1, ...rest]),
  ).flat();
}

/** All different orders of units of which unit j stands multiplicities[j] times. */
function arrangements(multiplicities: readonly number[]): number[][] {
  if (multiplicities.every((left) => left === 0)) return [[]];
  return multiplicities.flatMap((left, unit) =>
    left === 0
      ? []
      : arrangements(multiplicities.map((each, k) => (k === unit ? each - 1 : each))).map(
          (rest) => [unit, ...rest],
        ),
  );
}

function countArrangements(multiplicities: readonly number[]): number {
  let count = 1;
  let placed = 0;
  for (const share of multiplicities) {
    for (let k = 1; k <= share; k++) count = (count * ++placed) / k;
  }
  return Math.round(count);
}

/** lambda, multiplicities and moments, in the order of the Lagrange family. */
function parametersOf(
  { family, point }: StationarityProblem,
  lagrange: LagrangeFamily,
  multiplicities: readonly number[],
): number[] {
  const valueOf = (kind: 'input' | 'target', exponents: readonly number[]): number => {
    const place = family.parameters.findIndex(
      (parameter) => parameter.kind === kind && parameter.exponents.join() === exponents.join(),
    );
    return point.parameters[place]!;
  };
  return [
    point.parameters[family.parameters.findIndex(({ kind }) => kind === 'regularization')]!,
    ...multiplicities,
    ...lagrange.momentExponents.map((a) => valueOf('input', a)),
    ...lagrange.exponents.map((a) => valueOf('target', a)),
  ];
}

/** In the order of the network's unknowns: weights row by row, biases, output weights, output bias. */
function networkPoint(
  { inputs, units }: LagrangeFamily,
  coordinates: Solution['coordinates'],
  arrangement: readonly number[],
): Solution['coordinates'] {
  const size = inputs + 2;
  const unit = (j: number) => coordinates.slice(j * size, (j + 1) * size);
  return [
    ...arrangement.flatMap((j) => unit(j).slice(0, inputs)),
    ...arrangement.map((j) => unit(j)[inputs]!),
    ...arrangement.map((j) => unit(j)[inputs + 1]!),
    coordinates[units * size]!,
  ];
}

function combine(
  problem: StationarityProblem,
  results: readonly SolveResult[],
  parts: {
    readonly strata: readonly Stratum[];
    readonly solutions: readonly Solution[];
    readonly jobs: number;
    readonly bases: BaseSets;
    readonly units: number;
    readonly begin: number;
  },
): StrataResult {
  const { strata, solutions, jobs, bases, units, begin } = parts;
  const { gradient } = problem.family;
  const sum = (value: (result: SolveResult) => number): number =>
    results.reduce((total, result) => total + value(result), 0);
  const partial = results.length < jobs || results.some((result) => result.partial);
  const counts = {
    distinct: solutions.length,
    nonsingular: solutions.filter(({ singular }) => !singular).length,
    real: solutions.filter(({ real }) => real).length,
  };
  const paths = Object.fromEntries(
    Object.keys(results[0]?.paths ?? {}).map((key) => [
      key,
      sum((result) => result.paths[key as keyof SolveResult['paths']]),
    ]),
  ) as unknown as SolveResult['paths'];
  const check = strataCheck();
  return {
    ...results[0]!,
    system: { name: gradient.name, variables: gradient.variables, degrees: gradient.degrees },
    parameters: problem.point.parameters.map((value) => [value, 0] as const),
    start: {
      kind: 'parameters',
      structure: [],
      groups: [],
      paths: sum(({ start }) => start.paths),
    },
    paths,
    failedPaths: results.flatMap(({ failedPaths }) => failedPaths),
    recovered: 0,
    solutions,
    counts,
    strata,
    completeness: [check],
    timing: {
      totalMs: performance.now() - begin,
      trackingMs: sum(({ timing }) => timing.trackingMs),
      compileMs: sum(({ timing }) => timing.compileMs),
    },
    partial,
    warnings: [...new Set(results.flatMap(({ warnings }) => warnings))],
  };

  function strataCheck(): CompletenessCheck {
    const expected = countStrataSolutions(bases, units);
    const found = solutions.length;
    const { tracked, failed, atInfinity, weak } = paths;
    return {
      check: 'strata',
      value: { strata: strata.length, tracked, failed, atInfinity, weak, found, expected },
      proves: partial
        ? 'nothing: not all paths were followed'
        : failed > 0
          ? `nothing: ${failed} of ${tracked} paths have no decided end, and each may lead to a solution`
          : `every isolated critical point is the end of one of ${tracked} paths, or a copy of one, if the base sets of the ${strata.length} strata are complete (${bases.map((base) => base.solutions.length).join(', ')} orbits of 1, 2, ... different units)${found === expected ? '; no path went to infinity' : `; ${atInfinity} paths went to infinity`}`,
    };
  }
}
