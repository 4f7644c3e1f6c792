/** The dying-ReLU laboratory's public names. */
export { bornDeadBounds, type BornDeadBounds, type BoundAssumptions } from './born-dead-bounds.js';
export {
  LivenessOptionError,
  livenessNetwork,
  measureLiveness,
  type LivenessCell,
  type LivenessOptions,
  type LivenessProgress,
  type LivenessResult,
  type LivenessSpec,
  type Share,
} from './measure-liveness.js';
export { probePoints, sampleAnchors } from './probe-points.js';
export { wilsonInterval } from './wilson.js';
