/**
 * The books of a solve turned into a list of solutions, with multiplicities and warnings.
 */
import { meetingBoxes } from './certify.js';
import { clusterPoints, clusterTolerance } from './cluster.js';
import type { SolutionFinisher } from './finish.js';
import type { HomotopyStructure } from './homotopy.js';
import type { PathLedger } from './ledger.js';
import type { EndPoint } from './regular-ends.js';
import type { Solution } from './solution.js';

/** Means over Cauchy loops are good to about six digits. */
const SINGULAR_TOLERANCE = 1e-5;

/** Regular ends that were streamed are not here any more. */
export function collectSolutions(
  structure: HomotopyStructure,
  finisher: SolutionFinisher,
  ledger: PathLedger,
): { solutions: Solution[]; warnings: string[] } {
  const cluster = (ends: readonly EndPoint[], tolerance: (k: number) => number) =>
    clusterPoints(
      structure,
      ends.map((end) => end.point),
      tolerance,
    );
  const regular = ledger.regular.kept();
  const singular = [...ledger.singular.values()].sort((a, b) => a.id - b.id);
  const firsts = cluster(regular, (k) => clusterTolerance(regular[k]!.pivotRatio)).map(
    (members) => regular[members[0]!]!,
  );
  const solutions = finishRegular(finisher, firsts);
  let nonIsolated = 0;
  for (const members of cluster(singular, () => SINGULAR_TOLERANCE)) {
    const end = singular[members[0]!]!;
    if (members.length === 1 && end.winding === 1) nonIsolated++;
    solutions.push(
      finisher.finish(end.point, end.pivotRatio, {
        singular: true,
        winding: end.winding,
        paths: members.length,
      }).solution,
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

/** Nonsingular solutions; those whose boxes meet are not proved to be distinct, so not certified. */
export function finishRegular(finisher: SolutionFinisher, ends: readonly EndPoint[]): Solution[] {
  const finished = ends.map((end) =>
    finisher.finish(end.point, end.pivotRatio, { singular: false, winding: 1, paths: 1 }),
  );
  const meeting = meetingBoxes(finished.map(({ box }) => box));
  return finished.map(({ solution }, k) =>
    meeting.has(k) ? { ...solution, certified: false } : solution,
  );
}
