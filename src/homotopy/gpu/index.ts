/** The GPU stage of the path tracker. */
export { isWorthTheGpu } from './cost.js';
export { EndOutcome, TrackStatus } from './status.js';
export type { TrackedBatch } from './records.js';
export {
  GpuTracker,
  type GivenPaths,
  type RoundPoints,
  type RoundProgress,
  type StartSystemPaths,
  type TrackerOptions,
  type TrackJob,
} from './tracker.js';
