/** The GPU tier of the path tracker. */
export {
  GpuTracker,
  TrackStatus,
  type GivenPaths,
  type RoundProgress,
  type StartSystemPaths,
  type TrackedBatch,
  type TrackJob,
} from './tracker.js';
