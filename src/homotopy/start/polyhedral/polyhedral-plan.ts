/**
 * The polyhedral start of a solve (Huber & Sturmfels 1995), decided before any coefficient is drawn: a general system with
 * the same monomials, which has as many zeros as there are paths, and the mixed cells from which they are reached.
 *
 * Every equation has the constant, so that zeros with zero coordinates are reached, too: in the target its coefficient is 0
 * where the system has none (Li & Wang 1996).
 */
import type { Stepwise } from '../../../math/stepwise.js';
import type { SystemExponents } from '../product-structure.js';
import { extremePoints } from './extreme-points.js';
import { mixedCells, type MixedCell, type Supports } from './mixed-cells.js';
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
  /** The mixed volume: exact number of zeros of the general system. */
  readonly paths: bigint;
}

/**
 * Finds the mixed cells of a system.
 *
 * @param seed of the lifting, integer 0..2^53-1; that of the paths is another
 */
export function* polyhedralPlan(exponents: SystemExponents, seed = 1): Stepwise<PolyhedralPlan> {
  const supports = exponents.map(withOrigin);
  const extreme = supports.map(extremePoints);
  const points = supports.map((support, i) => extreme[i]!.map((term) => support[term]!));
  const { lifting, cells, mixedVolume } = yield* mixedCells(points, seed);
  return { kind: 'polyhedral', supports, extreme, lifting, cells, paths: mixedVolume };
}
