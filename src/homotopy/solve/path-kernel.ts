/**
 * The path tracker as a kernel: all paths of a start system in buffers of the device, moved on by rounds that an app encodes
 * into passes of its own, and drawn or worked on from there. Nothing is refined, judged or followed again: `solve` does that.
 */
import type { GpuDevice } from '../../gpu/index.js';
import { checkSquare } from '../../polynomial/canonical.js';
import { toNumeric } from '../../polynomial/numeric.js';
import { chooseScaling, chooseUnitsIfBetter, scaleSystem } from '../../polynomial/scaling.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import type { PreparedPaths } from '../gpu/index.js';
import { assertTrackable, chooseStart, type StartKind } from '../start/index.js';
import { fromLinearProduct } from './linear-product-start.js';
import { pathPositions, type PathPositions } from './path-positions.js';

export interface PathKernelOptions {
  /** Kind of start system; default: the linear product with the fewest paths. */
  readonly start?: StartKind;
  /** Integer >= 0; default 1. */
  readonly seed?: number;
  /** Most paths; default 65,536. */
  readonly maxPaths?: number;
  /** Where paths end that have not arrived at s = 0 before, in ]0, 1[; default 0.1. */
  readonly endS?: number;
}

export interface PathKernel extends Pick<PreparedPaths, 'encode' | 'running' | 'close'> {
  /** Where the paths are after the rounds submitted so far. */
  readonly positions: PathPositions;
}

const DEFAULT_MAX_PATHS = 65_536;

/**
 * Prepares the paths from a start system to F = 0, n polynomials in n <= 32 unknowns.
 *
 * A round is at least a dozen Newton iterations of every path that is still on its way. Paths stop at regular zeros (word 0 of
 * their record is then 1), or near s = endS (2), or where they fail; see shaders/tracker/collect.wgsl.
 *
 * @throws SystemError when there are not as many equations as unknowns
 * @throws TrackingLimitError when there are more paths than `maxPaths`
 * @throws GpuLimitError when they do not fit into the device's buffers
 */
export async function createPathKernel(
  gpu: GpuDevice,
  system: PolynomialSystem,
  options: PathKernelOptions = {},
): Promise<PathKernel> {
  const { start, seed = 1, maxPaths = DEFAULT_MAX_PATHS, endS } = options;
  checkSquare(system.polynomials.length, system.variables);
  const plan = chooseStart(system, { ...(start && { start }) });
  assertTrackable(plan, maxPaths);
  const numeric = toNumeric(system);
  const units = chooseUnitsIfBetter(numeric);
  const scaled = scaleSystem(numeric, chooseScaling(numeric, units));
  const { homotopy, source, table } = await fromLinearProduct(scaled, plan, { seed });
  const { GpuTracker } = await import('../gpu/index.js');
  const tracker = await GpuTracker.create(gpu, homotopy.structure, table, { refine: false });
  const { points, encode, running, close } = await tracker.prepare({
    homotopy,
    paths: { ids: { first: 0, count: source.total } },
    ...(endS !== undefined && { endS }),
  });
  return {
    positions: pathPositions(homotopy.structure, units, points),
    encode,
    running,
    close: () => {
      close();
      tracker.close();
    },
  };
}
