/**
 * Which start system a solve uses.
 *
 * A path of a polyhedral start is followed twice, to a general system and on to the target, but none of the first and as
 * a rule few of the second end at infinity, which costs most. So it is taken when it has less than half the paths, and
 * looked for only where the linear product has many, and no longer than a part of what following these would take.
 */
import { GpuDevice, type Device } from '../../gpu/index.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import {
  chooseStart,
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
const WORK_PER_PATH = 10_000;

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
    const isFixed = start !== 'auto' || structure || partition || isMember;
    if (isFixed || linear.paths < MANY_PATHS) return linear;
    const mostWork = WORK_PER_PATH * Number(linear.paths);
    const cells = await mixedCells(device, system, linear, mostWork, signal);
    const isBesideGpu = device instanceof GpuDevice && !device.info.software;
    const cost = isBesideGpu ? COST_BESIDE_GPU : COST;
    return cells && cost * cells.paths < linear.paths ? cells : linear;
  } catch (error) {
    if (!signal?.aborted) throw error;
    return chooseStart(system, { start: 'total-degree' });
  }
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
  return foundStart(system, await solverResources(device).pool.searchStart(chosen, signal));
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
  return solverResources(device).pool.polyhedralPlan(search, signal);
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
