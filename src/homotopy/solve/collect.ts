/**
 * The books of a solve turned into a list of solutions, with multiplicities.
 */
import { clusterSteps, groupsOf } from '../points/cluster.js';
import type { Items } from '../../math/rows.js';
import type { Stepwise } from '../../math/stepwise.js';
import type { SolutionFinisher } from './finish.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import type { PathLedger } from './ledger.js';
import type { Separation } from './separate.js';
import { groupByZeroSteps, pointsOf, type EndPoint } from './regular-ends.js';
import type { Solution } from './solution.js';

/** With more multiple points than this, a positive-dimensional set as a rule, not all are looked into deeply. */
const MOST_THOROUGH = 50;
/** Means over Cauchy loops are good to about six digits. */
const SINGULAR_TOLERANCE = 1e-5;

/**
 * Multiple zeros that are clusters of simple ones, or simple ones beside a multiple one, come apart.
 *
 * Never for winding number 1 alone: on a positive-dimensional set Newton's method converges, too.
 * Fewer ends than the winding number are no cycle: some path of it was lost to another zero, so they
 * count as failed.
 *
 * @returns ids of the paths that failed.
 */
export function* separateClusters(
  structure: HomotopyStructure,
  finisher: SolutionFinisher,
  ledger: PathLedger,
): Stepwise<number[]> {
  const clusters = (yield* singularPoints(structure, ledger)).filter((members) =>
    members.some(({ winding }) => winding > 1),
  );
  const failed: number[] = [];
  if (clusters.length === 0) return failed;
  for (const members of clusters) {
    yield;
    const taken = pointsOf(ledger.regular.kept());
    const separation = finisher.separate(members, taken, clusters.length <= MOST_THOROUGH);
    if (separation) enterSeparation(finisher, ledger, members, separation);
    else if (members.length < Math.max(...members.map(({ winding }) => winding))) {
      failed.push(...members.map(({ id }) => id));
    }
  }
  const again = yield* ledger.regular.collisions(1);
  ledger.regular.remove(new Set(again));
  failed.push(...again);
  for (const id of failed) {
    ledger.singular.delete(id);
    ledger.failed.set(id, { id, reason: 'path jumped', s: 0 });
  }
  return failed;
}

function enterSeparation(
  finisher: SolutionFinisher,
  ledger: PathLedger,
  members: readonly EndPoint[],
  { zeros, rest }: Separation,
): void {
  const places = zeros.map(({ point }) => finisher.ownCoordinates(point));
  if (rest) places.push(finisher.ownCoordinates(rest));
  const cluster = { size: members.length, diameter: diameterOf(places) };
  members.forEach((end, k) => {
    const zero = zeros[k];
    if (zero) {
      ledger.singular.delete(end.id);
      const near = places.length > 1 ? { cluster } : {};
      ledger.regular.add({ id: end.id, ...zero, winding: 1, loop: null, ...near });
    } else {
      const winding = members.length - zeros.length;
      ledger.singular.set(end.id, { ...end, point: rest!, winding });
    }
  });
}

/** Singular ends by the point they are at, in order of path ids. */
function* singularPoints(structure: HomotopyStructure, ledger: PathLedger): Stepwise<EndPoint[][]> {
  const ends = [...ledger.singular.values()].sort((a, b) => a.id - b.id);
  const firsts = yield* clusterSteps(structure, pointsOf(ends), () => SINGULAR_TOLERANCE);
  return groupsOf(firsts).map((members) => members.map((k) => ends[k]!));
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
 * The ends that become solutions: nonsingular ones, one per zero. Ends that were streamed are not here any
 * more.
 *
 * @param recovered regular zeros that no path reached.
 * @param most of the ends of paths that are looked at.
 */
export function* distinctRegularEnds(
  structure: HomotopyStructure,
  finisher: SolutionFinisher,
  ledger: PathLedger,
  recovered: readonly EndPoint[],
  most = Infinity,
): Stepwise<Items<EndPoint>> {
  const kept = ledger.regular.kept();
  const isAll = kept.length <= most && recovered.length === 0;
  if (isAll && (yield* ledger.regular.collisions(1)).length === 0) return kept;
  const count = Math.min(kept.length, most);
  const regular: Items<EndPoint> = {
    length: count + recovered.length,
    at: (index) => (index < count ? kept.at(index) : recovered[index - count]),
  };
  const firsts = yield* groupByZeroSteps(structure, regular, (point) =>
    finisher.refineProjective(point),
  );
  const distinct = firsts.filter((first, index) => first === index);
  return { length: distinct.length, at: (index) => regular.at(distinct[index]!) };
}

/**
 * Singular solutions.
 *
 * @returns `paths`: of each the first path that reached it. `nonIsolated`: ends that one path alone reached with winding number 1.
 */
export function* finishSingular(
  structure: HomotopyStructure,
  finisher: SolutionFinisher,
  ledger: PathLedger,
): Stepwise<{ solutions: Solution[]; paths: number[]; nonIsolated: number }> {
  const solutions: Solution[] = [];
  const paths: number[] = [];
  let nonIsolated = 0;
  for (const members of yield* singularPoints(structure, ledger)) {
    const { id, point, pivotRatio, winding } = members[0]!;
    paths.push(id);
    if (members.length === 1 && winding === 1) nonIsolated++;
    const end = { singular: true, winding, paths: members.length, cluster: null };
    solutions.push(finisher.finish(point, pivotRatio, end));
    yield;
  }
  return { solutions, paths, nonIsolated };
}
