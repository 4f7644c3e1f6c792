/**
 * In the place of a homotopy whose recording or compiling an abort has cut short: after it nothing is followed, so any
 * homotopy in as many unknowns makes the result that says so.
 */
import type { NumericSystem } from '../../polynomial/system.js';
import { coefficientHomotopies, type Homotopy } from '../program/homotopy.js';
import type { StartSource } from './path-scheduler.js';

interface StandIn {
  readonly numeric: NumericSystem;
  readonly homotopy: Homotopy;
  readonly source: StartSource;
  readonly table: null;
}

/** x_j = 0, all of them. */
export function standIn(variables: readonly string[], total: number): StandIn {
  const all = [...variables.keys()];
  const numeric = {
    variables,
    equations: all.map((i) => ({
      exponents: [all.map((j) => (j === i ? 1 : 0))],
      coefficients: Float64Array.of(1, 0),
    })),
  };
  const degrees = all.map(() => [1]);
  const homotopy = coefficientHomotopies(numeric, [all], degrees, [1, 0])(numeric);
  const point = () => new Float64Array(2 * homotopy.structure.coordinates);
  return { numeric, homotopy, source: { total, point }, table: null };
}
