/**
 * The first homotopy of a polyhedral start on the GPU: from path numbers to approximate zeros of the general system.
 *
 * There is no endgame, since all paths arrive at simple finite zeros; those that do not are left to the caller.
 */
import { GpuDevice, type Device } from '../../gpu/index.js';
import { inSlices, unlessAborted, type Stepwise } from '../../math/stepwise.js';
import type { GpuTracker, TrackSteps } from '../gpu/index.js';
import { cellData, cellStructure } from '../program/cell-homotopy.js';
import type { Homotopy } from '../program/homotopy.js';
import type { CellStarts } from '../start/polyhedral/cell-start.js';
import { FIRST_LOG_T_STEP, LOG_T_START, PART_LEFT } from '../track/follow.js';
import { DeviceLosses, lossOptions } from './device-losses.js';
import type { DeviceBatch } from './gpu-stage.js';
import { idRange, idsFrom } from './path-ids.js';
import { POLYHEDRAL_KERNELS, usesGpu, type RunOptions } from './run-homotopy.js';
import { solverResources } from './solver-resources.js';

export interface CellTracking {
  /** Paths by number; `points` of those that arrived are near their zeros. */
  readonly batches: AsyncIterable<DeviceBatch>;
  /** What there is to say at the end. */
  readonly losses: DeviceLosses;
}

/**
 * @param general the general system as both ends of a family's homotopy.
 * @param starts of the same coefficients.
 * @returns null where the paths are better followed on the CPU, or the tables are too large for the device.
 */
export async function trackCellsOnGpu(
  device: Device,
  general: Homotopy,
  starts: CellStarts,
  paths: number,
  options: Pick<RunOptions, 'precision' | 'endgame' | 'tracker' | 'signal'>,
): Promise<CellTracking | null> {
  const homotopy: Homotopy = { ...general, structure: cellStructure(general.structure) };
  if (
    !(device instanceof GpuDevice) ||
    !(await usesGpu(device, homotopy, paths / POLYHEDRAL_KERNELS, options))
  )
    return null;
  const { maxStorageBufferBindingSize: most } = device.limits;
  if (starts.cells * bytesPerCell(homotopy) > most) return null;
  const table = await inSlices(starts.table(), options.signal);
  if (!table || table.words.byteLength > most) return null;
  const targets = await inSlices(cellTargets(general, table.powers), options.signal);
  const steps: TrackSteps = {
    first: FIRST_LOG_T_STEP / -LOG_T_START,
    largestPart: PART_LEFT,
    leastWhole: 1 / (-LOG_T_START * table.steepest),
  };
  const resources = solverResources(device);
  const losses = new DeviceLosses(device, lossOptions(options));
  const { signal } = options;
  const all = idRange(0, paths);
  const track = async function* (gpu: GpuDevice, from: number, share: number) {
    const wish = { endgame: false, choice: options.tracker ?? 'auto', paths };
    const compiling = resources.tracker(gpu, homotopy, table, wish);
    const tracker: GpuTracker | null = await unlessAborted(compiling, signal);
    if (!tracker) return;
    yield* tracker.track({
      homotopy,
      paths: { ids: idsFrom(all, from).ids, targets, startValues: table.points },
      endS: 0,
      steps,
      batchSize: Math.ceil(tracker.batchSize * share),
      onSmaller: losses.onSmaller,
      ...(signal && { signal }),
    });
  };
  return { batches: losses.outlive(track, ({ ids }) => ids.length), losses };
}

/** Of a cell's data on the device, as two f32 a part, if need be. */
function bytesPerCell({ structure }: Homotopy): number {
  return 16 * structure.program.data;
}

function* cellTargets(
  general: Homotopy,
  powers: readonly (readonly Float64Array[])[],
): Stepwise<Pick<Homotopy, 'targetCoefficients' | 'termCoefficients'>[]> {
  const { termCoefficients } = general;
  const targets = [];
  for (const ofCell of powers) {
    targets.push({
      targetCoefficients: cellData(general, ofCell, LOG_T_START),
      termCoefficients,
    });
    yield;
  }
  return targets;
}
