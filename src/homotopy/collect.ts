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
  const lonely = missingConjugates(system, solutions);
  if (lonely > 0) {
    warnings.push(
      `${lonely} nonreal solutions lack their complex conjugate although the system is real: solutions are missing; try another seed`,
    );
  }
  return { solutions, warnings };
}

/** Solutions of a real system come in conjugate pairs: a free test of completeness. */
function missingConjugates(system: NumericSystem, solutions: readonly Solution[]): number {
  const real = system.equations.every(({ coefficients }) =>
    coefficients.every((part, k) => k % 2 === 0 || part === 0),
  );
  if (!real) return 0;
  const open = solutions.filter((solution) => !solution.real && !solution.singular);
  const key = (solution: Solution) =>
    solution.coordinates.reduce((sum, [re], j) => sum + re * Math.cos(1 + 7.13 * j), 0);
  const sorted = open.map((solution) => ({ solution, key: key(solution) }));
  sorted.sort((a, b) => a.key - b.key);
  let missing = 0;
  sorted.forEach(({ solution, key: value }, position) => {
    const size = Math.max(1, ...solution.coordinates.map(([re, im]) => Math.hypot(re, im)));
    const limit = 1e-6 * size;
    const matches = (other: Solution) =>
      other.coordinates.every(([re, im], j) => {
        const [re1, im1] = solution.coordinates[j]!;
        return Math.hypot(re - re1, im + im1) <= limit;
      });
    const reach = limit * solution.coordinates.length;
    let found = false;
    for (const direction of [1, -1]) {
      for (let at = position; at >= 0 && at < sorted.length && !found; at += direction) {
        if (Math.abs(sorted[at]!.key - value) > reach) break;
        found = matches(sorted[at]!.solution);
      }
    }
    if (!found) missing++;
  });
  return missing;
}
