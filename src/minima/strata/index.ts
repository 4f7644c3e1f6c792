/** Critical points of networks of any width by their strata: loaded when they are asked for. */
import type { Device } from '../../gpu/index.js';
import type { StationarityProblem } from '../find-minima.js';
import type { FamilyPoint } from '../moments.js';
import type { NetworkFamily } from '../network-family.js';
import type { StreamedMinima, StreamOptions } from '../stream-minima.js';
import type { SolveStrataOptions, StrataResult } from './solve-strata.js';

/**
 * All critical points of a polynomial network with one hidden layer, from the base sets of its strata.
 *
 * @throws StratumError when a base set is not complete
 */
export async function solveStrata(
  device: Device,
  problem: StationarityProblem,
  options: SolveStrataOptions,
): Promise<StrataResult> {
  const strata = await import('./solve-strata.js');
  return strata.solveStrata(device, problem, options);
}

/**
 * Critical points and minima for many data sets, in their order. One point of each orbit of the network's symmetries is
 * listed, with the number of its copies.
 *
 * @param points of the family; `familyPoint` makes them of rows
 * @throws ArchitectureError for a network whose critical points are not found by strata (see docs/minima.md)
 */
export async function* streamMinima(
  device: Device,
  family: NetworkFamily,
  points: Iterable<FamilyPoint> | AsyncIterable<FamilyPoint>,
  options: StreamOptions = {},
): AsyncGenerator<StreamedMinima> {
  const stream = await import('../stream-minima.js');
  yield* stream.streamMinima(device, family, points, options);
}
