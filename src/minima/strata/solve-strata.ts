/**
 * All critical points of a polynomial network with one hidden layer of any width, from the base sets of its strata
 * (follow-strata.ts). The copies, by arranging the units and by signs where these do not matter, are written out where they
 * are few.
 */
import type { Device } from '../../gpu/index.js';
import {
  membersOrUnfinished,
  UnfinishedSolveError,
  type CompletenessCheck,
  type Solution,
  type SolveResult,
  type StartSolutions,
} from '../../homotopy/index.js';
import { member, residual } from '../../polynomial/index.js';
import type { StationarityProblem } from '../find-minima.js';
import {
  parityOfNetwork,
  StrataFollower,
  type FollowOptions,
  type Share,
} from './follow-strata.js';
import { arrangements, firstArrangement, networkPoint } from './stratum-copies.js';

export interface Stratum extends Pick<Share, 'multiplicities' | 'copies'> {
  /** Paths that were followed, one an orbit, and how many of them ended at a solution. */
  readonly paths: number;
  readonly solutions: number;
}

/** What is done: plain data. */
export interface StrataState {
  /** Base sets by number of different units and attempt. */
  readonly bases: ReadonlyMap<string, StartSolutions>;
  /** By multiplicities. */
  readonly strata: ReadonlyMap<string, SolveResult>;
}

export interface StrataResult extends SolveResult {
  readonly strata: readonly Stratum[];
}

export interface SolveStrataOptions extends Omit<
  FollowOptions,
  'certify' | 'knownSets' | 'onBaseSet'
> {
  readonly mostWrittenOut?: number;
  /** Goes on from such a state of the same call. */
  readonly resume?: StrataState;
  /** Takes the state after every base set and every stratum. */
  readonly onCheckpoint?: (state: StrataState) => void;
  readonly signal?: AbortSignal;
  readonly onProgress?: (multiplicities: readonly number[]) => void;
}

const MOST_WRITTEN_OUT = 5000;

/**
 * @param options.mostWrittenOut with more critical points there is one solution of each orbit in the result, with the number
 *   of its copies; default 5,000
 * @throws StratumError when a base set is not complete, UnfinishedSolveError with what was found when it cannot go on
 */
export async function solveStrata(
  device: Device,
  problem: StationarityProblem,
  options: SolveStrataOptions,
): Promise<StrataResult> {
  const begin = performance.now();
  const { seed, findBaseSet, signal, onProgress, onCheckpoint, resume } = options;
  const { mostWrittenOut = MOST_WRITTEN_OUT } = options;
  const { family, point } = problem;
  const known = new Map(resume?.strata);
  const save = (): void => {
    onCheckpoint?.({ bases: follower.sets, strata: known });
  };
  const follower = await StrataFollower.create(device, family, {
    seed,
    ...(findBaseSet && { findBaseSet }),
    certify: true,
    ...(resume && { knownSets: resume.bases }),
    onBaseSet: save,
  });
  const solved: { share: Share; result: SolveResult }[] = [];
  let failure: UnfinishedSolveError | null = null;
  for (const share of follower.shares) {
    if (signal?.aborted) break;
    onProgress?.(share.multiplicities);
    const name = share.multiplicities.join();
    const kept = known.get(name);
    if (kept) {
      solved.push({ share, result: kept });
      continue;
    }
    const following = await membersOrUnfinished(follower.follow(share, [point], signal));
    ({ failure } = following);
    const [result] = following.results;
    if (result) solved.push({ share, result });
    if (failure) break;
    if (!result || result.partial || signal?.aborted) continue;
    known.set(name, result);
    save();
  }
  if (failure && solved.length === 0) throw failure;
  const strata = solved.map(({ share: { multiplicities, copies }, result }) => ({
    multiplicities,
    paths: result.start.paths,
    solutions: result.solutions.length,
    copies,
  }));
  const all = strata.reduce((sum, each) => sum + each.solutions * each.copies, 0);
  const isWrittenOut = all <= mostWrittenOut;
  const combined = combine(
    problem,
    solved.map(({ result }) => result),
    {
      strata,
      solutions: solved.flatMap(({ share, result }) =>
        solutionsOf(problem, share, result, isWrittenOut),
      ),
      isAll: solved.length === follower.shares.length,
      begin,
    },
  );
  if (failure) throw new UnfinishedSolveError(failure.cause, [combined]);
  return combined;
}

/** In the network's unknowns, with all copies or with their number. */
function solutionsOf(
  { family, point }: StationarityProblem,
  { lagrange, multiplicities, copies }: Share,
  { solutions }: SolveResult,
  isWrittenOut: boolean,
): Solution[] {
  const parity = parityOfNetwork(family);
  const hidden = family.layout.architecture.layers[1]!;
  const numeric = member(family.gradient, point.parameters);
  const arranged = isWrittenOut
    ? arrangements(hidden, multiplicities, parity)
    : [firstArrangement(hidden, multiplicities)];
  return solutions.flatMap((solution) =>
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
    // Singular ends that are no solutions of their own are points of curves.
    const multiple = results
      .flatMap((result) => result.solutions)
      .reduce((total, each) => total + (each.singular ? each.multiplicity : 0), 0);
    const onSets = paths.singular - multiple;
    const kinds = [...new Set(strata.map(({ multiplicities }) => multiplicities.length))].join(
      ', ',
    );
    return {
      check: 'strata',
      value: { strata: strata.length, tracked, failed, atInfinity, weak, onSets, found, expected },
      proves: partial
        ? 'nothing: not all paths were followed'
        : failed > 0
          ? `nothing: ${failed} of ${tracked} paths have no decided end, and each may lead to a solution`
          : `every isolated critical point is the end of one of ${tracked} paths, or a copy of one, if the base sets of networks with ${kinds} different units are complete${found === expected ? '; no path went to infinity' : `; ${atInfinity} paths went to infinity`}${onSets > 0 ? `, and ${onSets} to sets of positive dimension, whose points are not listed` : ''}`,
    };
  }
}
