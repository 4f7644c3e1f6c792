/**
 * Which start system a solve uses.
 *
 * A path of a polyhedral start is followed twice, to a general system and on to the target, but none of the first and as
 * a rule few of the second end at infinity, which costs most. So it is taken when it has less than half the paths, and
 * looked for only where the linear product has many, and no longer than a part of what following these would take.
 */
import { GpuDevice, type Device } from '../../gpu/index.js';
import { inSlices } from '../../math/stepwise.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import {
  chooseStart,
  findPartitionStepwise,
  findStructureStepwise,
  foundStart,
  startOrSearch,
  systemExponents,
  type PolyhedralPlan,
  type StartPlan,
} from '../start/index.js';
import { SolveError, type SolveOptions } from './solve-options.js';
import { solverResources } from './solver-resources.js';

/** With fewer paths the linear product costs less than the search for something better. */
const MANY_PATHS = 300n;
/** What a polyhedral path costs, in paths of a linear product. */
const COST = 2n;
/** The same beside a GPU, which follows linear products from start to end. */
const COST_BESIDE_GPU = 10n;
/** Work for the search of mixed cells, for each path of the linear product: 0.3 ms, a third of what that takes to follow. */
const WORK_PER_PATH = 20_000;
/** About a minute. */
const MOST_WORK = 2 ** 32;

/**
 * An abort ends the search; the start that needs no search then stands for the one that was not found.
 *
 * @param isMember of a family, which starts from linear products alone.
 */
export async function findStart(
  device: Device,
  system: PolynomialSystem,
  options: SolveOptions,
  isMember: boolean,
): Promise<StartPlan | PolyhedralPlan> {
  const { start = 'auto', structure, partition, signal } = options;
  if (start === 'polyhedral') refusePolyhedral(options, isMember);
  try {
    const linear = await linearProductStart(device, system, options);
    if (start === 'polyhedral')
      return (await mixedCells(device, system, linear, Infinity, signal))!;
    const isFree = start === 'auto' && !structure && !partition && !isMember;
    const mostWork = isFree ? workFor(linear) : 0;
    if (mostWork === 0) return linear;
    const cells = await mixedCells(device, system, linear, mostWork, signal);
    return cells && isCheaper(cells, linear, device) ? cells : linear;
  } catch (error) {
    if (!signal?.aborted) throw error;
    return chooseStart(system, { start: 'total-degree' });
  }
}

/** A start system as `compareStarts` lists it. */
export interface ComparedStart {
  readonly kind: StartPlan['kind'] | 'polyhedral';
  /** Exact; where it is larger than 2^53 the nearest f64. */
  readonly paths: number;
  /** What the search for it took. */
  readonly ms: number;
  /** Whether `start` 'auto' takes it. */
  readonly chosen: boolean;
}

/**
 * All start systems of a system, the fewest paths first; nothing is tracked. Of more equations than unknowns those of
 * random combinations, as in `solve`.
 *
 * @throws the signal's reason
 */
export async function compareStarts(
  device: Device,
  given: PolynomialSystem,
  signal?: AbortSignal,
): Promise<ComparedStart[]> {
  const isSquare = given.polynomials.length === given.variables.length;
  const system = isSquare ? given : (await import('./square-up.js')).squareUp(given, 1);
  const exponents = systemExponents(system);
  const timed = async <Found>(search: Promise<Found>) => {
    const begin = performance.now();
    const found = await search;
    return { found, ms: performance.now() - begin };
  };
  const partition = await timed(inSlices(findPartitionStepwise(exponents), signal));
  const products = await timed(inSlices(findStructureStepwise(exponents), signal));
  const linear = products.found.best;
  const cells = await timed(mixedCells(device, system, linear, Infinity, signal));
  const polyhedral = cells.found!;
  const takesCells = polyhedral.work <= workFor(linear) && isCheaper(polyhedral, linear, device);
  const milliseconds = { 'total-degree': 0, multihomogeneous: partition.ms, lps: products.ms };
  const starts = [
    ...products.found.candidates.map((plan) => ({
      kind: plan.kind,
      paths: Number(plan.paths),
      ms: milliseconds[plan.kind],
      chosen: plan === linear && !takesCells,
    })),
    {
      kind: 'polyhedral' as const,
      paths: Number(polyhedral.paths),
      ms: cells.ms,
      chosen: takesCells,
    },
  ];
  return starts.sort((a, b) => a.paths - b.paths);
}

/** What the search for something better than a linear product may take. */
function workFor({ paths }: StartPlan): number {
  return paths < MANY_PATHS ? 0 : Math.min(MOST_WORK, WORK_PER_PATH * Number(paths));
}

function isCheaper(cells: PolyhedralPlan, linear: StartPlan, device: Device): boolean {
  const isBesideGpu = device instanceof GpuDevice && !device.info.software;
  return (isBesideGpu ? COST_BESIDE_GPU : COST) * cells.paths < linear.paths;
}

async function linearProductStart(
  device: Device,
  system: PolynomialSystem,
  { start, structure, partition, signal }: SolveOptions,
): Promise<StartPlan> {
  const chosen = startOrSearch(system, {
    ...(start && start !== 'linear-product' && start !== 'polyhedral' && { start }),
    ...(structure && { structure }),
    ...(partition && { partition }),
  });
  if (!('exponents' in chosen)) return chosen;
  return foundStart(system, await solverResources(device).searchStart(chosen, signal));
}

/** In the projective spaces of the linear product: far solutions of i1 are lost in a single one. */
function mixedCells(
  device: Device,
  system: PolynomialSystem,
  { groups }: StartPlan,
  mostWork: number,
  signal: AbortSignal | undefined,
): Promise<PolyhedralPlan | null> {
  const search = { exponents: systemExponents(system), groups, mostWork };
  return solverResources(device).polyhedralPlan(search, signal);
}

function refusePolyhedral({ structure, partition }: SolveOptions, isMember: boolean): void {
  if (isMember) {
    throw new SolveError(
      "members of a family start from linear products: leave out `start` 'polyhedral', or solve the member as a system",
    );
  }
  if (structure || partition) {
    throw new SolveError(
      `\`start\` 'polyhedral' takes no ${structure ? 'structure' : 'partition'}: leave one of them out`,
    );
  }
}
