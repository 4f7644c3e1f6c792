/**
 * All critical points of a polynomial network with one hidden layer of any width, from the base sets of its strata: for
 * each number k of different units and each way to share the h units among them, as many paths as the base set has orbits.
 * The copies, by arranging the units and by signs where these do not matter, are written out where they are few.
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
import { solveBaseSet } from './base-set.js';
import { countDifferentUnits, parityOf } from './general-seed.js';
import { lagrangeFamily, type LagrangeFamily } from './lagrange-family.js';
import {
  arrangements,
  compositions,
  countCopies,
  firstArrangement,
  networkPoint,
} from './stratum-copies.js';

/** One way to share the hidden units among different ones. */
export interface Stratum {
  /** How many units each different one stands for; the rest, where there is one, is dead. */
  readonly multiplicities: readonly number[];
  /** Paths that were followed, one an orbit, and how many of them ended at a solution. */
  readonly paths: number;
  readonly solutions: number;
  /** Arrangements and signs of the units of each. */
  readonly copies: number;
}

export interface StrataResult extends SolveResult {
  readonly strata: readonly Stratum[];
}

/** Looks for the base set of a family in store; null where there is none. */
export type FindBaseSet = (family: LagrangeFamily) => Promise<StartSolutions | null>;

interface StrataOptions {
  readonly seed: number;
  /** Default: every base set is found anew. */
  readonly findBaseSet?: FindBaseSet;
  readonly signal?: AbortSignal;
  readonly onProgress?: (multiplicities: readonly number[]) => void;
}

/** The family of the k-th stratum of a network. */
export function stratumFamily({ family }: StationarityProblem, units: number): LagrangeFamily {
  return lagrangeFamily(family.layout.architecture.layers[0]!, units, powersOf(family.activation));
}

function powersOf(activation: StationarityProblem['family']['activation']): number[] {
  return activation.flatMap((coefficient, power) => (coefficient.n === 0n ? [] : [power]));
}

/** Beyond these widths base sets take minutes, or there are millions of critical points up to copies. */
function mostUnits(inputs: number, powers: readonly number[]): number {
  switch (parityOf(powers)) {
    case 'odd':
      return { 1: 3, 2: 1 }[inputs] ?? 0;
    case 'even':
      // Units of p(0) != 0 live without weights, and with three units of z^2 critical points are no longer isolated.
      return powers.join() === '2' && inputs <= 2 ? 2 : 0;
    case null:
      if (inputs === 1) return powers.at(-1) === 2 ? 12 : 4;
      return inputs === 2 ? 2 : 0;
  }
}

/** Whether the critical points of a network are found by its strata. */
export function hasStrata({ family }: StationarityProblem): boolean {
  const { layers, bias } = family.layout.architecture;
  const [inputs, units] = layers as [number, number];
  return (
    layers.length === 3 &&
    layers[2] === 1 &&
    bias === true &&
    family.degree >= 2 &&
    units <= mostUnits(inputs, powersOf(family.activation))
  );
}

/** Base sets that are tried when a path has no decided end: one may pass next to a singular member. */
const ATTEMPTS = 3;
const SEED_STRIDE = 7919;
/** With more critical points there is one solution of each orbit in the result, with the number of its copies. */
const MOST_WRITTEN_OUT = 5000;

/**
 * @throws StratumError when a base set is not complete
 */
export async function solveStrata(
  device: Device,
  problem: StationarityProblem,
  options: StrataOptions,
): Promise<StrataResult> {
  const begin = performance.now();
  const { signal, onProgress } = options;
  const { layers } = problem.family.layout.architecture;
  const hidden = layers[1]!;
  const sets = new BaseSets(device, options);
  const shares = await sharesOf(device, problem, options.seed);
  const solved: { stratum: Stratum; lagrange: LagrangeFamily; result: SolveResult }[] = [];
  const parity = parityOf(powersOf(problem.family.activation));
  for (const multiplicities of shares) {
    onProgress?.(multiplicities);
    const lagrange = stratumFamily(problem, multiplicities.length);
    const target = parametersOf(problem, lagrange, multiplicities);
    const result = await followBaseSet(device, lagrange, target, sets, options);
    if (result === undefined) break;
    solved.push({
      lagrange,
      result,
      stratum: {
        multiplicities,
        paths: result.start.paths,
        solutions: result.solutions.length,
        copies: countCopies(hidden, multiplicities, parity),
      },
    });
    if (signal?.aborted) break;
  }
  const strata = solved.map(({ stratum }) => stratum);
  const all = strata.reduce((sum, each) => sum + each.solutions * each.copies, 0);
  const numeric = member(problem.family.gradient, problem.point.parameters);
  const solutions = solved.flatMap(({ lagrange, result, stratum }) => {
    const { multiplicities, copies } = stratum;
    const isWrittenOut = all <= MOST_WRITTEN_OUT;
    const arranged = isWrittenOut
      ? arrangements(hidden, multiplicities, parity)
      : [firstArrangement(hidden, multiplicities)];
    return result.solutions.flatMap((solution) =>
      arranged.map((arrangement): Solution => {
        const coordinates = networkPoint(lagrange, solution.coordinates, arrangement, parity);
        return {
          ...solution,
          coordinates,
          residual: residual(numeric, coordinates.flat()),
          ...(!isWrittenOut && { copies }),
        };
      }),
    );
  });
  return combine(
    problem,
    solved.map(({ result }) => result),
    { strata, solutions, isAll: solved.length === shares.length, begin },
  );
}

/** All ways to share the units among different ones, and dead ones where these are none. */
async function sharesOf(
  device: Device,
  problem: StationarityProblem,
  seed: number,
): Promise<number[][]> {
  const { family } = problem;
  const hidden = family.layout.architecture.layers[1]!;
  const most =
    hidden < 3 ? hidden : await countDifferentUnits(device, stratumFamily(problem, 1), seed);
  const hasDead = parityOf(powersOf(family.activation)) !== null;
  const totals = hasDead ? Array.from({ length: hidden + 1 }, (_, k) => k) : [hidden];
  return totals
    .flatMap((total) =>
      Array.from({ length: Math.min(most, total) + 1 }, (_, k) => compositions(total, k)).flat(),
    )
    .sort((a, b) => a.length - b.length);
}

async function followBaseSet(
  device: Device,
  lagrange: LagrangeFamily,
  target: readonly number[],
  sets: BaseSets,
  { seed, signal }: StrataOptions,
): Promise<SolveResult | undefined> {
  let best: SolveResult | undefined;
  for (let attempt = 0; attempt < ATTEMPTS && !signal?.aborted; attempt++) {
    const [found] = await solve(device, lagrange.system, {
      from: await sets.get(lagrange, attempt),
      targets: [target],
      seed: seed + SEED_STRIDE * attempt,
      precision: 'f64',
      countMilliseconds: 0,
      certify: true,
      representatives: true,
      ...(signal && { signal }),
    });
    if (found && !(found.paths.failed >= (best?.paths.failed ?? Infinity))) best = found;
    if (best?.paths.failed === 0) break;
  }
  return best;
}

/** Base sets by number of different units and attempt, each solved or read once. */
class BaseSets {
  private readonly known = new Map<string, StartSolutions>();

  constructor(
    private readonly device: Device,
    private readonly options: StrataOptions,
  ) {}

  /** The stored one first, then others. */
  async get(family: LagrangeFamily, attempt: number): Promise<StartSolutions> {
    const key = `${family.units} ${attempt}`;
    const { seed, signal, findBaseSet } = this.options;
    const set =
      this.known.get(key) ??
      (attempt === 0 ? await findBaseSet?.(family) : null) ??
      (await solveBaseSet(this.device, family, {
        seed: seed + SEED_STRIDE * attempt,
        ...(signal && { signal }),
      }));
    this.known.set(key, set);
    return set;
  }
}

/** lambda, multiplicities, coefficients and moments, in the order of the Lagrange family. */
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
    ...lagrange.powers.map((power) => family.activation[power]!.valueOf()),
    ...lagrange.momentExponents.map((a) => valueOf('input', a)),
    ...lagrange.exponents.map((a) => valueOf('target', a)),
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
  const count = (test: (solution: Solution) => boolean): number =>
    solutions.reduce((total, each) => total + (test(each) ? (each.copies ?? 1) : 0), 0);
  const counts = {
    distinct: count(() => true),
    nonsingular: count(({ singular }) => !singular),
    real: count(({ real }) => real),
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
    const found = counts.distinct;
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
