/**
 * The books of a solve turned into a list of solutions, with multiplicities and warnings.
 */
import type { NumericSystem } from '../polynomial/system.js';
import { clusterPoints } from './cluster.js';
import { SolutionFinisher } from './finish.js';
import type { Homotopy } from './homotopy.js';
import type { EndPoint, PathLedger } from './ledger.js';
import type { Solution } from './solution.js';
import { clusterTolerance } from './track-paths.js';

/** Means over Cauchy loops are good to about six digits. */
const SINGULAR_TOLERANCE = 1e-5;

export function collectSolutions(
  system: NumericSystem,
  homotopy: Homotopy,
  ledger: PathLedger,
): { solutions: Solution[]; warnings: string[] } {
  const finisher = new SolutionFinisher(system, homotopy);
  const cluster = (ends: readonly EndPoint[], tolerance: (k: number) => number) =>
    clusterPoints(
      homotopy.structure,
      ends.map((end) => end.point),
      tolerance,
    );
  const regular = [...ledger.regular.values()].sort((a, b) => a.id - b.id);
  const singular = [...ledger.singular.values()].sort((a, b) => a.id - b.id);
  const solutions: Solution[] = [];
  for (const members of cluster(regular, (k) => clusterTolerance(regular[k]!.pivotRatio))) {
    const end = regular[members[0]!]!;
    solutions.push(
      finisher.finish(end.point, end.pivotRatio, { singular: false, winding: 1, paths: 1 }),
    );
  }
  let nonIsolated = 0;
  for (const members of cluster(singular, () => SINGULAR_TOLERANCE)) {
    const end = singular[members[0]!]!;
    if (members.length === 1 && end.winding === 1) nonIsolated++;
    solutions.push(
      finisher.finish(end.point, end.pivotRatio, {
        singular: true,
        winding: end.winding,
        paths: members.length,
      }),
    );
  }
  const warnings: string[] = [];
  if (nonIsolated > 0) {
    warnings.push(
      `${nonIsolated} singular end points are reached by one path only, so they are not isolated: the system seems to have a positive-dimensional solution set, of which these are points`,
    );
  }
  if (ledger.failed.size > 0) {
    warnings.push(
      `${ledger.failed.size} paths could not be decided (failedPaths lists them): a solution may be missing; another seed or a start with fewer paths may decide them`,
    );
  }
  return { solutions, warnings };
}
