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
import { solveBaseSet, StratumError } from './base-set.js';
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

/** What is done: plain data. */
export interface StrataState {
  /** Base sets by number of units and attempt. */
  readonly bases: ReadonlyMap<string, StartSolutions>;
  /** By multiplicities. */
  readonly strata: ReadonlyMap<string, SolveResult>;
}

export interface StrataResult extends SolveResult {
  readonly strata: readonly Stratum[];
}

/** The family of the k-th stratum of a network. */
export function stratumFamily({ family }: StationarityProblem, units: number): LagrangeFamily {
  return lagrangeFamily(family.layout.architecture.layers[0]!, units, family.activation);
}

/** Units of a network, by its number of inputs, with which its critical points can all be written out. */
const MOST_UNITS: Readonly<Record<number, number>> = { 1: 4, 2: 2 };

/** Whether the critical points of a network are found by its strata. */
export function hasStrata({ family }: StationarityProblem): boolean {
  const { layers, bias } = family.layout.architecture;
  const { activation } = family;
  const hasParity = [0, 1].some((parity) =>
    activation.every((coefficient, power) => power % 2 === parity || coefficient.n === 0n),
  );
  const [inputs, units] = layers as [number, number];
  return (
    layers.length === 3 &&
    layers[2] === 1 &&
    bias === true &&
    family.degree >= 2 &&
    !hasParity &&
    units <= (MOST_UNITS[inputs] ?? 0)
  );
}

/** Base sets that are tried when a path has no decided end: one may pass next to a singular member. */
const ATTEMPTS = 3;
const SEED_STRIDE = 7919;

/**
 * @throws StratumError when a base set is not complete
 */
export async function solveStrata(
  device: Device,
  problem: StationarityProblem,
  options: {
    readonly seed: number;
    readonly signal?: AbortSignal;
    /** Goes on from such a state of the same call. */
    readonly resume?: StrataState;
    /** Takes the state after every base set and every stratum. */
    readonly onCheckpoint?: (state: StrataState) => void;
    readonly onProgress?: (multiplicities: readonly number[]) => void;
  },
): Promise<StrataResult> {
  const begin = performance.now();
  const { seed, signal, onProgress } = options;
  const units = problem.family.layout.architecture.layers[1]!;
  const numeric = member(problem.family.gradient, problem.point.parameters);
  const known = new Map(options.resume?.strata);
  const sets = new BaseSets(device, problem, options, () => {
    options.onCheckpoint?.({ bases: sets.known, strata: known });
  });
  const strata: Stratum[] = [];
  const results: SolveResult[] = [];
  const solutions: Solution[] = [];
  const shares = Array.from({ length: units }, (_, k) => compositions(units, k + 1)).flat();
  for (const multiplicities of shares) {
    onProgress?.(multiplicities);
    const lagrange = stratumFamily(problem, multiplicities.length);
    const target = parametersOf(problem, lagrange, multiplicities);
    let result = known.get(multiplicities.join());
    const isKnown = result !== undefined;
    for (let attempt = 0; attempt < ATTEMPTS && !isKnown && !signal?.aborted; attempt++) {
      const [found] = await solve(device, lagrange.system, {
        from: await sets.get(multiplicities.length, attempt),
        targets: [target],
        seed: seed + SEED_STRIDE * attempt,
        precision: 'f64',
        countMilliseconds: 0,
        certify: true,
        representatives: true,
        ...(signal && { signal }),
      });
      if (found && !(found.paths.failed >= (result?.paths.failed ?? Infinity))) result = found;
      if (result?.paths.failed === 0) break;
    }
    if (result === undefined) break;
    if (!isKnown && !result.partial && !signal?.aborted) {
      known.set(multiplicities.join(), result);
      options.onCheckpoint?.({ bases: sets.known, strata: known });
    }
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
  return combine(problem, results, {
    strata,
    solutions,
    isAll: results.length === shares.length,
    begin,
  });
}

/** Base sets by number of different units and attempt, each solved once. */
class BaseSets {
  readonly known: Map<string, StartSolutions>;

  constructor(
    private readonly device: Device,
    private readonly problem: StationarityProblem,
    private readonly options: {
      readonly seed: number;
      readonly signal?: AbortSignal;
      readonly resume?: StrataState;
    },
    /** Told after every set that is complete. */
    private readonly onSet: () => void,
  ) {
    this.known = new Map(options.resume?.bases);
  }

  /** @throws StratumError when as many seeds as there are attempts give no complete one */
  async get(units: number, attempt: number): Promise<StartSolutions> {
    const key = `${units} ${attempt}`;
    const before = this.known.get(key);
    if (before) return before;
    let incomplete: readonly number[] = [];
    for (let other = 0; other < ATTEMPTS && !this.options.signal?.aborted; other++) {
      const { parameters, solutions, found, isComplete, partial } = await solveBaseSet(
        this.device,
        stratumFamily(this.problem, units),
        { ...this.options, seed: this.options.seed + SEED_STRIDE * (attempt + ATTEMPTS * other) },
      );
      if (!isComplete && !partial) {
        incomplete = found;
        continue;
      }
      const set = { parameters: parameters!, solutions };
      if (!this.options.signal?.aborted) {
        this.known.set(key, set);
        this.onSet();
      }
      return set;
    }
    throw new StratumError(
      `the base set of ${units} different units is not complete: members of the family have ${incomplete.join(', ')} solutions, where general ones have equally many; try another seed`,
    );
  }
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
    /** Whether every stratum was solved. */
    readonly isAll: boolean;
    readonly begin: number;
  },
): StrataResult {
  const { strata, solutions, isAll, begin } = parts;
  const { gradient } = problem.family;
  const sum = (value: (result: SolveResult) => number): number =>
    results.reduce((total, result) => total + value(result), 0);
  const partial = !isAll || results.some((result) => result.partial);
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
    const expected = strata.reduce(
      (total, { paths: orbits, copies }) => total + orbits * copies,
      0,
    );
    const found = solutions.length;
    const { tracked, failed, atInfinity, weak } = paths;
    const kinds = [...new Set(strata.map(({ multiplicities }) => multiplicities.length))].join(
      ', ',
    );
    return {
      check: 'strata',
      value: { strata: strata.length, tracked, failed, atInfinity, weak, found, expected },
      proves: partial
        ? 'nothing: not all paths were followed'
        : failed > 0
          ? `nothing: ${failed} of ${tracked} paths have no decided end, and each may lead to a solution`
          : `every isolated critical point is the end of one of ${tracked} paths, or a copy of one, if the base sets of networks with ${kinds} different units are complete${found === expected ? '; no path went to infinity' : `; ${atInfinity} paths went to infinity`}`,
    };
  }
}
