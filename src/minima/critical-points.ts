/**
 * From the complex solutions of grad J = 0 to the real critical points: which solutions are real,
 * their loss, their Morse index (number of negative eigenvalues of the Hessian), their symmetry
 * orbit, and the two independent checks of completeness: sum of (-1)^index = 1 (Poincare-Hopf,
 * J is coercive for lambda > 0) and closure under the symmetries of the network.
 */
import type Fraction from 'fraction.js';
import { EigenvalueDecomposition, LuDecomposition, Matrix } from 'ml-matrix';
import { atOnce, unlessOver, type Stepwise } from '../math/stepwise.js';
import type { NetworkLayout } from '../network/architecture.js';
import type { LossFunction } from './loss-function.js';
import { findOrbitsStepwise, isSameOrbit, isSamePoint, symmetryGenerators } from './symmetry.js';

/** [re, im] of every unknown. */
export type ComplexPoint = readonly (readonly [number, number])[];

export interface CriticalPoint {
  /** Real coordinates in the order of the unknowns. */
  readonly unknowns: readonly number[];
  /** J there. */
  readonly loss: number;
  /** Negative eigenvalues of the Hessian: 0 is a local minimum. */
  readonly morseIndex: number;
  /** Eigenvalues of the Hessian, increasing. */
  readonly eigenvalues: readonly number[];
  /** The smallest eigenvalue is zero to rounding: the index is not to be trusted. */
  readonly degenerate: boolean;
  /** Points with equal number are copies under the symmetries; numbered by loss. */
  readonly orbit: number;
  /** Critical points that it stands for: 1, or the size of its orbit where only one point of each is listed. */
  readonly copies: number;
}

export interface CriticalPointSet {
  /** By loss; copies of one orbit together, in a fixed order. */
  readonly points: readonly CriticalPoint[];
  /** Indices of the local minima, by loss. */
  readonly minima: readonly number[];
  /** Sum of (-1)^index: 1 when no real critical point is missing. */
  readonly eulerSum: number;
  /** Images under the symmetries of the network that are not among the points: 0 for a complete set. */
  readonly missingImages: number;
  /** Solutions that were refined to a point found before: 0 for a complete set. */
  readonly duplicates: number;
  /** What does not fit together, in words; empty when everything does. */
  readonly warnings: readonly string[];
}

/** How many critical points these stand for. */
export function countPoints(points: readonly Pick<CriticalPoint, 'copies'>[]): number {
  return points.reduce((sum, { copies }) => sum + copies, 0);
}

/** |Im| <= this * scale after refinement: real. */
const REAL_TOLERANCE = 1e-8;
/** Up to here a solution may still be a real one that was refined badly: real Newton decides. */
const DOUBTFUL_TOLERANCE = 1e-4;
const NEWTON_STEPS = 12;
/** Newton stops when its step is this small relative to the point. */
const CONVERGED_STEP = 1e-14;
const ACCEPTED_STEP = 1e-10;
/** An eigenvalue below this times the largest one is zero to rounding. */
const DEGENERATE = 1e-10;

export interface CriticalPointOptions {
  /** lambda > 0, so that the Euler check applies. */
  readonly regularized: boolean;
  /** Of each solution, where there is one of each orbit of the network's symmetries; null for all. */
  readonly copies?: readonly number[] | null;
  /** Asked at every step: true ends it with the points that are done by then, and a warning. */
  readonly isOver?: () => boolean;
}

/**
 * Sorts out and describes the real critical points.
 *
 * @param solutions the finite complex solutions of grad J = 0, each once
 */
export function realCriticalPoints(
  layout: NetworkLayout,
  activation: readonly Fraction[],
  loss: LossFunction,
  solutions: readonly ComplexPoint[],
  options: CriticalPointOptions,
): CriticalPointSet {
  return atOnce(realCriticalPointsStepwise(layout, activation, loss, solutions, options));
}

/** The same, a solution a step. */
export function* realCriticalPointsStepwise(
  layout: NetworkLayout,
  activation: readonly Fraction[],
  loss: LossFunction,
  solutions: readonly ComplexPoint[],
  options: CriticalPointOptions,
): Stepwise<CriticalPointSet> {
  const { isOver = () => false } = options;
  const warnings: string[] = [];
  const found: number[][] = [];
  const copies: number[] = [];
  const isSame = options.copies ? isSameOrbit(layout) : isSamePoint;
  let duplicates = 0;
  for (const [k, solution] of solutions.entries()) {
    yield;
    if (isOver()) break;
    const point = refineReal(loss, solution);
    if (point === null) continue;
    if (found.some((other) => isSame(other, point))) duplicates++;
    else {
      found.push(point);
      copies.push(options.copies?.[k] ?? 1);
    }
  }
  if (duplicates > 0) {
    warnings.push(
      `${duplicates} solutions refined to a real critical point already found; another was probably lost: solve again with another seed`,
    );
  }

  const orbits = options.copies
    ? undefined
    : yield* unlessOver(findOrbitsStepwise(found, symmetryGenerators(layout, activation)), isOver);
  const { orbitOf, missingImages } = orbits ?? {
    orbitOf: found.map((_, k) => k),
    missingImages: 0,
  };
  if (missingImages > 0) {
    warnings.push(
      `the real critical points are not closed under the symmetries of the network (${missingImages} images missing): solutions were lost; solve again with another seed`,
    );
  }
  const described: CriticalPoint[] = [];
  for (const [k, unknowns] of found.entries()) {
    yield;
    if (isOver()) break;
    described.push({ ...describe(loss, unknowns, orbitOf[k]!), copies: copies[k]! });
  }
  const points = sortByLoss(described);
  const degenerate = points.filter((point) => point.degenerate).length;
  if (degenerate > 0) {
    warnings.push(
      `${degenerate} critical points are degenerate (an eigenvalue of the Hessian is zero to rounding); their Morse index is not certain`,
    );
  }
  const eulerSum = points.reduce(
    (sum, point) => sum + (point.morseIndex % 2 === 0 ? point.copies : -point.copies),
    0,
  );
  if (isOver()) {
    warnings.push(
      `stopped: the points are those of some of the ${solutions.length} solutions, and whether any are missing was not checked`,
    );
  } else if (!options.regularized) {
    warnings.push(
      'lambda = 0: critical points are not isolated and the Euler check does not apply; use a positive regularization',
    );
  } else if (eulerSum !== 1) {
    warnings.push(
      `EULER CHECK FAILED: the sum of (-1)^index over all real critical points is ${eulerSum}, not 1: ` +
        'at least one real critical point is missing or has the wrong index; solve again with another seed',
    );
  }
  const minima = points.flatMap(({ morseIndex }, index) => (morseIndex === 0 ? [index] : []));
  return { points, minima, eulerSum, missingImages, duplicates, warnings };
}

/** The real critical point that a complex solution is, refined in f64; null when it is not real. */
function refineReal(loss: LossFunction, solution: ComplexPoint): number[] | null {
  const start = solution.map(([re]) => re);
  const scale = 1 + Math.max(...start.map(Math.abs));
  const imaginary = Math.max(...solution.map(([, im]) => Math.abs(im))) / scale;
  if (!(imaginary <= DOUBTFUL_TOLERANCE)) {
    return null;
  }
  const { point, lastStep } = newton(loss, start);
  const moved = Math.max(...point.map((value, k) => Math.abs(value - start[k]!))) / scale;
  const stayed = lastStep <= ACCEPTED_STEP && moved <= 10 * Math.max(imaginary, REAL_TOLERANCE);
  if (stayed) {
    return point;
  }
  // A real singular solution: Newton wanders, the solver's point stands.
  return imaginary <= REAL_TOLERANCE ? start : null;
}

/** Newton's method for grad J = 0; lastStep is relative to 1 + |point|, Infinity when it broke down. */
function newton(
  loss: LossFunction,
  start: readonly number[],
): { point: number[]; lastStep: number } {
  let point = [...start];
  let lastStep = Infinity;
  for (let iteration = 0; iteration < NEWTON_STEPS && lastStep > CONVERGED_STEP; iteration++) {
    const { gradient, hessian } = loss(point);
    const factors = new LuDecomposition(Matrix.from1DArray(point.length, point.length, hessian));
    if (factors.isSingular()) {
      return { point, lastStep: Infinity };
    }
    const step = factors.solve(Matrix.columnVector(gradient)).to1DArray();
    const size = Math.max(...step.map(Math.abs)) / (1 + Math.max(...point.map(Math.abs)));
    if (!Number.isFinite(size)) {
      return { point, lastStep: Infinity };
    }
    if (size >= lastStep && size <= ACCEPTED_STEP) {
      break; // rounding: the last point is as good as it gets
    }
    point = point.map((value, k) => value - step[k]!);
    lastStep = size;
  }
  return { point, lastStep };
}

function describe(
  loss: LossFunction,
  unknowns: readonly number[],
  orbit: number,
): Omit<CriticalPoint, 'copies'> {
  const { value, hessian } = loss(unknowns);
  const matrix = Matrix.from1DArray(unknowns.length, unknowns.length, hessian);
  const eigenvalues = new EigenvalueDecomposition(matrix, { assumeSymmetric: true })
    .realEigenvalues;
  eigenvalues.sort((a, b) => a - b);
  const sizes = eigenvalues.map(Math.abs);
  return {
    unknowns,
    loss: value,
    morseIndex: eigenvalues.filter((eigenvalue) => eigenvalue < 0).length,
    eigenvalues,
    degenerate: Math.min(...sizes) <= DEGENERATE * Math.max(...sizes),
    orbit,
  };
}

/** Orbits by their smallest loss, copies by their coordinates: the same order for every seed. */
function sortByLoss(points: readonly CriticalPoint[]): CriticalPoint[] {
  const lossOf = new Map<number, number>();
  for (const { orbit, loss } of points) {
    lossOf.set(orbit, Math.min(loss, lossOf.get(orbit) ?? Infinity));
  }
  const order = [...lossOf].sort(([, a], [, b]) => a - b).map(([orbit]) => orbit);
  const rank = new Map(order.map((orbit, place) => [orbit, place]));
  return points
    .map((point) => ({ ...point, orbit: rank.get(point.orbit)! }))
    .sort((a, b) => a.orbit - b.orbit || compareCoordinates(a.unknowns, b.unknowns));
}

function compareCoordinates(a: readonly number[], b: readonly number[]): number {
  const size = 1 + Math.max(...a.map(Math.abs));
  const first = a.findIndex((value, k) => Math.abs(value - b[k]!) > REAL_TOLERANCE * size);
  return first < 0 ? 0 : b[first]! - a[first]!;
}
