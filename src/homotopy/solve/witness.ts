/**
 * Solution sets of positive dimension, by their witness points on random slices.
 *
 * A system of fewer equations than unknowns has nothing else, so it is sliced when that is asked for. In other systems such
 * sets show as end points that are not isolated; they are then found one dimension after the other: on k slices the sets of
 * dimension k have isolated points, and those of higher dimension others.
 */
import type { Device } from '../../gpu/index.js';
import { inSlices } from '../../math/stepwise.js';
import type { SystemFamily } from '../../polynomial/family.js';
import { formatTerms } from '../../polynomial/format.js';
import { toNumeric } from '../../polynomial/numeric.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import { certificateCheck } from './completeness-report.js';
import { isolation } from './local-dimension.js';
import { solveOverdetermined } from './overdetermined.js';
import { movingSlices, withSlices } from './slice.js';
import {
  type CompletenessCheck,
  type Solution,
  type SolveResult,
  type WitnessSet,
} from './solution.js';
import { SolveError, type FamilyOptions, type SolveOptions } from './solve-options.js';
import { combine } from './square-up.js';
import { SolutionTally } from './tally.js';
import { UnfinishedSolveError } from './unfinished.js';

/** A trace is linear when its second difference is below this part of the sum of the moduli. */
const LINEAR = 1e-8;
/** Singular points that are looked into, at most. */
const MOST_EXAMINED = 200;

/** How the solver is asked again. */
export interface Solvers {
  readonly device: Device;
  /** A system of as many equations as unknowns. */
  readonly square: (system: PolynomialSystem, options: SolveOptions) => Promise<SolveResult>;
  readonly follow: (family: SystemFamily, options: FamilyOptions) => Promise<SolveResult[]>;
}

/** Solves a system of fewer equations than unknowns on as many slices as are missing. */
export async function solveSliced(
  system: PolynomialSystem,
  options: SolveOptions,
  seed: number,
  solvers: Solvers,
  solveWhole: (sliced: PolynomialSystem) => Promise<SolveResult>,
): Promise<SolveResult> {
  const { variables, polynomials } = system;
  const dimension = variables.length - polynomials.length;
  if (options.onSolutions || options.shard) {
    throw new SolveError(
      `\`slice\` gives witness points together: leave out \`${options.shard ? 'shard' : 'onSolutions'}\``,
    );
  }
  const sliced = withSlices(system, dimension, seed);
  const result = await solveWhole(sliced);
  const witness = await witnessSet(sliced, dimension, result, result.solutions, seed, solvers);
  return {
    ...result,
    witness,
    completeness: [...result.completeness, traceCheck([witness])],
    warnings: [...result.warnings, ...describeTraces([witness])],
  };
}

/**
 * Tells end points on sets of positive dimension from isolated solutions, and finds these sets.
 *
 * @param system of at least as many equations as unknowns, the last `slices` of them slices.
 * @param result of it.
 */
export async function separateComponents(
  system: PolynomialSystem,
  slices: number,
  result: SolveResult,
  options: SolveOptions,
  seed: number,
  solvers: Solvers,
): Promise<SolveResult> {
  const { signal } = options;
  const { isolated, others, undecided } = await splitByIsolation(system, result, signal);
  /** As the exact count knows it, which sees sets that no path has met, too. */
  const largest = result.exactCount.dimension ?? 0;
  if (others.length === 0 && largest <= slices) return result;
  const own = {
    ...system,
    polynomials: system.polynomials.slice(0, system.polynomials.length - slices),
  };
  const sets: WitnessSet[] = [];
  let doubtful = undecided.length;
  for (let dimension = slices + 1; dimension <= system.variables.length; dimension++) {
    const sliced = withSlices(own, dimension, seed);
    const square = withSlices(
      combine(own, system.variables.length - dimension, seed),
      dimension,
      seed,
    );
    const zeros = await solveOverdetermined(
      solvers.device,
      sliced,
      {
        ...(options.precision && { precision: options.precision }),
        ...(options.maxPaths !== undefined && { maxPaths: options.maxPaths }),
        ...(signal && { signal }),
        countMilliseconds: 0,
      },
      seed,
      solvers.square,
      square,
    ).catch((error: unknown) => {
      if (!(error instanceof UnfinishedSolveError)) throw error;
      throw new UnfinishedSolveError(error.cause, [{ ...result, partial: true }]);
    });
    if (zeros.partial) return { ...result, partial: true };
    const split = await splitByIsolation(sliced, zeros, signal);
    doubtful += split.undecided.length;
    if (split.isolated.length > 0)
      sets.push(await witnessSet(square, dimension, result, split.isolated, seed, solvers));
    if (split.others.length === 0 && dimension >= largest) break;
  }
  // No slice meets a set: what looked like its points is isolated.
  if (sets.length === 0) return result;
  const solutions = [...isolated, ...undecided];
  // Nonsingular ones may have been handed out already.
  const gone = new SolutionTally().add(others).counts;
  const counts = {
    distinct: result.counts.distinct - gone.distinct,
    nonsingular: result.counts.nonsingular - gone.nonsingular,
    real: result.counts.real - gone.real,
  };
  const parts = sets
    .map(
      ({ dimension, degree, trace }) =>
        `dimension ${dimension} and degree ${trace === null ? 'at least ' : ''}${degree}`,
    )
    .join(', ');
  const dropped = (end: string) =>
    others.length > 0 ? `; ${others.length} end points ${end}` : '';
  return {
    ...result,
    solutions,
    counts,
    components: { sets, points: others },
    completeness: [
      ...result.completeness.map((check) =>
        check.check === 'certificates'
          ? certificateCheck((check.value as { readonly certified: number }).certified, counts)
          : check,
      ),
      {
        check: 'positive dimension',
        value: {
          sets: sets.map(({ dimension, degree }) => ({ dimension, degree })),
          points: others.length,
        },
        proves: `the solution set has parts of ${parts}, by their points on random slices${dropped("are not isolated, by the rank of the equations' derivatives, and are not listed as solutions")}`,
      },
      traceCheck(sets),
    ],
    warnings: [
      `the system has a positive-dimensional solution set, with parts of ${parts}${dropped('on it are not listed as solutions')}`,
      ...result.warnings.filter((warning) => !warning.includes('positive-dimensional')),
      ...describeTraces(sets),
      ...(doubtful > 0
        ? [
            `of ${doubtful} singular points it could not be decided whether they are isolated: their multiplicity is too large`,
          ]
        : []),
    ],
  };
}

async function splitByIsolation(
  system: PolynomialSystem,
  { solutions, paths }: SolveResult,
  signal: AbortSignal | undefined,
): Promise<Record<'isolated' | 'others' | 'undecided', Solution[]>> {
  const numeric = toNumeric(system);
  const split = {
    isolated: [] as Solution[],
    others: [] as Solution[],
    undecided: [] as Solution[],
  };
  let examined = 0;
  for (const solution of solutions) {
    if (!solution.singular) {
      split.isolated.push(solution);
      continue;
    }
    // At an isolated singular zero two paths end at least.
    const isAlone = solution.multiplicity === 1 && solution.winding === 1 && paths.failed === 0;
    // Not all undecided paths end here, nor more of them than decided ones.
    const most = solution.multiplicity + Math.min(paths.failed, solution.multiplicity);
    const verdict = isAlone
      ? 'not isolated'
      : examined++ < MOST_EXAMINED
        ? await inSlices(isolation(numeric, solution.coordinates.flat(), most), signal)
        : 'undecided';
    const key = verdict === 'not isolated' ? 'others' : verdict;
    split[key].push(solution);
  }
  return split;
}

/** @param square the equations or combinations of them, and the slices */
async function witnessSet(
  square: PolynomialSystem,
  dimension: number,
  { partial }: SolveResult,
  points: readonly Solution[],
  seed: number,
  solvers: Solvers,
): Promise<WitnessSet> {
  const { variables, polynomials } = square;
  return {
    dimension,
    degree: points.length,
    slices: polynomials.slice(-dimension).map((terms) => formatTerms(terms, variables)),
    points: points.map(({ coordinates }) => coordinates),
    trace: partial
      ? null
      : await secondDifference(movingSlices(square, dimension, seed), points, seed, solvers),
  };
}

/**
 * The sum of all points of a set is a linear function of s when its slices move in parallel, and that of a part of an
 * irreducible set is not: how far it is from linear, relative to the points, at s = -1, 0, 1.
 *
 * @returns null where points are multiple, or paths were lost: nothing can be said then
 */
async function secondDifference(
  family: SystemFamily,
  points: readonly Solution[],
  seed: number,
  { follow }: Solvers,
): Promise<number | null> {
  if (points.length === 0 || points.some(({ singular }) => singular)) return null;
  const moved = await follow(family, {
    from: { parameters: [0], solutions: points },
    targets: [[1], [-1]],
    seed,
    precision: 'f64',
    countMilliseconds: 0,
  });
  const all = [...moved.map(({ solutions }) => solutions), points];
  if (all.length < 3 || all.some((each) => each.length !== points.length)) return null;
  const sum = new Float64Array(2 * family.variables.length);
  let size = 0;
  all.forEach((solutions, k) => {
    for (const { coordinates } of solutions) {
      coordinates.flat().forEach((part, j) => {
        sum[j]! += (k < 2 ? 1 : -2) * part;
        size = Math.max(size, Math.abs(part));
      });
    }
  });
  return Math.max(...sum.map(Math.abs)) / (size * points.length);
}

function traceCheck(sets: readonly WitnessSet[]): CompletenessCheck {
  const linear = sets.filter(({ trace }) => trace !== null && trace <= LINEAR).length;
  const untested = sets.filter(({ trace }) => trace === null).length;
  return {
    check: 'trace test',
    value: { sets: sets.map(({ dimension, trace }) => ({ dimension, secondDifference: trace })) },
    proves:
      linear === sets.length
        ? 'no witness point is missing of any part of which one was found: the sum of the points is linear in parallel slices, as far as rounding allows to say'
        : untested > 0
          ? `nothing of ${untested} witness ${untested === 1 ? 'set' : 'sets'}: points that are multiple, or lost, cannot be followed to parallel slices`
          : 'witness points are missing: the sum of the points is not linear in parallel slices',
  };
}

function describeTraces(sets: readonly WitnessSet[]): string[] {
  return sets.flatMap(({ dimension, degree, trace }) => {
    if (trace === null) {
      return [
        `the degree of dimension ${dimension} is at least ${degree}: its points are multiple, or were lost, and the trace test, which would tell if some are missing, is not possible`,
      ];
    }
    return trace > LINEAR
      ? [
          `witness points of dimension ${dimension} are missing: the sum of the ${degree} that were found is not linear in parallel slices; try another seed`,
        ]
      : [];
  });
}
