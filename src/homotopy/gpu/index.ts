/** The GPU tier of the path tracker. */
export { TrackStatus, type TrackedBatch } from './records.js';
export {
  GpuTracker,
  type GivenPaths,
  type RoundProgress,
  type StartSystemPaths,
  type TrackJob,
} from './tracker.js';
