/**
 * All critical points and minima of a small network on data, from table to answer.
 *
 * Three steps that stand alone, because a family run solves many data sets at once:
 * `stationarityProblem` (data -> system), whatever solver, `minimaOfSolutions` (complex
 * solutions -> critical points, minima, polished best). `findMinima` is their composition.
 */
import { withNames, type DataTable, type NamedTable } from '../data/table.js';
import {
  approximateActivation,
  type ActivationFitOptions,
  type ActivationPolynomial,
} from './activation-polynomial.js';
import { Grace } from '../math/grace.js';
import { atOnce, inSlices, nextTurn, unlessOver, type Stepwise } from '../math/stepwise.js';
import { ArchitectureError, type NetworkArchitecture } from '../network/architecture.js';
import {
  realCriticalPointsStepwise,
  type ComplexPoint,
  type CriticalPointSet,
} from './critical-points.js';
import { lossFunction, type LossFunction } from './loss-function.js';
import { familyPoint, type FamilyPoint } from './moments.js';
import { networkFamilyStepwise, type NetworkFamily } from './network-family.js';
import { polishMinimumStepwise, type PolishedMinimum } from './polish.js';

export interface MinimaOptions {
  /** Rows of data, standardised or raw. */
  readonly data: DataTable;
  /** Layer sizes from inputs to outputs, and which layers have biases. */
  readonly architecture: NetworkArchitecture;
  /** Which activation, and the polynomial that stands for it. */
  readonly activation: ActivationFitOptions;
  /** lambda >= 0; the checks need lambda > 0. */
  readonly regularization: number;
}

/** Everything known before anything is solved. */
export interface StationarityProblem {
  readonly options: MinimaOptions & { readonly data: NamedTable };
  readonly activation: ActivationPolynomial;
  /** Its `gradient` with the parameters of `point` is the system; its layout has the groups. */
  readonly family: NetworkFamily;
  readonly point: FamilyPoint;
  readonly loss: LossFunction;
}

export interface NetworkMinima extends CriticalPointSet {
  /** All complex solutions, of which the points are the real ones. */
  readonly solutions: readonly ComplexPoint[];
  /** How many each of them stands for, where there is one of each orbit; null where all are there. */
  readonly copies: readonly number[] | null;
  readonly problem: StationarityProblem;
  /** The best minimum under the true activation; null when there is no minimum. */
  readonly polished: PolishedMinimum | null;
}

/** What findMinima needs of a solver's result. */
export interface SolvedSystem {
  readonly solutions: readonly { readonly coordinates: ComplexPoint; readonly copies?: number }[];
}

/**
 * From data to the polynomial system of the critical points.
 *
 * @param family of an earlier data set with the same network and activation, to expand it only once
 * @throws ArchitectureError when the network does not fit the columns, or the family the network
 * @throws UnknownActivationError, ActivationFitError, NetworkTooLargeError, SampleError
 */
export function stationarityProblem(
  options: MinimaOptions,
  family?: NetworkFamily,
): StationarityProblem {
  return atOnce(stationarityProblemStepwise(options, family));
}

/** The same, a product of polynomials a step. */
export function* stationarityProblemStepwise(
  options: MinimaOptions,
  family?: NetworkFamily,
): Stepwise<StationarityProblem> {
  const { architecture, regularization } = options;
  const data = withNames(options.data);
  const { layers } = architecture;
  checkSize(layers[0], data.x, 'input');
  checkSize(layers.at(-1), data.y, 'output');
  const activation = approximateActivation(options.activation);
  const network = family ?? (yield* networkFamilyStepwise(architecture, activation.exact));
  if (!isFamilyOf(network, architecture, activation)) {
    throw new ArchitectureError(
      'the family was expanded for another network or activation; leave it out or expand it anew',
    );
  }
  const point = familyPoint(network, data, regularization);
  return {
    options: { ...options, data },
    activation,
    family: network,
    point,
    loss: lossFunction(network, point),
  };
}

/**
 * From the complex solutions of the system to its critical points and minima.
 *
 * @param copies how many each solution stands for, where there is one of each orbit of the network's symmetries
 */
export function minimaOfSolutions(
  problem: StationarityProblem,
  solutions: readonly ComplexPoint[],
  copies: readonly number[] | null = null,
): NetworkMinima {
  return atOnce(minimaOfSolutionsStepwise(problem, solutions, copies));
}

/**
 * The same, a solution or an iteration a step.
 *
 * @param isOver asked at every step: true ends it with what is done by then, and a warning
 */
export function* minimaOfSolutionsStepwise(
  problem: StationarityProblem,
  solutions: readonly ComplexPoint[],
  copies: readonly number[] | null = null,
  isOver: () => boolean = () => false,
): Stepwise<NetworkMinima> {
  const { options, family, activation, loss } = problem;
  const { layout } = family;
  const set = yield* realCriticalPointsStepwise(layout, family.activation, loss, solutions, {
    regularized: options.regularization > 0,
    copies,
    isOver,
  });
  const warnings = [...set.warnings];
  if (activation.effectiveDegree < activation.degree) {
    warnings.push(
      `the fit of ${activation.name} of degree ${activation.degree} has degree ${activation.effectiveDegree}: its higher coefficients vanish by symmetry`,
    );
  }
  const best = set.points[set.minima[0] ?? -1];
  if (best === undefined) {
    warnings.push('no local minimum was found');
    return { ...set, solutions, copies, problem, polished: null, warnings };
  }
  const polishing = polishMinimumStepwise(
    layout,
    activation.activation,
    options.data,
    options.regularization,
    best.unknowns,
    loss(best.unknowns).hessian,
  );
  const polished = (yield* unlessOver(polishing, isOver)) ?? null;
  if (polished === null) warnings.push('stopped: the best minimum was not polished');
  return { ...set, solutions, copies, problem, polished, warnings };
}

/**
 * Finds every critical point and every local minimum.
 *
 * @param solve returns all isolated solutions of the member `problem.point` of
 *   `problem.family.gradient`; it is given the same `signal` by its caller
 * @param control `signal`: aborting gives the minima among what was found by then, and a warning
 * @throws what stationarityProblem throws, what the solver throws, and the signal's reason when it is aborted before
 *   there is anything to solve
 */
export async function findMinima<Result extends SolvedSystem>(
  solve: (problem: StationarityProblem) => Promise<Result>,
  options: MinimaOptions,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<{ minima: NetworkMinima; solved: Result }> {
  const problem = await inSlices(stationarityProblemStepwise(options), signal);
  await nextTurn();
  const solved = await solve(problem);
  const grace = new Grace(signal, 'minima');
  try {
    const steps = minimaOfSolvedStepwise(problem, solved, () => grace.isOver);
    return { minima: await inSlices(steps), solved };
  } finally {
    grace.close();
  }
}

/** From a solver's result to critical points and minima. */
export function minimaOfSolved(problem: StationarityProblem, solved: SolvedSystem): NetworkMinima {
  return atOnce(minimaOfSolvedStepwise(problem, solved));
}

function minimaOfSolvedStepwise(
  problem: StationarityProblem,
  { solutions }: SolvedSystem,
  isOver?: () => boolean,
): Stepwise<NetworkMinima> {
  const isOfOrbits = solutions.some(({ copies }) => copies !== undefined);
  return minimaOfSolutionsStepwise(
    problem,
    solutions.map(({ coordinates }) => coordinates),
    isOfOrbits ? solutions.map(({ copies }) => copies ?? 1) : null,
    isOver,
  );
}

function isFamilyOf(
  family: NetworkFamily,
  { layers, bias = true }: NetworkArchitecture,
  { exact }: ActivationPolynomial,
): boolean {
  const known = family.layout.architecture;
  return (
    known.layers.join() === layers.join() &&
    known.bias === bias &&
    family.activation.length === exact.length &&
    family.activation.every((coefficient, power) => coefficient.equals(exact[power]!))
  );
}

function checkSize(size: number | undefined, columns: readonly string[], what: string): void {
  if (size !== columns.length) {
    throw new ArchitectureError(
      `the network has ${String(size)} ${what}s and the data ${columns.length} ${what} columns (${columns.join(', ')}); make them equal`,
    );
  }
}
