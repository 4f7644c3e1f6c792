/** Grids of dispatches: how many workgroups, within what a device allows. */
import { GpuLimitError } from '../../../gpu/index.js';
import type { PlanContext } from '../operation.js';

/** Invocations of a workgroup of the kernels that use these grids. */
export const WORKGROUP = 64;

export type Grid = readonly [x: number, y: number, z: number];

/**
 * @param label of the dispatch, for the message
 * @throws {GpuLimitError} when a side is larger than the device allows
 */
export function checkedGrid(context: PlanContext, label: string, size: Grid): Grid {
  const available = context.gpu.limits.maxComputeWorkgroupsPerDimension;
  const needed = Math.max(...size);
  if (needed > available)
    throw new GpuLimitError(
      label,
      'maxComputeWorkgroupsPerDimension',
      needed,
      available,
      'use smaller batches, or fewer replicas at once',
    );
  return size;
}

/** One invocation for each of `count` entries of every sample of every replica. */
export function sampleGrid(context: PlanContext, label: string, count: number): Grid {
  const x = Math.ceil(count / WORKGROUP);
  return checkedGrid(context, label, [x, context.batch, context.replicas]);
}

/** `count` invocations over x and y for every replica, and how many make a row of the grid. */
export function longGrid(
  context: PlanContext,
  label: string,
  count: number,
): { readonly size: Grid; readonly row: number } {
  const workgroups = Math.ceil(count / WORKGROUP);
  const x = Math.min(workgroups, context.gpu.limits.maxComputeWorkgroupsPerDimension);
  const size: Grid = [x, Math.ceil(workgroups / x), context.replicas];
  return { size: checkedGrid(context, label, size), row: x * WORKGROUP };
}
