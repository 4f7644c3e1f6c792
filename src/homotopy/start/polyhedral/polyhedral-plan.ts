/**
 * The polyhedral start of a solve (Huber & Sturmfels 1995), decided before any coefficient is drawn: a general system with
 * the same monomials, which has as many zeros as there are paths, and the mixed cells from which they are reached.
 *
 * Every equation has the constant, so that zeros with zero coordinates are reached, too: in the target its coefficient is 0
 * where the system has none (Li & Wang 1996).
 */
import type { Stepwise } from '../../../math/stepwise.js';
import type { SystemExponents } from '../product-structure.js';
import { extremePointsOf } from './extreme-points.js';
import { MixedCellLimitError, mixedCells, type MixedCell, type Supports } from './mixed-cells.js';
import { withOrigin } from './mixed-volume.js';

export interface PolyhedralPlan {
  readonly kind: 'polyhedral';
  /** [equation][term] the system's exponents, and those of the constant at the end where it had none. */
  readonly supports: Supports;
  /** [equation] indices of the terms that the general system has. */
  readonly extreme: readonly (readonly number[])[];
  /** [equation][k] height of extreme term k. */
  readonly lifting: readonly (readonly number[])[];
  /** Their edges are indices of extreme terms. */
  readonly cells: readonly MixedCell[];
  /** Variables of each projective space in which the target's paths run. */
  readonly groups: readonly (readonly number[])[];
  /** What the search took: see `MixedSubdivision`. */
  readonly work: number;
  /** The mixed volume: exact number of zeros of the general system. */
  readonly paths: bigint;
}

/** What is to be searched: plain data, so that a worker can do it. */
export interface CellSearch {
  readonly exponents: SystemExponents;
  readonly groups: PolyhedralPlan['groups'];
  /** Table entries that may be looked at: see `mixedCells`. */
  readonly mostWork: number;
}

/** The plan of a system whose cells are known. */
export function* polyhedralPlanOf(
  exponents: SystemExponents,
  groups: PolyhedralPlan['groups'],
  found: Pick<PolyhedralPlan, 'lifting' | 'cells' | 'work' | 'paths'>,
): Stepwise<PolyhedralPlan> {
  const supports = exponents.map(withOrigin);
  const extreme = yield* extremePointsOf(supports);
  return { kind: 'polyhedral', supports, extreme, groups, ...found };
}

/** Of the liftings: another seed of the paths finds the same cells. */
const SEED = 1;

/**
 * Finds the mixed cells of a system.
 *
 * @returns null when that takes more work than allowed
 */
export function* polyhedralPlan({
  exponents,
  groups,
  mostWork,
}: CellSearch): Stepwise<PolyhedralPlan | null> {
  const supports = exponents.map(withOrigin);
  const extreme = yield* extremePointsOf(supports);
  const points = supports.map((support, i) => extreme[i]!.map((term) => support[term]!));
  try {
    const { mixedVolume: paths, ...found } = yield* mixedCells(points, SEED, mostWork);
    return { kind: 'polyhedral', supports, extreme, groups, ...found, paths };
  } catch (error) {
    if (error instanceof MixedCellLimitError) return null;
    throw error;
  }
}
