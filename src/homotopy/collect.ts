/**
 * The books of a solve turned into a list of solutions, with multiplicities.
 */
import { meetingBoxes } from './certify.js';
import { clusterPoints } from './cluster.js';
import type { SolutionFinisher } from './finish.js';
import type { HomotopyStructure } from './homotopy.js';
import type { PathLedger } from './ledger.js';
import { groupByZero, type EndPoint } from './regular-ends.js';
import type { Solution } from './solution.js';

/** Means over Cauchy loops are good to about six digits. */
const SINGULAR_TOLERANCE = 1e-5;

/**
 * Multiple zeros that are clusters of simple ones become simple ends; all members of a cluster or none.
 *
 * Never for winding number 1 alone: on a positive-dimensional set Newton's method converges, too.
 */
export function separateClusters(
  structure: HomotopyStructure,
  finisher: SolutionFinisher,
  ledger: PathLedger,
): void {
  for (const members of singularPoints(structure, ledger)) {
    if (members.every(({ winding }) => winding < 2)) continue;
    const zeros = finisher.separate(members);
    if (!zeros) continue;
    const places = zeros.map(({ point }) => finisher.ownCoordinates(point));
    const cluster = { size: zeros.length, diameter: diameterOf(places) };
    members.forEach(({ id }, k) => {
      ledger.singular.delete(id);
      ledger.regular.add({ id, ...zeros[k]!, winding: 1, loop: null, cluster });
    });
  }
}

/** Singular ends by the point they are at, in order of path ids. */
function singularPoints(structure: HomotopyStructure, ledger: PathLedger): EndPoint[][] {
  const ends = [...ledger.singular.values()].sort((a, b) => a.id - b.id);
  return clusterPoints(
    structure,
    ends.map((end) => end.point),
    () => SINGULAR_TOLERANCE,
  ).map((members) => members.map((k) => ends[k]!));
}

function diameterOf(points: readonly Float64Array[]): number {
  let largest = 0;
  points.forEach((a, k) => {
    for (const b of points.slice(k + 1)) {
      for (let j = 0; j < a.length; j += 2) {
        largest = Math.max(largest, Math.hypot(a[j]! - b[j]!, a[j + 1]! - b[j + 1]!));
      }
    }
  });
  return largest;
}

/**
 * Regular ends that were streamed are not here any more.
 *
 * @param recovered regular zeros that no path reached.
 * @returns `nonIsolated`: singular ends that one path alone reached with winding number 1.
 */
export function collectSolutions(
  structure: HomotopyStructure,
  finisher: SolutionFinisher,
  ledger: PathLedger,
  recovered: readonly EndPoint[],
): { solutions: Solution[]; nonIsolated: number } {
  const regular = [...ledger.regular.kept(), ...recovered];
  const firsts = groupByZero(structure, regular, (point) => finisher.refineProjective(point)).map(
    (members) => regular[members[0]!]!,
  );
  const solutions = finishRegular(finisher, firsts);
  let nonIsolated = 0;
  for (const members of singularPoints(structure, ledger)) {
    const { point, pivotRatio, winding } = members[0]!;
    if (members.length === 1 && winding === 1) nonIsolated++;
    const end = { singular: true, winding, paths: members.length, cluster: null };
    solutions.push(finisher.finish(point, pivotRatio, end).solution);
  }
  return { solutions, nonIsolated };
}

/** Nonsingular solutions; those whose boxes meet are not proved to be distinct, so not certified. */
export function finishRegular(finisher: SolutionFinisher, ends: readonly EndPoint[]): Solution[] {
  const finished = ends.map((end) =>
    finisher.finish(end.point, end.pivotRatio, {
      singular: false,
      winding: 1,
      paths: 1,
      cluster: end.cluster ?? null,
    }),
  );
  const meeting = meetingBoxes(finished.map(({ box }) => box));
  return finished.map(({ solution }, k) =>
    meeting.has(k) ? { ...solution, certified: false } : solution,
  );
}
