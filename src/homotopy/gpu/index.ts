/** The GPU stage of the path tracker. */
export { chooseKernel, isWorthTheGpu, trackerCosts, type TrackerCosts } from './cost.js';
export type { DeviceStartTable } from './start-tables.js';
export type { TrackerKernel } from './generate.js';
export { EndOutcome, TrackStatus } from './status.js';
export type { LoopColumns, TrackedBatch } from './records.js';
export {
  GpuTracker,
  type GivenPaths,
  type PreparedPaths,
  type RoundPoints,
  type RoundProgress,
  type StartSystemPaths,
  type TrackerOptions,
  type TrackJob,
  type TrackSteps,
} from './tracker.js';
