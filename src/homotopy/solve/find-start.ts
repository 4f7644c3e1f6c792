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
const MANY_PATHS = 300;
/** What a polyhedral path costs, in paths of a linear product. */
const COST = 2;
/** The same beside a GPU, which follows linear products from start to end. */
const COST_BESIDE_GPU = 10;
/** The search for mixed cells may take this long for each path of the linear product: a third of what it takes to follow. */
const MILLISECONDS_PER_PATH = 0.3;

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
  if (start === 'polyhedral') {
    refusePolyhedral(options, isMember);
    return polyhedralStart(device, system, signal);
  }
  try {
    const linear = await linearProductStart(device, system, options);
    const isFixed = start !== 'auto' || structure || partition || isMember;
    if (isFixed || linear.paths < BigInt(MANY_PATHS)) return linear;
    return (await cheaperCells(device, system, linear, signal)) ?? linear;
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

async function polyhedralStart(
  device: Device,
  system: PolynomialSystem,
  signal: AbortSignal | undefined,
): Promise<StartPlan | PolyhedralPlan> {
  try {
    return await solverResources(device).pool.polyhedralPlan(systemExponents(system), signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
    return chooseStart(system, { start: 'total-degree' });
  }
}

/** The polyhedral start where it costs less, and is found in time. */
async function cheaperCells(
  device: Device,
  system: PolynomialSystem,
  { paths }: StartPlan,
  signal: AbortSignal | undefined,
): Promise<PolyhedralPlan | null> {
  const time = AbortSignal.timeout(Math.min(Number(paths) * MILLISECONDS_PER_PATH, 2 ** 31 - 1));
  const either = signal ? AbortSignal.any([signal, time]) : time;
  try {
    const plan = await solverResources(device).pool.polyhedralPlan(systemExponents(system), either);
    const isBesideGpu = device instanceof GpuDevice && !device.info.software;
    const cost = BigInt(isBesideGpu ? COST_BESIDE_GPU : COST);
    return cost * plan.paths < paths ? plan : null;
  } catch (error) {
    if (!either.aborted) throw error;
    signal?.throwIfAborted();
    return null;
  }
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
